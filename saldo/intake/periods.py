"""Periods as publishers write them, to half-open intervals of days."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

EARLIEST = date(1926, 1, 1)
# Codes of SDMX's CL_FREQ, and how many months a period of each is long; that of a day is a day.
MONTHS = {"A": 12, "S": 6, "Q": 3, "M": 1}
FREQUENCIES = (*MONTHS, "D")
# The code of CL_FREQ for what is none of them: a time range of SDMX.
OTHER_FREQUENCY = "_O"


@dataclass(frozen=True, order=True)
class Period:
    """The days from `start` up to, but without, `end`."""

    start: date
    end: date

    def first_day(self) -> "Period":
        """The first day alone, for what is counted on it."""
        return Period(self.start, self.start + timedelta(days=1))

    def is_of_calendar(self) -> bool:
        """Whether it is a month, a quarter, a half-year or some years of the calendar."""
        years = all((day.month, day.day) == (1, 1) for day in (self.start, self.end))
        return years or any(self.has_frequency(code) for code in MONTHS)

    def has_frequency(self, code: str) -> bool:
        """Whether it is a year, half-year, quarter or month of the calendar, or a day, as the code says."""
        if code == "D":
            return self == self.first_day()
        count, start = MONTHS[code], self.start
        is_first = start.day == 1 and (start.month - 1) % count == 0
        return is_first and self == _months(start.year, start.month, count)


def year(text: str) -> Period | None:
    """A year: 2017."""
    return _months(int(text), 1, 12) if re.fullmatch(r"\d{4}", text, re.ASCII) else None


def russian(text: str) -> Period | None:
    """A year or a quarter as the bureau writes them: 2017 год, 1 квартал 2023 г."""
    if found := re.fullmatch(r"(\d{4}) год", text, re.ASCII):
        return _months(int(found[1]), 1, 12)
    if found := re.fullmatch(r"([1-4]) квартал (\d{4}) г\.", text, re.ASCII):
        return _months(int(found[2]), 3 * int(found[1]) - 2, 3)
    return None


def last_month_of_year(text: str) -> Period | None:
    """The year that ends with a December: 201712."""
    found = re.fullmatch(r"(\d{4})12", text, re.ASCII)
    return _months(int(found[1]), 1, 12) if found else None


def last_month_of_quarter(text: str) -> Period | None:
    """The quarter that ends with this month: 202303."""
    found = re.fullmatch(r"(\d{4})(03|06|09|12)", text, re.ASCII)
    return _months(int(found[1]), int(found[2]) - 2, 3) if found else None


def last_day_of_year(text: str) -> Period | None:
    """The year that ends with this day: 2006-12-31."""
    found = re.fullmatch(r"(\d{4})-12-31", text, re.ASCII)
    return _months(int(found[1]), 1, 12) if found else None


def span(text: str) -> Period | None:
    """From one year through another: 2000-2024."""
    found = re.fullmatch(r"(\d{4})-(\d{4})", text, re.ASCII)
    if not found or int(found[2]) < int(found[1]):
        return None
    first, last = year(found[1]), year(found[2])
    return Period(first.start, last.end) if first and last else None


def sdmx(text: str) -> Period | None:
    """A Gregorian or reporting period of SDMX, or a time range that is none of them.

    2024, 2024-A1, 2024-S1, 2024-Q1, 2024-03, 2024-03-31; 2000-01-01/P25Y.
    """
    if "/" in text:
        return _time_range(text)
    found = re.fullmatch(
        r"(\d{4})(?:-(?:(A1)|S([12])|Q([1-4])|(0[1-9]|1[0-2])(?:-(\d\d))?))?", text, re.ASCII
    )
    if not found:
        return None
    number = int(found[1])
    if found[3]:
        return _months(number, 6 * int(found[3]) - 5, 6)
    if found[4]:
        return _months(number, 3 * int(found[4]) - 2, 3)
    if found[5] and found[6]:
        return _day(text)
    return _months(number, int(found[5]), 1) if found[5] else _months(number, 1, 12)


FORMATS: Mapping[str, Callable[[str], Period | None]] = {
    function.__name__: function
    for function in (
        year,
        span,
        russian,
        last_month_of_year,
        last_month_of_quarter,
        last_day_of_year,
        sdmx,
    )
}


def read_period(text: str, formats: tuple[str, ...]) -> Period | None:
    """The period that `text` says in one of the formats; None if it says none."""
    return next((period for name in formats if (period := FORMATS[name](text))), None)


def _months(number: int, month: int, count: int) -> Period | None:
    if not 1 <= number < 9999:
        return None
    last = month + count - 1
    end = date(number + last // 12, last % 12 + 1, 1)
    return Period(date(number, month, 1), end)


def _time_range(text: str) -> Period | None:
    """Start and duration, in years, months or days: only what has no shorter form, so that each has one."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)/P([1-9]\d{0,4})([YMD])", text, re.ASCII)
    first = _day(found[1]) if found else None
    if not found or not first:
        return None
    start, count = first.start, int(found[2])
    if found[3] == "D":
        if start.toordinal() + count > date.max.toordinal():
            return None
        period = Period(start, start + timedelta(days=count))
    else:
        last = start.month - 1 + count * (12 if found[3] == "Y" else 1)
        try:
            period = Period(start, date(start.year + last // 12, last % 12 + 1, start.day))
        except ValueError:  # no such day, or no such year
            return None
    return None if any(map(period.has_frequency, FREQUENCIES)) else period


def _day(text: str) -> Period | None:
    try:
        start = date.fromisoformat(text)
    except ValueError:
        return None
    return Period(start, start + timedelta(days=1)) if start < date.max else None
