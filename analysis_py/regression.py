"""Least squares of one target on several indicators: terms, and what each territory does to the fit."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis_py.correlation import COLLINEAR, CONSTANT, ENOUGH_RESIDUAL_DF, OK, TOO_FEW, is_constant

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
