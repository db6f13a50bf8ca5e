"""Correlations and regressions over tables of profiles: sets, variants, years, and what is missing."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis_py import resampling, spatial
from analysis_py.region_correlations import (
    NO_CONTIGUITY,
    VARIANTS,
    correlate_regions,
    likeness_of_neighbours,
    lines_of_regions,
    regress_regions,
    stacked_regressions,
    years_of_existence,
)
from analysis_py.regional import CODE_OF_COLUMN
from analysis_py.regression import Regression

PROJECT = Path(__file__).parents[2]
TABLE_1 = Path(__file__).parent / "data" / "article_table_1.csv"
BOTH = ["persons", "per_1000"]


@pytest.fixture(autouse=True, scope="module")
def fewer() -> Iterator[None]:
    """200 resamples and orders."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in [
            (resampling, "RESAMPLES"),
            (resampling, "PERMUTATIONS"),
            (spatial, "PERMUTATIONS"),
        ]:
            patch.setattr(module, name, 200)
        for cached in (resampling.bootstrap_weights, resampling.orders):
            cached.cache_clear()
        yield
    for cached in (resampling.bootstrap_weights, resampling.orders):
        cached.cache_clear()


@pytest.fixture(scope="module")
def region() -> pd.DataFrame:
    return pd.read_csv(PROJECT / "seeds/reference/region.csv", dtype=str)


@pytest.fixture(scope="module")
def contiguity() -> pd.DataFrame:
    return pd.read_csv(PROJECT / "seeds/reference/region_contiguity.csv", dtype=str)


@pytest.fixture(scope="module")
def profile() -> pd.DataFrame:
    """Table 1 as the profile of 2024, with a million inhabitants in each region."""
    table = pd.read_csv(TABLE_1, comment="#", dtype={"region_code": str})
    table = table.rename(columns={code: column for column, code in CODE_OF_COLUMN.items()})
    return table.rename(columns={"migration_balance": "migration_balance_persons"}).assign(
        reference_year=2024,
        balance_per_1000=table["migration_balance"] / 1000,
        balance_period_start=date(2000, 1, 1),
        balance_period_end=date(2025, 1, 1),
    )


@pytest.fixture(scope="module")
def harmonised(profile: pd.DataFrame) -> pd.DataFrame:
    """The regions that stayed as they were, as units."""
    return profile[~profile["region_code"].isin(["10", "33", "61", "62", "79"])].rename(
        columns={"region_code": "harmonised_unit"}
    )


@pytest.fixture(scope="module")
def income(profile: pd.DataFrame) -> pd.DataFrame:
    """A monthly income that is the number of the region, and a quarter of the same year."""
    codes = profile["region_code"]
    year = pd.DataFrame(
        {"region_code": codes, "value": codes.astype(float), "period_start": date(2024, 1, 1)}
    )
    quarter = year.assign(value=0.0, period_end=date(2024, 4, 1))
    return pd.concat([year.assign(period_end=date(2025, 1, 1)), quarter])


def residuals(fits: Regression) -> pd.DataFrame:
    """The columns of analysis.regression_influence."""
    return fits.influence.rename(columns={"territory": "region_code"})


def test_each_set_measure_and_variant(
    profile: pd.DataFrame,
    harmonised: pd.DataFrame,
    region: pd.DataFrame,
    contiguity: pd.DataFrame,
    income: pd.DataFrame,
) -> None:
    table = correlate_regions(profile, harmonised, region, contiguity, income)
    key = ["reference_year", "territory_set", "measure", "variant", "held_fixed", "indicator_code"]
    assert not table.duplicated([*key, "method", "missing_rule"]).any()
    assert set(table["variant"]) == {"all", *VARIANTS}
    plain = table.query("variant == 'all' and held_fixed == 'none'")
    assert plain.groupby(["territory_set", "measure"]).size().to_dict() == {
        (name, measure): 24 for name in ("regions_20", "harmonised_15") for measure in BOTH
    }
    # with equal populations the rate is the balance in other units
    figures = ["n", "r", "p_value", "p_adjusted", "ci_low", "ci_high", "effective_n"]
    persons, rates = (
        table[table["measure"] == measure].drop(columns="measure").reset_index(drop=True) for measure in BOTH
    )
    pd.testing.assert_frame_equal(persons[figures], rates[figures])
    n = table.query("method == 'pearson' and measure == 'persons' and missing_rule == 'pairwise'")
    n = n.query("territory_set == 'regions_20' and held_fixed == 'none'")
    n = n.set_index(["variant", "indicator_code"])["n"]
    assert n["without_recent_regions", "income_per_capita"] == 15
    assert n["without_cities", "income_per_capita"] == 17
    assert n["without_shymkent", "below_food_basket"] == 11
    assert n["nominal_income", "nominal_income_per_capita"] == 20
    other = table[table["variant"] == "nominal_income"]
    assert (other[["indicator_code", "held_fixed"]] == "nominal_income_per_capita").sum(axis=1).eq(1).all()
    codes = profile["region_code"].astype(float)
    nominal = other.query("method == 'pearson' and measure == 'persons' and held_fixed == 'none'")
    expected = np.corrcoef(codes, profile["migration_balance_persons"])[0, 1]
    assert nominal["r"].tolist() == pytest.approx([expected])


def test_line_of_each_measure_and_indicator(profile: pd.DataFrame, income: pd.DataFrame) -> None:
    table = lines_of_regions(profile, income)
    key = ["reference_year", "territory_set", "measure", "indicator_code"]
    assert table.groupby(key).size().tolist() == [25] * 10
    lines = table.groupby(key).first().loc[2024, "regions_20"]
    assert lines.xs("below_food_basket", level="indicator_code")["n"].tolist() == [12, 12]
    balance, codes = profile["migration_balance_persons"], profile["region_code"].astype(float)
    slope, intercept = np.polyfit(codes, balance, 1)  # of the year, not of the quarter
    nominal = lines.loc[("persons", "nominal_income_per_capita")]
    assert (nominal["slope"], nominal["intercept"]) == pytest.approx((slope, intercept))
    assert lines.loc[("per_1000", "nominal_income_per_capita"), "slope"] == pytest.approx(slope / 1000)


def test_no_line_without_a_figure_and_no_row_without_a_year(
    profile: pd.DataFrame, income: pd.DataFrame
) -> None:
    table = lines_of_regions(profile, income[:0])
    without = table[table["status"] != "ok"]
    assert without["indicator_code"].tolist() == ["nominal_income_per_capita"] * 2
    assert without["reason"].tolist() == ["0 territories with all the figures, 5 needed"] * 2
    nothing = lines_of_regions(profile[:0], income)
    assert len(nothing) == 0
    assert nothing.dtypes.to_dict() == table.dtypes.to_dict()


def test_years_of_existence(profile: pd.DataFrame, region: pd.DataFrame) -> None:
    figures = profile.set_index("region_code")
    years = years_of_existence(figures, region.set_index("region_code").loc[figures.index])
    assert years["11"] == pytest.approx(25, abs=0.01)
    assert years["79"] == pytest.approx(6 + 196 / 365.25, abs=0.01)  # from 2018-06-19
    assert years["10"] == pytest.approx(2 + 207 / 365.25, abs=0.01)  # from 2022-06-08


def test_what_a_release_drops_has_a_reason(
    profile: pd.DataFrame,
    harmonised: pd.DataFrame,
    region: pd.DataFrame,
    contiguity: pd.DataFrame,
    income: pd.DataFrame,
) -> None:
    """No children, one income everywhere, no monthly income, a region that is not on the map."""
    dropped = {"children_per_household": None, "income_per_capita_kzt": 5.0}
    profile, harmonised = profile.assign(**dropped), harmonised.assign(**dropped)
    contiguity = contiguity[contiguity["region_code"] != "75"]
    table = correlate_regions(profile, harmonised, region, contiguity, income[:0])
    found = table.query("method == 'pearson' and missing_rule == 'pairwise' and measure == 'persons'")
    status = found.query("territory_set == 'regions_20'").set_index(
        ["variant", "held_fixed", "indicator_code"]
    )["status"]
    assert status["all", "none", "children_per_household"] == "too_few"
    assert status["all", "none", "income_per_capita"] == "constant"
    assert status["all", "none", "food_spend_per_capita"] == "ok"
    assert status["nominal_income", "none", "nominal_income_per_capita"] == "too_few"
    assert table.loc[table["status"] != "ok", "reason"].notna().all()
    assert table["p_spatial"].isna().all()
    fits = regress_regions(profile, harmonised)
    assert set(fits.terms["status"]) == {"too_few"}
    assert len(fits.influence) == 0
    likeness = likeness_of_neighbours(profile, harmonised, region, contiguity, residuals(fits)).set_index(
        ["territory_set", "subject"]
    )
    assert likeness.loc[("regions_20", "balance_per_1000"), "status"] == NO_CONTIGUITY
    assert likeness.loc[("regions_20", "income_per_capita"), "status"] == "constant"
    assert likeness.loc[("regions_20", "children_per_household"), "status"] == "too_few"
    assert likeness.loc[("regions_20", "residuals_persons_three_indicators"), "n"] == 0
    assert likeness.loc[likeness["status"] != "ok", "reason"].notna().all()


def test_regions_of_a_made_up_year(
    profile: pd.DataFrame,
    harmonised: pd.DataFrame,
    region: pd.DataFrame,
    contiguity: pd.DataFrame,
    income: pd.DataFrame,
) -> None:
    """Two years are two tables, and a table of two regions has rows that say that it is too small."""
    turned = profile.assign(
        reference_year=2023, migration_balance_persons=-profile["migration_balance_persons"]
    )
    two_years = pd.concat([profile, turned])
    table = correlate_regions(two_years, harmonised[:0], region, contiguity, income)
    table = table.query("measure == 'persons' and variant != 'nominal_income'")
    r = {year: rows["r"].to_numpy() for year, rows in table.groupby("reference_year")}
    assert r[2023] == pytest.approx(-r[2024])
    years = pd.concat([profile, profile.assign(reference_year=2023)])
    fits = regress_regions(years, harmonised)
    of_years = fits.terms[fits.terms["territory_set"] == "regions_20"].groupby("reference_year")[
        "coefficient"
    ]
    assert of_years.sum().nunique() == 1
    table = correlate_regions(profile[:2], harmonised[:0], region, contiguity, income)
    assert set(table["status"]) == {"too_few"}
    assert set(table["territory_set"]) == {"regions_2"}


def test_no_profile_gives_empty_tables_with_their_types(
    profile: pd.DataFrame,
    harmonised: pd.DataFrame,
    region: pd.DataFrame,
    contiguity: pd.DataFrame,
    income: pd.DataFrame,
) -> None:
    none, nowhere = profile[:0], harmonised[:0]
    fits, no_fits = regress_regions(profile, harmonised), regress_regions(none, nowhere)
    pairs = [
        (
            correlate_regions(profile, harmonised, region, contiguity, income),
            correlate_regions(none, nowhere, region, contiguity, income),
        ),
        (
            likeness_of_neighbours(profile, harmonised, region, contiguity, residuals(fits)),
            likeness_of_neighbours(none, nowhere, region, contiguity, residuals(no_fits)),
        ),
        (stacked_regressions(profile, harmonised), stacked_regressions(none, nowhere)),
        *zip(fits, no_fits, strict=True),
    ]
    for full, empty in pairs:
        assert len(empty) == 0 < len(full)
        assert empty.dtypes.to_dict() == full.dtypes.to_dict()


def test_article_with_its_own_figures(
    profile: pd.DataFrame, harmonised: pd.DataFrame, region: pd.DataFrame, contiguity: pd.DataFrame
) -> None:
    """Moran's I of children per household in loops over the borders of 2024."""
    fits = regress_regions(profile, harmonised)
    found = likeness_of_neighbours(profile, harmonised, region, contiguity, residuals(fits)).set_index(
        ["territory_set", "subject"]
    )
    values = profile.set_index("region_code")["children_per_household"]
    deviations = values - values.mean()
    lagged = {
        code: deviations[contiguity.loc[contiguity["region_code"] == code, "neighbour_code"]].mean()
        for code in values.index
    }
    expected = sum(deviations[code] * lagged[code] for code in values.index) / (deviations**2).sum()
    assert found.loc[("regions_20", "children_per_household"), "moran_i"] == pytest.approx(expected)
    # 12 regions with all the figures: 7 degrees of freedom
    regions = found.loc["regions_20"]
    of_four = regions.index.str.endswith("four_indicators")
    assert set(regions.loc[of_four, "status"]) == {"warning"}
    assert regions.loc[of_four, "reason"].str.startswith("7 residual degrees of freedom").all()
    assert set(regions.loc[~of_four, "status"]) == {"ok"}
    terms = fits.terms.query("territory_set == 'regions_20' and model == 'four_indicators'")
    assert set(terms["status"]) == {"warning"}
