"""Trends through the annual and the cumulative balance, as far as the article's R² of 39 % needs them."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis_py.correlation import is_constant

Floats = NDArray[np.float64]

LINEAR, ASYMPTOTIC = "linear", "asymptotic"
# Trend -> what stands beside the constant, of the calendar year.
CURVES: Mapping[str, Callable[[Floats], Floats]] = {
    LINEAR: lambda year: _elapsed(year)[:, None],
    "quadratic": lambda year: np.vander(_elapsed(year) / len(year), 3)[:, :-1],
    "cubic": lambda year: np.vander(_elapsed(year) / len(year), 4)[:, :-1],
    "logarithmic": lambda year: np.log(_elapsed(year))[:, None],
    "logarithmic_calendar_year": lambda year: np.log(year)[:, None],
}
MODELS = (*CURVES, ASYMPTOTIC)
RATES = np.geomspace(0.001, 5, 400)
# A curve within this share of the range of the series from the straight line is that line.
LINE_IN_DISGUISE = 0.02


class Trend(NamedTuple):
    """R², whether the curve is the straight line or one in disguise, and the rate of approach a year."""

    r_squared: float
    is_line: bool
    rate: float = 0.0


def fit_trends(values: Floats, years: NDArray[np.int64]) -> dict[str, Trend]:
    """Least squares of a series on each of MODELS, an observation a year.

    'logarithmic' is of the years counted from 1, 'logarithmic_calendar_year' of the calendar year itself;
    'asymptotic' is a + b exp(-k t), k the best of RATES. As k goes to 0 it becomes the straight line: where
    the smallest k fits best, no asymptote is within sight, and it is given as that line, with rate 0.

    Raises ValueError for fewer than 5 observations and for a series that does not vary.
    """
    if len(values) < 5 or is_constant(values):
        raise ValueError("a trend needs 5 observations that vary")
    fitted = {name: _fitted(columns(years.astype("float64")), values) for name, columns in CURVES.items()}
    rate = _best_rate(values, _elapsed(years))
    fitted[ASYMPTOTIC] = _fitted(np.exp(-rate * _elapsed(years))[:, None], values) if rate else fitted[LINEAR]
    spread = LINE_IN_DISGUISE * np.ptp(values)
    return {
        name: Trend(
            r_squared=float(1 - np.square(values - fit).sum() / np.square(values - values.mean()).sum()),
            is_line=bool(np.abs(fit - fitted[LINEAR]).max() <= spread),
            rate=rate if name == ASYMPTOTIC else 0.0,
        )
        for name, fit in fitted.items()
    }


def slope(values: Floats) -> float:
    """Slope of the least-squares line through equally spaced values, a step."""
    steps = np.arange(len(values)) - (len(values) - 1) / 2
    return float(steps @ values / (steps @ steps))


def _elapsed(years: NDArray[np.int64] | Floats) -> Floats:
    return np.asarray(years - years[0] + 1, dtype="float64")


def _fitted(columns: Floats, values: Floats) -> Floats:
    design = np.column_stack([np.ones(len(values)), columns])
    coefficients, *_ = np.linalg.lstsq(design, values, rcond=None)
    return np.asarray(design @ coefficients)


def _best_rate(values: Floats, elapsed: Floats) -> float:
    """The rate of RATES with the largest squared correlation; 0 where that is the smallest one."""
    curves = np.exp(-np.outer(RATES, elapsed))
    curves -= curves.mean(axis=1, keepdims=True)
    explained = np.square(curves @ (values - values.mean())) / np.square(curves).sum(axis=1)
    best = int(explained.argmax())
    return float(RATES[best]) if best else 0.0
