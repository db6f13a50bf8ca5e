"""The fits of analysis_py.trend as the article's metrics ask for them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis_py.correlation import is_constant
from analysis_py.metric import UNDEFINED, UnknownValueError
from analysis_py.trend import ASYMPTOTIC, LINEAR, MODELS, PARAMETERS, fit_curve, r_squared

__all__ = ["ASYMPTOTIC", "LINEAR", "MODELS"]

Floats = NDArray[np.float64]

# As many as AICc needs of the curve with the most parameters, so that none is fitted here and not there.
LEAST = max(PARAMETERS.values()) + 3


class Trend(NamedTuple):
    """R², whether the curve is the straight line or one in disguise, and the rate of approach a year."""

    r_squared: float
    is_line: bool
    rate: float


def fit_trends(values: Floats, years: NDArray[np.int64]) -> dict[str, Trend]:
    """Each of MODELS through a series with an observation a year, by `trend.fit_curve`.

    A line in disguise is what `fit_curve` calls the same curve. The rate is that of an asymptotic curve, 0
    where it has become the straight line, and of all others.

    Raises ValueError for fewer than LEAST observations and for a series that does not vary, UnknownValueError
    where a running sum has become infinite.
    """
    if not np.isfinite(values).all():
        raise UnknownValueError("the figures are too large to compute with", UNDEFINED)
    if len(values) < LEAST or is_constant(values):
        raise ValueError(f"a trend needs {LEAST} observations that vary")
    scaled, calendar = values / np.abs(values).max(), years.astype("float64")
    fits = {model: fit_curve(model, calendar, scaled) for model in MODELS}
    return {
        model: Trend(r_squared(scaled, fit.fitted), LINEAR in (model, fit.same_curve_as), fit.rate)
        for model, fit in fits.items()
    }


def slope(values: Floats) -> float:
    """Slope of the least-squares line through equally spaced values, a step."""
    fitted = fit_curve(LINEAR, np.arange(float(len(values))), values).fitted
    return float((fitted[-1] - fitted[0]) / (len(values) - 1))
