"""Nothing is missing: printed tables against their declared size, marts against the observations, marts of
figures not empty (of statistics tests/data/statistics_have_rows.sql says so, before which they are computed).
The declared sizes (the article's: 20, 25 and 21 rows, 9 specialties) are data of a release.
"""

import pandas as pd

from expectations.check import Check, Frames, equal, known, mart, numeric, only
from expectations.plausibility import is_printed

COVERAGE = "audit.table_coverage"
PROFILE = "regional.region_profile"
OBSERVATION = "core.fct_observation"

AUDITED_MARTS = (
    "core.dim_region",
    "core.dim_specialty",
    "core.dim_indicator",
    "core.dim_code",
    "core.dim_release",
    "core.dim_correction",
    "core.bridge_region_boundary",
    "core.bridge_region_contiguity",
    "core.fct_observation",
    "core.fct_revision",
    "core.fct_control_total",
    "core.figure_revision",
    "core.headline_observation",
    "core.revision_summary",
    "core.about",
    "core.data_dictionary",
    "regional.region_profile",
    "regional.region_profile_harmonised",
    "regional.region_balance",
    "specialty.region_specialty_balance",
    "specialty.specialty_structure",
    "specialty.region_specialty_structure",
    "specialty.region_loss_decomposition",
    "specialty.loss_concentration",
    "specialty.correspondence_coordinate",
    "national.external_balance_annual",
    "audit.cross_table_balance",
    "audit.table_coverage",
    "audit.identity_check",
    "audit.release_log",
    "audit.run_log",
)
# Where nothing has been published twice there is no revision; the first build has no run before it.
MAY_BE_EMPTY = frozenset({"core.figure_revision", "audit.run_log"})

BY_SPECIALTY = "migration_balance_by_specialty"
COUNTRY = "00"
# Each mart, the indicator that it shows, and the columns that tell its figures apart.
SHOWN = (
    (PROFILE, "income_per_capita", ("region_code", "reference_year")),
    ("regional.region_balance", BY_SPECIALTY, ("region_code",)),
    ("specialty.region_specialty_balance", BY_SPECIALTY, ("region_code", "specialty_code")),
    ("specialty.specialty_structure", BY_SPECIALTY, ("specialty_code",)),
    ("national.external_balance_annual", "external_balance", ("year",)),
    ("audit.cross_table_balance", "migration_balance", ("region_code",)),
)


def checks(frames: Frames) -> list[Check]:
    """Every completeness check; each frame given is expected to have rows, declared or not."""
    marts = [*AUDITED_MARTS, *sorted(set(frames) - set(AUDITED_MARTS))]
    return [
        TABLES_READ,
        RELEASES_COUNTED,
        *(_shown(*shown) for shown in SHOWN),
        PROFILE_KNOWN,
        POPULATION_KNOWN,
        *(_has_rows(name) for name in marts if name not in MAY_BE_EMPTY),
    ]


def coverage(frames: Frames) -> pd.DataFrame:
    """One row a printed table: declared and read counts as numbers."""
    parts = ("rows", "columns", "figures")
    counts = [f"{side}_{part}" for part in parts for side in ("expected", "observed")]
    return numeric(mart(frames, COVERAGE), *counts)


def releases_in_force(frames: Frames) -> pd.DataFrame:
    """The releases that no publisher has withdrawn."""
    rows = mart(frames, "core.dim_release")
    return rows[rows["withdrawn_on"].isna()]


def found_in(expected: pd.DataFrame, actual: pd.DataFrame, key: tuple[str, ...]) -> pd.DataFrame:
    """The keys of both frames, and in `found_in` where each stands: both, expected only, actual only."""
    on = list(key)
    left, right = expected[on].drop_duplicates(), actual[on].drop_duplicates()
    keys = left.merge(right, how="outer", on=on, indicator="found_in")
    names = {"both": "both", "left_only": "expected only", "right_only": "actual only"}
    return keys.assign(found_in=keys["found_in"].astype(str).map(names))


def observations(frames: Frames, indicator_code: str) -> pd.DataFrame:
    """The observations of an indicator that marts show, a null among them, with the year of their end.

    By specialty, all but the totals; else those of whole years, of the external balance the country's.
    """
    rows = mart(frames, OBSERVATION)
    rows = rows[rows["indicator_code"] == indicator_code]
    start, end = pd.to_datetime(rows["period_start"]), pd.to_datetime(rows["period_end"])
    year = (end - pd.Timedelta(days=1)).dt.year
    if indicator_code == BY_SPECIALTY:
        shown = (rows["specialty_code"] != "_T") & (rows["region_code"] != COUNTRY)
    else:
        shown = (start.dt.day_of_year == 1) & (end.dt.day_of_year == 1)
        if indicator_code == "external_balance":
            shown &= rows["region_code"] == COUNTRY
    return rows.assign(reference_year=year, year=year)[shown]


def _shown(name: str, indicator_code: str, key: tuple[str, ...]) -> Check:
    return Check(
        subject=name,
        counted_as="observations_present",
        rows=lambda frames: found_in(observations(frames, indicator_code), mart(frames, name), key),
        key=key,
        expectations={"every_observation_shown": only("found_in", "both")},
    )


def _has_rows(name: str) -> Check:
    return Check(subject=name, counted_as="mart_has_rows", rows=lambda frames: mart(frames, name))


TABLES_READ = Check(
    subject=COVERAGE,
    counted_as="tables_declared",
    rows=coverage,
    key=("release_id", "table_name"),
    expectations={
        "rows_as_declared": equal("observed_rows", "expected_rows"),
        "columns_as_declared": equal("observed_columns", "expected_columns"),
        "figures_as_declared": equal("observed_figures", "expected_figures"),
    },
)

RELEASES_COUNTED = Check(
    subject=COVERAGE,
    counted_as="releases_present",
    rows=lambda frames: found_in(releases_in_force(frames), mart(frames, COVERAGE), ("release_id",)),
    key=("release_id",),
    expectations={"every_release_has_tables": only("found_in", "both")},
)


def printed_profiles(frames: Frames) -> pd.DataFrame:
    """The profiles of years of which a table was printed; a file may give some of the figures, or regions."""
    rows, said = mart(frames, PROFILE), observations(frames, "income_per_capita")
    return rows[rows["reference_year"].isin(said.loc[is_printed(frames, said), "reference_year"])]


# Not among them: a region without an income has no profile (`every_observation_shown` names it), and
# below_food_basket_persons is blank in print for 8 of 20 regions (`figures_as_declared` counts it).
PROFILE_KNOWN = Check(
    subject=PROFILE,
    counted_as="profiles_present",
    rows=printed_profiles,
    key=("region_code", "reference_year"),
    expectations={
        "food_spend_known": known("food_spend_per_capita_kzt"),
        "children_known": known("children_per_household"),
        "migration_balance_known": known("migration_balance_persons"),
    },
)


def profiles_with_population(frames: Frames) -> pd.DataFrame:
    """The population of each profile, but for regions of which a release says that there is no figure."""
    rows = mart(frames, PROFILE)[["region_code", "reference_year", "population_persons"]]
    said = mart(frames, "core.fct_observation")
    said = said[(said["indicator_code"] == "population") & said["value"].isna()]
    without = set(zip(said["region_code"], pd.to_datetime(said["period_start"]).dt.year, strict=True))
    keys = zip(rows["region_code"], rows["reference_year"].astype(int), strict=True)
    return rows[[key not in without for key in keys]]


# By itself: the population of a year is another release than the rest of the profile.
POPULATION_KNOWN = Check(
    subject=PROFILE,
    counted_as="profiles_with_population_present",
    rows=profiles_with_population,
    key=("region_code", "reference_year"),
    expectations={"population_known": known("population_persons")},
)
