"""Periods as publishers write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saldo.intake.periods import FORMATS, FREQUENCIES, Period, read_period


@pytest.mark.parametrize(
    ("name", "text", "start", "end"),
    [
        ("year", "2024", "2024-01-01", "2025-01-01"),
        ("span", "2000-2024", "2000-01-01", "2025-01-01"),
        ("russian", "2017 год", "2017-01-01", "2018-01-01"),
        ("russian", "1 квартал 2023 г.", "2023-01-01", "2023-04-01"),
        ("russian", "4 квартал 2023 г.", "2023-10-01", "2024-01-01"),
        ("last_month_of_year", "201712", "2017-01-01", "2018-01-01"),
        ("last_month_of_quarter", "202303", "2023-01-01", "2023-04-01"),
        ("last_month_of_quarter", "202312", "2023-10-01", "2024-01-01"),
        ("last_day_of_year", "2006-12-31", "2006-01-01", "2007-01-01"),
        ("sdmx", "2024", "2024-01-01", "2025-01-01"),
        ("sdmx", "2024-A1", "2024-01-01", "2025-01-01"),
        ("sdmx", "2024-S2", "2024-07-01", "2025-01-01"),
        ("sdmx", "2024-Q4", "2024-10-01", "2025-01-01"),
        ("sdmx", "2024-02", "2024-02-01", "2024-03-01"),
        ("sdmx", "2024-12-31", "2024-12-31", "2025-01-01"),
        ("sdmx", "2000-01-01/P25Y", "2000-01-01", "2025-01-01"),
        ("sdmx", "2024-11-01/P5M", "2024-11-01", "2025-04-01"),
        ("sdmx", "2024-02-28/P3D", "2024-02-28", "2024-03-02"),
    ],
)
def test_reads(name: str, text: str, start: str, end: str) -> None:
    assert FORMATS[name](text) == Period(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("year", "20245"),
        ("year", "２０２４"),
        ("year", "0000"),
        ("year", "9999"),
        ("span", "2024-2000"),
        ("russian", "5 квартал 2023 г."),
        ("russian", "2017 года"),
        ("last_month_of_year", "201711"),
        ("last_month_of_quarter", "202304"),
        ("last_day_of_year", "2006-12-30"),
        ("sdmx", "2024-13"),
        ("sdmx", "2024-02-30"),
        ("sdmx", "2024-W01"),
        ("sdmx", "2024-01-01/P1Y"),
        ("sdmx", "2024-02-01/P1M"),
        ("sdmx", "2024-01-31/P1M"),
        ("sdmx", "2000-01-01/P0Y"),
        ("sdmx", "2000-01-01/P1Y2M"),
        ("sdmx", "2000-13-01/P25Y"),
        ("sdmx", "2000-01-01/P9999Y"),
        ("sdmx", "9999-01-01/P365D"),
    ],
)
def test_does_not_read(name: str, text: str) -> None:
    assert FORMATS[name](text) is None


@given(st.text(max_size=20), st.sampled_from(sorted(FORMATS)))
def test_any_text_is_a_period_or_none(text: str, name: str) -> None:
    period = read_period(text, (name,))
    assert period is None or period.start < period.end


@given(
    st.integers(1926, 2100),
    st.sampled_from(
        [
            ("", "A"),
            ("-A1", "A"),
            ("-S1", "S"),
            ("-S2", "S"),
            *((f"-Q{number}", "Q") for number in range(1, 5)),
        ]
        + [(f"-{month:02}", "M") for month in range(1, 13)]
        + [(f"-{month:02}-{day:02}", "D") for month in range(1, 13) for day in (1, 28)]
    ),
)
def test_a_period_of_sdmx_has_the_frequency_that_it_is_written_in(
    number: int, written: tuple[str, str]
) -> None:
    text, frequency = written
    period = read_period(f"{number}{text}", ("sdmx",))
    assert period
    assert [code for code in FREQUENCIES if period.has_frequency(code)] == [frequency]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        *(("2024-07-01", "2025-07-01"), ("2000-01-01", "2025-01-01"), ("2024-02-01", "2024-05-01")),
        *(("2024-04-01", "2024-10-01"), ("2024-01-02", "2024-02-02"), ("2024-01-01", "2024-01-03")),
    ],
)
def test_a_period_that_no_calendar_has_is_of_no_frequency(start: str, end: str) -> None:
    period = Period(date.fromisoformat(start), date.fromisoformat(end))
    assert [code for code in FREQUENCIES if period.has_frequency(code)] == []
