"""Values that cannot be: a slipped decimal or thousands separator, a wrong unit, swapped columns.

A printed total finds any change of a single figure; these bounds stand where a series has none. They are as
wide as real revisions and regions need and as tight as finding a factor of ten or a thousand asks for. A
change that stays inside them (digits swapped in an income) no check can see.
"""

import pandas as pd

from expectations.check import Check, Frames, between, equal, mart, numeric

PROFILE = "regional.region_profile"
OBSERVATION = "core.fct_observation"
ANNUAL = "national.external_balance_annual"
SPECIALTY_BALANCE = "specialty.region_specialty_balance"

# Levels that move slowly; balances change sign and counts of the poor jump, so they are not among them.
LEVEL_INDICATORS = (
    "population",
    "income_per_capita",
    "nominal_income_per_capita",
    "food_spend_per_capita",
    "children_per_household",
    "unemployment_rate",
)
POVERTY_INDICATORS = ("poverty_share",)
# From a sample survey: in a small group they may fall to a tenth of themselves, so only totals are compared.
SURVEYED = ("unemployment_rate", "poverty_share")
SERIES = [
    "indicator_code",
    "region_code",
    "specialty_code",
    "sex_code",
    "residence_code",
    "age_code",
    "partner_code",
]


def profiles(frames: Frames) -> pd.DataFrame:
    """The region profiles with each level beside the median of the regions in that year, and with rates."""
    rows = numeric(
        mart(frames, PROFILE),
        "income_per_capita_kzt",
        "food_spend_per_capita_kzt",
        "children_per_household",
        "below_food_basket_persons",
        "population_persons",
        "balance_per_1000",
        "balance_per_1000_per_year",
    )
    income, food = rows["income_per_capita_kzt"], rows["food_spend_per_capita_kzt"]
    year = rows["reference_year"]
    return rows.assign(
        income_to_median=income / income.groupby(year).transform("median"),
        food_to_median=food / food.groupby(year).transform("median"),
        food_to_income=food / income,
        below_food_basket_per_1000=1000 * rows["below_food_basket_persons"] / rows["population_persons"],
    )


def observed_units(frames: Frames) -> pd.DataFrame:
    """Each observation with the unit that its indicator is declared in."""
    declared = mart(frames, "core.dim_indicator")[["indicator_code", "unit_code"]]
    declared = declared.rename(columns={"unit_code": "declared_unit_code"})
    return mart(frames, OBSERVATION).merge(declared, how="left", on="indicator_code")


def is_printed(frames: Frames, rows: pd.DataFrame) -> "pd.Series[bool]":
    """Whether each row is of a release that was printed and typed, and not of a file that intake has read."""
    log = mart(frames, "audit.release_log")
    return rows["release_id"].isin(log.loc[log["kept_in"] == "seeds/published", "release_id"])


def printed_decimals(frames: Frames) -> pd.DataFrame:
    """Each printed figure with the decimals that it has beyond the second most of its series and release.

    A figure alone with its decimals is one whose thousands separator was taken for a decimal sign. Fewer
    decimals are no sign of anything: Table 1 prints '2' for 2,0, and many programs write 5 for 5.0.
    """
    rows = mart(frames, OBSERVATION)
    rows = numeric(rows[rows["value"].notna() & is_printed(frames, rows)], "decimals")
    series = rows.groupby(["source_series", "release_id"])["decimals"]
    second_most = series.transform(lambda decimals: decimals.nlargest(2).iloc[-1])
    return rows.assign(decimals_beyond_series=rows["decimals"] - second_most)


def levels_over_time(frames: Frames, indicators: tuple[str, ...] = LEVEL_INDICATORS) -> pd.DataFrame:
    """Each figure of a slow series beside the median of up to five in time, itself in the middle."""
    rows = mart(frames, OBSERVATION)
    is_total = (rows[["sex_code", "residence_code", "age_code"]] == "_T").all(axis=1)
    rows = rows[rows["indicator_code"].isin(indicators) & (is_total | ~rows["indicator_code"].isin(SURVEYED))]
    rows = numeric(rows, "value").sort_values("period_start")
    series = rows.groupby(SERIES)["value"]
    neighbours = series.rolling(5, center=True, min_periods=1).median().droplevel([*SERIES])
    return rows.assign(value_to_neighbours=rows["value"] / neighbours)


def annual_balances(frames: Frames) -> pd.DataFrame:
    """The annual balances in order, with the change and the number of years since the one before.

    Of the printed years none may be missing; a release may give one far from the others.
    """
    rows = numeric(mart(frames, ANNUAL), "year", "balance_persons").sort_values("year")
    printed = is_printed(frames, rows)
    return rows.assign(
        years_since_previous=rows["year"].diff().where(printed & printed.shift(fill_value=False)),
        change_since_previous=rows["balance_persons"].diff(),
    )


def balance_in_scale(frames: Frames) -> pd.DataFrame:
    """The sum of the balances by region (persons above 15) as a ratio to the annual ones (all ages).

    The same years on both sides, one row a period of ten years or more: in a single year either balance may
    be near nil.
    """
    regions = numeric(mart(frames, "regional.region_balance"), "balance_persons")
    periods: pd.DataFrame = regions.groupby(["period_start", "period_end"], as_index=False)[
        ["balance_persons"]
    ].sum()
    periods["first_year"] = pd.to_datetime(periods["period_start"]).dt.year
    periods["last_year"] = (pd.to_datetime(periods["period_end"]) - pd.Timedelta(days=1)).dt.year
    periods = periods[periods["last_year"] - periods["first_year"] >= 9]
    annual = annual_balances(frames).set_index("year")["balance_persons"]
    years = zip(periods["first_year"], periods["last_year"], strict=True)
    periods["all_ages_persons"] = [annual.loc[first:last].sum() for first, last in years]
    return periods.assign(ratio_to_all_ages=periods["balance_persons"] / periods["all_ages_persons"])


def specialty_shares(frames: Frames) -> pd.DataFrame:
    """Each cell's magnitude as a share of the sum of magnitudes of its region."""
    rows = numeric(mart(frames, SPECIALTY_BALANCE), "balance_persons")
    rows["magnitude"] = rows["balance_persons"].abs()
    gross = rows.groupby(["region_code", "period_start", "period_end"])["magnitude"].transform("sum")
    return rows.assign(share_of_region_gross=rows["magnitude"] / gross)


CHECKS = (
    Check(
        subject=PROFILE,
        counted_as="profiles_present",
        rows=profiles,
        key=("region_code", "reference_year"),
        expectations={
            # Table 1: 883 231 to 1 945 177. Finds a whole column in thousand tenge or a month's income, which
            # no ratio between regions can.
            "income_in_tenge_a_year": between("income_per_capita_kzt", 200_000, 10_000_000),
            # Table 1: 0.69 to 1.52 of the median; the bureau's regional incomes of 2000-2024: 0.45 to 2.6
            # (2003). A factor of ten leads out from any ratio between 0.3 and 3.3.
            "income_near_median_of_regions": between("income_to_median", 0.33, 3),
            # Table 1: 0.79 to 1.41 of the median.
            "food_spend_near_median_of_regions": between("food_to_median", 0.33, 3),
            # Table 1: 0.31 to 0.59. Above 1 the columns are swapped; a factor of ten in either leads out.
            "food_spend_within_income": between("food_to_income", 0.1, 1),
            # Table 1: 0.6 to 2.0; a factor of ten leads out from either end.
            "children_per_household_in_range": between("children_per_household", 0.3, 4),
            # Table 1: 0.58 (Zhambyl) to 7.2 (Shymkent). A thousandth of the highest is below the lower bound;
            # a factor of ten is found only where the rate is above 2 or below 0.1.
            "below_food_basket_per_1000_in_range": between("below_food_basket_per_1000", 0.01, 20),
            # 2024-01-01: 221 582 (Ulytau) to 2 228 677 (Almaty city); 2016: 2 840 871 (South Kazakhstan).
            "population_in_persons": between("population_persons", 100_000, 5_000_000),
            # -79 (East Kazakhstan) to 22 (Mangystau) over 25 years.
            "balance_per_1000_in_range": between("balance_per_1000", -150, 150),
            # -3.2 (East Kazakhstan); the country's worst year since 2000 is -7.3 (2000).
            "balance_per_1000_per_year_in_range": between("balance_per_1000_per_year", -10, 10),
        },
    ),
    Check(
        subject=OBSERVATION,
        counted_as="observations_with_unit_present",
        rows=observed_units,
        key=("indicator_code", "region_code", "period_start", "source_ref"),
        expectations={"unit_as_declared": equal("unit_code", "declared_unit_code")},
    ),
    Check(
        subject=OBSERVATION,
        counted_as="printed_figures_present",
        rows=printed_decimals,
        key=("indicator_code", "region_code", "period_start", "source_ref"),
        expectations={"decimals_as_in_rest_of_series": between("decimals_beyond_series", -10, 0)},
    ),
    Check(
        subject=OBSERVATION,
        counted_as="levels_present",
        rows=levels_over_time,
        key=("indicator_code", "region_code", "period_start", "value", "source_ref"),
        # Population by region, 2000-2025: 0.87 (Astana 2000) to 1.07, censuses and new regions among them
        # (East Kazakhstan fell to 0.54 of the year before in 2022). Nominal income rose by 54 % at most.
        # Unemployment by quarter: 0.75 (South Kazakhstan, summer of 2001) to 1.53 (its winter).
        expectations={"level_near_neighbouring_years": between("value_to_neighbours", 0.5, 2)},
    ),
    Check(
        subject=OBSERVATION,
        counted_as="poverty_shares_present",
        rows=lambda frames: levels_over_time(frames, POVERTY_INDICATORS),
        key=("region_code", "period_start", "value", "source_ref"),
        expectations={
            # 0.2 (Shymkent 2017) to 46.7 (country 2001).
            "poverty_share_in_per_cent": between("value", 0, 60),
            # 0.18 (Shymkent 2017) to 2.5 (Aktobe 2010): small shares jump. A factor of ten leads out from a
            # ratio below 1 downwards and from one above 0.5 upwards.
            "poverty_near_neighbouring_years": between("value_to_neighbours", 0.1, 5),
        },
    ),
    Check(
        subject=ANNUAL,
        counted_as="years_present",
        rows=annual_balances,
        key=("year",),
        expectations={
            # The first year has none before it and passes as null.
            "years_without_gap": between("years_since_previous", 1, 1),
            # Worst year since 1991: -406 679 (1994), 2.5 % of the population.
            "annual_balance_in_range": between("balance_persons", -500_000, 500_000),
            # Largest change since 1991: 187 654 (1993 to 1994).
            "annual_change_in_range": between("change_since_previous", -250_000, 250_000),
        },
    ),
    Check(
        subject=ANNUAL,
        counted_as="years_of_region_balance_present",
        rows=balance_in_scale,
        key=("first_year", "last_year", "balance_persons", "all_ages_persons"),
        # 0.83 in 2000-2024: two populations, so a ratio and never a difference. It finds what moves the sum
        # by 91 000 persons down or 97 000 up: one zero too many from 11 000 on, a sign from 49 000 on.
        expectations={"annual_balance_in_scale_with_regions": between("ratio_to_all_ages", 0.65, 1.2)},
    ),
    Check(
        subject=SPECIALTY_BALANCE,
        counted_as="specialties_present",
        rows=specialty_shares,
        key=("region_code", "specialty_code"),
        # 0.54 at the most (Kyzylorda, Almaty city: other). A factor of ten leads out from a share above 0.23.
        expectations={"specialty_share_of_region_in_range": between("share_of_region_gross", 0, 0.75)},
    ),
)
