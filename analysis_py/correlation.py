"""Correlation of one target with several indicators: coefficient, p-value, interval, Holm adjustment."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

PEARSON, SPEARMAN, KENDALL = "pearson", "spearman", "kendall"
METHODS = (PEARSON, SPEARMAN, KENDALL)

PAIRWISE, COMPLETE = "pairwise", "complete"
MISSING_RULES = (PAIRWISE, COMPLETE)

OK, TOO_FEW, CONSTANT = "ok", "too_few", "constant"
STATUSES = (OK, TOO_FEW, CONSTANT)

MINIMUM_FOR_COEFFICIENT = 3
MINIMUM_FOR_INTERVAL = {PEARSON: 4, SPEARMAN: 4, KENDALL: 5}

_DTYPES = {
    "indicator_code": "str",
    "method": "str",
    "missing_rule": "str",
    "n": "int64",
    "r": "float64",
    "p_value": "float64",
    "p_adjusted": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "status": "str",
}
_NORMAL_QUANTILE = float(stats.norm.ppf(0.975))

Floats = NDArray[np.float64]


def correlate(frame: pd.DataFrame, target: str, indicators: Sequence[str], missing_rule: str) -> pd.DataFrame:
    """Correlate `target` with each of `indicators` by Pearson's r, Spearman's rho and Kendall's tau-b.

    `frame` has one row per territory and numeric columns, with gaps where a figure is unknown.
    `missing_rule` 'pairwise' keeps, for each indicator, the territories where it and the target are known;
    'complete' keeps those where the target and all the indicators are known.

    Returns one row per indicator and method: indicator_code, method, missing_rule, n (territories kept),
    r, two-sided p_value, p_adjusted (Holm within a method, over the indicators), ci_low and ci_high (95 %
    interval of r), status. A figure that cannot be given is missing, and status says why:

    - 'ok': every figure is there;
    - 'too_few': n below 3, no figure; n = 3, or n = 4 with Kendall's method: r and p-values without interval;
    - 'constant': target or indicator does not vary over the territories kept, so r is undefined.

    p-values are those of scipy.stats. Pearson: t-test, exact under normality. Spearman: the same t-test on
    ranks, an approximation that is too sure of itself below about 10 territories. Kendall: the exact
    permutation distribution without ties (to 33 territories, beyond only for an almost perfect order), a
    normal approximation corrected for ties otherwise.

    Raises ValueError for an unknown missing rule and for an infinite value (naming the column), KeyError for
    a column that is not in the frame.
    """
    if missing_rule not in MISSING_RULES:
        raise ValueError(f"missing_rule is {missing_rule!r}, expected one of {', '.join(MISSING_RULES)}")
    values = pd.DataFrame({name: _floats(frame, name) for name in (target, *indicators)})
    if missing_rule == COMPLETE:
        values = values.dropna()
    rows = []
    for indicator in indicators:
        x, y = values[[target, indicator]].dropna().to_numpy().T
        for method in METHODS:
            keys = {"indicator_code": indicator, "method": method, "missing_rule": missing_rule}
            rows.append(keys | _figures(method, x, y))
    result = pd.DataFrame(rows, columns=list(_DTYPES)).astype(_DTYPES)
    for method in METHODS:
        of_method = result["method"] == method
        result.loc[of_method, "p_adjusted"] = holm(result.loc[of_method, "p_value"].to_numpy())
    return result


def fisher_interval(method: str, r: float, n: int) -> tuple[float, float]:
    """95 % interval of a correlation coefficient, tanh(atanh(r) ± 1.96 se) with the exact normal quantile.

    The standard error of atanh(r) is, for `n` territories,

    - Pearson: 1 / sqrt(n - 3), Fisher R. A. (1921), On the "probable error" of a coefficient of correlation
      deduced from a small sample, Metron 1, 3-32;
    - Spearman: sqrt((1 + r²/2) / (n - 3)), Bonett D. G. and Wright T. A. (2000), Sample size requirements for
      estimating Pearson, Kendall and Spearman correlations, Psychometrika 65, 23-28;
    - Kendall: sqrt(0.437 / (n - 4)), Fieller E. C., Hartley H. O. and Pearson E. S. (1957), Tests for rank
      correlation coefficients I, Biometrika 44, 470-481. Their experiments are on normal variables without
      ties and tau up to about 0.8; with ties, or above, the interval is a rough guide.

    Where |r| = 1 the transform is infinite and both ends are r. `n` is at least MINIMUM_FOR_INTERVAL[method].
    """
    numerator, lost = {PEARSON: (1.0, 3), SPEARMAN: (1 + r**2 / 2, 3), KENDALL: (0.437, 4)}[method]
    margin = _NORMAL_QUANTILE * np.sqrt(numerator / (n - lost))
    with np.errstate(divide="ignore"):
        centre = np.arctanh(r)
    return float(np.tanh(centre - margin)), float(np.tanh(centre + margin))


def holm(p_values: Floats) -> Floats:
    """Holm's adjusted p-values in the order given; a missing p-value stays missing and does not count.

    Source: Holm S. (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6, 65-70: the i-th smallest of m is multiplied by m - i + 1, made monotone and capped at 1.
    """
    adjusted = np.full(len(p_values), np.nan)
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    stepped = p_values[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return adjusted


def is_constant(values: Floats) -> bool:
    """Whether values spread no wider than rounding: 1e-12 of the largest magnitude (at least one value)."""
    largest = np.abs(values).max()
    return bool(largest == 0 or np.ptp(values / largest) <= 1e-12)


def _floats(frame: pd.DataFrame, column: str) -> Floats:
    values = frame[column].to_numpy(dtype="float64", na_value=np.nan)
    if np.isinf(values).any():
        raise ValueError(f"column {column!r} holds an infinite value")
    return values


def _figures(method: str, x: Floats, y: Floats) -> dict[str, object]:
    n = len(x)
    figures: dict[str, object] = {"n": n, "status": TOO_FEW}
    if n < MINIMUM_FOR_COEFFICIENT:
        return figures
    if is_constant(x) or is_constant(y):
        return figures | {"status": CONSTANT}
    r, p_value = _test(method, x, y)
    figures |= {"r": r, "p_value": p_value}
    if n < MINIMUM_FOR_INTERVAL[method]:
        return figures
    low, high = fisher_interval(method, r, n)
    return figures | {"ci_low": low, "ci_high": high, "status": OK}


def _test(method: str, x: Floats, y: Floats) -> tuple[float, float]:
    if method == PEARSON:
        # Magnitudes near the ends of float64's range would overflow in the mean; r does not depend on scale.
        result = stats.pearsonr(x / np.abs(x).max(), y / np.abs(y).max())
    elif method == SPEARMAN:
        result = stats.spearmanr(x, y)
    else:
        result = stats.kendalltau(x, y)
    return float(result.statistic), float(result.pvalue)
