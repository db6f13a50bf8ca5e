"""Correlations and regressions of the balance over regions and harmonised units, and what each hangs on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis_py import spatial
from analysis_py.correlation import (
    CONSTANT,
    FULL_DTYPES,
    OK,
    PAIRWISE,
    PARTIAL_METHODS,
    TOO_FEW,
    correlate_in_full,
    is_constant,
)
from analysis_py.regional import CODE_OF_COLUMN, MEASURES
from analysis_py.regression import (
    INFLUENCE_DTYPES,
    LINE_DTYPES,
    TERM_DTYPES,
    Regression,
    fit_line,
    regress,
    trust,
)
from analysis_py.tables import stack, together

CODES = list(CODE_OF_COLUMN.values())
NOMINAL_INCOME = "nominal_income_per_capita"
# What `correlate_regions` needs of core.headline_observation.
NOMINAL_INCOME_ROWS = f"indicator_code = '{NOMINAL_INCOME}' and value is not null"

ALL = "all"
WITHOUT_RECENT, PER_YEAR, WITHOUT_CITIES, WITHOUT_SHYMKENT, OTHER_INCOME = (
    "without_recent_regions",
    "per_year_of_existence",
    "without_cities",
    "without_shymkent",
    "nominal_income",
)
VARIANTS = {
    WITHOUT_RECENT: "Without the regions made within the period of the balance: their sums are short.",
    PER_YEAR: "The balance by the years for which the region existed within its period.",
    WITHOUT_CITIES: "Without the cities that are regions of their own.",
    WITHOUT_SHYMKENT: "Without Shymkent, on which the figure of persons below the food basket hangs.",
    OTHER_INCOME: "Nominal income a month as the bureau publishes it, not the article's income a year.",
}
SHYMKENT = "79"
DAYS_OF_A_YEAR = 365.25

# Name of the regression -> its indicators. With the fourth indicator eight regions are lost to blank cells.
REGRESSIONS = {
    "three_indicators": [code for code in CODES if code != "below_food_basket"],
    "four_indicators": CODES,
}
RESIDUALS = "residuals_"

_TERRITORIES = {"reference_year": "int64", "territory_set": "str"}
_CORRELATION = _TERRITORIES | {"measure": "str", "variant": "str", "variant_note": "str"} | FULL_DTYPES
_FITTED = _TERRITORIES | {"measure": "str", "model": "str"}
_LINE = _TERRITORIES | {"measure": "str", "indicator_code": "str"} | LINE_DTYPES
# Every column of both tables of `regress_regions`. A whole number that one lacks is empty.
_STACK = {"result": "str", "row_no": "int64"} | _FITTED | TERM_DTYPES | INFLUENCE_DTYPES
_STACK |= {"n": "Int64", "residual_df": "Int64", "is_influential": "boolean"}

MINIMUM_FOR_MORAN = 5
NO_CONTIGUITY = "no_contiguity"

_SPATIAL_DTYPES = {
    **_TERRITORIES,
    "subject": "str",
    "n": "int64",
    "moran_i": "float64",
    "expected_i": "float64",
    "p_value": "float64",
    "permutations": "int64",
    "seed": "int64",
    "status": "str",
    "reason": "str",
}

Labels = dict[str, Any]


@dataclass(frozen=True)
class Territories:
    """One reference year of a set of territories: figures by indicator code, indexed by territory."""

    labels: Labels
    figures: pd.DataFrame
    steps: pd.DataFrame | None


def territories(
    profile: pd.DataFrame, harmonised: pd.DataFrame, region: pd.DataFrame, contiguity: pd.DataFrame
) -> Iterator[Territories]:
    """The regions and the harmonised units of each reference year, with the steps between them.

    Columns as in regional.region_profile, regional.region_profile_harmonised, core.dim_region and
    core.bridge_region_contiguity. Units are neighbours where regions of theirs are.
    """
    known = region.dropna(subset="harmonised_unit")
    units = spatial.merged_contiguity(
        contiguity, dict(zip(known["region_code"], known["harmonised_unit"], strict=True))
    )
    for name, table, key, borders in [
        ("regions", profile, "region_code", contiguity),
        ("harmonised", harmonised, "harmonised_unit", units),
    ]:
        for year, rows in table.groupby("reference_year"):
            figures = rows.rename(columns=CODE_OF_COLUMN).set_index(key).sort_index()
            labels = {"reference_year": year, "territory_set": f"{name}_{len(rows)}"}
            yield Territories(labels, figures, spatial.steps_between(borders, list(figures.index)))


def correlate_regions(
    profile: pd.DataFrame,
    harmonised: pd.DataFrame,
    region: pd.DataFrame,
    contiguity: pd.DataFrame,
    observation: pd.DataFrame,
) -> pd.DataFrame:
    """Correlation of the balance with the indicators in every form: plain, partial, and what it hangs on.

    `observation` has the rows NOMINAL_INCOME_ROWS of core.headline_observation, the other tables are those of
    `territories`. Returns the columns of `correlate_in_full` with reference_year, territory_set, measure
    (persons, per_1000), variant and variant_note. Variant 'all' has both sets, both missing rules and the
    partial coefficients; the variants of VARIANTS have the regions, pairwise, by Pearson and Spearman, the
    last one the rows in which its income stands, partial ones too (Holm's family is that income with the
    three other indicators).
    """
    parts = []
    for one in territories(profile, harmonised, region, contiguity):
        for measure, target in MEASURES.items():
            labels = one.labels | {"measure": measure}
            found = correlate_in_full(one.figures, target, CODES, one.steps)
            parts.append(found.assign(**labels, variant=ALL, variant_note=None))
            if one.labels["territory_set"].startswith("regions"):
                parts += _variants(one, labels, target, region, observation)
    return together(parts, _CORRELATION)


def _variants(
    one: Territories, labels: Labels, target: str, region: pd.DataFrame, observation: pd.DataFrame
) -> Iterator[pd.DataFrame]:
    figures = one.figures.copy()
    figures[target] = figures[target].astype("float64")
    about = region.set_index("region_code").loc[figures.index]
    years = years_of_existence(figures, about)
    nominal = _nominal_income(observation, one.labels["reference_year"])
    is_whole = years >= years.max()
    changed = {
        WITHOUT_RECENT: figures[is_whole],
        PER_YEAR: figures.assign(**{target: figures[target] / years}),
        WITHOUT_CITIES: figures[about["region_kind"] != "city"],
        WITHOUT_SHYMKENT: figures[figures.index != SHYMKENT],
        OTHER_INCOME: figures.assign(**{NOMINAL_INCOME: nominal.reindex(figures.index)}),
    }
    for variant, kept in changed.items():
        codes = [NOMINAL_INCOME, *CODES[1:]] if variant == OTHER_INCOME else CODES
        found = correlate_in_full(
            kept,
            target,
            codes,
            one.steps,
            missing_rules=[PAIRWISE],
            methods=PARTIAL_METHODS,
            partial=variant == OTHER_INCOME,
        )
        if variant == OTHER_INCOME:  # the rest is as it was
            found = found[(found[["indicator_code", "held_fixed"]] == NOMINAL_INCOME).any(axis=1)]
        yield found.assign(**labels, variant=variant, variant_note=VARIANTS[variant])


def years_of_existence(figures: pd.DataFrame, about: pd.DataFrame) -> pd.Series:
    """Years (of 365.25 days) of the balance period in which each region existed; both tables by region."""
    start, end = (pd.to_datetime(figures[f"balance_period_{name}"]) for name in ("start", "end"))
    first, last = (pd.to_datetime(about[f"valid_{name}"]) for name in ("from", "to"))
    existed_from = start.where(~(first > start), first)
    existed_to = end.where(~(last < end), last)
    return (existed_to - existed_from).dt.days / DAYS_OF_A_YEAR


def _nominal_income(observation: pd.DataFrame, year: int) -> pd.Series:
    """The average of the year, tenge a month, by region; no row of a quarter."""
    of_year = (pd.to_datetime(observation["period_start"]) == f"{year}-01-01") & (
        pd.to_datetime(observation["period_end"]) == f"{year + 1}-01-01"
    )
    return observation[of_year].set_index("region_code")["value"].astype("float64")


def regress_regions(profile: pd.DataFrame, harmonised: pd.DataFrame) -> Regression:
    """Least squares of the balance on the indicators: REGRESSIONS, both measures and sets of territories.

    Returns the tables of `regress` with reference_year, territory_set, measure and model.
    """
    nowhere = pd.DataFrame({"region_code": [], "neighbour_code": [], "harmonised_unit": []}, dtype="str")
    terms, influence = [], []
    for one in territories(profile, harmonised, nowhere, nowhere):
        for measure, target in MEASURES.items():
            for model, indicators in REGRESSIONS.items():
                found = regress(one.figures, target, indicators)
                labels = one.labels | {"measure": measure, "model": model}
                terms.append(found.terms.assign(**labels))
                influence.append(found.influence.assign(**labels))
    return Regression(together(terms, _FITTED | TERM_DTYPES), together(influence, _FITTED | INFLUENCE_DTYPES))


def stacked_regressions(profile: pd.DataFrame, harmonised: pd.DataFrame) -> pd.DataFrame:
    """The tables of `regress_regions` under each other: which one in `result`, row_no from 1 within each."""
    return stack(regress_regions(profile, harmonised)._asdict(), _STACK)


def lines_of_regions(profile: pd.DataFrame, observation: pd.DataFrame) -> pd.DataFrame:
    """The line of the balance on each indicator over the regions, for a scatter plot.

    `profile` has the columns of regional.region_profile, `observation` the rows NOMINAL_INCOME_ROWS of
    core.headline_observation. Returns the columns of `fit_line` with reference_year, territory_set, measure
    and indicator_code: the indicators of the profile and the nominal income of the same year.
    """
    parts = []
    for year, rows in profile.rename(columns=CODE_OF_COLUMN).groupby("reference_year"):
        labels: Labels = {"reference_year": year, "territory_set": f"regions_{len(rows)}"}
        figures = rows.set_index("region_code").sort_index()
        nominal = _nominal_income(observation, labels["reference_year"])
        figures[NOMINAL_INCOME] = nominal.reindex(figures.index)
        parts += [
            fit_line(figures, target, code).assign(**labels, measure=measure, indicator_code=code)
            for measure, target in MEASURES.items()
            for code in (*CODES, NOMINAL_INCOME)
        ]
    return together(parts, _LINE)


def likeness_of_neighbours(
    profile: pd.DataFrame,
    harmonised: pd.DataFrame,
    region: pd.DataFrame,
    contiguity: pd.DataFrame,
    influence: pd.DataFrame,
) -> pd.DataFrame:
    """Moran's I of the balance in both measures, the indicators, and the residuals of the regressions.

    The first four tables are those of `territories`; `influence` has the columns of
    analysis.regression_influence, in which the residuals stand.

    One row for each reference year, territory_set and subject: a column of the profile, or residuals_ and
    measure and model of a regression, over the territories that have the figure: n, moran_i, expected_i,
    two-sided p_value, permutations, seed, status, reason. expected_i of residuals
    allows for the regression, p of residuals permutes them, which takes them for exchangeable: an
    approximation. Status 'warning': residuals of a regression that has it; 'too_few': below 5 territories;
    'constant'; 'no_contiguity': one of them has no neighbour that is known.
    """
    rows = []
    for one in territories(profile, harmonised, region, contiguity):
        subjects: dict[str, tuple[pd.Series, list[str]]] = {
            name: (one.figures[name].astype("float64"), []) for name in (*MEASURES.values(), *CODES)
        }
        for measure in MEASURES:
            for model, indicators in REGRESSIONS.items():
                fitted = one.labels | {"measure": measure, "model": model}
                is_of_it = (influence[list(fitted)] == pd.Series(fitted)).all(axis=1)
                residuals = influence[is_of_it].set_index("region_code")["residual"].sort_index()
                subjects[f"{RESIDUALS}{measure}_{model}"] = (residuals, indicators)
        for subject, (values, regressors) in subjects.items():
            known = values.dropna()
            design = one.figures.loc[known.index, regressors].to_numpy("float64") if regressors else None
            rows.append(one.labels | {"subject": subject} | _moran(known, one.steps, design))
    result = pd.DataFrame(rows, columns=list(_SPATIAL_DTYPES))
    counts = {name: result[name].astype("float64").fillna(0) for name in ("permutations", "seed")}
    return result.assign(**counts).astype(_SPATIAL_DTYPES)


def _moran(
    values: pd.Series, steps: pd.DataFrame | None, regressors: NDArray[np.float64] | None
) -> dict[str, Any]:
    n = len(values)
    figures: dict[str, Any] = {"n": n}
    if n < MINIMUM_FOR_MORAN:
        return figures | {"status": TOO_FEW, "reason": f"{n} territories of at least {MINIMUM_FOR_MORAN}"}
    if is_constant(values.to_numpy()):
        return figures | {"status": CONSTANT, "reason": f"all {n} territories have the same"}
    known: NDArray[np.float64] | None = None
    if steps is not None:
        known = steps.loc[values.index, values.index].to_numpy()
    if known is None or not (known == 1).any(axis=1).all():
        return figures | {"status": NO_CONTIGUITY, "reason": "a territory has no known neighbour among them"}
    found = spatial.morans_i(values.to_numpy(), known, regressors)
    if regressors is None:
        return figures | found | {"status": OK, "reason": None}
    return figures | found | trust(n - regressors.shape[1] - 1)
