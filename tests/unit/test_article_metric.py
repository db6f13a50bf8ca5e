"""Metrics of the article from its printed tables, read without dbt, against other implementations."""

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from analysis_py.article_metric import article_metrics
from analysis_py.article_trend import fit_trends, slope
from analysis_py.metric import STATUSES

SEEDS = Path(__file__).parents[2] / "seeds"
YEARS = np.arange(2000, 2025)
TABLE_1 = {
    "c2": "income_per_capita",
    "c3": "food_spend_per_capita",
    "c4": "migration_balance",
    "c5": "children_per_household",
    "c6": "below_food_basket",
}


def records(path: str) -> list[dict[str, str]]:
    with (SEEDS / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


REGIONS = pd.DataFrame(records("reference/region.csv")).replace("", None)
REGIONS["valid_to"] = pd.to_datetime(REGIONS["valid_to"])
SPECIALTIES = pd.DataFrame(records("reference/specialty.csv"))


def article() -> pd.DataFrame:
    """The figures of the three tables as core.fct_revision has them."""
    code = {
        row["label"]: row["region_code"]
        for row in records("reference/region_label.csv")
        if row["label_set"] == "article_2025"
    }
    specialty = {
        row["column_label"]: row["specialty_code"]
        for row in records("reference/table_column.csv")
        if row["table_name"] == "article_table_3"
    }
    rows: list[tuple[str, str, str, int, int, str, str]] = []
    for row in records("published/article_table_1.csv")[1:]:
        for column, indicator in TABLE_1.items():
            first = 2000 if indicator == "migration_balance" else 2024
            rows.append(
                (indicator, code[row["c1"]], "_T", first, 2024, row[column], f"T1 {row['c1']} {column}")
            )
    for row in records("published/article_table_2.csv")[1:]:
        year = int(row["c1"])
        rows.append(("external_balance", "00", "_T", year, year, row["c2"], f"T2 {year}"))
    header, *others = records("published/article_table_3.csv")
    for row in others[:-1]:
        for column, name in header.items():
            if column not in ("row_no", "c1", "c11"):
                region = code[row["c1"].strip()]
                place = f"T3 {row['c1']} {column}"
                rows.append(
                    (
                        "migration_balance_by_specialty",
                        region,
                        specialty[name],
                        2000,
                        2024,
                        row[column],
                        place,
                    )
                )
    return revisions(rows)


def revisions(rows: list[tuple[str, str, str, int, int, str, str]], day: str = "2025-10-31") -> pd.DataFrame:
    columns = [
        "indicator_code",
        "region_code",
        "specialty_code",
        "first",
        "last",
        "printed",
        "source_ref",
    ]
    frame = pd.DataFrame([row for row in rows if row[5]], columns=columns)
    starts = pd.to_datetime(frame["first"].astype(str) + "-01-01")
    ends = pd.to_datetime((frame["last"] + 1).astype(str) + "-01-01")
    return pd.DataFrame(
        {
            **{name: frame[name] for name in columns[:3]},
            "age_code": np.where(frame["indicator_code"].str.contains("migration"), "Y_GT15", "_T"),
            "period_start": starts,
            "period_end": ends.where(frame["indicator_code"] != "population", starts + pd.Timedelta(days=1)),
            "value": frame["printed"].str.replace(",", ".").astype("float64"),
            "release_id": "article",
            "source_ref": frame["source_ref"],
            "obs_status": "A",
            "series_preference": 1,
            "known_from": pd.Timestamp(day),
            "known_to": pd.NaT,
        }
    ).astype({"known_to": "datetime64[us]"})


ARTICLE = article()
BALANCE = ARTICLE.loc[ARTICLE["indicator_code"] == "external_balance", "value"].to_numpy()


def metrics(frame: pd.DataFrame) -> dict[tuple[str, str], Any]:
    result = article_metrics(frame, REGIONS, SPECIALTIES)
    return {(row.metric, row.subject): row for row in result[result["known_to"].isna()].itertuples()}


FOUND = metrics(ARTICLE)


def value(metric: str, subject: str, found: dict[tuple[str, str], Any] = FOUND) -> float:
    return float(found[metric, subject].value)


# --- published values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "subject", "printed"),
    [
        # of the article's text, and of the issue that lists what does not follow from the tables
        ("external_balance", "2000", "-108307"),
        ("external_balance", "2001", "-88162"),
        ("external_balance_sum", "2000_2018", "-267801"),
        ("external_balance_sum", "2000_2024", "-320585"),
        ("balance_of_all_specialties", "2000_2024", "-267599"),
        ("specialty_balance", "pedagogical", "-29288"),
        ("region_balance", "63", "-57429"),
        ("region_balance_by_specialty", "51", "20461"),
        ("pearson_r", "income_per_capita", "-0.5691"),
        ("pearson_r", "children_per_household", "0.7291"),
        ("pearson_r", "below_food_basket", "0.1990"),
        ("pearson_r_complete", "income_per_capita", "-0.638"),
        ("pearson_n", "below_food_basket", "12"),
        ("trend_r_squared", "cumulative:linear", "0.3918"),
        ("trend_r_squared", "cumulative:logarithmic_calendar_year", "0.3909"),
        ("share_of_net", "pedagogical+economic+legal", "0.287"),
        ("share_of_net", "technical", "0.361"),
        # (267599 - 66108 + 2086) / 267599
        (
            "share_of_net",
            "technical+agricultural+architecture_construction+medical+pedagogical+economic+legal",
            "0.7608",
        ),
        ("income_rank", "63", "4"),
        ("outflow_rank", "63", "1"),
        ("lies_in", "47:south", "0"),
        ("first_year", "balance_by_region", "2000"),
        ("first_positive_year", "2000_2024", "2004"),
        ("positive_run_last_year", "2000_2024", "2011"),
        ("negative_again_year", "2000_2024", "2012"),
        ("lowest_year", "2012_2024", "2019"),
        ("cluster_ari", "2:role_by_sign", "0.044"),
        ("share_with_sign", "2000_2024", "1"),
        # added by hand from the columns of Table 3, without Другое and Не указавшие
        ("qualified_balance", "71", "-7970"),
        ("qualified_balance", "75", "-5736"),
        ("share_of_qualified_donors", "east+north", "1"),
    ],
)
def test_value(metric: str, subject: str, printed: str) -> None:
    decimals = len(printed.partition(".")[2])
    assert f"{value(metric, subject):.{decimals}f}" == printed


def test_leaders_by_rule() -> None:
    """Karaganda, in the centre, loses most technicians; of macro-regions the east comes after the centre."""
    technical = ARTICLE[ARTICLE["specialty_code"] == "technical"].set_index("region_code")["value"]
    assert technical.idxmin() == "35"
    assert value("leading_regions", "59+63:technical") == len(
        {"59", "63"} & set(technical.nsmallest(2).index)
    )
    area = REGIONS.set_index("region_code")["macro_region"]
    lost = technical.groupby(area).sum()
    assert lost.nsmallest(2).index.tolist() == ["north", "centre"]
    assert value("leading_areas", "north+east:technical") == 1
    assert value("leading_areas", "north+east:pedagogical") == 2


def test_the_running_sum_that_looks_like_the_sum_of_specialties_is_named_a_coincidence() -> None:
    assert FOUND["balance_of_all_specialties", "2000_2024"].detail == (
        "a coincidence: the running sum of the annual balance, of all ages, is -267801 at 2018"
    )


def test_an_abolished_region_is_said_to_be_one() -> None:
    assert "abolished on 2018-06-19" in FOUND["region_balance_by_specialty", "51"].detail
    assert isinstance(FOUND["region_balance_by_specialty", "61"].detail, float)  # missing


def test_what_is_computed_names_its_cells() -> None:
    assert FOUND["external_balance", "2001"].source_ref == "T2 2001"
    assert FOUND["positive_years", "2004_2007"].source_ref == "T2 2004; T2 2005; T2 2006; T2 2007"
    assert FOUND["balance_of_all_specialties", "2000_2024"].source_ref == "release article, 184 cells"
    assert FOUND["external_balance", "2001"].release_id == "article"


def test_spread_by_the_size_of_the_mean_is_that_of_scipy() -> None:
    assert value("variation_coefficient", "2000_2024") == pytest.approx(-stats.variation(BALANCE, ddof=1))


@pytest.mark.parametrize(
    "indicator", ["income_per_capita", "children_per_household", "below_food_basket", "food_spend_per_capita"]
)
def test_interval_of_r_is_that_of_scipy(indicator: str) -> None:
    of_regions = (ARTICLE["specialty_code"] == "_T") & (ARTICLE["region_code"] != "00")
    figures = ARTICLE[of_regions].pivot(index="region_code", columns="indicator_code", values="value")
    pairs = figures[["migration_balance", indicator]].dropna()
    interval = stats.pearsonr(*pairs.to_numpy().T).confidence_interval()
    for name in ("lower", "upper"):
        row = FOUND[f"pearson_r_{name}", indicator]
        assert row.value == pytest.approx(getattr(interval, {"lower": "low", "upper": "high"}[name]))
        assert row.detail.endswith(f"n = {len(pairs)} regions")


# --- trends against other implementations -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "formula"),
    [
        ("linear", "y ~ t"),
        ("quadratic", "y ~ t + I(t**2)"),
        ("cubic", "y ~ t + I(t**2) + I(t**3)"),
        ("logarithmic", "y ~ np.log(t)"),
        ("logarithmic_calendar_year", "y ~ np.log(year)"),
    ],
)
@pytest.mark.parametrize("y", [BALANCE, BALANCE.cumsum()], ids=["annual", "cumulative"])
def test_r_squared_is_that_of_statsmodels(y: np.ndarray, model: str, formula: str) -> None:
    frame = pd.DataFrame({"y": y, "t": YEARS - 1999.0, "year": YEARS.astype(float)})
    expected = smf.ols(formula, frame).fit().rsquared
    assert fit_trends(y, YEARS)[model].r_squared == pytest.approx(expected, rel=1e-9)


def test_asymptote_of_the_annual_balance_is_that_of_curve_fit() -> None:
    def curve(t: np.ndarray, a: float, b: float, k: float) -> np.ndarray:
        return a + b * np.exp(-k * t)

    t = YEARS - 1999.0
    (a, b, k), _ = optimize.curve_fit(curve, t, BALANCE, p0=[0, -1e5, 0.5])
    residual = BALANCE - curve(t, a, b, k)
    trend = fit_trends(BALANCE, YEARS)["asymptotic"]
    assert trend.rate == pytest.approx(k, rel=1e-4)
    assert trend.r_squared == pytest.approx(1 - residual.var() / BALANCE.var(), abs=1e-9)
    assert not trend.is_line


def test_asymptotic_trend_through_the_cumulative_balance_degenerates_to_the_line() -> None:
    trends = fit_trends(BALANCE.cumsum(), YEARS)
    assert trends["asymptotic"].rate == 0
    assert {name for name, trend in trends.items() if trend.is_line} == {
        "linear",
        "logarithmic_calendar_year",
        "asymptotic",
    }


def test_no_curve_gives_the_printed_r_squared() -> None:
    curves = [
        trend.r_squared
        for y in (BALANCE, BALANCE.cumsum())
        for trend in fit_trends(y, YEARS).values()
        if not trend.is_line
    ]
    nearest = min(curves, key=lambda r_squared: abs(r_squared - 0.39))
    assert value("nonlinear_trend_r_squared", "0.39") == pytest.approx(nearest)
    assert abs(nearest - 0.39) > 0.005


def test_slope_is_that_of_linregress() -> None:
    assert slope(BALANCE) == pytest.approx(stats.linregress(YEARS, BALANCE).slope)


@settings(max_examples=25, deadline=None)
@given(scale=st.floats(1e-3, 1e3), shift=st.floats(-1e5, 1e5))
def test_trends_do_not_depend_on_scale_and_origin(scale: float, shift: float) -> None:
    one, other = fit_trends(BALANCE, YEARS), fit_trends(shift + scale * BALANCE, YEARS)
    for model, trend in one.items():
        assert other[model].r_squared == pytest.approx(trend.r_squared, abs=1e-9)
        assert other[model].is_line == trend.is_line


@pytest.mark.parametrize("values", [np.ones(25), np.arange(6.0)])
def test_no_trend_through_a_constant_or_through_six_points(values: np.ndarray) -> None:
    with pytest.raises(ValueError, match="7 observations that vary"):
        fit_trends(values, np.arange(2000, 2000 + len(values)))


# --- invariance -------------------------------------------------------------------------------------------


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000))
def test_order_of_the_figures_does_not_matter(seed: int) -> None:
    shuffled = metrics(ARTICLE.sample(frac=1, random_state=seed))
    for key, row in FOUND.items():
        assert shuffled[key].value == pytest.approx(row.value, nan_ok=True)
        assert shuffled[key].status == row.status


def test_scale_of_the_balances_changes_no_share_rank_or_year() -> None:
    balances = ARTICLE["indicator_code"].str.contains("balance")
    doubled = metrics(ARTICLE.assign(value=ARTICLE["value"].where(~balances, 2 * ARTICLE["value"])))
    kept = ("pearson", "share", "income", "outflow", "largest", "leading", "first", "lowest", "cluster")
    for (metric, subject), row in FOUND.items():
        if metric.startswith(kept):
            assert value(metric, subject, doubled) == pytest.approx(row.value, nan_ok=True), metric
        elif metric.endswith("_balance") and metric != "internal_balance":
            assert value(metric, subject, doubled) == pytest.approx(2 * row.value, nan_ok=True), metric


# --- what is not there ------------------------------------------------------------------------------------


def without(condition: pd.Series) -> dict[tuple[str, str], Any]:
    return metrics(ARTICLE[~condition])


def test_nothing_known_gives_no_rows_of_the_same_types() -> None:
    empty = article_metrics(ARTICLE[:0], REGIONS, SPECIALTIES)
    assert empty.empty
    assert empty.dtypes.equals(article_metrics(ARTICLE, REGIONS, SPECIALTIES).dtypes)


def test_every_metric_has_a_row_before_its_figures_are_published() -> None:
    """Otherwise a claim of the article would point to nothing on such a day."""
    population = revisions([("population", "63", "_T", 2000, 2000, "1516785", "elsewhere")])
    found = metrics(population)
    assert found.keys() == FOUND.keys()
    assert {metric for (metric, _), row in found.items() if row.status == "ok"} == {"lies_in"}


def test_one_figure_alone() -> None:
    found = metrics(ARTICLE[ARTICLE["source_ref"] == "T2 2001"])
    assert value("external_balance", "2001", found) == -88162
    assert value("first_year", "external_balance", found) == 2001
    others = {row.status for key, row in found.items() if key[0] not in ("external_balance", "first_year")}
    assert others <= set(STATUSES)
    missing = found["external_balance_sum", "2000_2024"]
    assert (missing.status, missing.reason) == (
        "missing",
        "no figure of external_balance of region 00 for 2000",
    )


@pytest.mark.parametrize("regions", [0, 1, 2])
def test_too_few_regions_for_a_correlation(regions: int) -> None:
    codes = REGIONS["region_code"][1 : 1 + regions]
    found = without((ARTICLE["indicator_code"] == "income_per_capita") & ~ARTICLE["region_code"].isin(codes))
    row = found["pearson_r", "income_per_capita"]
    assert (row.status, row.reason) == ("undefined", f"{regions} of at least 3 regions with both figures")
    assert math.isnan(row.value)


def test_three_regions_have_an_r_and_no_interval() -> None:
    codes = REGIONS["region_code"][1:4]
    found = without((ARTICLE["indicator_code"] == "income_per_capita") & ~ARTICLE["region_code"].isin(codes))
    assert found["pearson_r", "income_per_capita"].status == "ok"
    row = found["pearson_r_upper", "income_per_capita"]
    assert (row.status, row.reason) == ("undefined", "3 regions are too few for an interval")


def test_a_constant_column_is_undefined() -> None:
    income = ARTICLE["indicator_code"] == "income_per_capita"
    found = metrics(ARTICLE.assign(value=ARTICLE["value"].where(~income, 1.0)))
    assert found["pearson_r", "income_per_capita"].status == "undefined"
    assert found["cluster_ari", "2:role_by_sign"].reason == "a figure does not vary over the regions"
    assert value("income_rank", "63", found) == 1  # all share the first place


def test_a_constant_series_has_no_trend() -> None:
    national = ARTICLE["indicator_code"] == "external_balance"
    found = metrics(ARTICLE.assign(value=ARTICLE["value"].where(~national, -5.0)))
    assert found["trend_r_squared", "annual:linear"].reason == "the series does not vary"
    assert found["first_positive_year", "2000_2024"].reason == "there is no such year"
    assert value("negative_years", "2000_2024", found) == 25
    assert value("variation_coefficient", "2000_2024", found) == 0
    nothing = metrics(ARTICLE.assign(value=ARTICLE["value"].where(~national, 0.0)))
    assert nothing["variation_coefficient", "2000_2024"].reason == "the mean is zero"


def test_a_balance_of_zero_has_no_sign() -> None:
    of_abai = ARTICLE["indicator_code"].eq("migration_balance") & ARTICLE["region_code"].eq("10")
    row = metrics(ARTICLE.assign(value=ARTICLE["value"].where(~of_abai, 0.0)))["share_with_sign", "2000_2024"]
    assert (row.value, row.detail) == (0.95, "14 donors and 5 recipients of 20")


def test_a_region_of_unnamed_specialties_alone_has_no_qualified_balance() -> None:
    named = ~ARTICLE["specialty_code"].isin(["_T", "other", "not_stated"]) & ARTICLE["region_code"].eq("71")
    found = without(named)
    assert found["share_of_qualified_donors", "east+north"].reason == found["qualified_balance", "71"].reason
    row = found["qualified_balance", "71"]
    assert (row.status, row.reason) == (
        "missing",
        "no balance of region 71 by a named specialty for 2000-2024",
    )


def test_a_year_missing_in_the_series_is_named() -> None:
    found = without(ARTICLE["source_ref"] == "T2 2013")
    for metric in ("trend_r_squared", "trend_slope", "asymptotic_rate", "lowest_year"):
        rows = [row for (name, _), row in found.items() if name == metric]
        assert {row.reason for row in rows} == {"no figure of external_balance of region 00 for 2013"}
    assert value("negative_years", "2000_2003", found) == 4  # the gap is elsewhere


def test_a_region_missing_in_one_table_is_named() -> None:
    missing = ARTICLE["indicator_code"].eq("migration_balance") & ARTICLE["region_code"].eq("63")
    found = without(missing)
    for metric, subject in (("share_of_donors", "east+north"), ("outflow_rank", "71")):
        row = found[metric, subject]
        assert row.status == "missing"
        assert row.reason == "no figure of migration_balance of region 63 for 2000-2024"
    assert value("pearson_n", "income_per_capita", found) == 19
    assert value("region_balance_by_specialty", "63", found) == -57429


def test_balances_that_are_no_sums_by_specialty_have_no_known_period() -> None:
    one = ARTICLE["indicator_code"].eq("migration_balance") & ARTICLE["region_code"].eq("63")
    found = metrics(ARTICLE.assign(value=ARTICLE["value"].where(~one, -1)))
    row = found["first_year", "balance_by_region"]
    assert row.reason == "equal to the sums by specialty in 19 of 20 regions: the period is not known"


def test_an_indicator_that_a_release_drops_is_missing_from_then_on() -> None:
    dropped = ARTICLE["indicator_code"] == "children_per_household"
    ended = ARTICLE["known_to"].where(~dropped, pd.Timestamp("2026-01-01"))
    result = article_metrics(ARTICLE.assign(known_to=ended), REGIONS, SPECIALTIES)
    of_turkistan = result[(result["metric"] == "children_per_household") & (result["subject"] == "61")]
    assert of_turkistan["status"].tolist() == ["ok", "missing"]
    assert of_turkistan["known_to"].tolist() == [pd.Timestamp("2026-01-01"), pd.NaT]


def test_an_infinite_value_is_refused() -> None:
    with pytest.raises(ValueError, match="column 'value' holds an infinite value"):
        metrics(ARTICLE.assign(value=np.inf))


@pytest.mark.filterwarnings("ignore::RuntimeWarning:analysis_py")
def test_figures_too_large_to_compute_with_are_undefined() -> None:
    national = ARTICLE["indicator_code"] == "external_balance"
    found = metrics(ARTICLE.assign(value=ARTICLE["value"].where(~national, ARTICLE["value"] * 1e303)))
    for (metric, subject), row in found.items():
        if metric in ("trend_r_squared", "trend_slope", "asymptotic_rate"):
            # the running sum overflows, the series itself does not, and R² has no scale
            assert row.status == ("undefined" if subject.startswith("cumulative") else "ok"), subject
            if metric != "trend_slope" and row.status == "ok":
                assert row.value == pytest.approx(value(metric, subject), rel=1e-6)
    assert found["nonlinear_trend_r_squared", "0.39"].status == "undefined"
    assert value("pearson_r", "income_per_capita", found) == value("pearson_r", "income_per_capita")


def test_population() -> None:
    """East Kazakhstan as the bureau counts it; the unit of 2000 and of 2025 is Abai and East Kazakhstan."""
    counted = [
        ("63", 2000, "1516785"),
        ("63", 2023, "730238"),
        ("63", 2025, "723967"),
        ("10", 2025, "602832"),
    ]
    rows = [("population", code, "_T", year, year, text, f"P {code} {year}") for code, year, text in counted]
    frame = revisions(rows)
    row = metrics(frame)["population_change_rate", "63"]
    assert row.value == pytest.approx(100 * abs(math.sqrt(723967 / 730238) - 1))
    assert row.source_ref == "P 63 2023; P 63 2025"
    assert value("population_growth_rate", "63", metrics(frame)) == pytest.approx(-row.value)
    today = REGIONS.loc[REGIONS["valid_to"].isna() & (REGIONS["region_kind"] != "country"), "region_code"]
    grown = [("population", code, "_T", 2023, 2023, "100", f"P {code}") for code in today]
    grown += [("population", code, "_T", 2025, 2025, "110.25", f"Q {code}") for code in today if code != "79"]
    grown += [("population", "79", "_T", 2025, 2025, "121", "Q 79")]
    found = metrics(revisions(grown))["population_growth_rate", "79:00"]
    country = (19 * 110.25 + 121) / 2000
    assert found.value == pytest.approx(10 - 100 * (math.sqrt(country) - 1))
    others = metrics(frame)["share_shrinking", "east+north"]
    assert others.reason == "no population of unit 11 on 1 January 2000"
    nobody = metrics(frame.assign(value=0.0))["population_change_rate", "63"]
    assert (nobody.status, nobody.reason) == ("undefined", "a population of nobody")


def counted_yearly(population: dict[int, float], breaks: tuple[int, ...] = ()) -> pd.DataFrame:
    """Every territory alike, but North Kazakhstan, which loses one person a year."""
    units = sorted(set(REGIONS.loc[REGIONS["region_kind"] != "country", "harmonised_unit"]))
    rows = [
        (
            "population",
            unit,
            "_T",
            year,
            year,
            str(2100 - year if unit == "59" else count),
            f"P {unit} {year}",
        )
        for unit in units
        for year, count in population.items()
    ]
    frame = revisions(rows)
    broken = frame["period_start"].dt.year.isin(breaks)
    return frame.assign(obs_status=frame["obs_status"].mask(broken, "B"))


def test_population_of_every_year() -> None:
    """A loss of ten over the period, with a rise in 2009 that is, or is not, a break of the series."""
    falling = {year: 100.0 - (year - 2000) + 15 * (year >= 2009) for year in range(2000, 2026)}
    found = metrics(counted_yearly(falling))
    assert value("share_shrinking", "east+north", found) == 1
    assert value("yearly_share_shrinking", "east+north", found) == pytest.approx(1 / 5)
    broken = metrics(counted_yearly(falling, breaks=(2009,)))
    assert value("yearly_share_shrinking", "east+north", broken) == 1
    detail = broken["yearly_share_shrinking", "east+north"].detail
    assert "Pavlodar in 24 of 24 years, by -24" in detail
    assert detail.endswith("; the series breaks in 2009")
    assert value("yearly_share_growing", "south", broken) == 0
    level = metrics(counted_yearly(dict.fromkeys(range(2000, 2026), 5.0)))
    assert value("yearly_share_shrinking", "east+north", level) == pytest.approx(
        1 / 5
    )  # no change is no loss
    gap = counted_yearly(falling)
    gap = gap[gap["source_ref"] != "P 55 2013"]
    row = metrics(gap)["yearly_share_shrinking", "east+north"]
    assert (row.status, row.reason) == ("missing", "no population of unit 55 on 1 January 2013")
    assert value("share_shrinking", "east+north", metrics(gap)) == 1


def test_internal_and_derived_balances() -> None:
    """The north and the east as the bureau has them, all flows and internal ones; the rest made up."""
    today = REGIONS.loc[REGIONS["valid_to"].isna() & (REGIONS["region_kind"] != "country"), "region_code"]
    inner = {"75": 5, "79": 1, "19": 2, "61": -100}
    rows = [
        ("internal_balance", code, "_T", year, year, str(inner.get(code, -1)), f"I {code} {year}")
        for code in today
        for year in (2022, 2023, 2024)
    ]
    external = {"10": -393, "63": -979, "11": -730, "39": 108, "55": -380, "59": -183, "71": 1461}
    later = {"10": -436, "63": -584, "11": 472, "39": 549, "55": 370, "59": -1692, "71": 0}
    for year, balances in ((2023, external), (2024, later)):
        rows += [
            ("all_flows_balance", code, "_T", year, year, str(balance - 1), f"A {code} {year}")
            for code, balance in balances.items()
        ]
    found = metrics(revisions(rows))
    assert value("internal_balance", "south+west", found) == 3 * (5 + 1 + 2 - 100 - 7)
    row = found["internal_recipient_share", "south+west"]
    assert row.value == pytest.approx(3 / 11)
    assert row.detail == "3 of 11: Almaty region 6, Almaty city 15, Shymkent 3"
    row = found["derived_external_donor_share", "east+north"]
    assert row.value == pytest.approx(8 / 14)
    assert row.detail == (
        "2023: 5 of 7, not Kostanay 108, Astana 1461, together -1096; "
        "2024: 3 of 7, not Akmola 472, Kostanay 549, Pavlodar 370, Astana 0, together -1321"
    )
    one_less = revisions([row for row in rows if row[6] != "A 55 2024"])
    missing = metrics(one_less)["derived_external_donor_share", "east+north"]
    assert missing.reason == "no figure of all_flows_balance of region 55 for 2024"


def test_the_half_that_loses_more() -> None:
    """Karaganda, Almaty city and Astana are second, seventh and eleventh by loss."""
    balance = ARTICLE[ARTICLE["indicator_code"] == "migration_balance"].set_index("region_code")["value"]
    places = balance.rank().loc[["35", "75", "71"]]
    row = FOUND["in_losing_half", "35+71+75"]
    assert row.value == (places <= 10).sum() == 2
    assert "Astana -7914 number 11" in row.detail
    assert row.detail.endswith(f"1 of 3 lost more than the mean of {balance.mean():.0f}")


@pytest.mark.parametrize(
    "others",
    [
        {"period_end": pd.Timestamp("2001-02-01")},
        {"period_end": pd.Timestamp("2001-01-02")},
        {"period_start": pd.Timestamp("2001-10-01")},
        {"age_code": "Y_GT15"},
        {"region_code": "11"},
    ],
    ids=["a month", "a day", "a quarter", "another age", "a region"],
)
def test_other_figures_of_a_year_are_left_out(others: dict[str, Any]) -> None:
    year = ARTICLE[ARTICLE["source_ref"] == "T2 2001"].assign(value=-1.0, source_ref="other", **others)
    for frame in ([year, ARTICLE], [ARTICLE, year]):
        assert value("external_balance", "2001", metrics(pd.concat(frame))) == -88162


def test_totals_by_specialty_are_not_added_to_their_parts() -> None:
    cell = ARTICLE[ARTICLE["specialty_code"] == "technical"][:1]
    totals = [cell.assign(specialty_code="_T", source_ref="a total"), cell.assign(region_code="00")]
    found = metrics(pd.concat([ARTICLE, *totals]))
    for subject in ("technical", "pedagogical"):
        assert value("specialty_balance", subject, found) == value("specialty_balance", subject)
    assert value("balance_of_all_specialties", "2000_2024", found) == -267599
