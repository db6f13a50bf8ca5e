"""An index of the attractiveness of the regions, and how far its ranks depend on the choices made.

Built by the ten steps of OECD/JRC (2008), Handbook on Constructing Composite Indicators;
docs/attractiveness-index.md has each step, what was chosen and why, and what the index cannot say.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis_py import composite
from analysis_py.composite import (
    AGGREGATIONS,
    ARITHMETIC,
    EQUAL,
    MIN_MAX,
    NORMALISATIONS,
    WEIGHTINGS,
    Floats,
)
from analysis_py.correlation import PAIRWISE, correlate, is_constant
from analysis_py.tables import stack, together

# Indicator -> direction: 1 where more attracts, -1 where less does.
DIRECTIONS = {
    "income_per_capita_kzt": 1,
    "food_spend_per_capita_kzt": 1,
    "children_per_household": -1,
    "below_food_basket_per_1000": -1,
}
OUTCOMES = ("migration_balance_persons", "balance_per_1000")
MEAN, REGRESSION, ZERO = "mean", "regression", "zero"
IMPUTATIONS = (MEAN, REGRESSION, ZERO)
DRAWS = 10_000
SEED = 2008
WEIGHT_NOISE = 0.25
LOW, HIGH = 5, 95
MINIMUM_REGIONS = 3
MINIMUM_KNOWN = 0.5  # of the regions for an indicator, of the indicators for a region
OK, TOO_FEW, MISSING, CONSTANT = "ok", "too_few", "missing_figure", "constant"
STATUSES = (OK, TOO_FEW, MISSING, CONSTANT)

_STACK = {
    "result": "str",
    "row_no": "int64",
    "reference_year": "Int64",
    **dict.fromkeys(("region_code", "indicator", "imputed", "status", "reason"), "str"),
    **dict.fromkeys(("normalisation", "weighting", "aggregation", "diagnostic", "subject"), "str"),
    **dict.fromkeys(("rank", "rank_low", "rank_high", "rank_median", "rank_best", "rank_worst"), "Int64"),
    **dict.fromkeys(("direction", "n_known", "n", "draws", "seed"), "Int64"),
    **dict.fromkeys(("score", "weight_equal", "weight_pca", "weight_entropy"), "float64"),
    **dict.fromkeys(("r_with_score", "value", "value_low", "value_high"), "float64"),
}

Integers = NDArray[np.int64]


class Attractiveness(NamedTuple):
    """The four tables of `attractiveness`, which describes them."""

    ranking: pd.DataFrame
    variant: pd.DataFrame
    indicator: pd.DataFrame
    diagnostic: pd.DataFrame


class _Choices(NamedTuple):
    """One number per draw for each choice; the factor by which each weight is changed."""

    imputation: Integers
    normalisation: Integers
    weighting: Integers
    aggregation: Integers
    left_out: Integers
    noise: Floats


def attractiveness(profile: pd.DataFrame, draws: int = DRAWS) -> Attractiveness:
    """The ranking of each reference year, its variants, its indicators and its diagnostics.

    `profile` has the columns of regional.region_profile. The index is the equally weighted arithmetic mean
    of the indicators of DIRECTIONS, each on a scale from 1 (worst of the regions) to 100 (best), missing
    figures being the mean of the others. The draws vary all that together, evenly: imputation (mean;
    regression on the most correlated indicator; nobody below the food basket where no figure is printed),
    normalisation, weighting, aggregation, one indicator left out or none, and each weight by up to 25 %
    either way.

    - ranking, one row per region: score, rank (1 the most attractive), rank_low and rank_high (5th and 95th
      percentile of the ranks of the draws), rank_median, rank_best, rank_worst, imputed (indicators), draws,
      seed, status, reason;
    - variant, one row per region, normalisation, weighting and aggregation: score, rank;
    - indicator, one row per indicator: direction, n_known, weight_equal, weight_pca, weight_entropy,
      r_with_score (Pearson), status, reason;
    - diagnostic: cronbach_alpha; share_of_variance of each principal component; mean_rank_shift (how far a
      region is from its rank, on the mean over regions and draws); share_of_shift of each choice (first-order
      sensitivity: the variance of the mean shift given the choice, as a share of its variance); pearson and
      spearman of the score with the balance, with their 95 % interval; pearson_left_out and pearson_reversed,
      the same of a score without one indicator, or with its direction turned round, with the balance in
      persons; value, value_low, value_high, n.

    An indicator that fewer than half of the regions have, or that does not vary, is left out, and a region
    with fewer than half of the indicators has no score; each has a status and a reason. With fewer than 3
    regions or 2 indicators there is no score at all. Without profiles the tables are empty.

    Raises ValueError for an infinite value, naming the column.
    """
    tables: dict[str, list[pd.DataFrame]] = {name: [] for name in Attractiveness._fields}
    for year, of_year in profile.groupby("reference_year"):
        for name, table in _of_year(of_year.set_index("region_code").sort_index(), draws).items():
            tables[name].append(table.assign(reference_year=year))
    return Attractiveness(**{name: together(parts) for name, parts in tables.items()})


def stacked(profile: pd.DataFrame) -> pd.DataFrame:
    """The tables of `attractiveness` under each other: which one in `result`, row_no from 1 within each.

    Columns and types are the same whatever the rows.
    """
    return stack(attractiveness(profile)._asdict(), _STACK)


def _of_year(regions: pd.DataFrame, draws: int) -> dict[str, pd.DataFrame]:
    figures = _figures(regions)
    of_indicator, scored = _usable(figures)
    used = of_indicator.index[of_indicator["status"] == OK]
    index = pd.DataFrame({"status": OK, "reason": None}, index=figures.index)
    unscored = index.index.difference(scored)
    index.loc[unscored, "status"] = MISSING
    index.loc[unscored, "reason"] = [_absent(figures.loc[code]) for code in unscored]
    if len(scored) < MINIMUM_REGIONS or len(used) < 2:
        index[:] = [TOO_FEW, f"{len(scored)} regions and {len(used)} indicators: no index"]
        of_indicator = of_indicator.rename_axis("indicator").reset_index()
        return {"ranking": index.reset_index(), "indicator": of_indicator}

    gaps = figures.loc[scored, used].isna()
    directions = of_indicator.loc[used, "direction"].to_numpy(dtype="float64")
    complete = {one: _complete(figures.loc[scored, used], one) * directions for one in IMPUTATIONS}
    default = complete[MEAN]
    weights = {one: composite.weights(default, one) for one in WEIGHTINGS}
    variant = _variants(default, weights, scored)
    is_default = variant[["normalisation", "weighting", "aggregation"]].eq([MIN_MAX, EQUAL, ARITHMETIC])
    of_default = variant[is_default.all(axis=1)].set_index("region_code")
    score = of_default["score"].to_numpy()
    choices = _choices(len(used), draws)
    ranks = _drawn_ranks(complete, choices)

    index.loc[scored, ["score", "rank"]] = of_default[["score", "rank"]]
    low, median, high = np.percentile(ranks, [LOW, 50, HIGH], axis=1, method="inverted_cdf")
    found = {"rank_low": low, "rank_high": high, "rank_median": median}
    found |= {"rank_best": ranks.min(axis=1), "rank_worst": ranks.max(axis=1)}
    for name, values in found.items():
        index.loc[scored, name] = values
    index.loc[scored, "imputed"] = [" ".join(used[row]) for row in gaps.to_numpy()]
    for name, weight in weights.items():
        of_indicator.loc[used, f"weight_{name}"] = weight
    of_indicator.loc[used, "r_with_score"] = [np.corrcoef(column, score)[0, 1] for column in default.T]
    return {
        "ranking": index.assign(draws=draws, seed=SEED).reset_index(),
        "variant": variant,
        "indicator": of_indicator.rename_axis("indicator").reset_index(),
        "diagnostic": _diagnostics(default, used, ranks, of_default, choices, regions.loc[scored]),
    }


def _figures(regions: pd.DataFrame) -> pd.DataFrame:
    """The indicators as published; persons below the food basket per 1 000 inhabitants, without size."""
    persons, population = (
        regions[name].astype("float64") for name in ("below_food_basket_persons", "population_persons")
    )
    columns = {name: regions[name].astype("float64") for name in DIRECTIONS if name in regions}
    figures = pd.DataFrame(columns | {"below_food_basket_per_1000": 1000 * persons / population})
    infinite = [name for name in figures if np.isinf(figures[name]).any()]
    if infinite:
        raise ValueError(f"column {infinite[0]!r} holds an infinite value")
    return figures[list(DIRECTIONS)]


def _indicators(figures: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for name, direction in DIRECTIONS.items():
        known = figures[name].dropna()
        status, reason = OK, None
        if len(known) < max(2, MINIMUM_KNOWN * len(figures)):
            status, reason = MISSING, f"known for {len(known)} of {len(figures)} regions"
        elif is_constant(known.to_numpy()):
            status, reason = CONSTANT, "does not vary"
        rows.append((direction, len(known), status, reason))
    return pd.DataFrame(rows, columns=["direction", "n_known", "status", "reason"], index=list(DIRECTIONS))


def _usable(figures: pd.DataFrame) -> tuple[pd.DataFrame, pd.Index]:
    """The indicators with their status, and the regions that have enough of those that are ok."""
    of_indicator, scored = _indicators(figures), figures.index
    while True:
        known = figures.loc[scored, of_indicator.index[of_indicator["status"] == OK]].notna()
        enough = scored[known.mean(axis=1) >= MINIMUM_KNOWN]
        if len(enough) == len(scored) or known.shape[1] == 0:
            return of_indicator, enough
        # Without a region an indicator may no longer vary, and without that a region may have too few.
        of_indicator, scored = _indicators(figures.loc[enough]), enough


def _absent(figures: pd.Series) -> str:
    return f"no {' '.join(figures.index[figures.isna()])}"


def _complete(figures: pd.DataFrame, imputation: str) -> Floats:
    """The figures with each gap filled."""
    values = figures.to_numpy(dtype="float64")
    filled = values.copy()
    for i in map(int, np.flatnonzero(np.isnan(values).any(axis=0))):
        gaps = np.isnan(values[:, i])
        filled[gaps, i] = np.nanmean(values[:, i])
        if imputation == ZERO and figures.columns[i] == "below_food_basket_per_1000":
            filled[gaps, i] = 0
        elif imputation == REGRESSION:
            filled[gaps, i] = _predicted(values, i)[gaps]
    return filled


def _predicted(values: Floats, i: int) -> Floats:
    """Column i by simple regression on the most correlated column without gaps; within the values known."""
    known = ~np.isnan(values[:, i])
    y = values[known, i]
    candidates = [
        x
        for j, x in enumerate(values.T)
        if j != i and not np.isnan(x).any() and known.sum() >= MINIMUM_REGIONS and not is_constant(x[known])
    ]
    if not candidates:
        return np.full(len(values), y.mean())
    x = max(candidates, key=lambda one: abs(np.corrcoef(one[known], y)[0, 1]))
    slope, constant = np.polyfit(x[known] - x[known].mean(), y, 1)
    return np.asarray(np.clip(constant + slope * (x - x[known].mean()), y.min(), y.max()))


def _positive(values: Floats, normalisation: str) -> Floats:
    return composite.positive(composite.normalise(values, normalisation), normalisation)


def _variants(values: Floats, weights: dict[str, Floats], codes: pd.Index) -> pd.DataFrame:
    parts = []
    for normalisation in NORMALISATIONS:
        for weighting in WEIGHTINGS:
            for aggregation in AGGREGATIONS:
                score = composite.aggregate(_positive(values, normalisation), weights[weighting], aggregation)
                labels = {"normalisation": normalisation, "weighting": weighting, "aggregation": aggregation}
                found = {"region_code": codes, "score": score, "rank": composite.ranks(score)}
                parts.append(pd.DataFrame(found).assign(**labels))
    return pd.concat(parts, ignore_index=True)


def _choices(indicators: int, draws: int) -> _Choices:
    rng = np.random.default_rng(SEED)
    return _Choices(
        imputation=rng.integers(len(IMPUTATIONS), size=draws),
        normalisation=rng.integers(len(NORMALISATIONS), size=draws),
        weighting=rng.integers(len(WEIGHTINGS), size=draws),
        aggregation=rng.integers(len(AGGREGATIONS), size=draws),
        left_out=rng.integers(indicators + 1, size=draws),
        noise=rng.uniform(1 - WEIGHT_NOISE, 1 + WEIGHT_NOISE, size=(draws, indicators)),
    )


def _drawn_ranks(complete: dict[str, Floats], choices: _Choices) -> Integers:
    """Rank of each region in each draw, shape (regions, draws)."""
    draws, indicators = choices.noise.shape
    # The last option leaves no indicator out.
    kept = choices.left_out[:, None] != np.arange(indicators)
    scores = np.empty((len(complete[MEAN]), draws))
    for i, imputation in enumerate(IMPUTATIONS):
        values = complete[imputation]
        of_scheme = np.stack([composite.weights(values, one) for one in WEIGHTINGS])
        for j, normalisation in enumerate(NORMALISATIONS):
            normalised = _positive(values, normalisation)
            for k, aggregation in enumerate(AGGREGATIONS):
                chosen = (choices.imputation == i) & (choices.normalisation == j) & (choices.aggregation == k)
                weight = (of_scheme[choices.weighting] * choices.noise * kept)[chosen]
                weight /= weight.sum(axis=1, keepdims=True)
                scores[:, chosen] = composite.aggregate(normalised, weight, aggregation)
    return composite.ranks(scores)


def _diagnostics(
    values: Floats,
    used: pd.Index,
    ranks: Integers,
    of_default: pd.DataFrame,
    choices: _Choices,
    regions: pd.DataFrame,
) -> pd.DataFrame:
    n = len(values)
    eigenvalues = np.linalg.eigvalsh(composite.correlations(values))[::-1]
    shift = np.abs(ranks - of_default["rank"].to_numpy()[:, None]).mean(axis=0)
    rows: list[dict[str, Any]] = [
        {"diagnostic": "cronbach_alpha", "subject": "indicators", "value": composite.cronbach_alpha(values)},
        {"diagnostic": "mean_rank_shift", "subject": "draws", "value": shift.mean()},
    ]
    rows += [
        {"diagnostic": "share_of_variance", "subject": f"component_{i}", "value": share}
        for i, share in enumerate(eigenvalues / eigenvalues.sum(), start=1)
    ]
    rows += [
        {"diagnostic": "share_of_shift", "subject": name, "value": _first_order(shift, choice)}
        for name, choice in choices._asdict().items()
        if name != "noise"
    ]
    rows += [
        row for row in _links(regions, of_default["score"], list(OUTCOMES)) if row["diagnostic"] != "kendall"
    ]
    rows += _links_by_choice(values, used, regions)
    return pd.DataFrame(rows).fillna({"n": n})


def _links(regions: pd.DataFrame, score: pd.Series | Floats, outcomes: list[str]) -> list[dict[str, Any]]:
    """Correlations of a score with each outcome, as rows of the diagnostics."""
    linked = correlate(regions[outcomes].assign(score=score), "score", outcomes, PAIRWISE)
    names = {"method": "diagnostic", "indicator_code": "subject", "r": "value"}
    names |= {"ci_low": "value_low", "ci_high": "value_high", "n": "n"}
    return [
        dict(zip(names.values(), row, strict=True)) for row in linked[list(names)].itertuples(index=False)
    ]


def _links_by_choice(values: Floats, used: pd.Index, regions: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """How the link with the balance rests on having each indicator in the index, and on its direction."""
    normalised = _positive(values, MIN_MAX)
    for i, name in enumerate(used):
        turned = normalised.copy()
        turned[:, i] = _positive(-values, MIN_MAX)[:, i]
        for choice, chosen in (("left_out", np.delete(normalised, i, axis=1)), ("reversed", turned)):
            for row in _links(regions, chosen.mean(axis=1), list(OUTCOMES[:1])):
                if row["diagnostic"] == "pearson":
                    yield row | {"diagnostic": f"pearson_{choice}", "subject": name}


def _first_order(output: Floats, choice: Integers) -> float:
    """Variance of the mean of the output given the choice, over its variance: handbook, section 7.3."""
    variance = output.var()
    if variance <= 1e-12:
        return 0.0
    counts = np.bincount(choice)
    means = np.bincount(choice, weights=output) / np.maximum(counts, 1)
    return float((counts * (means - output.mean()) ** 2).sum() / counts.sum() / variance)
