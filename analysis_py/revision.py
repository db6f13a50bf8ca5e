"""Measures of revision: what later releases made of the figures that were published first.

The measures and their names follow the guidelines of OECD and Eurostat on revision analysis (McKenzie and
Gamba, 2008); the regressions are those of Mankiw and Shapiro (1986).
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis_py.tables import typed

LATEST = "latest"
PER_CENT = "PT"

OK, NO_FIGURE, TOO_FEW, NO_REVISION, NO_SPREAD = "ok", "no_figure", "too_few", "no_revision", "no_spread"
BALANCE, SHARE = "balance", "share"
STATUSES = (OK, NO_FIGURE, TOO_FEW, NO_REVISION, NO_SPREAD)
RELATIVE_STATUSES = (OK, NO_FIGURE, BALANCE, SHARE)

MINIMUM_FOR_T = 5
MINIMUM_FOR_REGRESSION = 30

_DTYPES = {
    "indicator_code": "str",
    "age": "str",
    "age_years": "Int64",
    "unit_code": "str",
    "n": "int64",
    "n_periods": "int64",
    "n_revised": "int64",
    "mean_revision": "float64",
    "mean_absolute_revision": "float64",
    "median_revision": "float64",
    "root_mean_square_revision": "float64",
    "sd_revision": "float64",
    "min_revision": "float64",
    "max_revision": "float64",
    "mean_revision_percent": "float64",
    "mean_absolute_revision_percent": "float64",
    "relative_status": "str",
    "share_upward": "float64",
    "share_right_sign": "float64",
    "n_direction": "int64",
    "share_right_direction": "float64",
    "t_statistic": "float64",
    "t_p_value": "float64",
    "t_status": "str",
    "news_intercept": "float64",
    "news_slope": "float64",
    "news_p_value": "float64",
    "news_status": "str",
    "noise_intercept": "float64",
    "noise_slope": "float64",
    "noise_p_value": "float64",
    "noise_status": "str",
    "reason": "str",
}
# Of the pairs, what the measures are made of: there may be millions.
COLUMNS = (
    "indicator_code", "age", "age_years", "period_start", "first_value", "later_value", "first_value_before",
    "later_value_before",
)  # fmt: skip
_NUMBERS = ["first_value", "later_value", "first_value_before", "later_value_before"]

Floats = NDArray[np.float64]
Measures = dict[str, Any]


def summarise_revisions(pairs: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """The measures of revision of each indicator, by the age of the figure.

    `pairs` has a row for each figure that a later release gave again, and age: indicator_code, age,
    age_years, period_start, first_value, later_value, and the figure of the period before as it was known
    then and later (first_value_before, later_value_before; missing where unknown). `indicators` has a row
    for each indicator: indicator_code, unit_code, may_be_negative.

    Returns a row for each indicator and age in `pairs`, and for each indicator without any the age 'latest'
    with n = 0. A revision is the later figure less the first one, in the unit of the indicator, so percentage
    points where that is per cent.

    - n figures, of n_periods periods; n_revised of them changed;
    - mean, median, root mean square, standard deviation (n - 1), least and largest revision, mean of the
      magnitudes;
    - mean_revision_percent, mean_absolute_revision_percent: the sums of the revisions and of their magnitudes
      per cent of the sum of the magnitudes of the later figures. relative_status 'balance': a balance crosses
      zero, so nothing can be a percentage of it; 'share': per cent of per cent would be misread; 'no_figure';
    - share_upward of all figures; share_right_sign: the sign of the first figure was that of the later one;
      share_right_direction: so was the sign of the change from the period before, over n_direction figures;
    - t_statistic and two-sided t_p_value that the mean revision is zero: Student's with n - 1 degrees of
      freedom. It takes the figures for independent, which regions revised together are not: see n_periods;
    - news: revision = intercept + slope * first figure; noise: the same on the later figure. Each p-value is
      of the joint hypothesis that intercept and slope are zero (Wald's F with n - 2 degrees of freedom and
      the covariance HC3, which holds its size in small samples). Revisions are news where they cannot be
      foretold from the first figure (a high news p-value), noise where they have nothing to do with the later
      one (a high noise p-value).

    A test that cannot be made is missing, its status says why and `reason` gives all of them in words:
    'no_figure' (n = 0), 'too_few' (t below 5 figures, regressions below 30), 'no_revision' (nothing changed),
    'no_spread' (the t-test: all revisions are equal; a regression: the figures are equal or one of them alone
    decides, or the revisions lie on the line without an error).

    Raises ValueError for a figure of `pairs` that is infinite or missing in first_value or later_value.
    """
    pairs = pairs.astype(dict.fromkeys(_NUMBERS, "float64"))
    values = pairs[["first_value", "later_value"]]
    if not np.isfinite(values.to_numpy()).all():
        raise ValueError("first_value and later_value must be finite numbers")
    rows = [_row(key, indicator, figures) for key, indicator, figures in _slices(pairs, indicators)]
    return typed(rows, _DTYPES)


def _slices(pairs: pd.DataFrame, indicators: pd.DataFrame) -> Iterator[tuple[Measures, Any, pd.DataFrame]]:
    """Key, indicator and pairs of each row of the summary."""
    for indicator in indicators.sort_values("indicator_code").itertuples():
        of_indicator = pairs[pairs["indicator_code"] == indicator.indicator_code]
        key = {"indicator_code": indicator.indicator_code, "unit_code": indicator.unit_code}
        if of_indicator.empty:
            yield key | {"age": LATEST, "age_years": None}, indicator, of_indicator
        for age, figures in of_indicator.groupby("age"):
            years = figures["age_years"].iloc[0]
            yield key | {"age": age, "age_years": None if pd.isna(years) else int(years)}, indicator, figures


def _row(key: Measures, indicator: Any, figures: pd.DataFrame) -> Measures:
    first, later = figures["first_value"].to_numpy(), figures["later_value"].to_numpy()
    revision = later - first
    row = key | {
        "n": len(figures),
        "n_periods": figures["period_start"].nunique(),
        "n_revised": np.count_nonzero(revision),
    }
    row |= _size(revision) if len(figures) else {}
    row |= _relative(revision, later, indicator)
    row |= _directions(figures, first, later)
    row |= t_test(revision)
    for name, regressor in (("news", first), ("noise", later)):
        row |= {f"{name}_{measure}": value for measure, value in regression(revision, regressor).items()}
    return row | {"reason": _reason(row)}


def _size(revision: Floats) -> Measures:
    return {
        "mean_revision": revision.mean(),
        "mean_absolute_revision": np.abs(revision).mean(),
        "median_revision": np.median(revision),
        "root_mean_square_revision": np.sqrt(np.square(revision).mean()),
        "sd_revision": revision.std(ddof=1) if len(revision) > 1 else None,
        "min_revision": revision.min(),
        "max_revision": revision.max(),
        "share_upward": (revision > 0).mean(),
    }


def _relative(revision: Floats, later: Floats, indicator: Any) -> Measures:
    level = np.abs(later).sum()
    if indicator.may_be_negative:
        return {"relative_status": BALANCE}
    if indicator.unit_code == PER_CENT:
        return {"relative_status": SHARE}
    if level == 0:
        return {"relative_status": NO_FIGURE}
    return {
        "mean_revision_percent": 100 * revision.sum() / level,
        "mean_absolute_revision_percent": 100 * np.abs(revision).sum() / level,
        "relative_status": OK,
    }


def _directions(figures: pd.DataFrame, first: Floats, later: Floats) -> Measures:
    known = figures[["first_value_before", "later_value_before"]].notna().all(axis=1).to_numpy()
    change_then = np.sign(first - figures["first_value_before"].to_numpy())[known]
    change_later = np.sign(later - figures["later_value_before"].to_numpy())[known]
    return {
        "share_right_sign": (np.sign(first) == np.sign(later)).mean() if len(first) else None,
        "n_direction": int(known.sum()),
        "share_right_direction": (change_then == change_later).mean() if known.any() else None,
    }


def t_test(revision: Floats) -> Measures:
    """Student's t that the mean of the revisions is zero: t_statistic, t_p_value, t_status."""
    n = len(revision)
    if n < MINIMUM_FOR_T:
        return {"t_status": TOO_FEW if n else NO_FIGURE}
    if not revision.any():
        return {"t_status": NO_REVISION}
    if np.ptp(revision) <= 1e-12 * np.abs(revision).max():
        return {"t_status": NO_SPREAD}
    statistic = revision.mean() / (revision.std(ddof=1) / np.sqrt(n))
    return {
        "t_statistic": statistic,
        "t_p_value": 2 * stats.t.sf(abs(statistic), n - 1),
        "t_status": OK,
    }


def regression(revision: Floats, regressor: Floats) -> Measures:
    """Least squares of the revisions on a constant and a figure; the p-value that both coefficients are zero.

    Returns intercept, slope, p_value and status as `summarise_revisions` describes them.
    """
    n = len(revision)
    if n < MINIMUM_FOR_REGRESSION:
        return {"status": TOO_FEW if n else NO_FIGURE}
    if not revision.any():
        return {"status": NO_REVISION}
    # Centred and scaled, persons by the million do as well as per cent; the test does not change by it.
    centre, scale = regressor.mean(), np.ptp(regressor)
    if scale <= 1e-12 * np.abs(regressor).max():
        return {"status": NO_SPREAD}
    design = np.column_stack([np.ones(n), (regressor - centre) / scale])
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ revision
    residuals = revision - design @ coefficients
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    if leverage.max() > 1 - 1e-9 or np.abs(residuals).max() <= 1e-9 * np.abs(revision).max():
        return {"status": NO_SPREAD}
    scores = design * (residuals / (1 - leverage))[:, np.newaxis]
    covariance = inverse @ (scores.T @ scores) @ inverse
    wald = coefficients @ np.linalg.solve(covariance, coefficients) / 2
    slope = coefficients[1] / scale
    return {
        "intercept": coefficients[0] - slope * centre,
        "slope": slope,
        "p_value": stats.f.sf(wald, 2, n - 2),
        "status": OK,
    }


def _reason(row: Measures) -> str | None:
    """Why figures are missing, in words; None where all are there."""
    n = row["n"]
    if n == 0:
        return "no figure of the indicator has been published twice in one series"
    said = {
        (BALANCE, "relative"): "no percentages: a balance crosses zero",
        (SHARE, "relative"): "no percentages of per cent: revisions are in percentage points",
        (NO_FIGURE, "relative"): "no percentages: all figures are zero",
        (TOO_FEW, "t"): f"no t-test: {n} of at least {MINIMUM_FOR_T} figures",
        (NO_SPREAD, "t"): "no t-test: all revisions are equal",
        (NO_REVISION, "t"): "no t-test: no figure was revised",
        (TOO_FEW, "news"): f"no news and noise tests: {n} of at least {MINIMUM_FOR_REGRESSION} figures",
        (NO_REVISION, "news"): "no news and noise tests: no figure was revised",
        (NO_SPREAD, "news"): "no news test: the figures do not spread enough for a line",
        (NO_SPREAD, "noise"): "no noise test: the figures do not spread enough for a line",
    }
    found = [text for (status, test), text in said.items() if row[f"{test}_status"] == status]
    return "; ".join(found) or None
