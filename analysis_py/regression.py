"""Least squares of one target on several indicators, or on one with the band around its line."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis_py.correlation import COLLINEAR, CONSTANT, ENOUGH_RESIDUAL_DF, OK, TOO_FEW, is_constant
from analysis_py.tables import typed

WARNING = "warning"
INTERCEPT = "intercept"
# Below this many residual degrees of freedom nothing is estimated: standard errors would mean nothing.
MINIMUM_RESIDUAL_DF = 3
# Beyond these nothing is left of the digits: condition number of the standardised indicators, and leverage.
LARGEST_CONDITION = 1e8
LARGEST_LEVERAGE = 1 - 1e-9

TERM_DTYPES = {
    "term": "str",
    "n": "int64",
    "residual_df": "int64",
    "coefficient": "float64",
    "standard_error": "float64",
    "t": "float64",
    "p_value": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "standardised": "float64",
    "vif": "float64",
    "r_squared": "float64",
    "adjusted_r_squared": "float64",
    "status": "str",
    "reason": "str",
}
INFLUENCE_DTYPES = {
    "territory": "str",
    "fitted": "float64",
    "residual": "float64",
    "leverage": "float64",
    "studentised_residual": "float64",
    "cooks_distance": "float64",
    "is_influential": "bool",
}
LINE_POINTS = 25
LINE_DTYPES = {
    "point_no": "int64",
    "indicator_value": "float64",
    "fitted": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "n": "int64",
    "residual_df": "int64",
    "slope": "float64",
    "intercept": "float64",
    "r_squared": "float64",
    "status": "str",
    "reason": "str",
}

Floats = NDArray[np.float64]


class Regression(NamedTuple):
    """Rows of the terms, and of the territories that entered."""

    terms: pd.DataFrame
    influence: pd.DataFrame


def regress(frame: pd.DataFrame, target: str, indicators: Sequence[str]) -> Regression:
    """Least squares of `target` on an intercept and `indicators`, over territories with all of them known.

    `frame` has one row per territory, named by the index. `terms` has a row for the intercept and each
    indicator: n, residual_df (n less the number of terms), coefficient (unit of the target by unit of the
    indicator), standard_error by HC3 (MacKinnon J. G. and White H. (1985), Some heteroskedasticity-consistent
    covariance matrix estimators with improved finite sample properties, Journal of Econometrics 29, 305-325;
    for small samples Long J. S. and Ervin L. H. (2000), The American Statistician 54, 217-224), t, two-sided
    p_value and 95 % interval by Student's t with residual_df degrees of freedom, standardised (standard
    deviations of the target by one of the indicator), vif (variance inflation factor; the intercept has
    neither), r_squared, adjusted_r_squared.

    `influence` has a row for each territory: fitted, residual, leverage, studentised_residual (externally),
    cooks_distance and is_influential (above 4 / n, the usual mark): Cook R. D. (1977), Detection of
    influential observation in linear regression, Technometrics 19, 15-18. Without a fit it has no row.

    status 'ok'; 'warning' (below ENOUGH_RESIDUAL_DF residual degrees of freedom); or why there is no fit:
    'too_few' (below MINIMUM_RESIDUAL_DF), 'constant' (target or an indicator does not vary), 'collinear' (an
    indicator follows from the others, or a territory alone decides a coefficient, so that its leverage is 1
    and HC3 is not defined); `reason` in words.
    Raises ValueError for an infinite value, naming the column.
    """
    import statsmodels.api as sm  # takes a second: only where there is something to fit

    values = _known(frame, [target, *indicators])
    terms = [INTERCEPT, *indicators]
    n, residual_df = len(values), len(values) - len(terms)
    why = _why_not(values, residual_df)
    if why:
        return _without_fit(terms, n, residual_df, *why)
    # The units differ by powers of ten; what is estimated does not depend on them.
    largest = values.abs().max()
    scaled = values / largest
    fit = sm.OLS(scaled[target], sm.add_constant(scaled[list(indicators)])).fit(cov_type="HC3", use_t=True)
    influence = fit.get_influence()
    leverage = influence.hat_matrix_diag
    if leverage.max() > LARGEST_LEVERAGE:
        reason = f"{values.index[leverage.argmax()]} alone decides a coefficient"
        return _without_fit(terms, n, residual_df, COLLINEAR, reason)
    unit = largest[target] / np.array([1, *largest[list(indicators)]])
    low, high = fit.conf_int().to_numpy().T
    spread = scaled.std()
    rows = pd.DataFrame(
        {
            "term": terms,
            "n": n,
            "residual_df": residual_df,
            "coefficient": fit.params.to_numpy() * unit,
            "standard_error": fit.bse.to_numpy() * unit,
            "t": fit.tvalues.to_numpy(),
            "p_value": fit.pvalues.to_numpy(),
            "ci_low": low * unit,
            "ci_high": high * unit,
            "standardised": [np.nan, *(fit.params.iloc[1:] * spread[list(indicators)] / spread[target])],
            "vif": [np.nan, *_variance_inflation(scaled[list(indicators)].to_numpy())],
            "r_squared": fit.rsquared,
            "adjusted_r_squared": fit.rsquared_adj,
        }
    ).assign(**trust(residual_df))
    cooks_distance = influence.cooks_distance[0]
    territories = pd.DataFrame(
        {
            "territory": values.index,
            "fitted": fit.fittedvalues.to_numpy() * largest[target],
            "residual": fit.resid.to_numpy() * largest[target],
            "leverage": leverage,
            "studentised_residual": influence.resid_studentized_external,
            "cooks_distance": cooks_distance,
            "is_influential": cooks_distance > 4 / n,
        }
    )
    return Regression(rows.astype(TERM_DTYPES), territories.astype(INFLUENCE_DTYPES))


def fit_line(frame: pd.DataFrame, target: str, indicator: str, points: int = LINE_POINTS) -> pd.DataFrame:
    """Least-squares line of `target` on `indicator`, and the 95 % confidence band of its mean.

    `frame` has one row per territory, named by the index; those with both figures enter. Returns a row for
    each of `points` evenly spaced figures of the indicator, from its least to its largest: point_no from 1,
    indicator_value, fitted, ci_low and ci_high (interval of the mean at that point by Student's t, for errors
    of equal variance; it holds for one point, not for the whole line at once: Draper N. R. and Smith H.
    (1998), Applied regression analysis, 3rd ed.), and the same in all rows n, residual_df (n - 2), slope
    (unit of the target by unit of the indicator), intercept, r_squared.

    status 'ok'; 'warning' (below ENOUGH_RESIDUAL_DF residual degrees of freedom); or, in one row without a
    point, why there is no line: 'too_few' (below MINIMUM_RESIDUAL_DF), 'constant' (one of the two does not
    vary); `reason` in words. Raises ValueError for an infinite value, naming the column.
    """
    values = _known(frame, [target, indicator])
    n, residual_df = len(values), len(values) - 2
    counts = {"n": n, "residual_df": residual_df}
    why = _why_not(values, residual_df)
    if why:
        status, reason = why
        return typed([{"point_no": 1, **counts, "status": status, "reason": reason}], LINE_DTYPES)
    # The units differ by powers of ten; what is estimated does not depend on them.
    largest = values.abs().max()
    y, x = (values / largest).to_numpy().T
    line = stats.linregress(x, y)
    places = np.linspace(values[indicator].min(), values[indicator].max(), points)
    at = places / largest[indicator]
    fitted = line.intercept + line.slope * at
    residual = y - line.intercept - line.slope * x
    variance = residual @ residual / residual_df
    error = np.sqrt(variance * (1 / n + (at - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum()))
    half = stats.t.ppf(0.975, residual_df) * error
    rows = {
        "point_no": np.arange(1, points + 1),
        "indicator_value": places,
        "fitted": fitted * largest[target],
        "ci_low": (fitted - half) * largest[target],
        "ci_high": (fitted + half) * largest[target],
        **counts,
        "slope": line.slope * largest[target] / largest[indicator],
        "intercept": line.intercept * largest[target],
        "r_squared": line.rvalue**2,
        **trust(residual_df),
    }
    return pd.DataFrame(rows).astype(LINE_DTYPES)


def trust(residual_df: int) -> dict[str, str | None]:
    """Status and reason of what is estimated with so many residual degrees of freedom."""
    if residual_df >= ENOUGH_RESIDUAL_DF:
        return {"status": OK, "reason": None}
    reason = f"{residual_df} residual degrees of freedom, below {ENOUGH_RESIDUAL_DF}"
    return {"status": WARNING, "reason": f"{reason}: too few to carry a conclusion"}


def _known(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    values = frame[list(columns)].astype("float64")
    for name in values:
        if np.isinf(values[name]).any():
            raise ValueError(f"column {name!r} holds an infinite value")
    return values.dropna()


def _why_not(values: pd.DataFrame, residual_df: int) -> tuple[str, str] | None:
    if residual_df < MINIMUM_RESIDUAL_DF:
        needed = len(values) - residual_df + MINIMUM_RESIDUAL_DF
        return TOO_FEW, f"{len(values)} territories with all the figures, {needed} needed"
    constant = [str(name) for name in values if is_constant(values[name].to_numpy())]
    if constant:
        return CONSTANT, f"{', '.join(constant)} does not vary over the {len(values)} territories"
    indicators = (values / values.abs().max()).iloc[:, 1:]
    if np.linalg.cond((indicators - indicators.mean()) / indicators.std()) > LARGEST_CONDITION:
        return COLLINEAR, "an indicator follows from the others"
    return None


def _without_fit(terms: list[str], n: int, residual_df: int, status: str, reason: str) -> Regression:
    known = {"term": terms, "n": n, "residual_df": residual_df, "status": status, "reason": reason}
    rows = pd.DataFrame(known).reindex(columns=list(TERM_DTYPES))
    return Regression(
        rows.astype(TERM_DTYPES), pd.DataFrame(columns=list(INFLUENCE_DTYPES)).astype(INFLUENCE_DTYPES)
    )


def _variance_inflation(indicators: Floats) -> Floats:
    """Diagonal of the inverse of the indicators' correlation matrix (Marquardt, 1970, Technometrics 12)."""
    if indicators.shape[1] == 1:
        return np.ones(1)
    return np.asarray(np.diag(np.linalg.inv(np.corrcoef(indicators, rowvar=False))))
