"""Measures of the country's annual balance and of trends through it, for analysis_py.article_metric.

A measure takes the regions, a subject and what is known; it returns an Answer, or raises UnknownValueError
where a figure is not there or nothing can be computed. The table of article_metric states its rule.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis_py.article_trend import ASYMPTOTIC, Trend, fit_trends
from analysis_py.article_trend import slope as slope_of
from analysis_py.correlation import is_constant
from analysis_py.metric import UNDEFINED, Answer, Figure, Known, UnknownValueError

# The period of the article's tables; what is counted on 1 January of the year after ends it.
FIRST, LAST = 2000, 2024
WINDOW = f"{FIRST}_{LAST}"
NATIONAL, COUNTRY = "external_balance", "00"
SERIES: Mapping[str, Callable[[Any], Any]] = {"annual": np.asarray, "cumulative": np.cumsum}

Floats = NDArray[np.float64]
Years = NDArray[np.int64]
# Of a subject and what is known; the regions, which other measures need, stand before them.
Measure = Callable[[Any, str, Known], Answer]


def of_year(areas: Any, subject: str, known: Known) -> Answer:
    figure = known.one(NATIONAL, COUNTRY, int(subject))
    return Answer(figure.value, [figure])


def annual(subject: str, known: Known) -> tuple[list[Figure], Floats, Years]:
    """Figures, balances and years of a window without gaps."""
    first, last = map(int, subject.split("_"))
    figures = [known.one(NATIONAL, COUNTRY, year) for year in range(first, last + 1)]
    return figures, np.array([figure.value for figure in figures]), np.arange(first, last + 1)


def window(function: Callable[[Floats], Any]) -> Measure:
    """A measure of the balances of a window."""

    def metric(areas: Any, subject: str, known: Known) -> Answer:
        figures, balance, _ = annual(subject, known)
        return Answer(function(balance), figures)

    return metric


def variation(areas: Any, subject: str, known: Known) -> Answer:
    """Coefficient of variation, by the standard deviation of a sample."""
    figures, balance, _ = annual(subject, known)
    scale = float(np.abs(balance).max()) or 1.0
    mean, deviation = float(balance.mean()), scale * float((balance / scale).std(ddof=1))
    if mean == 0:
        raise UnknownValueError("the mean is zero", UNDEFINED)
    return Answer(deviation / abs(mean), figures, f"{deviation:.0f} by {abs(mean):.0f}")


def year_at(function: Callable[[Floats], Any]) -> Measure:
    """The year at the position that a function finds in the balances of a window."""

    def metric(areas: Any, subject: str, known: Known) -> Answer:
        figures, balance, years = annual(subject, known)
        year = int(years[function(balance)])
        return Answer(year, figures, f"{balance[function(balance)]:.0f} in {year}")

    return metric


def _position(condition: NDArray[np.bool_]) -> int:
    if not condition.any():
        raise UnknownValueError("there is no such year", UNDEFINED)
    return int(condition.argmax())


def begin_of_run(balance: Floats) -> int:
    return _position(balance > 0)


def last_of_run(balance: Floats) -> int:
    begin = begin_of_run(balance)
    ended = balance[begin:] <= 0
    return begin + int(ended.argmax()) - 1 if ended.any() else len(balance) - 1


def after_run(balance: Floats) -> int:
    later = np.arange(len(balance)) > last_of_run(balance)
    return _position(later & (balance < 0))


# --- trends -----------------------------------------------------------------------------------------------


def _trends(series: str, known: Known) -> tuple[list[Figure], Floats, dict[str, Trend]]:
    figures, balance, years = annual(WINDOW, known)
    values = SERIES[series](balance)
    if is_constant(values):
        raise UnknownValueError("the series does not vary", UNDEFINED)
    return figures, values, fit_trends(values, years)


def trend_r_squared(areas: Any, subject: str, known: Known) -> Answer:
    series, model = subject.split(":")
    figures, _, trends = _trends(series, known)
    return Answer(trends[model].r_squared, figures)


def trend_slope(areas: Any, subject: str, known: Known) -> Answer:
    figures, values, _ = _trends(subject, known)
    return Answer(slope_of(values), figures)


def asymptotic_rate(areas: Any, subject: str, known: Known) -> Answer:
    figures, _, trends = _trends(subject, known)
    return Answer(trends[ASYMPTOTIC].rate, figures)


def nonlinear(areas: Any, subject: str, known: Known) -> Answer:
    """The nearest of the curves; the detail names it, and the straight lines that give the printed figure."""
    curves, lines = [], []
    for series in SERIES:
        figures, _, trends = _trends(series, known)
        for model, trend in trends.items():
            said = f"{trend.r_squared:.4f} {model.replace('_', ' ')}, {series} balance"
            if not trend.is_line:
                curves.append((abs(trend.r_squared - float(subject)), trend.r_squared, said))
            elif f"{trend.r_squared:.2f}" == subject:
                lines.append(said)
    if not curves:
        raise UnknownValueError("every trend is a straight line", UNDEFINED)
    _, value, said = min(curves)
    told = f"; straight lines, some in disguise, give the printed figure: {'; '.join(lines)}" if lines else ""
    return Answer(value, figures, said + told)
