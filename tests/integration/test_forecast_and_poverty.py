"""Forecasts and the analyses of poverty in the published file, recomputed from its figures by other means."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from project import PROJECT
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.stattools import adfuller, coint

YEARLY = """
    select indicator_code, region_code, extract(year from period_start) as year,
        cast(value as double) as value, obs_status
    from core.fct_observation
    where indicator_code in ('poverty_share', 'unemployment_rate', 'nominal_income_per_capita')
        and period_end = period_start + interval 1 year and value is not null
"""


@pytest.fixture(scope="module")
def published(built_project: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built_project / "warehouse/saldo.duckdb"), read_only=True) as connection:
        yield connection


def rows(published: duckdb.DuckDBPyConnection, query: str, *values: object) -> list[tuple[Any, ...]]:
    return published.execute(query, values).fetchall()


def row(published: duckdb.DuckDBPyConnection, query: str, *values: object) -> tuple[Any, ...]:
    [found] = rows(published, query, *values)
    return found


@pytest.fixture(scope="module")
def balance(published: duckdb.DuckDBPyConnection) -> np.ndarray:
    query = "select balance_persons from national.external_balance_annual order by year"
    return np.array([float(one) for (one,) in rows(published, query)])


@pytest.fixture(scope="module")
def panel(published: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Regions and years with all three figures, back-estimates aside."""
    table = published.execute(f"{YEARLY} and region_code <> '00' and obs_status <> 'E'").df()
    wide = table.pivot(index=["region_code", "year"], columns="indicator_code", values="value").reset_index()
    return wide.assign(income=np.log(wide["nominal_income_per_capita"]))


# Forecast


def test_what_each_model_said_for_2025_stands_beside_what_was_published(
    published: duckdb.DuckDBPyConnection,
) -> None:
    query = """
        select model, forecast, published_persons, error_persons, low_95 < 16153 and 16153 < high_95
        from analysis.forecast_external_balance where origin_year = 2024 and year = 2025
    """
    found = {model: others for model, *others in rows(published, query)}
    models = "naive drift arima ets var_unemployment var_poverty combination"
    assert set(found) == set(models.split())
    assert {outcome for _, outcome, _, _ in found.values()} == {16153}
    assert all(inside for _, _, _, inside in found.values())
    assert found["naive"][:3] == [16550, 16153, 397]
    assert found["drift"][0] == pytest.approx(16550 + (16550 + 108307) / 24)
    query = """
        select published_source from analysis.forecast_external_balance
        where origin_year = 2024 and year = 2025 and model = 'naive'
    """
    assert "Bureau of National Statistics" in row(published, query)[0]


def test_outcomes_that_the_warehouse_holds_come_from_its_release(
    published: duckdb.DuckDBPyConnection,
) -> None:
    query = """
        select count(*), count(distinct published_source) from analysis.forecast_external_balance as forecast
        inner join national.external_balance_annual as balance using (year)
        where forecast.published_persons = balance.balance_persons
            and forecast.published_source = balance.release_id
    """
    # 15 origins with the year after, 14 with the second, ..., 11 with the fifth, of seven models
    assert row(published, query) == (7 * (15 + 14 + 13 + 12 + 11), 1)


def test_naive_is_the_choice_because_no_gain_exceeds_its_margin(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select model, gain > margin, is_chosen, status from analysis.forecast_evaluation where horizon = 0
    """
    found = rows(published, query)
    assert [model for model, _, is_chosen, _ in found if is_chosen] == ["naive"]
    assert not any(exceeds for _, exceeds, _, _ in found)
    assert {model for model, _, _, status in found if status == "ok"} == {
        "drift",
        "arima",
        "ets",
        "combination",
    }
    query = """
        select distinct model from analysis.forecast_external_balance where is_chosen and origin_year = 2024
    """
    assert rows(published, query) == [("naive",)]


def test_arima_is_what_statsmodels_gives(published: duckdb.DuckDBPyConnection, balance: np.ndarray) -> None:
    query = """
        select specification, forecast from analysis.forecast_external_balance
        where origin_year = 2024 and model = 'arima' order by year
    """
    found = rows(published, query)
    assert {specification for specification, _ in found} == {"ARIMA(2,0,0)"}
    peer = ARIMA(balance / 1e4, order=(2, 0, 0), trend="n").fit().forecast(5) * 1e4
    assert [forecast for _, forecast in found] == pytest.approx(peer, rel=0.01)


def test_error_of_naive_is_the_mean_change(published: duckdb.DuckDBPyConnection, balance: np.ndarray) -> None:
    for horizon in range(1, 6):
        query = """
            select n_origins, mae_persons, mase from analysis.forecast_evaluation
            where model = 'naive' and horizon = ?
        """
        n, error, mase = row(published, query, horizon)
        ends = range(9, 25 - horizon)  # the place of 2009, with ten figures up to it
        errors = np.array([abs(balance[end + horizon] - balance[end]) for end in ends])
        scales = np.array([np.abs(np.diff(balance[: end + 1])).mean() for end in ends])
        assert n == len(errors)
        assert error == pytest.approx(errors.mean())
        assert mase == pytest.approx((errors / scales).mean())


# Poverty


def test_comparison_has_each_printed_figure_and_no_change_across_a_break(
    published: duckdb.DuckDBPyConnection,
) -> None:
    table = published.execute("from analysis.poverty_comparison").df()
    figures = published.execute(YEARLY).df()
    assert len(table) == len(figures) > 1000
    breaks = table[(table["status"] == "break") & (table["region_code"] == "00")]
    assert breaks[["indicator_code", "year"]].to_numpy().tolist() == [
        ["poverty_share", year] for year in (2001, 2006, 2018)
    ]
    assert breaks["change"].isna().all()
    # as printed in seeds/published/bns_poverty_2024_10_24.csv: 2.7 in 2017, 4.3 in 2018, 5.3 in 2020
    query = """
        select value, change, stretch_first_year, change_in_stretch from analysis.poverty_comparison
        where indicator_code = 'poverty_share' and region_code = '00' and year = ?
    """
    assert row(published, query, 2018) == (4.3, None, 2018, 0)
    assert row(published, query, 2020) == pytest.approx((5.3, 1.0, 2018, 1.0))
    assert row(published, query, 2017) == pytest.approx((2.7, 0.2, 2006, 2.7 - 18.2))
    query = """
        select difference_from_national from analysis.poverty_comparison
        where indicator_code = 'poverty_share' and region_code = '11' and year = 2010
    """
    assert row(published, query)[0] == pytest.approx(4.4 - 6.5)


def test_comparison_says_where_the_country_has_no_figure(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select indicator_code, min(year), max(year), count(*), count(change),
            bool_and(reason like '%no figure of the whole country for the year')
        from analysis.poverty_comparison where national_value is null group by indicator_code
    """
    assert rows(published, query) == [("nominal_income_per_capita", 2021, 2024, 77, 74, True)]
    query = """
        select count(*) from analysis.poverty_comparison
        where (status = 'ok') <> (change is not null and difference_from_national is not null)
            or (status = 'ok') <> (reason = '')
    """
    assert row(published, query) == (0,)


def test_panel_regression_is_what_statsmodels_gives_with_dummies(
    published: duckdb.DuckDBPyConnection, panel: pd.DataFrame
) -> None:
    known = panel.dropna()
    known = known[known.groupby("region_code")["year"].transform("size") > 1]
    assert (len(known), known["region_code"].nunique()) == (230, 18)
    dummies = pd.get_dummies(known[["region_code", "year"]].astype(str), drop_first=True, dtype=float)
    design = sm.add_constant(np.column_stack([known[["unemployment_rate", "income"]], dummies]))
    groups = pd.factorize(known["region_code"])[0]
    peer = sm.OLS(known["poverty_share"].to_numpy(), design).fit(
        cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
    )
    query = """
        select estimate, standard_error, p_value, n, n_regions, first_year, last_year
        from analysis.poverty_panel where specification = 'two_way' order by term desc
    """
    for j, (estimate, error, p_value, *counts) in enumerate(rows(published, query)):
        assert (estimate, error, p_value) == pytest.approx(
            (peer.params[1 + j], peer.bse[1 + j], peer.pvalues[1 + j])
        )
        assert counts == [230, 18, 2010, 2023]


def test_every_specification_says_how_few_regions_it_has(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select specification, min(n), max(n_regions), min(status), count(*)
        from analysis.poverty_panel group by specification
    """
    assert sorted(rows(published, query)) == [
        ("changes", 197, 18, "warning", 2),
        ("two_way", 230, 18, "warning", 2),
        ("two_way_after_break", 102, 17, "warning", 2),
        ("two_way_before_break", 128, 16, "warning", 2),
        ("two_way_complete", 210, 15, "warning", 2),
        ("two_way_regimes", 230, 18, "warning", 2),
    ]


def test_interval_of_the_panel_leaves_out_zero_where_its_p_value_says_so(
    published: duckdb.DuckDBPyConnection,
) -> None:
    query = """
        select bool_and((ci_low > 0 or ci_high < 0) = (p_wild <= 0.05)), count(ci_low), count(*)
        from analysis.poverty_panel
    """
    assert row(published, query) == (True, 12, 12)
    query = """
        select p_value < 0.05, p_wild, ci_low < 0 and ci_high > 0 from analysis.poverty_panel
        where specification = 'two_way_after_break' and term = 'nominal_income_per_capita'
    """
    assert row(published, query) == (True, 0.054, True)


@pytest.fixture(scope="module")
def national_changes(published: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Changes of poverty and unemployment beside those of the year before, none across a break."""
    table = published.execute(f"{YEARLY} and region_code = '00'").df()
    wide = table.pivot(index="year", columns="indicator_code", values="value")
    change = wide.diff()
    change.loc[[2001, 2006, 2018], "poverty_share"] = np.nan
    pair = change[["poverty_share", "unemployment_rate"]]
    return pd.concat([pair, pair.shift().add_suffix("_before")], axis=1).dropna().reset_index()


def test_national_granger_by_hand_leaves_the_breaks_out(
    published: duckdb.DuckDBPyConnection, national_changes: pd.DataFrame
) -> None:
    both = national_changes
    full = sm.OLS(both["poverty_share"], sm.add_constant(both.filter(like="_before"))).fit()
    query = """
        select statistic, p_value, n, residual_df, status from analysis.poverty_test
        where test = 'granger' and territory = '00'
            and series = 'unemployment_rate' and with_series = 'poverty_share' and transformation = 'change'
    """
    statistic, p_value, *counts = row(published, query)
    assert statistic == pytest.approx(full.tvalues["unemployment_rate_before"] ** 2)
    assert p_value == pytest.approx(full.pvalues["unemployment_rate_before"])
    assert counts == [17, 14, "warning"]


@pytest.mark.parametrize(
    ("cause", "effect", "plain", "with_trend", "adjusted"),
    [
        ("unemployment_rate", "poverty_share", 0.0007, "0.17", 0.33),
        ("poverty_share", "unemployment_rate", 0.0014, "0.027", 0.08),
    ],
)
def test_national_granger_does_not_survive_a_trend(
    published: duckdb.DuckDBPyConnection,
    national_changes: pd.DataFrame,
    cause: str,
    effect: str,
    plain: float,
    with_trend: str,
    adjusted: float,
) -> None:
    """The figures of docs/explanation/forecast-and-poverty.md, by statsmodels' F test of the coefficient."""
    x = sm.add_constant(national_changes[["year", f"{effect}_before", f"{cause}_before"]])
    peer = sm.OLS(national_changes[effect], x).fit().f_test(f"{cause}_before = 0")
    query = """
        select transformation, statistic, p_value, p_adjusted, n, residual_df, reason
        from analysis.poverty_test
        where test = 'granger' and territory = '00' and series = ? and with_series = ?
        order by transformation
    """
    (_, _, first_p, *_, reason), (_, statistic, p_value, p_adjusted, *counts, _) = rows(
        published, query, cause, effect
    )
    assert (statistic, p_value) == pytest.approx((float(peer.fvalue), float(peer.pvalue)))
    assert counts == [17, 13]
    assert (round(first_p, 4), f"{p_value:.2g}", round(p_adjusted, 2)) == (plain, with_trend, adjusted)
    assert reason.endswith(f"; with a linear trend p {with_trend}")
    assert "changes not shown to be stationary (" in reason
    assert "poverty_share KPSS p 0.019" in reason


def test_what_rests_on_the_same_changes_says_that_they_are_not_stationary(
    published: duckdb.DuckDBPyConnection,
) -> None:
    says = "like '%; changes not shown to be stationary (%KPSS p%'"
    assert row(published, f"select bool_and(reason {says}) from analysis.poverty_forecast") == (True,)
    query = f"""
        select territory, bool_and(reason {says}), bool_or(reason {says})
        from analysis.poverty_impulse_response group by territory order by territory
    """
    assert rows(published, query) == [("00", True, True), ("panel", False, False)]


def test_panel_tests_of_levels_are_means_of_statsmodels(
    published: duckdb.DuckDBPyConnection, panel: pd.DataFrame
) -> None:
    names = ["poverty_share", "income"]
    wide = panel.dropna(subset=names).pivot(index="year", columns="region_code", values=names).dropna(axis=1)
    poor, rich = (wide[name].sub(wide[name].mean(axis=1), axis=0) for name in names)
    settings = {"maxlag": 1, "autolag": None}
    roots = [adfuller(poor[code], **settings, result_object=False)[0] for code in poor]
    together = [coint(poor[code], rich[code], **settings)[0] for code in poor]
    query = """
        select statistic, p_value, n_regions, n from analysis.poverty_test
        where territory = 'panel' and test = ? and series = 'poverty_share' and with_series = ?
    """
    for test, other, expected in [
        ("adf", "none", roots),
        ("engle_granger", "nominal_income_per_capita", together),
    ]:
        statistic, p_value, *counts = row(published, query, test, other)
        assert statistic == pytest.approx(np.mean(expected))
        assert counts == [15, 15 * 14]
        assert 0.0002 <= p_value < 0.01


def test_panel_sees_no_causality_where_the_country_alone_seems_to(
    published: duckdb.DuckDBPyConnection,
) -> None:
    query = """
        select territory, min(p_adjusted), max(n_regions) from analysis.poverty_test
        where test = 'granger' group by territory order by territory
    """
    (country, least, _), (regions, least_of_panel, n_regions) = rows(published, query)
    assert (country, regions, n_regions) == ("00", "panel", 15)
    assert least < 0.05 < least_of_panel


def test_what_is_too_short_is_withheld_with_a_reason(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select count(*), count(statistic), count(p_value),
            min(reason) like '%residual degrees of freedom of at least 8'
        from analysis.poverty_test where status = 'withheld'
    """
    count, *others = row(published, query)
    assert others == [0, 0, True]
    assert count > 10
    query = (
        "select count(*) from analysis.poverty_test where status in ('withheld', 'warning') and reason = ''"
    )
    assert row(published, query) == (0,)


def test_panel_says_where_it_reaches_across_the_break_and_what_it_pools(
    published: duckdb.DuckDBPyConnection,
) -> None:
    query = """
        select test, series, first_year, last_year from analysis.poverty_test
        where territory = 'panel' and reason like '%reaches across a break of the poverty line' order by test
    """
    assert rows(published, query) == [
        ("adf", "poverty_share", 2010, 2023),
        ("engle_granger", "poverty_share", 2010, 2023),
        ("engle_granger", "poverty_share", 2010, 2023),
    ]
    query = """
        select distinct residual_df, reason like '10 years a region: the test pools the regions%'
        from analysis.poverty_test where territory = 'panel' and test = 'granger'
    """
    assert rows(published, query) == [(7, True)]
    query = """
        select count(*) from analysis.poverty_test
        where residual_df < 8 and status = 'warning' and (territory <> 'panel' or test <> 'granger')
    """
    assert row(published, query) == (0,)


def test_every_row_that_lacks_something_is_counted_in_the_gaps(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select table_schema || '.' || table_name from information_schema.columns
        where column_name = 'status' and table_schema not in ('audit', 'bi') order by all
    """
    counted = dict(rows(published, "select mart, sum(row_count) from audit.analysis_gap group by mart"))
    marts = [mart for (mart,) in rows(published, query)]
    assert len(marts) == 23
    for mart in marts:
        lacking = f"""
            select count(*) from {mart}
            where (status <> 'ok' or reason <> '') and status not in ('yardstick', 'no_loss', 'first')
        """
        assert (counted.pop(mart, 0),) == row(published, lacking), mart
    assert counted == {}


def test_forecast_of_poverty_is_not_below_zero(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select year from analysis.poverty_forecast
        where low_95 = 0 and reason like '%; cut off at 0' and indicator_code = 'poverty_share' order by year
    """
    assert rows(published, query) == [(2025,), (2026,), (2027,), (2028,)]
    query = """
        select min(least(low_80, low_95)), count(*) filter (where reason like '%cut off%')
        from analysis.poverty_forecast
    """
    assert row(published, query) == (0, 4)


def test_coverage_at_past_origins(published: duckdb.DuckDBPyConnection) -> None:
    """The figures that docs/explanation/forecast-and-poverty.md names."""
    query = """
        select model, coverage_80 from analysis.forecast_evaluation where horizon = 0 and coverage_80 < 1
        order by model
    """
    assert rows(published, query) == [("drift", pytest.approx(51 / 55)), ("ets", pytest.approx(53 / 55))]
    query = """
        select coverage_80 from analysis.forecast_evaluation where horizon = 5 and model = 'drift'
    """
    assert row(published, query) == (pytest.approx(8 / 11),)
    assert row(published, "select min(coverage_95) from analysis.forecast_evaluation") == (1,)


def test_forecast_of_poverty_starts_from_the_last_figures(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select indicator_code, origin_year, min(year), max(year), min(last_value), max(last_value), min(n)
        from analysis.poverty_forecast group by 1, 2 order by 1
    """
    assert rows(published, query) == [
        ("poverty_share", 2023, 2024, 2028, 5.2, 5.2, 17),
        ("unemployment_rate", 2023, 2024, 2028, 4.7, 4.7, 17),
    ]


def test_responses_of_the_panel_by_hand(published: duckdb.DuckDBPyConnection, panel: pd.DataFrame) -> None:
    panel = panel[panel["poverty_share"].notna() & panel["unemployment_rate"].notna()].sort_values("year")
    names = ["unemployment_rate", "poverty_share"]
    change = panel.groupby("region_code")[names].diff()
    change[panel["year"] == 2018] = np.nan
    steps = panel.groupby("region_code")["year"].diff() == 1
    change = change[steps].assign(region_code=panel["region_code"], year=panel["year"]).dropna()
    change[names] -= change.groupby("year")[names].transform("mean")
    before = change.assign(year=change["year"] + 1)
    both = change.merge(before, on=["region_code", "year"], suffixes=("", "_before"))
    x = sm.add_constant(both[["unemployment_rate_before", "poverty_share_before"]].to_numpy())
    fits = [sm.OLS(both[name].to_numpy(), x).fit() for name in names]
    errors = np.column_stack([fit.resid for fit in fits])
    shock = np.linalg.cholesky(errors.T @ errors / (len(both) - 3))
    mix = np.array([fit.params[1:] for fit in fits])
    query = """
        select estimate, n, n_regions from analysis.poverty_impulse_response
        where territory = 'panel' and impulse = 'unemployment_rate' and response = 'poverty_share'
        order by step
    """
    found = rows(published, query)
    expected = np.cumsum([(np.linalg.matrix_power(mix, s) @ shock)[1, 0] for s in range(6)])
    assert [estimate for estimate, _, _ in found] == pytest.approx(expected)
    assert {(n, n_regions) for _, n, n_regions in found} == {(164, 18)}


def test_later_figure_is_that_of_the_release_file() -> None:
    """seeds/reference/later_figure.csv repeats a figure of an example: the two say the same."""
    seed = pd.read_csv(PROJECT / "seeds/reference/later_figure.csv", dtype=str)
    release = pd.read_csv(PROJECT / "examples/releases/external_migration_2025_2026-03-13.csv", dtype=str)
    [figure] = release.loc[release["INDICATOR"] == "external_balance", "OBS_VALUE"]
    assert seed[["year", "value", "published_on"]].to_numpy().tolist() == [["2025", figure, "2026-03-13"]]
