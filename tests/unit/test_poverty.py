"""Poverty over years: published examples, statsmodels, tables arranged by hand, and bad input."""

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.datasets import grunfeld
from statsmodels.tsa.api import VAR
from statsmodels.tsa.stattools import adfuller, coint, grangercausalitytests, kpss

from analysis_py import annual, poverty, unit_root
from analysis_py.annual import INCOME, POVERTY, UNEMPLOYMENT
from analysis_py.vector_autoregression import lagged
from tests.unit.yearly_figures import BREAK, REGIONS, YEARS, country, everything, regions, rows

FUNCTIONS = (
    poverty.panel_regression,
    poverty.series_tests,
    poverty.forecast_poverty,
    poverty.impulse_responses,
)
KEYS = {
    poverty.panel_regression: ["specification", "term"],
    poverty.series_tests: ["test", "territory", "series", "with_series", "transformation"],
    poverty.forecast_poverty: ["indicator_code", "year"],
    poverty.impulse_responses: ["territory", "impulse", "response", "step"],
}


def firm(name: str, column: str) -> np.ndarray:
    data = grunfeld.load_pandas().data
    values: np.ndarray = data.loc[data["firm"] == name, column].to_numpy()
    return values


def found(table: pd.DataFrame, **keys: str) -> pd.Series:
    for column, value in keys.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


# --- years ------------------------------------------------------------------------------------------------


def test_quarters_stocks_gaps_and_back_estimates_are_left_out() -> None:
    years = rows(POVERTY, "11", {2010: 4.0, 2011: None, 2012: 5.0})
    quarter = years[:1].assign(period_end=pd.Timestamp("2010-04-01"), value=9.0)
    fourth = years[:1].assign(period_start=pd.Timestamp("2010-10-01"), value=9.0)
    stock = years[:1].assign(period_end=pd.Timestamp("2010-01-02"), value=9.0)
    estimate = rows(POVERTY, "61", {2010: 7.0}).assign(obs_status="E")
    figures = annual.yearly(pd.concat([quarter, fourth, stock, estimate, years], ignore_index=True))
    assert figures[["region_code", "year", "value"]].to_numpy().tolist() == [
        ["11", 2010, 4.0],
        ["11", 2012, 5.0],
    ]
    level, change = annual.series(figures, POVERTY, "11")
    assert level.index.tolist() == change.index.tolist() == [2010, 2011, 2012]
    assert change.isna().all()  # none across the gap


def test_no_change_across_a_break_and_levels_of_stretches() -> None:
    table = poverty.regions_over_years(
        pd.concat(
            [
                rows(POVERTY, "11", {2016: 3.0, 2017: 2.5, 2018: 4.0, 2019: 4.25}, breaks=[2018]),
                rows(INCOME, "11", {2016: 100.0, 2017: 100.0 * np.e, 2018: 0.0}),
            ],
            ignore_index=True,
        )
    )
    assert table["year"].tolist() == [2016, 2017, 2018, 2019]
    assert table["stretch"].tolist() == [0, 0, 1, 1]
    assert table[f"change_{POVERTY}"].tolist() == pytest.approx([np.nan, -0.5, np.nan, 0.25], nan_ok=True)
    assert table[f"change_{INCOME}"].tolist() == pytest.approx([np.nan, 1, np.nan, np.nan], nan_ok=True)
    assert table[UNEMPLOYMENT].isna().all()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_infinite_value_names_the_indicator(function: poverty.Any) -> None:
    table = everything()
    table.loc[table["indicator_code"] == UNEMPLOYMENT, "value"] = np.inf
    with pytest.raises(ValueError, match="'unemployment_rate'"):
        function(table)


# --- published examples -----------------------------------------------------------------------------------


def test_dumitrescu_hurlin_of_grunfeld() -> None:
    """`pgrangertest(inv ~ value, data = Grunfeld)` of R's plm, as its tests record it: 3.2896, p 0.001003."""
    walds, lengths = [], []
    for name in set(grunfeld.load_pandas().data["firm"]) - {"American Steel"}:
        x, y = lagged(np.column_stack([firm(name, "invest"), firm(name, "value")]))
        walds.append(poverty._wald(x, y[:, 0]))
        lengths.append(len(x))
    statistic = poverty.z_tilde(np.array(walds, dtype=float), np.array(lengths), 1)
    assert statistic == pytest.approx(3.2896, abs=5e-5)
    assert 2 * poverty.stats.norm.sf(statistic) == pytest.approx(0.001003, abs=5e-7)


@pytest.mark.parametrize(
    ("name", "statistic"),
    [("General Electric", -1.65614389), ("IBM", 2.51472363), ("Diamond Match", -1.68616532)],
)
def test_dickey_fuller_of_grunfeld(name: str, statistic: float) -> None:
    """`purtest(pG$inv, lags = c(2,3,1,5,8,1,4,6,7,1))` as the tests of R's plm record it: firms with one lag.

    They divide the variance by the 18 figures, not by the 15 degrees of freedom.
    """
    ours = unit_root.dickey_fuller(firm(name, "invest"))
    assert ours * np.sqrt(18 / 15) == pytest.approx(statistic, abs=5e-9)


# --- the panel --------------------------------------------------------------------------------------------


def test_panel_finds_the_effect_that_was_put_in() -> None:
    table = poverty.panel_regression(regions(effect=2.0))
    assert table[["specification", "term"]].to_numpy().tolist() == [
        [name, term] for name in poverty.SPECIFICATIONS for term in poverty.TERMS
    ]
    unemployment = table[table["term"] == UNEMPLOYMENT]
    assert unemployment["estimate"].tolist() == pytest.approx([2.0] * 6, abs=0.3)
    assert (unemployment["ci_low"] > 0).all()
    assert set(table["status"]) == {poverty.WARNING}
    assert found(table, specification=poverty.CHANGES, term=INCOME)["n"] == 20 * 12  # none in 2010 and 2018


@pytest.mark.filterwarnings("ignore::UserWarning")  # some dummies are sums of others
@pytest.mark.parametrize("name", [poverty.TWO_WAY, poverty.REGIMES, poverty.CHANGES])
def test_panel_agrees_with_statsmodels(name: str) -> None:
    frame = poverty.regions_over_years(regions(3)).dropna(subset=list(poverty.INDICATORS))
    prefix = "change_" if name == poverty.CHANGES else ""
    frame = frame.dropna(subset=[prefix + POVERTY])
    effects = [frame["year"].astype(str)]
    if name == poverty.TWO_WAY:
        effects.append(frame["region_code"])
    if name == poverty.REGIMES:
        effects.append(frame["region_code"] + (frame["year"] >= BREAK).astype(str))
    dummies = [pd.get_dummies(one, drop_first=True, dtype=float) for one in effects]
    design = np.column_stack(
        [frame[[prefix + term for term in poverty.TERMS]], *dummies, np.ones(len(frame))]
    )
    groups = pd.factorize(frame["region_code"])[0]
    rank = np.linalg.matrix_rank(design)
    peer = sm.OLS(frame[prefix + POVERTY].to_numpy(), design, hasconst=True).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}, use_t=True
    )
    n, g = len(frame), len(REGIONS)
    correction = np.sqrt(g / (g - 1) * (n - 1) / (n - rank))
    ours = poverty.panel_regression(regions(3))
    ours = ours[ours["specification"] == name]
    assert ours["estimate"].tolist() == pytest.approx(peer.params[:2])
    assert ours["standard_error"].tolist() == pytest.approx(peer.bse[:2] * correction)


def test_a_break_that_moves_all_regions_alike_moves_no_estimate() -> None:
    plain = regions(2)
    moved = plain.copy()
    after = (moved["period_start"] >= f"{BREAK}-01-01") & (moved["indicator_code"] == POVERTY)
    moved.loc[after, "value"] += 7
    expected, table = poverty.panel_regression(plain), poverty.panel_regression(moved)
    assert table["estimate"].tolist() == pytest.approx(expected["estimate"].tolist())
    # and one that moves a region alone does not move the estimates that allow for it
    moved.loc[after & (moved["region_code"] == "11"), "value"] += 7
    table = poverty.panel_regression(moved)
    same = ~table["specification"].isin([poverty.TWO_WAY, poverty.COMPLETE])
    assert table.loc[same, "estimate"].tolist() == pytest.approx(expected.loc[same, "estimate"].tolist())
    assert (abs(table.loc[~same, "estimate"] - expected.loc[~same, "estimate"]) > 1e-6).all()


def test_panel_of_few_regions_is_withheld() -> None:
    table = poverty.panel_regression(regions(codes=REGIONS[:9]))
    assert set(table["status"]) == {poverty.WITHHELD}
    assert table["reason"].str.contains("9 regions").all()
    assert table[["estimate", "p_value", "p_wild"]].isna().all(axis=None)


def test_panel_of_constant_columns() -> None:
    flat = regions()
    flat.loc[flat["indicator_code"] == INCOME, "value"] = 1000.0
    table = poverty.panel_regression(flat).set_index("term")
    assert set(table.loc[INCOME, "status"]) == {poverty.CONSTANT}
    assert set(table.loc[UNEMPLOYMENT, "status"]) == {poverty.WARNING}
    assert table.loc[UNEMPLOYMENT, "estimate"].notna().all()
    flat.loc[flat["indicator_code"] == POVERTY, "value"] = 5.0
    table = poverty.panel_regression(flat)
    assert set(table["status"]) == {poverty.CONSTANT}


def test_region_missing_in_one_table_is_left_out() -> None:
    table = regions()
    lacks = (table["region_code"] == "11") & (table["indicator_code"] == UNEMPLOYMENT)
    assert set(poverty.panel_regression(table[~lacks])["n_regions"]) == {19}


# --- tests of series --------------------------------------------------------------------------------------


def test_tests_of_the_country_agree_with_statsmodels() -> None:
    table = poverty.series_tests(country(4))
    frame = poverty.regions_over_years(country(4)).set_index("year")
    national = table[table["territory"] == "00"]
    unemployment = frame[UNEMPLOYMENT].dropna().to_numpy()
    row = found(national, test=poverty.ADF, series=UNEMPLOYMENT, transformation=poverty.LEVEL)
    peer = adfuller(unemployment, maxlag=1, regression="c", autolag=None, result_object=False)
    assert row["statistic"] == pytest.approx(peer[0])
    assert row["p_value"] == unit_root.p_value(unit_root.dickey_fuller, row["statistic"], 23)
    assert (row["n"], row["residual_df"], row["lags"]) == (23, peer[3] - 3, 1)
    row = found(national, test=poverty.KPSS, series=UNEMPLOYMENT, transformation=poverty.LEVEL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert row["statistic"] == pytest.approx(kpss(unemployment, "c", nlags=int(row["lags"]))[0])
    # the longest run of poverty between its breaks has 12 years: one equation would be left with 7
    row = found(national, test=poverty.ADF, series=POVERTY, transformation=poverty.LEVEL)
    assert (row["n"], row["first_year"], row["last_year"]) == (12, 2006, 2017)
    assert row["status"] == poverty.WITHHELD
    assert "7 residual degrees of freedom of at least 8" in row["reason"]


def test_granger_agrees_with_statsmodels_where_nothing_is_left_out() -> None:
    table = country(5)
    table["obs_status"] = "A"
    frame = poverty.regions_over_years(table).set_index("year")
    pair = frame[[f"change_{POVERTY}", f"change_{UNEMPLOYMENT}"]].dropna().to_numpy()
    result = poverty.series_tests(table)
    for cause, effect, ordered in [
        (UNEMPLOYMENT, POVERTY, pair),
        (POVERTY, UNEMPLOYMENT, pair[:, ::-1]),
    ]:
        keys = {"test": poverty.GRANGER, "territory": "00", "series": cause, "with_series": effect}
        row = found(result, **keys, transformation=poverty.CHANGE)
        statistic, p_value, df, _ = grangercausalitytests(ordered, [1])[1][0]["ssr_ftest"]
        assert (row["statistic"], row["p_value"], row["residual_df"]) == pytest.approx(
            (statistic, p_value, df)
        )
        assert row["status"] == poverty.WARNING


def test_granger_with_a_trend_agrees_with_statsmodels() -> None:
    """Its own F test of the coefficient, over the equations of three stretches."""
    result = poverty.series_tests(country(5))
    frame = poverty.regions_over_years(country(5)).set_index("year")
    changes = frame[[f"change_{POVERTY}", f"change_{UNEMPLOYMENT}"]].set_axis(["poverty", "work"], axis=1)
    both = changes.join(changes.shift().add_suffix("_before")).dropna().reset_index()
    for cause, effect, formula in [
        (UNEMPLOYMENT, POVERTY, "poverty ~ poverty_before + work_before + year"),
        (POVERTY, UNEMPLOYMENT, "work ~ work_before + poverty_before + year"),
    ]:
        keys = {"test": poverty.GRANGER, "territory": "00", "series": cause, "with_series": effect}
        row = found(result, **keys, transformation=poverty.WITH_TREND)
        name = "work_before" if cause == UNEMPLOYMENT else "poverty_before"
        peer = smf.ols(formula, both).fit().f_test(f"{name} = 0")
        assert (row["statistic"], row["p_value"]) == pytest.approx((float(peer.fvalue), float(peer.pvalue)))
        assert (row["n"], row["residual_df"], row["lags"]) == (17, peer.df_denom, 1)
        plain = found(result, **keys, transformation=poverty.CHANGE)
        assert plain["reason"].endswith(f"; with a linear trend p {float(peer.pvalue):.2g}")
        assert (plain["n"], plain["residual_df"]) == (17, 14)


def slowing(seed: int) -> pd.DataFrame:
    """Poverty and unemployment that fall ever more slowly, each by itself."""
    rng = np.random.default_rng(seed)
    table = country(seed).drop(columns="value")
    year = table["period_start"].dt.year
    return table.assign(value=30 * 0.9 ** (year - 1996) + 0.05 * rng.normal(size=len(table)))


def test_a_common_slowing_is_told_of_tests_forecasts_and_responses() -> None:
    """Changes that fade are no stationary ones: KPSS rejects it, and every row that rests on them says so."""
    says = r"changes not shown to be stationary \(.*poverty_share KPSS p (?:below )?0\.0\d+"
    result = poverty.series_tests(slowing(1))
    for series in (POVERTY, UNEMPLOYMENT):
        row = found(result, test=poverty.KPSS, series=series, transformation=poverty.CHANGE)
        assert row["p_value"] < 0.05
    granger = result[(result["test"] == poverty.GRANGER) & (result["territory"] == "00")]
    by_trend = granger["transformation"] == poverty.WITH_TREND
    assert granger.loc[~by_trend, "reason"].str.contains(says).all()
    assert not granger.loc[by_trend, "reason"].str.contains("stationary").any()
    assert poverty.forecast_poverty(slowing(1))["reason"].str.contains(says).all()
    responses = poverty.impulse_responses(pd.concat([slowing(1), regions()], ignore_index=True))
    of_country = responses["territory"] == "00"
    assert responses.loc[of_country, "reason"].str.contains(says).all()
    assert not responses.loc[~of_country, "reason"].str.contains("stationary").any()


def test_changes_that_are_stationary_or_too_few_to_tell() -> None:
    table = country(5)
    steady = table[table["indicator_code"] != INCOME].copy()
    steady["value"] = np.random.default_rng(3).normal(size=len(steady)).cumsum()
    steady["obs_status"] = "A"
    assert not poverty.forecast_poverty(steady)["reason"].str.contains("stationary").any()
    often = table[table["indicator_code"] == POVERTY]
    years = often["period_start"].dt.year
    often = often.assign(obs_status=np.where(years.isin([2001, 2006, 2012, 2018]), "B", "A"))
    often = pd.concat([often, table[table["indicator_code"] == UNEMPLOYMENT]], ignore_index=True)
    assert poverty.forecast_poverty(often)["reason"].str.contains(r"\(poverty_share not tested").all()


def test_granger_leaves_breaks_out_and_adjusts() -> None:
    result = poverty.series_tests(country(5))
    rows_ = result[(result["test"] == poverty.GRANGER) & (result["territory"] == "00")]
    rows_ = rows_[rows_["transformation"] == poverty.CHANGE]
    row = found(rows_, series=UNEMPLOYMENT, with_series=POVERTY)
    # changes known 2002-2005, 2007-2017, 2019-2023; each stretch loses its first
    assert row["n"] == 3 + 10 + 4
    ordered = sorted(rows_["p_value"])
    expected = np.minimum(
        np.maximum.accumulate([p * k for p, k in zip(ordered, (4, 3, 2, 1), strict=True)]), 1
    )
    assert sorted(rows_["p_adjusted"]) == pytest.approx(expected)


def test_fourteen_years_of_changes_are_too_few_for_granger() -> None:
    table = country(5)
    result = poverty.series_tests(table[table["period_start"] >= "2010-01-01"])
    keys = {"test": poverty.GRANGER, "territory": "00", "series": UNEMPLOYMENT, "with_series": POVERTY}
    row = found(result, **keys, transformation=poverty.CHANGE)
    assert (row["status"], row["residual_df"]) == (poverty.WITHHELD, 7)
    assert found(result, **keys, transformation=poverty.WITH_TREND)["residual_df"] == 6
    assert np.isnan(row["p_value"])


def test_correlation_of_levels_is_within_stretches_and_has_no_p_value() -> None:
    table = poverty.series_tests(regions(6))
    frame = poverty.regions_over_years(regions(6))
    frame = frame[frame["region_code"] == "11"]
    late = (frame["year"] >= BREAK).astype(int)
    less = frame[[POVERTY, UNEMPLOYMENT]] - frame.groupby(late)[[POVERTY, UNEMPLOYMENT]].transform("mean")
    keys = {"test": poverty.CORRELATION, "territory": "11", "with_series": UNEMPLOYMENT}
    row = found(table, **keys, transformation=poverty.LEVEL)
    assert row["statistic"] == pytest.approx(np.corrcoef(less.to_numpy().T)[0, 1])
    assert np.isnan(row["p_value"])
    assert "trends correlate by themselves" in row["reason"]
    row = found(table, **keys, transformation=poverty.CHANGE)
    changes = frame[[f"change_{POVERTY}", f"change_{UNEMPLOYMENT}"]].dropna()
    assert row["n"] == 12
    slope = sm.OLS(changes.iloc[:, 0], sm.add_constant(changes.iloc[:, 1])).fit()
    assert row["p_value"] == pytest.approx(slope.pvalues.iloc[1])


def test_panel_tests_take_out_what_moves_all_regions() -> None:
    plain = poverty.series_tests(regions(7))
    moved = regions(7)
    shift = moved["period_start"].dt.year.map(dict(zip(YEARS, np.arange(14.0) ** 2, strict=True)))
    moved["value"] += shift.where(moved["indicator_code"] != INCOME, 0.0)
    table = poverty.series_tests(moved)
    of_panel = table["territory"] == poverty.PANEL
    assert of_panel.sum() == 3 + 2 + 4
    assert table.loc[of_panel, "statistic"].tolist() == pytest.approx(
        plain.loc[of_panel, "statistic"].tolist()
    )
    assert (table.loc[of_panel, "n_regions"] == 20).all()


def test_panel_tests_of_levels_are_means_of_the_regions() -> None:
    table = poverty.series_tests(regions(8))
    wide = poverty.regions_over_years(regions(8)).pivot(index="year", columns="region_code")
    poor, work = (wide[name].sub(wide[name].mean(axis=1), axis=0) for name in (POVERTY, UNEMPLOYMENT))
    settings = {"maxlag": 1, "autolag": None}
    roots = [adfuller(work[code], **settings, result_object=False)[0] for code in work]
    row = found(table, test=poverty.ADF, territory=poverty.PANEL, series=UNEMPLOYMENT)
    assert row["statistic"] == pytest.approx(np.mean(roots))
    assert row["p_value"] == unit_root.p_value(unit_root.dickey_fuller, row["statistic"], 14, 20)
    together = [coint(poor[code], work[code], **settings)[0] for code in work]
    keys = {"test": poverty.ENGLE_GRANGER, "territory": poverty.PANEL, "with_series": UNEMPLOYMENT}
    row = found(table, **keys)
    assert row["statistic"] == pytest.approx(np.mean(together))
    assert row["p_value"] == unit_root.p_value(unit_root.engle_granger, row["statistic"], 14, 20)
    assert row["reason"].startswith("14 years a region, p simulated for as many")


def test_panel_of_regions_that_are_all_alike_is_withheld() -> None:
    """Less the mean of each year nothing is left but rounding, which looks like figures without a root."""
    alike = pd.concat([regions(8, codes=["11"]).assign(region_code=code) for code in REGIONS])
    table = poverty.series_tests(alike)
    of_levels = table[(table["territory"] == poverty.PANEL) & (table["test"] != poverty.GRANGER)]
    assert len(of_levels) == 5
    assert set(of_levels["status"]) == {poverty.WITHHELD}


def test_panel_tests_of_poverty_levels_say_that_they_reach_across_a_break() -> None:
    def across(table: pd.DataFrame) -> pd.DataFrame:
        result = poverty.series_tests(table)
        result = result[(result["territory"] == poverty.PANEL) & (result["statistic"].notna())]
        return result[result["reason"].str.contains("reaches across a break of the poverty line")]

    assert across(regions(8))[["test", "series"]].to_numpy().tolist() == [
        [poverty.ADF, POVERTY],
        [poverty.ENGLE_GRANGER, POVERTY],
        [poverty.ENGLE_GRANGER, POVERTY],
    ]
    assert across(regions(8).assign(obs_status="A")).empty


def test_panel_granger_pools_regions_that_are_too_short_by_themselves() -> None:
    table = regions(8)
    keys = {
        "test": poverty.GRANGER,
        "territory": poverty.PANEL,
        "series": UNEMPLOYMENT,
        "with_series": POVERTY,
    }
    # 14 years have 12 changes, none in the first and in that of the break; each stretch loses its first
    row = found(poverty.series_tests(table), **keys)
    assert (row["status"], row["residual_df"], row["n"]) == (poverty.WARNING, 7, 20 * 10)
    assert row["reason"].startswith("10 years a region: the test pools the regions and needs more than 7")
    # with 12 years eight equations a region are left, the least; with 11 too few
    for first, status, df in ((2012, poverty.WARNING, 5), (2013, poverty.WITHHELD, None)):
        late = table[table["period_start"] >= f"{first}-01-01"]
        row = found(poverty.series_tests(late), **keys)
        assert row["status"] == status
        assert row["residual_df"] == df if df else pd.isna(row["residual_df"])


# --- VAR --------------------------------------------------------------------------------------------------


def test_forecast_agrees_with_statsmodels_where_nothing_is_left_out() -> None:
    table = country(9)
    table["obs_status"] = "A"
    ours = poverty.forecast_poverty(table)
    frame = poverty.regions_over_years(table).set_index("year")
    changes = frame[[f"change_{POVERTY}", f"change_{UNEMPLOYMENT}"]].dropna().to_numpy()
    peer = VAR(changes).fit(1).forecast(changes, 5).cumsum(axis=0)
    for j, name in enumerate((POVERTY, UNEMPLOYMENT)):
        part = ours[ours["indicator_code"] == name]
        assert part["forecast"].tolist() == pytest.approx(frame.loc[2023, name] + peer[:, j])
        assert part["year"].tolist() == [2024, 2025, 2026, 2027, 2028]
        assert (part["last_value"] == frame.loc[2023, name]).all()
        inside = ["low_95", "low_80", "forecast", "high_80", "high_95"]
        assert (np.diff(part[inside], axis=1) > 0).all()
        assert (np.diff(part["high_95"] - part["low_95"]) > 0).all()


def test_forecast_of_a_share_is_cut_off_at_its_ends() -> None:
    def forecast(level: float) -> pd.DataFrame:
        table = country(9)
        is_poverty = table["indicator_code"] == POVERTY
        last = table.loc[is_poverty, "value"].iloc[-1]
        table.loc[is_poverty, "value"] += level - last
        return poverty.forecast_poverty(table)

    figures = ["low_95", "low_80", "forecast", "high_80", "high_95"]
    plain = forecast(50.0)
    assert not plain["reason"].str.contains("cut off").any()
    for level, says in ((1.0, "; cut off at 0"), (99.0, "; cut off at 100")):
        # a shift of the level moves no change: the forecast and its ends move with it, as far as they can
        expected = plain[figures].add((level - 50) * (plain["indicator_code"] == POVERTY), axis=0)
        beyond = ((expected < 0) | (expected > 100)).any(axis=1)
        assert beyond.any()
        assert not beyond.all()
        cut = forecast(level)
        np.testing.assert_allclose(cut[figures], expected.clip(0, 100), atol=1e-9)
        assert cut["reason"].tolist() == (plain["reason"] + np.where(beyond, says, "")).tolist()
        assert (np.diff(cut[figures], axis=1) >= 0).all()


def test_responses_of_the_country_agree_with_statsmodels() -> None:
    table = country(9)
    table["obs_status"] = "A"
    frame = poverty.regions_over_years(table).set_index("year")
    changes = frame[[f"change_{UNEMPLOYMENT}", f"change_{POVERTY}"]].dropna().to_numpy()
    peer = VAR(changes).fit(1).irf(5).orth_cum_effects
    ours = poverty.impulse_responses(table)
    names = [UNEMPLOYMENT, POVERTY]
    for j, impulse in enumerate(names):
        for i, response in enumerate(names):
            part = ours[(ours["impulse"] == impulse) & (ours["response"] == response)]
            part = part[part["territory"] == "00"]
            assert part["estimate"].tolist() == pytest.approx(peer[:, i, j], abs=1e-12)
            assert part["step"].tolist() == list(range(6))
            assert (part["ci_low"] <= part["ci_high"]).all()
    immediate = found(ours[ours["step"] == 0], territory="00", impulse=POVERTY, response=UNEMPLOYMENT)
    assert (immediate["estimate"], immediate["ci_low"], immediate["ci_high"]) == (0, 0, 0)


def test_responses_of_the_panel_find_a_link_that_was_put_in() -> None:
    ours = poverty.impulse_responses(regions(effect=2.0))
    row = found(ours[ours["step"] == 0], territory=poverty.PANEL, impulse=UNEMPLOYMENT, response=POVERTY)
    assert row["status"] == poverty.OK
    assert (row["n"], row["n_regions"]) == (20 * 10, 20)
    # a shock is one deviation of unemployment, 0.3 a year
    assert row["estimate"] == pytest.approx(0.6, abs=0.1)
    assert row["ci_low"] < row["estimate"] < row["ci_high"]


# --- properties and bad input -----------------------------------------------------------------------------


@pytest.mark.parametrize("function", FUNCTIONS)
def test_order_of_rows_does_not_matter_and_input_is_left_alone(function: poverty.Any) -> None:
    table = everything(2)
    before = table.copy(deep=True)
    expected = function(table)
    pd.testing.assert_frame_equal(table, before)
    pd.testing.assert_frame_equal(function(table.sample(frac=1, random_state=3)), expected)
    assert not expected.duplicated(KEYS[function]).any()
    pd.testing.assert_frame_equal(function(table), expected)  # the seeds are fixed


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 100), st.floats(0.1, 100))
def test_unit_of_income_does_not_matter(seed: int, scale: float) -> None:
    table = everything(seed)
    scaled = table.copy()
    scaled.loc[scaled["indicator_code"] == INCOME, "value"] *= scale
    for function in (poverty.panel_regression, poverty.series_tests):
        name = "estimate" if function is poverty.panel_regression else "statistic"
        expected, result = function(table), function(scaled)
        assert result[name].tolist() == pytest.approx(
            expected[name].tolist(), rel=1e-6, abs=1e-6, nan_ok=True
        )


@pytest.mark.parametrize("function", FUNCTIONS)
def test_types_are_the_same_without_rows(function: poverty.Any) -> None:
    full, empty = function(everything()), function(everything()[:0])
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()


def dropped(indicator: str) -> pd.DataFrame:
    table = everything()
    return table[table["indicator_code"] != indicator]


BAD = {
    "no poverty": dropped(POVERTY),
    "no unemployment": dropped(UNEMPLOYMENT),
    "no income": dropped(INCOME),
    "no country": regions(),
    "no regions": country(),
    "one region": regions(codes=["11"]),
    "one year": everything()[everything()["period_start"] == "2012-01-01"],
    "two years": everything()[
        everything()["period_start"].isin(pd.to_datetime(["2012-01-01", "2013-01-01"]))
    ],
    "all missing": everything().assign(value=pd.NA),
    "all constant": everything().assign(value=5.0),
    "every year a break": everything().assign(obs_status="B"),
    "a gap": everything()[everything()["period_start"] != "2014-01-01"],
    "ties": everything().assign(value=lambda table: table["value"].astype(float).round(-1)),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("name", BAD)
def test_bad_input_has_rows_with_a_status(name: str, function: poverty.Any) -> None:
    table = function(BAD[name])
    expected = function(everything())
    # an indicator that a release drops takes no row away, nor do the country or the regions
    if name != "all missing":
        keys = [one for one in KEYS[function] if one != "year"]
        there = expected[expected["territory"].isin(["00", "panel"])] if "territory" in expected else expected
        assert set(map(tuple, there[keys].to_numpy())) <= set(map(tuple, table[keys].to_numpy()))
    assert table.dtypes.to_dict() == expected.dtypes.to_dict()
    assert set(table["status"]) <= set(poverty.STATUSES)
    figures = [one for one in ("estimate", "statistic", "forecast") if one in table]
    silent = table[figures].isna().all(axis=1)
    assert (silent == table["status"].isin([poverty.WITHHELD, poverty.CONSTANT])).all()
    assert (table.loc[silent, "reason"] != "").all()
    assert not table.select_dtypes("float64").isin([np.inf, -np.inf]).any(axis=None)
