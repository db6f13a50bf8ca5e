"""Trends of a yearly series, its breaks, and what a series without a trend would have given."""

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import signal, stats
from scipy.optimize import brentq

from analysis_py.correlation import is_constant
from analysis_py.tables import typed

ANNUAL, CUMULATIVE = "annual", "cumulative"
# Series -> column of national.external_balance_annual.
SERIES = {ANNUAL: "balance_persons", CUMULATIVE: "cumulative_persons"}

LINEAR, QUADRATIC, CUBIC = "linear", "quadratic", "cubic"
LOGARITHMIC, LOGARITHMIC_YEAR = "logarithmic", "logarithmic_calendar_year"
ASYMPTOTIC, SEGMENTED = "asymptotic", "segmented"
MODELS = (LINEAR, QUADRATIC, CUBIC, LOGARITHMIC, LOGARITHMIC_YEAR, ASYMPTOTIC, SEGMENTED)

OK, DEGENERATE, EXACT, TOO_FEW, CONSTANT, GAP = "ok", "degenerate", "exact", "too_few", "constant", "gap"
STATUSES = (OK, DEGENERATE, EXACT, TOO_FEW, CONSTANT, GAP)

# A break has a year or more on each side before the next one: a single figure makes no segment.
SPACING = 2
MAXIMUM_BREAKS = 4
FIGURES_PER_BREAK = 5

# Rates of the exponential approach, per length of the series: from a straight line to a step.
RATES = np.geomspace(1e-2, 1e3, 101)
SEED, SIMULATIONS = 20251031, 1000
# R² in per cent that the article's text gives for a "non-linear trend" without naming series or model.
PRINTED_PERCENT = 39

_TREND = {
    "series": "str",
    "model": "str",
    "first_year": "Int64",
    "last_year": "Int64",
    "n": "int64",
    "n_parameters": "Int64",
    "r_squared": "float64",
    "adjusted_r_squared": "float64",
    "aicc": "float64",
    "is_best": "bool",
    "residual_lag_1": "float64",
    "durbin_watson": "float64",
    "break_years": "str",
    "same_curve_as": "str",
    "noise_lag_1": "float64",
    "noise_r_squared": "float64",
    "noise_share": "float64",
    "n_simulations": "int64",
    "seed": "int64",
    "reproduces_39_percent": "bool",
    "status": "str",
    "reason": "str",
    "note": "str",
}
_BREAK = {
    "series": "str",
    "n_breaks": "int64",
    "break_no": "int64",
    "break_year": "Int64",
    "year_low": "Int64",
    "year_high": "Int64",
    "slope_before": "float64",
    "slope_after": "float64",
    "n": "int64",
    "n_parameters": "Int64",
    "r_squared": "float64",
    "aicc": "float64",
    "bic": "float64",
    "bic3": "float64",
    "is_chosen": "bool",
    "residual_lag_1": "float64",
    "status": "str",
    "reason": "str",
    "note": "str",
}

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]
Row = dict[str, Any]


class Fit(NamedTuple):
    """A curve fitted by least squares."""

    fitted: Floats
    n_parameters: int  # of the curve: coefficients, rates, break years
    breaks: tuple[int, ...] = ()  # positions in the series
    same_curve_as: str | None = None
    reason: str | None = None
    rate: float = 0.0  # a year, at which an asymptotic curve nears its level


class Search(NamedTuple):
    """All ways of placing k breaks, and what is left by each."""

    places: Positions  # m x k, positions in the series
    residual_squares: Floats  # m

    @property
    def best(self) -> int:
        return int(self.residual_squares.argmin())


# --- measures ---------------------------------------------------------------------------------------------


def aicc(residual_squares: float, n: int, n_parameters: int) -> float:
    """AIC of least squares corrected for small n; `n_parameters` of the curve, the variance is counted here.

    n ln(RSS/n) + 2K + 2K(K+1)/(n-K-1) with K = n_parameters + 1; the constant n (ln 2π + 1) is left out.
    Source: Burnham K. P. and Anderson D. R. (2002), Model Selection and Multimodel Inference, section 2.4.
    """
    k = n_parameters + 1
    return float(n * np.log(residual_squares / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1))


def bic(residual_squares: float, n: int, n_parameters: int) -> float:
    """Schwarz's criterion of least squares, n ln(RSS/n) + K ln n with K = n_parameters + 1 as in `aicc`."""
    return float(n * np.log(residual_squares / n) + (n_parameters + 1) * np.log(n))


def bic3(residual_squares: float, n: int, n_breaks: int) -> float:
    """Criterion for the number of breaks of a continuous line, n ln(RSS/n) + (3k + 2) ln n with k breaks.

    A break adds two parameters, and BIC charges two; but its place is chosen among many, which BIC does not
    charge, so BIC finds too many breaks. BIC3 charges a third, after the modified BIC of Zhang and Siegmund.
    Source: Kim J. and Kim H.-J. (2016), Consistent model selection in segmented line regression, Journal of
    Statistical Planning and Inference 170, 106-116; the formula as in the help of the Joinpoint software of
    the U.S. National Cancer Institute, times n.
    """
    return float(n * np.log(residual_squares / n) + (3 * n_breaks + 2) * np.log(n))


def r_squared(y: Floats, fitted: Floats) -> float:
    """1 less the sum of squared residuals over the sum of squares about the mean."""
    residuals = y - fitted
    return 1 - float(residuals @ residuals) / float(np.square(y - y.mean()).sum())


def lag_1(deviations: Floats) -> float:
    """Autocorrelation of neighbours, sum of products over sum of squares, of figures with mean zero."""
    return float(deviations[1:] @ deviations[:-1] / (deviations @ deviations))


def durbin_watson(residuals: Floats) -> float:
    """Sum of squared differences of neighbours over sum of squares: 2 without autocorrelation, 0 to 4.

    Source: Durbin J. and Watson G. S. (1950), Testing for serial correlation in least squares regression I,
    Biometrika 37, 409-428.
    """
    return float(np.square(np.diff(residuals)).sum() / (residuals @ residuals))


# --- breaks -----------------------------------------------------------------------------------------------


def maximum_breaks(n: int) -> int:
    """Breaks that n figures can carry: one for each five figures after the first two, four at most."""
    return min(max((n - 2) // FIGURES_PER_BREAK, 0), MAXIMUM_BREAKS)


def break_places(n: int, n_breaks: int) -> Positions:
    """All places of breaks, m x k positions from 0, SPACING or more apart and from the ends."""
    free = n - 2 * SPACING - (n_breaks - 1) * (SPACING - 1)
    chosen = list(combinations(range(max(free, 0)), n_breaks))
    places = np.array(chosen, dtype=np.intp).reshape(len(chosen), n_breaks)
    return places + SPACING + (SPACING - 1) * np.arange(n_breaks)


def search_breaks(x: Floats, y: Floats, n_breaks: int) -> Search:
    """Least squares of a continuous line with `n_breaks` breaks at points of x, by trying all places.

    Exact: what the straight line leaves of y is projected on what it leaves of the hinges max(0, x - x_b).
    """
    places = break_places(len(x), n_breaks)
    remainder, hinges = _after_line(x, y), _after_line(x, _hinges(x))
    gain = _gains(remainder[np.newaxis], hinges, places)[0] if n_breaks else np.zeros(1)
    return Search(places, np.maximum(remainder @ remainder - gain, 0))


def _hinges(x: Floats) -> Floats:
    """n x n, the column b is max(0, x - x_b)."""
    return np.maximum(x[:, np.newaxis] - x, 0)


def _after_line(x: Floats, y: Floats) -> Floats:
    """What a straight line leaves of y, or of each column of y."""
    q, _ = np.linalg.qr(np.column_stack([np.ones(len(x)), x]))
    remainder: Floats = y - q @ (q.T @ y)
    return remainder


def _gains(remainders: Floats, hinges: Floats, places: Positions) -> Floats:
    """Sums of squares that the hinges at each of m places explain of each of s remainders, s x m."""
    gram, products = hinges.T @ hinges, remainders @ hinges
    inverse = np.linalg.inv(gram[places[:, :, np.newaxis], places[:, np.newaxis, :]])
    chosen = products[:, places].swapaxes(0, 1)  # m x s x k
    gains: Floats = ((chosen @ inverse) * chosen).sum(axis=2).T
    return gains


def _segmented_design(x: Floats, places: Sequence[int]) -> Floats:
    return np.column_stack([np.ones(len(x)), x, _hinges(x)[:, list(places)]])


# --- curves -----------------------------------------------------------------------------------------------


def _least_squares(design: Floats, y: Floats) -> Floats:
    coefficients, *_ = np.linalg.lstsq(design, y, rcond=None)
    fitted: Floats = design @ coefficients
    return fitted


def _approach(x: Floats, rates: Floats) -> Floats:
    """Curves (1 - exp(-rate x)) / (1 - exp(-rate)), a row for each rate; x from 0 to 1."""
    curves: Floats = np.expm1(-np.outer(rates, x)) / np.expm1(-rates)[:, np.newaxis]
    return curves


def _approach_r_squared(x: Floats, centred: Floats) -> Floats:
    """R² of the straight line and of the approach at each of RATES, a row for each row of `centred`."""
    curves = np.vstack([x, _approach(x, RATES)])
    curves -= curves.mean(axis=1, keepdims=True)
    curves /= np.sqrt(np.square(curves).sum(axis=1, keepdims=True))
    total = np.square(centred).sum(axis=1, keepdims=True)
    return np.asarray(np.square(centred @ curves.T) / total)


def _fit_approach(x: Floats, y: Floats, span: float) -> Fit:
    """a + b (1 - exp(-c x)), c > 0: the zero of the derivative by c, beside the best of RATES.

    `span` is the number of years for which x goes from 0 to 1.
    """
    best = int(_approach_r_squared(x, (y - y.mean())[np.newaxis])[0, 1:].argmax())
    if best == 0:
        reason = "the slower the approach, the better the fit: in the limit it is the straight line"
        return Fit(_least_squares(np.vander(x, 2), y), 3, same_curve_as=LINEAR, reason=reason)

    def fitted(rate: float) -> Floats:
        return _least_squares(np.column_stack([np.ones(len(x)), np.expm1(-rate * x)]), y)

    def derivative(rate: float) -> float:
        return float((y - fitted(rate)) @ (x * np.exp(-rate * x)))

    rate, around = float(RATES[best]), RATES[max(best - 1, 0) : best + 2]
    low, high = float(around[0]), float(around[-1])
    if derivative(low) * derivative(high) < 0:
        rate = float(brentq(derivative, low, high, xtol=1e-14, rtol=1e-14))
    if np.exp(-rate * x[1]) < 1e-6:
        reason = "the first year stands apart, the rest is level"
        return Fit(fitted(rate), 3, same_curve_as="step", reason=reason, rate=rate / span)
    return Fit(fitted(rate), 3, rate=rate / span)


def _fit_segments(x: Floats, y: Floats) -> Fit:
    """The continuous line with the number of breaks that BIC3 chooses."""
    places = _chosen_breaks(x, y)
    fitted = _least_squares(_segmented_design(x, places), y)
    if not places:
        return Fit(fitted, 2, same_curve_as=LINEAR, reason="no break is worth its penalty (BIC3)")
    reason = None
    if len(places) == maximum_breaks(len(x)):
        reason = f"BIC3 falls up to the {len(places)} breaks at which the search ends: their number is open"
    return Fit(fitted, 2 + 2 * len(places), tuple(places), reason=reason)


def _chosen_breaks(x: Floats, y: Floats) -> list[int]:
    """Places of the breaks of the line with the least BIC3."""
    found: list[tuple[float, list[int]]] = []
    for k in range(maximum_breaks(len(x)) + 1):
        search = search_breaks(x, y, k)
        places: list[int] = search.places[search.best].tolist()
        # Anew: the search subtracts large sums, and a perfect fit would keep their rounding.
        left = float(np.square(y - _least_squares(_segmented_design(x, places), y)).sum())
        # Rounded, so that of perfect fits the one with the fewest breaks is chosen.
        found.append((round(bic3(max(left, _rounding(y)), len(x), k), 6), places))
    return min(found)[1]


def _rounding(y: Floats) -> float:
    """Sum of squares that residuals of a perfect fit have by rounding."""
    return float(len(y) * np.square(1e-12 * np.abs(y).max()))


Design = Callable[[Floats, Floats], Floats]
# x from 0 to 1 and years -> design without breaks or rates.
DESIGNS: dict[str, Design] = {
    LINEAR: lambda x, years: np.vander(x, 2),
    QUADRATIC: lambda x, years: np.vander(x, 3),
    CUBIC: lambda x, years: np.vander(x, 4),
    LOGARITHMIC: lambda x, years: np.column_stack([np.ones(len(x)), np.log(years - years[0] + 1)]),
    # Centred: over few years the logarithm of the year hardly varies.
    LOGARITHMIC_YEAR: lambda x, years: np.column_stack([np.ones(len(x)), np.log(years / years[0])]),
}
PARAMETERS = {
    LINEAR: 2,
    QUADRATIC: 3,
    CUBIC: 4,
    LOGARITHMIC: 2,
    LOGARITHMIC_YEAR: 2,
    ASYMPTOTIC: 3,
    SEGMENTED: 4,
}


def fit_curve(model: str, years: Floats, y: Floats) -> Fit:
    """The curve of `model` through the figures y of `years` (ascending), by least squares.

    linear, quadratic, cubic: polynomials of the year; logarithmic: of the number of the year, from 1;
    logarithmic_calendar_year: of the year itself; asymptotic: a + b (1 - exp(-c t)) with c > 0; segmented: a
    continuous line with as many breaks as `bic3` chooses.
    """
    span = float(years[-1] - years[0])
    x = (years - years[0]) / span
    if model == ASYMPTOTIC:
        return _fit_approach(x, y, span)
    if model == SEGMENTED:
        return _fit_segments(x, y)
    design = DESIGNS[model](x, years)
    same = model == LOGARITHMIC_YEAR and np.corrcoef(design[:, 1], x)[0, 1] > 0.9999
    reason = "over so few years the logarithm of the calendar year is a straight line" if same else None
    return Fit(
        _least_squares(design, y), design.shape[1], same_curve_as=LINEAR if same else None, reason=reason
    )


def made_up(series: str, n: int, likeness: float) -> Floats:
    """SIMULATIONS series of n figures without a trend, a row each; for CUMULATIVE the running sums of such.

    Each figure is `likeness` (above -1, below 1) times the one before and a normal number, all of one
    variance: a stationary autoregression of order 1. A trend is tested against such series since independent
    figures, in which nothing lasts, make a trend of every balance that lasts for some years: Woodward W. A.,
    Bottone S. and Gray H. L. (1997), Improved tests for trend in time series data, Journal of Agricultural,
    Biological, and Environmental Statistics 2, 403-416. A straight line through running sums has R² 0.44 on
    average in long series, whatever the likeness (Nelson C. R. and Kang H. (1984), Pitfalls in the use of
    time as an explanatory variable in regression, Journal of Business and Economic Statistics 2, 73-82).
    """
    noise = np.random.default_rng(SEED).standard_normal((SIMULATIONS, n))
    noise[:, 0] /= np.sqrt(1 - likeness**2)
    lasting: Floats = signal.lfilter([1], [1, -likeness], noise, axis=1)
    return lasting if series == ANNUAL else lasting.cumsum(axis=1)


def _likeness(balances: Floats) -> float:
    """Correlation of neighbouring balances, as it is estimated where there is no trend; 0 of equal ones."""
    return 0.0 if is_constant(balances) else lag_1(balances - balances.mean())


def noise_r_squared(model: str, years: Floats, n_breaks: int, noise: Floats) -> Floats:
    """R² of `model` on each row of `noise`; a segmented line has `n_breaks`, in the best places for the row.

    The rate of the asymptotic curve is the best of RATES, or the straight line.
    """
    x = (years - years[0]) / (years[-1] - years[0])
    centred = noise - noise.mean(axis=1, keepdims=True)
    total = np.square(centred).sum(axis=1)
    if model == ASYMPTOTIC:
        return np.asarray(_approach_r_squared(x, centred).max(axis=1))
    if model == SEGMENTED:
        remainders, hinges = _after_line(x, centred.T).T, _after_line(x, _hinges(x))
        left = np.square(remainders).sum(axis=1)
        if n_breaks:
            places = break_places(len(x), n_breaks)
            parts = [places[start : start + 500] for start in range(0, len(places), 500)]  # memory
            left -= np.max([_gains(remainders, hinges, part).max(axis=1) for part in parts], axis=0)
        return np.asarray(1 - left / total)
    q, _ = np.linalg.qr(DESIGNS[model](x, years))
    residuals = centred - (centred @ q) @ q.T
    return np.asarray(1 - np.square(residuals).sum(axis=1) / total)


# --- tables -----------------------------------------------------------------------------------------------


def fit_trends(annual: pd.DataFrame) -> pd.DataFrame:
    """Every model on the annual and on the cumulative series.

    `annual` has a row for each year, as national.external_balance_annual: year, balance_persons,
    cumulative_persons.

    Returns a row for each series and model, none where there is no year:

    - n figures from first_year to last_year, n_parameters of the curve; r_squared, adjusted_r_squared; aicc
      (to be compared within a series only); is_best: the least aicc of the series, of the simplest exact
      model where one fits without an error; a degenerate curve is never best;
    - residual_lag_1 and durbin_watson of the residuals, by which AICc is too sure of itself;
    - break_years of the segmented line; same_curve_as: 'linear' or 'step', what the curve has become;
    - noise_r_squared: mean R² of the model on n_simulations series as long without a trend (`made_up`);
      noise_lag_1: the correlation of neighbours of their annual figures, which is that of the annual
      balances; noise_share: of these series, those with an R² at least as high. The random numbers are those
      of numpy's default generator with `seed`;
    - reproduces_39_percent: whether the R² is printed as 39 %;
    - status: 'ok'; 'degenerate' (the curve has become a simpler one, reason says which); 'exact' (no error,
      no AICc); 'too_few' figures; 'constant' series; 'gap' (years are missing: there is no running sum).

    Raises ValueError for an infinite figure or a repeated year.
    """
    rows: list[Row] = []
    for series, years, y, gaps in _series(annual):
        of_series = [_trend(series, model, years, y, gaps) for model in MODELS]
        _mark_best(of_series)
        rows += of_series
    frame = pd.DataFrame(rows, columns=list(_TREND))
    return frame.assign(n_simulations=SIMULATIONS, seed=SEED).astype(_TREND)


def change_points(annual: pd.DataFrame) -> pd.DataFrame:
    """The best continuous line with 0, 1, 2, … breaks through each series, and the number that BIC3 chooses.

    `annual` as in `fit_trends`. Returns a row for each series, number of breaks and break (break_no 0 for the
    line without any): break_year, the last year of the segment before and the first of the one after; the
    years year_low to year_high in which the break may as well stand (95 %, by the sum of squares with the
    other breaks placed anew: Lerman P. M. (1980), Fitting segmented regression models by grid search, Applied
    Statistics 29, 77-84); slope_before and slope_after, persons a year; and for all the breaks together n,
    n_parameters (two coefficients, and a slope and a year for each break), r_squared, aicc, bic, bic3,
    is_chosen, residual_lag_1. Without figures there is no row. status as in `fit_trends`.

    Raises ValueError for an infinite figure or a repeated year.
    """
    rows: list[Row] = []
    for series, years, y, gaps in _series(annual):
        unfit = _unfit(series, y, gaps, PARAMETERS[LINEAR])
        if unfit:
            rows.append(
                {"series": series, "n_breaks": 0, "break_no": 0, "n": len(y), "is_chosen": False} | unfit
            )
            continue
        rows += _breaks(series, years, y)
    return typed(rows, _BREAK)


def _series(annual: pd.DataFrame) -> list[tuple[str, Floats, Floats, list[int]]]:
    """Series, years, figures and the missing years of each series with a figure."""
    table = annual.sort_values("year")
    if table["year"].duplicated().any():
        raise ValueError(f"year repeated: {table['year'][table['year'].duplicated()].iloc[0]}")
    found = []
    for series, column in SERIES.items():
        values = table[column].to_numpy(dtype="float64", na_value=np.nan)
        if np.isinf(values).any():
            raise ValueError(f"column {column!r} holds an infinite value")
        known = ~np.isnan(values)
        years = table["year"].to_numpy(dtype="float64")[known]
        if len(years):
            gaps = sorted(set(range(int(years[0]), int(years[-1]) + 1)) - set(years.astype(int).tolist()))
            found.append((series, years, values[known], gaps))
    return found


def _unfit(series: str, y: Floats, gaps: list[int], n_parameters: int) -> Row:
    """Status and reason where no curve can be fitted."""
    least = n_parameters + 3  # AICc needs n > n_parameters + 2
    if gaps and series == CUMULATIVE:
        return {"status": GAP, "reason": f"no running sum: no figure for {', '.join(map(str, gaps))}"}
    if len(y) < least:
        return {"status": TOO_FEW, "reason": f"{len(y)} of at least {least} figures"}
    if is_constant(y):
        return {"status": CONSTANT, "reason": "all figures are equal"}
    return {}


def _trend(series: str, model: str, years: Floats, y: Floats, gaps: list[int]) -> Row:
    n = len(y)
    row: Row = {"series": series, "model": model, "first_year": int(years[0]), "last_year": int(years[-1])}
    row |= {"n": n, "n_parameters": PARAMETERS[model], "is_best": False, "reproduces_39_percent": False}
    unfit = _unfit(series, y, gaps, PARAMETERS[model])
    if unfit:
        return row | unfit
    scale = np.abs(y).max()
    fit = fit_curve(model, years, y / scale)
    row |= {"n_parameters": fit.n_parameters, "same_curve_as": fit.same_curve_as, "reason": fit.reason}
    row["break_years"] = ", ".join(str(int(years[place])) for place in fit.breaks) or None
    row["status"] = DEGENERATE if fit.same_curve_as else OK
    row |= _goodness(y / scale, fit.fitted, fit.n_parameters, scale)
    row["noise_lag_1"] = _likeness(y if series == ANNUAL else np.diff(y, prepend=0))
    noise = noise_r_squared(model, years, len(fit.breaks), made_up(series, n, row["noise_lag_1"]))
    row["noise_r_squared"] = noise.mean()
    row["noise_share"] = (noise >= row["r_squared"]).mean()
    row["reproduces_39_percent"] = round(100 * row["r_squared"]) == PRINTED_PERCENT
    return row | {"note": _note(row)}


def _goodness(y: Floats, fitted: Floats, n_parameters: int, scale: float) -> Row:
    """R², adjusted R², AICc in the unit of the figures, and autocorrelation of the residuals."""
    n, residuals = len(y), y - fitted
    left, total = float(residuals @ residuals), float(np.square(y - y.mean()).sum())
    if left <= _rounding(y):
        return {"r_squared": 1.0, "adjusted_r_squared": 1.0, "status": EXACT}
    return {
        "r_squared": r_squared(y, fitted),
        "adjusted_r_squared": 1 - left / (n - n_parameters) / (total / (n - 1)),
        "aicc": aicc(left, n, n_parameters) + 2 * n * np.log(scale),
        "residual_lag_1": lag_1(residuals),
        "durbin_watson": durbin_watson(residuals),
    }


def _mark_best(rows: list[Row]) -> None:
    exact = [row for row in rows if row["status"] == EXACT]
    fitted = [row for row in rows if row["status"] == OK]
    if exact:
        min(exact, key=lambda row: row["n_parameters"])["is_best"] = True
    elif fitted:
        min(fitted, key=lambda row: row["aicc"])["is_best"] = True


def _note(row: Row) -> str:
    """How far to trust the fit, by rule."""
    parts = []
    if row["reproduces_39_percent"]:
        line = row["model"] == LINEAR or row["same_curve_as"] == LINEAR
        parts.append(
            f"Printed as {PRINTED_PERCENT} %" + (", and a straight line: nothing bends." if line else ".")
        )
    if row["series"] == CUMULATIVE:
        parts.append(
            "Each figure of a running sum holds all those before it, so it drifts smoothly by itself."
        )
    noise = "Running sums of noise" if row["series"] == CUMULATIVE else "Noise"
    share = f"{100 * row['noise_share']:.1f} %" if row["noise_share"] else f"none of {SIMULATIONS}"
    parts.append(
        f"{noise} without a trend, in which neighbouring years are as alike as balances are (correlation "
        f"{row['noise_lag_1']:.2f}), would give R² {row['noise_r_squared']:.2f} on average with this model, "
        f"and at least this R² in {share} of the cases."
    )
    if row.get("residual_lag_1", 0) > 2 / np.sqrt(row["n"]):
        parts.append(
            f"Residuals resemble their neighbours (correlation {row['residual_lag_1']:.2f}), "
            "so AICc takes the figures for more than they are."
        )
    return " ".join(parts)


def _breaks(series: str, years: Floats, y: Floats) -> list[Row]:
    """The rows of one series with enough figures."""
    n, scale = len(y), np.abs(y).max()
    span = years[-1] - years[0]
    x, y = (years - years[0]) / span, y / scale
    chosen = len(_chosen_breaks(x, y))
    rows: list[Row] = []
    for k in range(maximum_breaks(n) + 1):
        search = search_breaks(x, y, k)
        places = search.places[search.best]
        design = _segmented_design(x, places.tolist())
        coefficients, *_ = np.linalg.lstsq(design, y, rcond=None)
        slopes = coefficients[1:].cumsum() * scale / span
        parameters = 2 + 2 * k
        row: Row = {"series": series, "n_breaks": k, "n": n, "n_parameters": parameters, "status": OK}
        row |= {"is_chosen": k == chosen, "note": _break_note(series, k, chosen, n)}
        goodness = _goodness(y, design @ coefficients, parameters, scale)
        row |= {name: goodness.get(name) for name in ("r_squared", "aicc", "residual_lag_1")}
        left = float(np.square(y - design @ coefficients).sum())
        if goodness.get("status") == EXACT:
            row |= {"status": EXACT, "reason": "no error is left, so no criterion can be given"}
        else:
            shift = 2 * n * np.log(scale)
            row |= {"bic": bic(left, n, parameters) + shift, "bic3": bic3(left, n, k) + shift}
        if not k:
            rows.append(row | {"break_no": 0, "slope_before": slopes[0], "slope_after": slopes[0]})
        for number, place in enumerate(places):
            low, high = _range(search, number, n, parameters)
            rows.append(
                row
                | {
                    "break_no": number + 1,
                    "break_year": int(years[place]),
                    "year_low": int(years[low]),
                    "year_high": int(years[high]),
                    "slope_before": slopes[number],
                    "slope_after": slopes[number + 1],
                }
            )
    return rows


def _range(search: Search, number: int, n: int, n_parameters: int) -> tuple[int, int]:
    """First and last place of a break that the figures do not exclude (Lerman 1980)."""
    freedom = n - n_parameters
    limit = search.residual_squares.min() * (1 + stats.f.ppf(0.95, 1, freedom) / freedom)
    possible = search.places[search.residual_squares <= limit, number]
    return int(possible.min()), int(possible.max())


def _break_note(series: str, n_breaks: int, chosen: int, n: int) -> str | None:
    """What to keep in mind about the breaks, by rule."""
    if n_breaks != chosen:
        return None
    parts = ["The least BIC3, which charges three parameters a break: its year, its slope and the search."]
    if chosen and chosen == maximum_breaks(n):
        parts.append("The search ends at this number and the criterion still falls: the number is open.")
    if series == CUMULATIVE:
        parts.append(
            "A running sum bends wherever its increments drift: read the breaks of the annual series."
        )
    return " ".join(parts)
