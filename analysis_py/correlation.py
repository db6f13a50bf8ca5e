"""Correlation of one target with several indicators: coefficients, p-values, intervals, their robustness."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis_py import resampling, spatial
from analysis_py.resampling import KENDALL, METHODS, PEARSON, SPEARMAN
from analysis_py.tables import typed

__all__ = ["KENDALL", "METHODS", "PEARSON", "SPEARMAN"]

PAIRWISE, COMPLETE = "pairwise", "complete"
MISSING_RULES = (PAIRWISE, COMPLETE)

OK, TOO_FEW, CONSTANT, COLLINEAR = "ok", "too_few", "constant", "collinear"
STATUSES = (OK, TOO_FEW, CONSTANT, COLLINEAR)

# Residual degrees of freedom below which nothing is claimed; docs/correlations.md gives the reason.
ENOUGH_RESIDUAL_DF = 8

MINIMUM_FOR_COEFFICIENT = 3
MINIMUM_FOR_INTERVAL = {PEARSON: 4, SPEARMAN: 4, KENDALL: 5}
# Of which territories a sample's coefficients are.
ALL, LEFT_OUT, RESAMPLED = "all", "left_out", "resampled"
# Nothing is held fixed.
NONE = "none"
# The distribution of a partial tau is not known.
PARTIAL_METHODS = (PEARSON, SPEARMAN)
# Why there is no p_spatial.
NO_COEFFICIENT = "no coefficient"
OF_TAU = "the effective number is derived for products of values or ranks, not for tau: see spearman"
NO_NEIGHBOURS = "a territory has no known neighbour"
NO_VARIANCE = "the variance of the coefficient is estimated as zero or less"
NOTHING_LEFT = "too few independent territories would tell as much"

_KEY_DTYPES = {"indicator_code": "str", "method": "str", "missing_rule": "str"}
_FIGURE_DTYPES = {
    "n": "int64",
    "r": "float64",
    "p_value": "float64",
    "p_adjusted": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "status": "str",
}
_DTYPES = _KEY_DTYPES | _FIGURE_DTYPES
FULL_DTYPES = {
    **_KEY_DTYPES,
    "held_fixed": "str",
    **_FIGURE_DTYPES,
    "bca_low": "float64",
    "bca_high": "float64",
    "p_permutation": "float64",
    "permutations": "int64",
    "resamples": "int64",
    "seed": "int64",
    "leave_one_out_low": "float64",
    "leave_one_out_high": "float64",
    "most_influential": "str",
    "r_without_it": "float64",
    "effective_n": "float64",
    "p_spatial": "float64",
    "spatial_reason": "str",
    "reason": "str",
}
_NORMAL_QUANTILE = float(stats.norm.ppf(0.975))

Floats = NDArray[np.float64]
Figures = dict[str, Any]


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
    samples = _Samples(_values(frame, target, indicators), None)
    rows = [
        {"indicator_code": indicator, "method": method, "missing_rule": missing_rule}
        | _figures(samples.kept(missing_rule, target, indicator), method, [target, indicator])
        for indicator in indicators
        for method in METHODS
    ]
    return _adjusted(typed(rows, _DTYPES), ["method"])


def correlate_in_full(
    frame: pd.DataFrame,
    target: str,
    indicators: Sequence[str],
    steps: pd.DataFrame | None = None,
    missing_rules: Sequence[str] = MISSING_RULES,
    methods: Sequence[str] = METHODS,
    partial: bool = True,
) -> pd.DataFrame:
    """The rows of `correlate` for each missing rule, how far each can be trusted, and partial coefficients.

    `frame` is indexed by territory. `steps`, if given, says how many borders lie between two territories
    (`spatial.steps_between`). The columns of `correlate`, and:

    - bca_low, bca_high: 95 % bootstrap interval (`resampling.bca_interval`) of `resamples` draws of the
      territories with `seed`; missing where it is not defined, below 5 territories and above 200;
    - p_permutation: two-sided, over `permutations` orders: all of them up to 7 territories, above that (and
      up to 200) 10 000 drawn with `seed`;
    - leave_one_out_low, leave_one_out_high: least and largest r without one territory; most_influential: the
      territory without which r is farthest from itself (of equals the first by name), and r_without_it;
    - effective_n, p_spatial: the sample size that spatial likeness leaves
      (`spatial.effective_sample_size`), and the p-value with it, or with n if that is less; of Pearson's and
      Spearman's coefficient, partial ones too, and with `steps` only; spatial_reason: in words, why p_spatial
      is missing;
    - reason: in words, why the status is not 'ok', which territories lack a figure, or why the bootstrap
      interval is missing;
    - held_fixed: 'none', or with `partial` each other indicator: then r is Pearson's or Spearman's partial
      coefficient, of what that indicator does not explain of the two. 'pairwise' keeps the territories where
      all three are known, p is that of the t-test with n - 3 degrees of freedom, the interval that of n - 1
      territories (Fisher R. A. (1924), The distribution of the partial correlation coefficient, Metron 3,
      329-332), p_permutation permutes residuals (`resampling.partial_permutation_p`), Holm's family is the
      indicators with the same one held fixed. One territory more is needed, and a further status tells that
      nothing is left to correlate: 'collinear', the indicator held fixed determines one of the two.
    """
    samples = _Samples(_values(frame, target, indicators), steps)
    rows = [
        {"indicator_code": indicator, "held_fixed": held, "method": method, "missing_rule": missing_rule}
        | _in_full(
            samples.kept(missing_rule, target, indicator, *_named(held)),
            method,
            [target, indicator, *_named(held)],
        )
        for missing_rule in missing_rules
        for held in (NONE, *(indicators if partial else ()))
        for indicator in indicators
        for method in methods
        if held == NONE or (indicator != held and method in PARTIAL_METHODS)
    ]
    result = pd.DataFrame(rows, columns=list(FULL_DTYPES))
    counts = {
        name: result[name].astype("float64").fillna(0) for name in ("permutations", "resamples", "seed")
    }
    return _adjusted(result.assign(**counts).astype(FULL_DTYPES), ["missing_rule", "held_fixed", "method"])


def _values(frame: pd.DataFrame, target: str, indicators: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({name: _floats(frame, name) for name in (target, *indicators)}, index=frame.index)


def _named(held: str) -> list[str]:
    return [] if held == NONE else [held]


def _adjusted(result: pd.DataFrame, family: list[str]) -> pd.DataFrame:
    for _, rows in result.groupby(family):
        result.loc[rows.index, "p_adjusted"] = holm(rows["p_value"].to_numpy())
    return result


class _Sample:
    """Territories with all of some columns known, and the coefficients of their resamples, each made once."""

    def __init__(
        self, values: pd.DataFrame, steps: pd.DataFrame | None, left_out: Sequence[str] = ()
    ) -> None:
        self.territories = [str(name) for name in values.index]
        self.left_out = left_out
        self.n = len(values)
        self.constant = [name for name in values if len(values) and is_constant(values[name].to_numpy())]
        self.steps = None if steps is None else steps.loc[values.index, values.index].to_numpy()
        self._values = values.to_numpy()
        self._places = {name: number for number, name in enumerate(values.columns)}
        self._matrices: dict[tuple[str, str], Floats] = {}

    def columns(self, names: Sequence[str]) -> list[Floats]:
        return [self._values[:, self._places[name]] for name in names]

    def coefficients(self, which: str, method: str, names: Sequence[str]) -> Floats:
        """Of the first two names, a third held fixed if any: of ALL territories, LEFT_OUT or RESAMPLED."""
        if (which, method) not in self._matrices:
            if which == RESAMPLED:
                weights = resampling.bootstrap_weights(self.n)
            else:
                weights = np.ones((1, self.n)) if which == ALL else 1 - np.eye(self.n)
            made = resampling.weighted_coefficients(method, self._values, weights)
            self._matrices[which, method] = made
        matrices = self._matrices[which, method]
        x, y, *held = (self._places[name] for name in names)
        return resampling.partial(matrices, x, y, held[0]) if held else matrices[:, x, y]


class _Samples:
    """The samples of a table: one for each set of territories that gaps leave."""

    def __init__(self, values: pd.DataFrame, steps: pd.DataFrame | None) -> None:
        self._values, self._steps = values, steps
        self._known = values.notna().to_numpy()
        self._places = {name: number for number, name in enumerate(values.columns)}
        self._made: dict[bytes, _Sample] = {}

    def kept(self, missing_rule: str, *columns: str) -> _Sample:
        """The territories with all of these columns known, or with all that there are."""
        needed = self._places if missing_rule == COMPLETE else columns
        known = self._known[:, [self._places[name] for name in needed]].all(axis=1)
        key = known.tobytes()
        if key not in self._made:
            kept = self._values.iloc[np.flatnonzero(known)].dropna(axis="columns")
            left_out = [str(name) for name in self._values.index[np.flatnonzero(~known)]]
            self._made[key] = _Sample(kept, self._steps, left_out)
        return self._made[key]


def _figures(sample: _Sample, method: str, names: Sequence[str]) -> Figures:
    """Of the first two columns named, a third one held fixed if any: r, p-value, interval, status, reason."""
    n, held = sample.n, len(names) - 2
    figures: Figures = {"n": n, "status": TOO_FEW}
    needed = MINIMUM_FOR_COEFFICIENT + held
    if n < needed:
        return figures | {"reason": f"{n} territories with all the figures, a coefficient needs {needed}"}
    constant = [name for name in names if name in sample.constant]
    if constant:
        reason = f"{', '.join(constant)} does not vary over the {n} territories"
        return figures | {"status": CONSTANT, "reason": reason}
    if not held:
        y, x = sample.columns(names)
        r, p_value = _test(method, x, y)
    else:
        r = float(sample.coefficients(ALL, method, names)[0])
        if np.isnan(r):
            reason = f"{names[2]} determines {names[0]} or {names[1]}"
            return figures | {"status": COLLINEAR, "reason": reason}
        p_value = spatial.modified_t_test(r, n - held)  # the t-test with n - 3 degrees of freedom
    figures |= {"r": r, "p_value": p_value}
    needed = MINIMUM_FOR_INTERVAL[method] + held
    if n < needed:
        return figures | {"reason": f"{n} territories, an interval needs {needed}"}
    low, high = fisher_interval(method, r, n - held)
    return figures | {"ci_low": low, "ci_high": high, "status": OK}


def _in_full(sample: _Sample, method: str, names: Sequence[str]) -> Figures:
    figures = _figures(sample, method, names)
    r, held = figures.get("r"), len(names) - 2
    if r is None:
        return figures | {"spatial_reason": NO_COEFFICIENT}
    if sample.n <= resampling.LARGEST_RESAMPLED:
        figures |= _permuted(sample, method, names)
    if sample.n > MINIMUM_FOR_COEFFICIENT + held:
        figures |= _without_one(sample, method, names, r)
    figures |= _spatial(sample, method, names, r)
    if figures["status"] == OK:
        figures |= _bootstrapped(sample, method, names, r)
        if sample.left_out:
            lack = f"{len(sample.left_out)} of {sample.n + len(sample.left_out)} territories lack a figure: "
            said = [lack + " ".join(sample.left_out), *filter(None, [figures.get("reason")])]
            figures["reason"] = "; ".join(said)
    return figures


def _used(sample: _Sample, method: str, names: Sequence[str]) -> list[Floats]:
    """The columns, or their ranks, of which the coefficient is a product moment."""
    columns = sample.columns(names)
    return [stats.rankdata(values) for values in columns] if method == SPEARMAN else columns


def _permuted(sample: _Sample, method: str, names: Sequence[str]) -> Figures:
    if len(names) == 2:
        y, x = sample.columns(names)
        p = resampling.permutation_p(method, x, y)
    else:
        y, x, held = _used(sample, method, names)
        p = resampling.partial_permutation_p(x, y, held)
    permutations = len(resampling.orders(sample.n))
    return {"p_permutation": p, "permutations": permutations, "seed": resampling.SEED}


def _without_one(sample: _Sample, method: str, names: Sequence[str], r: float) -> Figures:
    without = sample.coefficients(LEFT_OUT, method, names)
    if np.isnan(without).all():
        return {}
    change = np.nan_to_num(np.round(np.abs(without - r), 9), nan=-1)
    most = min(range(sample.n), key=lambda place: (-change[place], sample.territories[place]))
    return {
        "leave_one_out_low": np.nanmin(without),
        "leave_one_out_high": np.nanmax(without),
        "most_influential": sample.territories[most],
        "r_without_it": without[most],
    }


def _spatial(sample: _Sample, method: str, names: Sequence[str], r: float) -> Figures:
    if method == KENDALL:
        return {"spatial_reason": OF_TAU}
    if sample.steps is None:
        return {"spatial_reason": NO_NEIGHBOURS}
    y, x, *held = _used(sample, method, names)
    effective_n = spatial.effective_sample_size(y, x, sample.steps, *held)
    # Estimated, the number may exceed n: neighbours that differ would make p smaller than the naive one.
    p_spatial = spatial.modified_t_test(r, np.minimum(effective_n, sample.n) - len(held))
    reason = NO_VARIANCE if np.isnan(effective_n) else NOTHING_LEFT if np.isnan(p_spatial) else None
    return {"effective_n": effective_n, "p_spatial": p_spatial, "spatial_reason": reason}


def _bootstrapped(sample: _Sample, method: str, names: Sequence[str], r: float) -> Figures:
    fewest, most = resampling.MINIMUM_FOR_BOOTSTRAP, resampling.LARGEST_RESAMPLED
    if not fewest <= sample.n <= most:
        return {"reason": f"no bootstrap interval: {sample.n} territories, not {fewest} to {most}"}
    resampled, left_out = (sample.coefficients(which, method, names) for which in (RESAMPLED, LEFT_OUT))
    low, high = resampling.bca_interval(r, resampled, left_out)
    drawn = {"resamples": len(resampled), "bca_low": low, "bca_high": high, "seed": resampling.SEED}
    if np.isnan(low):
        return drawn | {
            "reason": "no bootstrap interval: without one territory or in many resamples, no coefficient"
        }
    return drawn


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


def _test(method: str, x: Floats, y: Floats) -> tuple[float, float]:
    if method == PEARSON:
        # Magnitudes near the ends of float64's range would overflow in the mean; r does not depend on scale.
        result = stats.pearsonr(x / np.abs(x).max(), y / np.abs(y).max())
    elif method == SPEARMAN:
        result = stats.spearmanr(x, y)
    else:
        result = stats.kendalltau(x, y)
    return float(result.statistic), float(result.pvalue)
