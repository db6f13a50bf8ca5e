"""Forecasts of the external balance one to five years ahead, and what they were worth at past origins."""

import functools
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from threadpoolctl import threadpool_limits

from analysis_py import annual, vector_autoregression
from analysis_py import arima as arima_models
from analysis_py.correlation import ENOUGH_RESIDUAL_DF
from analysis_py.tables import typed

NAIVE, DRIFT, ARIMA, ETS = "naive", "drift", "arima", "ets"
VAR_UNEMPLOYMENT, VAR_POVERTY, COMBINATION = "var_unemployment", "var_poverty", "combination"
DRIVERS = {VAR_UNEMPLOYMENT: annual.UNEMPLOYMENT, VAR_POVERTY: annual.POVERTY}
# The balance of a year is published in spring, when the last rates are those of the year before.
DRIVER_LAG = 1
COMBINED = (NAIVE, DRIFT, ARIMA, ETS)
MODELS = (*COMBINED, *DRIVERS, COMBINATION)

OK, TOO_FEW, CONSTANT, UNSTABLE = "ok", "too_few", "constant", "unstable"
YARDSTICK, NO_DIFFERENCE = "yardstick", "no_difference"

HORIZONS = 5
ALL_HORIZONS = 0
MINIMUM_YEARS = 10
MINIMUM_ORIGINS = 8
SIGNIFICANCE = 0.05
DRAWS = 20_000
SEED = 20261127
COVERAGES = (80, 95)

FIGURES = ["forecast", "low_80", "high_80", "low_95", "high_95"]
_SCORES = ["scaled_error", "interval_score_80", "interval_score_95"]
_NAMES = {
    "absolute_error": "mae_persons",
    "scaled_error": "mase",
    "scaled_error_of_naive": "naive_mase",
    "interval_score_80_of_naive": "naive_interval_score_80",
    "interval_score_95_of_naive": "naive_interval_score_95",
}
_FORECAST_DTYPES = {
    "origin_year": "int64",
    "year": "int64",
    "horizon": "int64",
    "model": "str",
    "n_years": "int64",
    "specification": "str",
    **dict.fromkeys(FIGURES, "float64"),
    "is_chosen": "bool",
    "status": "str",
    "reason": "str",
}
_EVALUATION_DTYPES = {
    "model": "str",
    "horizon": "int64",
    "n_origins": "int64",
    "first_origin": "Int64",
    "last_origin": "Int64",
    "mae_persons": "float64",
    "mase": "float64",
    "naive_mase": "float64",
    "interval_score_80": "float64",
    "naive_interval_score_80": "float64",
    "interval_score_95": "float64",
    "naive_interval_score_95": "float64",
    "coverage_80": "float64",
    "coverage_95": "float64",
    "gain": "float64",
    "margin": "float64",
    "dm_statistic": "float64",
    "p_value": "float64",
    "p_adjusted": "float64",
    "draws": "int64",
    "seed": "int64",
    "is_chosen": "bool",
    "status": "str",
    "reason": "str",
}

Floats = NDArray[np.float64]


class Answer(NamedTuple):
    """What a model says: rows of FIGURES, one a horizon, or why it says nothing."""

    figures: Floats
    specification: str = ""
    status: str = OK
    reason: str = ""


class Comparison(NamedTuple):
    """Mean of the loss differences, its standard error, the statistic and the one-sided p-value."""

    gain: float
    standard_error: float
    statistic: float
    p_value: float


def forecast_external_balance(balance: pd.DataFrame, observations: pd.DataFrame) -> pd.DataFrame:
    """Forecasts from every year that has at least MINIMUM_YEARS figures up to it, by each of MODELS.

    `balance` has year and balance_persons; `observations` are the rows annual.OF_POVERTY of
    core.headline_observation, for the two VAR models. Figures are as known now, not as they were known in
    the year of origin.

    Returns one row per origin_year, horizon (1 to HORIZONS; year is their sum) and model: forecast and
    intervals (80 and 95 %) in persons, n_years (figures used), specification (what was estimated), is_chosen,
    status, reason:

    - 'ok';
    - 'too_few': fewer figures than the model needs; from a last year with fewer than MINIMUM_YEARS, all
      models;
    - 'constant': the balance does not vary, so no model has an error to learn from, or, of a VAR, its changes
      or those of the rate do not;
    - 'unstable': the estimated VAR explodes.

    Where a year is missing only the years after the gap are used, and the reason says so. is_chosen marks,
    for each origin, the model that the rule of `evaluate` chooses on forecasts whose outcome was known at the
    origin. Intervals are those of a Student distribution with the residual degrees of freedom, for normal
    errors; they do not contain the uncertainty of the choice of the model. Raises ValueError for an infinite
    value.
    """
    persons = _persons(balance)
    figures = annual.yearly(observations)
    # Thousands of decompositions of small matrices: threads that wait for one another take far longer.
    with threadpool_limits(limits=1, user_api="blas"):
        rows = [row for origin in _origins(persons) for row in _from_origin(persons, origin, figures)]
    result = typed(rows, _FORECAST_DTYPES)
    if len(persons) and balance["year"].min() < persons.index[0]:
        gap = f"no figure of {persons.index[0] - 1}: the years before {persons.index[0]} are left out"
        result["reason"] = [f"{reason}; {gap}" if reason else gap for reason in result["reason"]]
    errors = _table(_losses(result, persons), ALL_HORIZONS)
    for origin in result["origin_year"].unique():
        of_origin = result[result["origin_year"] == origin]
        known_then = errors[errors.index <= origin - HORIZONS]
        choice = _choice(_comparisons(known_then, ALL_HORIZONS))
        usable = of_origin["status"] == OK
        chosen = choice if choice in set(of_origin.loc[usable, "model"]) else NAIVE
        result.loc[of_origin.index, "is_chosen"] = usable & (of_origin["model"] == chosen)
    return result


def evaluate(forecasts: pd.DataFrame, balance: pd.DataFrame) -> pd.DataFrame:
    """What the forecasts of each model were worth, beside those of naive from the same origins.

    `forecasts` is the result of forecast_external_balance, `balance` what it was made from. Returns one row
    per model and horizon, and one of all horizons together (ALL_HORIZONS, over the origins whose HORIZONS
    outcomes are all known, each origin counting once): n_origins and their first and last; mean absolute
    error in persons; and as multiples of the mean absolute change from year to year up to the origin, the
    mean absolute error (mase: Hyndman R. J. and Koehler A. B. (2006), Another look at measures of forecast
    accuracy, International Journal of Forecasting 22, 679-688) and the interval scores (Gneiting T. and
    Raftery A. E. (2007), Strictly proper scoring rules, Journal of the American Statistical Association 102,
    359-378, section 6.2); the share of outcomes inside the intervals; the comparison with naive: gain
    (naive's mase less the model's), the margin that it must exceed, the statistic of `diebold_mariano`, its
    one-sided p-value among `null_statistics` (draws, seed), p_adjusted (Bonferroni over the models compared
    at the horizon). Status: 'ok'; 'yardstick' (naive itself); 'too_few' (fewer than MINIMUM_ORIGINS origins:
    no test, no margin); 'no_difference' (always as far from naive's error).

    The rule, and nothing else, decides: of the models whose gain over all horizons exceeds the margin, the
    one with the largest gain is chosen, and naive where there is none. The margin is the standard error of
    the gain times what `null_statistics` exceed with a probability of SIGNIFICANCE divided by the number of
    models compared.
    """
    losses = _losses(forecasts, _persons(balance))
    keys = ["origin_year", "horizon"]
    of_naive = losses.loc[losses["model"] == NAIVE, [*keys, *_SCORES]]
    beside = losses.merge(of_naive, on=keys, suffixes=("", "_of_naive"))
    means = beside.groupby(["model", "horizon"]).mean(numeric_only=True).drop(columns="origin_year")
    choice = _choice(_comparisons(_table(losses, ALL_HORIZONS), ALL_HORIZONS))
    parts = []
    for horizon in range(HORIZONS + 1):
        compared = _comparisons(_table(losses, horizon), horizon).rename_axis("model").reset_index()
        compared = compared.assign(horizon=horizon, draws=DRAWS, seed=SEED)
        parts.append(compared.assign(is_chosen=compared["model"] == choice))
    result = pd.concat(parts, ignore_index=True).join(means.rename(columns=_NAMES), on=["model", "horizon"])
    place = {model: place for place, model in enumerate(MODELS)}
    order = result["model"].map(place) * (HORIZONS + 1) + result["horizon"]
    result = result.iloc[order.argsort()].reset_index(drop=True)
    return result[list(_EVALUATION_DTYPES)].astype(_EVALUATION_DTYPES)[: None if len(forecasts) else 0]


def diebold_mariano(differences: Floats, horizon: int) -> Comparison:
    """Whether loss differences of forecasts `horizon` steps ahead have a mean above zero, in order of origin.

    Diebold F. X. and Mariano R. S. (1995), Comparing predictive accuracy, Journal of Business and Economic
    Statistics 13, 253-263: the variance of the mean takes in the autocovariances below `horizon`; with the
    correction and Student's distribution of Harvey D., Leybourne S. and Newbold P. (1997), Testing the
    equality of prediction mean squared errors, International Journal of Forecasting 13, 281-291. Where that
    variance is not positive, which it can be by chance, the autocovariances are weighted by 1 - lag / horizon
    (Bartlett). Differences that do not vary have no statistic: it is missing. Takes more than `horizon`
    differences.
    """
    gain, error = float(differences.mean()), float(_standard_errors(differences[None], horizon)[0])
    if error <= 1e-10 * max(1, np.abs(differences).max()):
        return Comparison(gain, np.nan, np.nan, np.nan)
    return Comparison(gain, error, gain / error, float(stats.t.sf(gain / error, len(differences) - 1)))


@functools.cache
def null_statistics(n: int, horizon: int) -> Floats:
    """Statistics of `diebold_mariano`, in order, where neither forecast is better: DRAWS of them, SEED.

    The differences of `n` origins are moving sums of `horizon` normal errors: forecasts `horizon` years ahead
    share all years but one with those of the next origin. With a dozen origins and five years the statistic
    exceeds Student's 5 % point in one case of seven, so the margin is taken from here.
    """
    errors = np.random.default_rng(SEED).normal(size=(DRAWS, n + horizon))
    sums = errors.cumsum(axis=1)
    differences = sums[:, horizon:] - sums[:, :-horizon]
    return np.sort(differences.mean(axis=1) / _standard_errors(differences, horizon))


def _standard_errors(differences: Floats, horizon: int) -> Floats:
    """Of the mean of each row, see diebold_mariano."""
    n = differences.shape[1]
    centred = differences - differences.mean(axis=1, keepdims=True)
    lags = range(horizon)
    covariances = np.array([(centred[:, lag:] * centred[:, : n - lag]).sum(axis=1) / n for lag in lags])
    weights = np.where(np.arange(horizon) > 0, 2.0, 1.0)
    uniform = weights @ covariances
    bartlett = (weights * (1 - np.arange(horizon) / horizon)) @ covariances
    variance = np.where(uniform > 0, uniform, bartlett).clip(min=0)
    return np.asarray(np.sqrt(variance / (n + 1 - 2 * horizon + horizon * (horizon - 1) / n)))


# --- models -----------------------------------------------------------------------------------------------


def naive(y: Floats) -> Answer:
    """The last figure; the deviation h years ahead is the root mean square of the changes times sqrt(h)."""
    changes = np.diff(y)
    deviation = np.sqrt(np.mean(changes**2) * _ahead())
    return Answer(_student(np.full(HORIZONS, y[-1]), deviation, len(changes)), "random walk")


def drift(y: Floats) -> Answer:
    """The last figure and h times the mean change; the deviation is s sqrt(h (1 + h / (n - 1))), n figures.

    Source: Hyndman R. J. and Athanasopoulos G., Forecasting: principles and practice, 3rd edition, section
    5.5.
    """
    changes = np.diff(y)
    n, h = len(changes), _ahead()
    deviation = np.std(changes, ddof=1) * np.sqrt(h * (1 + h / n))
    return Answer(_student(y[-1] + h * changes.mean(), deviation, n - 1), "random walk with drift")


def arima(y: Floats) -> Answer:
    """ARIMA of the smallest AICc, see analysis_py.arima."""
    scale = np.abs(np.diff(y)).mean()
    model = arima_models.best(y / scale)
    means, deviations = arima_models.forecast(model, y / scale, HORIZONS)
    return Answer(_student(means * scale, deviations * scale, model.residual_df), str(model))


def ets(y: Floats) -> Answer:
    """Exponential smoothing with additive errors, of no, linear or damped trend by AICc.

    Estimated by least squares (statsmodels).
    """
    scale = np.abs(np.diff(y)).mean()
    name, parameters, fit = best_ets(y / scale)
    df = len(y) - parameters + 1  # the variance is no parameter of the level
    alpha = fit.params["smoothing_level"]
    beta = 0.0 if name == "N" else alpha * fit.params["smoothing_trend"]
    phi = fit.params["damping_trend"] if name == "Ad" else 1.0
    deviation = np.sqrt(ets_variances(fit.sse / df, alpha, beta, phi)) * scale
    return Answer(_student(fit.forecast(HORIZONS) * scale, deviation, df), f"ETS(A,{name},N)")


def best_ets(y: Floats) -> tuple[str, int, Any]:
    """Name of the trend (N, A, Ad), number of parameters, and statsmodels' results, of the smallest AICc."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    n, fits = len(y), []
    # Smoothing, damping, first states, variance.
    for name, parameters in (("N", 3), ("A", 5), ("Ad", 6)):
        trend = None if name == "N" else "add"
        model = ExponentialSmoothing(
            y, trend=trend, damped_trend=name == "Ad", initialization_method="estimated"
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an optimum at the end of a range
            fit = model.fit(use_brute=False)
        aicc = n * np.log(max(fit.sse / n, 1e-300)) + 2 * parameters * n / (n - parameters - 1)
        fits.append((aicc, name, parameters, fit))
    return min(fits, key=lambda one: one[0])[1:]


def ets_variances(variance: float, alpha: float, beta: float, phi: float) -> Floats:
    """Of the error 1 to HORIZONS years ahead: variance * (1 + sum of c(j)², j < h).

    c(j) = alpha + beta (phi + ... + phi^j) is what one error moves j years later. Source: Hyndman R. J.,
    Koehler A. B., Ord J. K. and Snyder R. D. (2008), Forecasting with Exponential Smoothing, table 6.1.
    """
    moved = alpha + beta * np.cumsum(phi ** np.arange(1, HORIZONS))
    return variance * np.cumsum(np.concatenate([[1.0], moved**2]))


def var_in_changes(y: Floats, driver: Floats) -> Answer:
    """VAR(1) in the changes of the balance and of a driver; the changes of the balance add up to its level.

    `driver` (changes, as long as `y`) is missing where it is not published yet or reaches across a break:
    years without it, or whose year before is without it, are left out, and the latest are predicted from the
    balance.
    """
    changes = np.column_stack([np.diff(y), driver[1:]])
    df = vector_autoregression.residual_df(changes)
    if df < ENOUGH_RESIDUAL_DF:
        needed = ENOUGH_RESIDUAL_DF
        return _silent(TOO_FEW, f"{df} residual degrees of freedom of at least {needed}")
    scale = np.array([np.abs(np.diff(y)).mean(), 1.0])
    if not vector_autoregression.varies(*vector_autoregression.lagged(changes / scale)):
        return _silent(CONSTANT, "the changes of one of the two do not vary, or go together")
    var = vector_autoregression.fit(changes / scale)
    if not var.is_stable:
        return _silent(UNSTABLE, "the estimated VAR explodes")
    sums, deviations = vector_autoregression.forecast_sums(var, changes / scale, HORIZONS)
    answer = _student(y[-1] + scale[0] * sums[:, 0], scale[0] * deviations[:, 0], var.residual_df)
    return Answer(answer, f"VAR(1) in changes, {var.n} years")


def combine(answers: list[Answer]) -> Answer:
    """Mean of the forecasts and of the ends of the intervals.

    Averaged ends: Lichtendahl K. C., Grushka-Cockayne Y. and Winkler R. L. (2013), Is it better to average
    probabilities or quantiles?, Management Science 59, 1594-1611.
    """
    return Answer(np.mean([answer.figures for answer in answers], axis=0), "mean of " + ", ".join(COMBINED))


def _ahead() -> Floats:
    return np.arange(1, HORIZONS + 1, dtype="float64")


def _student(mean: Floats, deviation: Floats, df: int) -> Floats:
    columns = [mean]
    for coverage in COVERAGES:
        margin = stats.t.ppf(0.5 + coverage / 200, df) * deviation
        columns += [mean - margin, mean + margin]
    return np.column_stack(columns)


def _silent(status: str, reason: str) -> Answer:
    return Answer(np.full((HORIZONS, len(FIGURES)), np.nan), "", status, reason)


# --- origins ----------------------------------------------------------------------------------------------


def _persons(balance: pd.DataFrame) -> pd.Series:
    """Balance by year, of the years after the last gap."""
    persons = balance["balance_persons"].to_numpy(dtype="float64", na_value=np.nan)
    if np.isinf(persons).any():
        raise ValueError("column 'balance_persons' holds an infinite value")
    by_year = pd.Series(persons, index=balance["year"].astype("int64")).dropna().sort_index()
    starts = (
        np.flatnonzero(np.diff(by_year.index, prepend=by_year.index[0] - 2) != 1) if len(by_year) else [0]
    )
    return by_year.iloc[starts[-1] :]


def _origins(persons: pd.Series) -> list[int]:
    """Years to forecast from; of a short series the last, to say that it is too short."""
    return list(persons.index[MINIMUM_YEARS - 1 :] if len(persons) >= MINIMUM_YEARS else persons.index[-1:])


def _from_origin(persons: pd.Series, origin: int, figures: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    known = persons.loc[:origin]
    for model, answer in _answers(known, figures).items():
        for step, values in enumerate(answer.figures, start=1):
            keys = (origin, origin + step, step, model, len(known), answer.specification)
            yield (*keys, *values, False, answer.status, answer.reason)


def _answers(known: pd.Series, figures: pd.DataFrame) -> dict[str, Answer]:
    y = known.to_numpy()
    if len(y) < MINIMUM_YEARS:
        return dict.fromkeys(MODELS, _silent(TOO_FEW, f"{len(y)} years in a row of at least {MINIMUM_YEARS}"))
    if np.ptp(y) <= 1e-12 * np.abs(y).max():
        return dict.fromkeys(MODELS, _silent(CONSTANT, "the balance does not vary"))
    answers = {NAIVE: naive(y), DRIFT: drift(y), ARIMA: arima(y), ETS: ets(y)}
    for model, indicator in DRIVERS.items():
        _, changes = annual.series(figures, indicator, annual.NATIONAL)
        if changes.empty:
            answers[model] = _silent(TOO_FEW, f"no yearly figure of {indicator} for the whole country")
            continue
        driver = changes.loc[: known.index[-1] - DRIVER_LAG].reindex(known.index)
        answers[model] = var_in_changes(y, driver.to_numpy())
    return answers | {COMBINATION: combine([answers[model] for model in COMBINED])}


# --- evaluation -------------------------------------------------------------------------------------------


def _losses(forecasts: pd.DataFrame, persons: pd.Series) -> pd.DataFrame:
    """One row per origin, horizon and model whose outcome is known, and of ALL_HORIZONS where all are.

    Measured in mean absolute changes up to the origin, but `absolute_error` in persons.
    """
    known = forecasts[(forecasts["status"] == OK) & forecasts["year"].isin(persons.index)]
    outcome = persons.reindex(known["year"]).to_numpy()
    changes = persons.diff().abs()
    scale = changes.expanding().mean().reindex(known["origin_year"]).to_numpy()
    error = np.abs(outcome - known["forecast"].to_numpy())
    rows = known[["origin_year", "horizon", "model"]].assign(absolute_error=error, scaled_error=error / scale)
    for coverage in COVERAGES:
        low, high = (known[f"{end}_{coverage}"].to_numpy() for end in ("low", "high"))
        outside = np.maximum(low - outcome, 0) + np.maximum(outcome - high, 0)
        rows[f"interval_score_{coverage}"] = (high - low + 2 / (1 - coverage / 100) * outside) / scale
        rows[f"coverage_{coverage}"] = (outside == 0).astype("float64")
    per_origin = rows.groupby(["origin_year", "model"], sort=False)
    complete = rows[per_origin["horizon"].transform("size") == HORIZONS]
    together = complete.groupby(["origin_year", "model"], as_index=False).mean()
    together = together.assign(horizon=ALL_HORIZONS)
    return pd.concat([together, rows], ignore_index=True)[rows.columns]


def _table(losses: pd.DataFrame, horizon: int) -> pd.DataFrame:
    """Scaled errors: a row per origin in order, a column per model."""
    of_horizon = losses[losses["horizon"] == horizon]
    table = of_horizon.pivot(index="origin_year", columns="model", values="scaled_error")
    return table.reindex(columns=list(MODELS))


def _comparisons(errors: pd.DataFrame, horizon: int) -> pd.DataFrame:
    """Each model's errors beside those of naive from the same origins: a row per model of `errors`."""
    rows = {model: _comparison(errors[[NAIVE, model]].dropna(), model, horizon) for model in MODELS}
    result = pd.DataFrame.from_dict(rows, orient="index")
    tested = result["status"] == OK
    compared = max(1, int(tested.sum()))
    for model, row in result[tested].iterrows():
        null = null_statistics(int(row["n_origins"]), horizon or HORIZONS)
        result.loc[model, "margin"] = row["standard_error"] * np.quantile(null, 1 - SIGNIFICANCE / compared)
        as_large = DRAWS - np.searchsorted(null, row["dm_statistic"])
        result.loc[model, "p_value"] = (1 + as_large) / (1 + DRAWS)
    result["p_adjusted"] = (result["p_value"] * compared).clip(upper=1)
    return result


def _comparison(pair: pd.DataFrame, model: str, horizon: int) -> dict[str, Any]:
    n = len(pair)
    row: dict[str, Any] = dict.fromkeys(
        ["gain", "standard_error", "margin", "dm_statistic", "p_value"], np.nan
    )
    row |= {"n_origins": n, "status": OK, "reason": ""}
    row |= {"first_origin": pair.index.min(), "last_origin": pair.index.max()}
    if model == NAIVE:
        return row | {"status": YARDSTICK, "reason": "the others are compared with it"}
    if n == 0:
        return row | {"status": TOO_FEW, "reason": "no origin with a known outcome"}
    differences = (pair.iloc[:, 0] - pair.iloc[:, 1]).to_numpy()
    row["gain"] = differences.mean()
    if n < MINIMUM_ORIGINS:
        return row | {"status": TOO_FEW, "reason": f"{n} origins of at least {MINIMUM_ORIGINS}: not tested"}
    found = diebold_mariano(differences, horizon or HORIZONS)
    if np.isnan(found.statistic):
        return row | {"status": NO_DIFFERENCE, "reason": "the difference from naive is always the same"}
    return row | {"standard_error": found.standard_error, "dm_statistic": found.statistic}


def _choice(comparisons: pd.DataFrame) -> str:
    """The model that the rule of `evaluate` chooses, of the comparisons over all horizons."""
    beats = comparisons[(comparisons["status"] == OK) & (comparisons["gain"] > comparisons["margin"])]
    return NAIVE if beats.empty else str(beats["gain"].idxmax())
