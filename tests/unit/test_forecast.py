"""Forecasts of the balance and their evaluation: published examples, other libraries, tables by hand."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.api import VAR
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from analysis_py import forecast
from analysis_py.annual import POVERTY, UNEMPLOYMENT
from analysis_py.forecast import (
    ARIMA,
    COMBINATION,
    DRIFT,
    ETS,
    FIGURES,
    NAIVE,
    OK,
    TOO_FEW,
    VAR_POVERTY,
    VAR_UNEMPLOYMENT,
    diebold_mariano,
)
from tests.unit.yearly_figures import country, rows

# Table 2 of the article.
BALANCE = pd.DataFrame(
    {
        "year": range(2000, 2025),
        "balance_persons": np.array(
            """
            -108307 -88162 -62012 -8306 2789 22668 33041 10962 1117 7526 15516 5096 -1426 -279 -12162 -13466
            -21145 -22130 -29121 -32970 -17718 -21217 -6722 9293 16550
            """.split(),  # noqa: SIM905
            dtype="int64",
        ),
    }
)
NO_OBSERVATIONS = country()[:0]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two models that are searched for cost most of the time: drift stands in for them."""
    monkeypatch.setattr(forecast, "arima", forecast.drift)
    monkeypatch.setattr(forecast, "ets", forecast.drift)


def found(table: pd.DataFrame, **keys: object) -> pd.Series:
    for column, value in keys.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


# --- Diebold and Mariano ----------------------------------------------------------------------------------


def test_published_example_of_squared_errors() -> None:
    """Tests of the package dieboldmariano: errors 0 to 5 and 0, 2, 3, 3, 5, 6, one step ahead."""
    differences = np.array([0, 1, 2, 3, 4, 5]) ** 2 - np.array([0, 2, 3, 3, 5, 6]) ** 2
    result = diebold_mariano(differences.astype(float), 1)
    assert result.statistic == pytest.approx(-2.4905, abs=5e-5)
    assert 2 * (1 - result.p_value) == pytest.approx(0.05513, abs=5e-6)


@pytest.mark.parametrize(
    ("differences", "horizon", "statistic", "p_value"),
    [
        ([1, 2, 3, 4], 2, (3 / 8) ** 0.5 * 2.5 * 0.46875**-0.5, 1 - 0.9443164226429581),
        ([2, 1, -3, -1, 0], 3, (6 / 25) ** 0.5 * -0.2 * 0.0864**-0.5, 1 - 0.3778115634892615),
    ],
)
def test_published_examples_of_several_steps(
    differences: list[float], horizon: int, statistic: float, p_value: float
) -> None:
    """Tests of the package scores (Bureau of Meteorology), method HLN."""
    result = diebold_mariano(np.array(differences, dtype=float), horizon)
    assert result.statistic == pytest.approx(statistic)
    assert result.p_value == pytest.approx(p_value)
    assert result.gain == pytest.approx(result.statistic * result.standard_error)


@pytest.mark.parametrize("horizon", [1, 2, 3, 5])
def test_variance_is_that_of_a_regression_with_a_uniform_kernel(horizon: int) -> None:
    rng = np.random.default_rng(horizon)
    errors = rng.normal(size=40)
    differences = np.convolve(errors, np.ones(horizon), "valid")
    n = len(differences)
    kwds = {"maxlags": horizon - 1, "kernel": "uniform", "use_correction": False}
    peer = sm.OLS(differences, np.ones(n)).fit(cov_type="HAC", cov_kwds=kwds)
    correction = np.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    assert diebold_mariano(differences, horizon).standard_error == pytest.approx(peer.bse[0] / correction)


def test_variance_that_is_not_positive_is_weighted() -> None:
    differences = np.array([1, -1, 1, -1, 1, -1, 1, -0.5])
    n, centred = 8, differences - differences.mean()
    first = centred[1:] @ centred[:-1] / n
    assert centred @ centred / n + 2 * first < 0
    kwds = {"maxlags": 1, "kernel": "bartlett", "use_correction": False}
    peer = sm.OLS(differences, np.ones(n)).fit(cov_type="HAC", cov_kwds=kwds)
    assert diebold_mariano(differences, 2).standard_error == pytest.approx(
        peer.bse[0] / np.sqrt((n + 1 - 4 + 2 / n) / n)
    )


@pytest.mark.parametrize("value", [0.0, 0.3, -1e6])
def test_differences_that_do_not_vary_have_no_statistic(value: float) -> None:
    result = diebold_mariano(np.full(9, value), 3)
    assert result.gain == pytest.approx(value)
    assert np.isnan(result.statistic)
    assert np.isnan(result.p_value)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-100, 100), min_size=8, max_size=20), st.integers(1, 5), st.floats(0.01, 100))
def test_scale_and_sign(differences: list[float], horizon: int, scale: float) -> None:
    d = np.array(differences)
    plain, scaled, turned = (diebold_mariano(one, horizon) for one in (d, d * scale, -d))
    if np.isnan(plain.statistic) or np.isnan(scaled.statistic) or plain.standard_error < 1e-6:
        return
    assert scaled.statistic == pytest.approx(plain.statistic, rel=1e-6, abs=1e-9)
    assert turned.statistic == pytest.approx(-plain.statistic)
    assert plain.p_value + turned.p_value == pytest.approx(1)


# --- models -----------------------------------------------------------------------------------------------


def test_naive_and_drift_by_hand() -> None:
    y = np.array([1.0, 3.0, 2.0, 6.0])
    answer = forecast.naive(y).figures
    assert answer[:, 0].tolist() == [6.0] * 5
    deviation = np.sqrt((4 + 1 + 16) / 3)
    # 80 and 95 % of Student with three degrees of freedom
    assert answer[1, 1:] == pytest.approx(
        6 + deviation * np.sqrt(2) * np.array([-1.637744, 1.637744, -3.182446, 3.182446]), abs=1e-5
    )
    answer = forecast.drift(y).figures
    assert answer[:, 0] == pytest.approx(6 + 5 / 3 * np.arange(1, 6))
    s = np.std([2, -1, 4], ddof=1)
    assert answer[2, 2] == pytest.approx(6 + 5 + 1.885618 * s * np.sqrt(3 * (1 + 3 / 3)), abs=1e-5)


@pytest.mark.parametrize(("years", "trend"), [(12, "N"), (25, "Ad")])
def test_ets_agrees_with_the_state_space_form(years: int, trend: str) -> None:
    """statsmodels' ETSModel at the same parameters: forecasts and exact variances."""
    y = BALANCE["balance_persons"].to_numpy(dtype=float)[:years]
    scale = np.abs(np.diff(y)).mean()
    name, _, fit = forecast.best_ets(y / scale)
    assert name == trend
    alpha, beta, phi = (
        fit.params[f"{one}"] for one in ("smoothing_level", "smoothing_trend", "damping_trend")
    )
    parameters = [alpha, fit.params["initial_level"]]
    if trend == "Ad":
        parameters = [alpha, alpha * beta, phi, fit.params["initial_level"], fit.params["initial_trend"]]
    peer = ETSModel(
        pd.Series(y / scale), error="add", trend=None if trend == "N" else "add", damped_trend=trend == "Ad"
    ).smooth(np.array(parameters))
    figures = forecast.ets(y).figures
    assert figures[:, 0] == pytest.approx(peer.forecast(5) * scale)
    assert peer.sse == pytest.approx(fit.sse)
    exact = peer.get_prediction(start=years, end=years + 4).forecast_variance
    ours = forecast.ets_variances(
        peer.scale, alpha, alpha * beta if trend == "Ad" else 0.0, phi if phi == phi else 1
    )
    assert ours == pytest.approx(exact)
    df = years - {"N": 2, "Ad": 5}[trend]
    width = forecast.stats.t.ppf(0.9, df) * np.sqrt(exact / peer.scale * fit.sse / df) * scale
    assert figures[:, 2] - figures[:, 0] == pytest.approx(width)


@pytest.mark.parametrize(("alpha", "beta", "phi"), [(0.7, 0.3, 1.0), (0.4, 0.1, 0.9), (0.5, 0.0, 1.0)])
def test_ets_variances_by_simulation(alpha: float, beta: float, phi: float) -> None:
    errors = np.random.default_rng(1).normal(size=(200_000, 5))
    level, trend, paths = np.zeros(200_000), np.zeros(200_000), []
    for step in range(5):
        paths.append(level + phi * trend + errors[:, step])
        level, trend = level + phi * trend + alpha * errors[:, step], phi * trend + beta * errors[:, step]
    assert forecast.ets_variances(1.0, alpha, beta, phi) == pytest.approx(np.var(paths, axis=1), rel=0.02)


def test_var_agrees_with_statsmodels_where_nothing_is_missing() -> None:
    rng = np.random.default_rng(3)
    y, driver = rng.normal(size=(2, 25)).cumsum(axis=1)
    changes = np.column_stack([np.diff(y), np.diff(driver)])
    answer = forecast.var_in_changes(y, np.concatenate([[np.nan], np.diff(driver)]))
    peer = VAR(changes).fit(1).forecast(changes, 5)[:, 0]
    assert answer.figures[:, 0] == pytest.approx(y[-1] + peer.cumsum())
    assert answer.specification == "VAR(1) in changes, 23 years"


def test_var_that_explodes_is_silent() -> None:
    y = 1.5 ** np.arange(20.0)
    driver = np.random.default_rng(1).normal(size=20)
    answer = forecast.var_in_changes(y, driver)
    assert (answer.status, answer.reason) == (forecast.UNSTABLE, "the estimated VAR explodes")
    assert np.isnan(answer.figures).all()


@pytest.mark.parametrize("model", [forecast.naive, forecast.drift, forecast.arima, forecast.ets])
@pytest.mark.parametrize("scale", [-3.0, 0.001, 50.0])
def test_scale_of_the_balance(model: Callable[[np.ndarray], forecast.Answer], scale: float) -> None:
    y = BALANCE["balance_persons"].to_numpy(dtype=float)[:15]
    plain, scaled = model(y), model(scale * y)
    expected = plain.figures * scale
    if scale < 0:
        expected = expected[:, [0, 2, 1, 4, 3]]
    width = abs(scale) * (plain.figures[:, 4] - plain.figures[:, 3])[:, None]
    assert (np.abs(scaled.figures - expected) < 0.01 * width).all()
    assert scaled.specification == plain.specification


def test_intervals_of_a_random_walk_cover_at_their_rate() -> None:
    """2 000 walks of 25 years: naive's and drift's intervals, one to five years ahead."""
    rng = np.random.default_rng(2026)
    inside = {}
    for name, model, step in ((NAIVE, forecast.naive, 0.0), (DRIFT, forecast.drift, 0.4)):
        hits = np.zeros((5, 2))
        for _ in range(2000):
            walk = (step + rng.normal(size=30)).cumsum()
            figures, future = model(walk[:25]).figures, walk[25:]
            hits += np.column_stack(
                [(figures[:, low] <= future) & (future <= figures[:, low + 1]) for low in (1, 3)]
            )
        inside[name] = hits / 2000
    for coverage in inside.values():
        assert coverage[:, 0] == pytest.approx(0.80, abs=0.03)
        assert coverage[:, 1] == pytest.approx(0.95, abs=0.02)


# --- forecasts of the balance -----------------------------------------------------------------------------


@pytest.mark.filterwarnings("error")
def test_forecasts_of_the_article() -> None:
    table = forecast.forecast_external_balance(BALANCE, country())
    assert len(table) == 16 * 7 * 5
    assert not table.duplicated(["origin_year", "year", "model"]).any()
    assert (table["year"] == table["origin_year"] + table["horizon"]).all()
    last = table[table["origin_year"] == 2024]
    assert set(last["status"]) == {OK}
    assert last["n_years"].eq(25).all()
    assert found(last, model=NAIVE, year=2025)["forecast"] == 16550
    assert found(last, model=DRIFT, year=2025)["forecast"] == pytest.approx(16550 + (16550 + 108307) / 24)
    mean = last[last["model"].isin(forecast.COMBINED)].groupby("year")[FIGURES].mean()
    combined = last[last["model"] == COMBINATION].set_index("year")[FIGURES]
    pd.testing.assert_frame_equal(combined, mean, check_names=False)
    known = table[table["status"] == OK]
    assert (known["low_95"] < known["low_80"]).all()
    assert (known["low_80"] < known["forecast"]).all()
    assert (known["forecast"] < known["high_80"]).all()
    assert (known["high_80"] < known["high_95"]).all()
    # each origin has one choice for all horizons, naive as long as there are no eight origins to judge by
    chosen = table[table["is_chosen"]].groupby("origin_year")["model"].agg(["nunique", "first", "size"])
    assert (chosen["nunique"] == 1).all()
    assert (chosen["size"] == 5).all()
    assert (chosen.loc[:2020, "first"] == NAIVE).all()
    assert set(table.loc[table["status"] == TOO_FEW, "model"]) == {VAR_UNEMPLOYMENT, VAR_POVERTY}


@pytest.mark.usefixtures("quick")
def test_no_forecast_knows_what_came_later() -> None:
    before = forecast.forecast_external_balance(BALANCE, country())
    changed = BALANCE.copy()
    changed.loc[changed["year"] > 2020, "balance_persons"] += 50_000
    after = forecast.forecast_external_balance(changed, country())
    early = before["origin_year"] <= 2020
    pd.testing.assert_frame_equal(after[early], before[early])
    assert not after[~early].equals(before[~early])


@pytest.mark.usefixtures("quick")
def test_the_next_release_adds_an_origin_and_changes_no_forecast() -> None:
    before = forecast.forecast_external_balance(BALANCE, country())
    later = pd.concat(
        [BALANCE, pd.DataFrame({"year": [2025], "balance_persons": [16153]})], ignore_index=True
    )
    after = forecast.forecast_external_balance(later, country())
    pd.testing.assert_frame_equal(after[after["origin_year"] <= 2024], before)
    last = after[after["origin_year"] == 2025]
    assert set(last["status"]) == {OK}  # though the rates end two years before
    assert found(last, model=NAIVE, year=2026)["forecast"] == 16153


@pytest.mark.usefixtures("quick")
def test_a_driver_of_the_year_of_origin_is_not_known_yet() -> None:
    before = forecast.forecast_external_balance(BALANCE, country())
    observations = country()
    year_of_origin = (observations["indicator_code"] == UNEMPLOYMENT) & (
        observations["period_start"] == "2019-01-01"
    )
    observations.loc[year_of_origin, "value"] += 3
    after = forecast.forecast_external_balance(BALANCE, observations)
    of_var = before["model"] == VAR_UNEMPLOYMENT
    same = of_var & (before["origin_year"] <= 2019) & (before["origin_year"] >= 2014)
    assert before.loc[same, FIGURES].notna().all(axis=None)
    pd.testing.assert_frame_equal(after[same], before[same])
    later = of_var & (before["origin_year"] == 2020)
    assert (after.loc[later, "forecast"] != before.loc[later, "forecast"]).all()


@pytest.mark.usefixtures("quick")
def test_order_of_rows_does_not_matter() -> None:
    expected = forecast.forecast_external_balance(BALANCE, country())
    shuffled = BALANCE.sample(frac=1, random_state=1), country().sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(forecast.forecast_external_balance(*shuffled), expected)


# --- evaluation -------------------------------------------------------------------------------------------


def arranged(forecasts: dict[str, Callable[[int, int], float]], half_width: float = 10.0) -> pd.DataFrame:
    """Rows of origins 2010 to 2024 whose forecasts are given by functions of origin and horizon."""
    return pd.DataFrame(
        [
            {
                "origin_year": origin,
                "year": origin + horizon,
                "horizon": horizon,
                "model": model,
                "forecast": rule(origin, horizon),
                "low_80": rule(origin, horizon) - half_width,
                "high_80": rule(origin, horizon) + half_width,
                "low_95": rule(origin, horizon) - 2 * half_width,
                "high_95": rule(origin, horizon) + 2 * half_width,
                "status": OK,
            }
            for origin in range(2010, 2025)
            for model, rule in forecasts.items()
            for horizon in range(1, 6)
        ]
    )


def zigzag(years: int = 25) -> pd.DataFrame:
    """Up by 8 in even years, down by 8 in odd ones: the mean absolute change is 8 at every origin."""
    return pd.DataFrame(
        {
            "year": range(2000, 2000 + years),
            "balance_persons": [0.0 if year % 2 else 8.0 for year in range(years)],
        }
    )


def test_measures_by_hand() -> None:
    """The outcome of each year is 8 in even ones, 0 in odd ones; the forecast of the model is always 12."""
    table = forecast.evaluate(arranged({NAIVE: lambda o, h: 8.0, ARIMA: lambda o, h: 12.0}, 5.0), zigzag())
    one = found(table, model=ARIMA, horizon=1)
    # origins 2010 to 2023, outcomes of 2011 to 2024: seven odd (12 off), seven even (4 off)
    assert (one["n_origins"], one["first_origin"], one["last_origin"]) == (14, 2010, 2023)
    assert one["mae_persons"] == pytest.approx(8)
    assert one["mase"] == pytest.approx(1)
    assert one["naive_mase"] == pytest.approx(0.5)
    assert one["gain"] == pytest.approx(-0.5)
    # [7, 17] holds 8 and misses 0 by 7; [2, 22] misses it by 2
    assert (one["coverage_80"], one["coverage_95"]) == (0.5, 0.5)
    assert one["interval_score_80"] == pytest.approx((10 + 10 * 7 / 2) / 8)
    assert one["interval_score_95"] == pytest.approx((20 + 40 * 2 / 2) / 8)
    # naive's [3, 13] misses 0 by 3
    assert one["naive_interval_score_80"] == pytest.approx((10 + 10 * 3 / 2) / 8)
    together = found(table, model=ARIMA, horizon=0)
    assert (together["n_origins"], together["last_origin"]) == (10, 2019)
    # an origin in an even year has three odd outcomes of five, one in an odd year two
    assert together["mae_persons"] == pytest.approx((12 * 5 + 4 * 5) / 10)
    assert found(table, model=NAIVE, horizon=3)["status"] == forecast.YARDSTICK
    assert found(table, model=ETS, horizon=3)["status"] == TOO_FEW
    assert found(table, model=ETS, horizon=3)["n_origins"] == 0


def truth(origin: int, horizon: int) -> float:
    return 0.0 if (origin + horizon) % 2 else 8.0


def off(size: float, jitter: float) -> Callable[[int, int], float]:
    """As far off as said, and by more or less from origin to origin."""
    shaken = np.random.default_rng(1).normal(size=100)
    return lambda origin, horizon: truth(origin, horizon) + size + jitter * shaken[origin - 2000]


def test_winner_must_beat_naive_by_the_margin() -> None:
    balance = zigzag()
    clear = forecast.evaluate(arranged({NAIVE: off(8, 0.1), DRIFT: off(5, 0.2), ETS: off(4, 0.3)}), balance)
    assert set(clear.loc[clear["is_chosen"], "model"]) == {ETS}
    best = found(clear, model=ETS, horizon=0)
    assert best["gain"] > best["margin"] > 0
    assert (best["draws"], best["seed"]) == (forecast.DRAWS, forecast.SEED)
    vague = forecast.evaluate(arranged({NAIVE: off(8, 0.1), ETS: off(7.5, 3)}), balance)
    unsure = found(vague, model=ETS, horizon=0)
    assert 0 < unsure["gain"] < unsure["margin"]
    assert set(vague.loc[vague["is_chosen"], "model"]) == {NAIVE}


def test_margin_is_that_of_the_test_among_as_many_models_as_are_compared() -> None:
    rules = {NAIVE: off(8, 0.1), DRIFT: off(5, 0.2), ETS: off(4, 0.3), ARIMA: off(8, 0.1)}
    table = forecast.evaluate(arranged(rules), zigzag())
    assert found(table, model=ARIMA, horizon=2)["status"] == forecast.NO_DIFFERENCE
    for horizon in range(6):
        row = found(table, model=DRIFT, horizon=horizon)
        standard_error = row["gain"] / row["dm_statistic"]
        assert row["p_adjusted"] == pytest.approx(min(1, 2 * row["p_value"]))
        assert (row["gain"] > row["margin"]) == (row["p_adjusted"] < 0.05)
        if horizon == 1:  # errors do not overlap: Student's quantile, 13 degrees of freedom, two compared
            assert row["margin"] == pytest.approx(2.160369 * standard_error, rel=0.03)


@pytest.mark.parametrize("n", [8, 15, 20])
def test_null_statistics_of_one_step_are_students(n: int) -> None:
    null = forecast.null_statistics(n, 1)
    for level in (0.9, 0.95, 0.9875):
        assert np.quantile(null, level) == pytest.approx(forecast.stats.t.ppf(level, n - 1), rel=0.04)


def test_rule_rarely_leaves_naive_where_no_model_is_better() -> None:
    """Eleven origins, four models, errors that overlap over five years: at most one choice in twenty.

    By Student's quantiles it would be one in four.
    """
    rng = np.random.default_rng(3)
    wrong, by_student = 0, 0
    for _ in range(1000):
        own = 0.6 * rng.normal(size=15) + 0.8 * rng.normal(size=(4, 15))
        differences = [np.convolve(one, np.ones(5), "valid") for one in own]
        best = max(diebold_mariano(one, 5).statistic for one in differences)
        wrong += best > np.quantile(forecast.null_statistics(11, 5), 1 - 0.05 / 4)
        by_student += best > forecast.stats.t.ppf(1 - 0.05 / 4, 10)
    assert wrong / 1000 <= 0.06
    assert by_student / 1000 > 0.15


def test_few_origins_are_not_tested() -> None:
    rules = {NAIVE: off(8, 0.1), ETS: off(1, 0.3)}
    table = forecast.evaluate(arranged(rules), zigzag(22))  # outcomes to 2021: seven origins of five years
    row = found(table, model=ETS, horizon=0)
    assert (row["n_origins"], row["status"]) == (7, TOO_FEW)
    assert row["gain"] > 0.8
    assert np.isnan(row["margin"])
    assert set(table.loc[table["is_chosen"], "model"]) == {NAIVE}
    assert found(table, model=ETS, horizon=1)["status"] == OK


def test_evaluation_is_of_the_forecasts_made(quick: None) -> None:
    forecasts = forecast.forecast_external_balance(BALANCE, country())
    table = forecast.evaluate(forecasts, BALANCE)
    assert len(table) == 7 * 6
    y = BALANCE.set_index("year")["balance_persons"]
    errors = [
        abs(y[origin + 2] - y[origin]) / y.loc[:origin].diff().abs().mean() for origin in range(2009, 2023)
    ]
    row = found(table, model=NAIVE, horizon=2)
    assert row["mase"] == pytest.approx(np.mean(errors))
    chosen = forecasts[forecasts["is_chosen"] & (forecasts["origin_year"] == 2024)]["model"]
    assert set(chosen) == set(table.loc[table["is_chosen"], "model"])


# --- bad input --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("n", [0, 1, 2, 9])
def test_short_balance(n: int) -> None:
    table = forecast.forecast_external_balance(BALANCE[:n], country())
    assert len(table) == (35 if n else 0)
    assert table["status"].eq(TOO_FEW).all()
    assert table["reason"].eq(f"{n} years in a row of at least 10").all()
    assert table[FIGURES].isna().all(axis=None)
    assert not table["is_chosen"].any()
    evaluation = forecast.evaluate(table, BALANCE[:n])
    assert len(evaluation) == (42 if n else 0)
    full = forecast.forecast_external_balance(BALANCE, country())
    assert table.dtypes.to_dict() == full.dtypes.to_dict()
    assert evaluation.dtypes.to_dict() == forecast.evaluate(full, BALANCE).dtypes.to_dict()


@pytest.mark.filterwarnings("error")
def test_constant_balance_and_missing_figures() -> None:
    flat = forecast.forecast_external_balance(BALANCE.assign(balance_persons=7), country())
    assert flat["status"].eq(forecast.CONSTANT).all()
    assert forecast.evaluate(flat, BALANCE)["n_origins"].eq(0).all()
    missing = BALANCE.assign(balance_persons=pd.array([None] * 25, dtype="Int64"))
    assert forecast.forecast_external_balance(missing, country()).empty


@pytest.mark.filterwarnings("error")
def test_a_balance_that_moves_once() -> None:
    once = BALANCE.assign(balance_persons=[0.0] * 15 + [5.0] * 10)
    table = forecast.forecast_external_balance(once, NO_OBSERVATIONS)
    assert set(table.loc[table["origin_year"] < 2015, "status"]) == {forecast.CONSTANT}
    late = table[(table["origin_year"] >= 2015) & table["model"].isin(forecast.COMBINED)]
    assert set(late["status"]) == {OK}
    assert late[FIGURES].notna().all(axis=None)
    assert forecast.evaluate(table, once)["mase"].notna().any()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("shape", ["straight", "zigzag", "doubling"])
def test_a_balance_without_error(shape: str) -> None:
    years = np.arange(14)
    figures = {"straight": 5.0 * years, "zigzag": 8.0 * (years % 2), "doubling": 2.0**years}[shape]
    table = forecast.forecast_external_balance(
        pd.DataFrame({"year": 2000 + years, "balance_persons": figures}), country()
    )
    known = table[table["status"] == OK]
    assert set(known["model"]) >= set(forecast.COMBINED)
    assert np.isfinite(known[FIGURES]).all(axis=None)
    assert (known["low_95"] <= known["high_95"]).all()
    if shape == "straight":
        last = known[(known["origin_year"] == 2013) & (known["model"] == DRIFT)]
        assert last["forecast"].tolist() == pytest.approx([70, 75, 80, 85, 90])
        assert found(known, origin_year=2013, model=ARIMA, year=2014)["forecast"] == pytest.approx(
            70, abs=0.5
        )


@pytest.mark.usefixtures("quick")
def test_gap_leaves_out_the_years_before() -> None:
    gap = BALANCE[BALANCE["year"] != 2004]
    table = forecast.forecast_external_balance(gap, country())
    assert table["origin_year"].min() == 2014
    assert found(table, origin_year=2024, model=NAIVE, year=2025)["n_years"] == 20
    assert table["reason"].str.contains("no figure of 2004: the years before 2005 are left out").all()


@pytest.mark.usefixtures("quick")
def test_driver_that_a_release_dropped() -> None:
    observations = country()
    without = observations[observations["indicator_code"] != POVERTY]
    table = forecast.forecast_external_balance(BALANCE, without)
    last = table[table["origin_year"] == 2024]
    assert set(last.loc[last["model"] == VAR_POVERTY, "reason"]) == {
        "no yearly figure of poverty_share for the whole country"
    }
    assert set(last.loc[last["model"] == VAR_UNEMPLOYMENT, "status"]) == {OK}
    one = rows(POVERTY, "00", {2020: 5.0})
    table = forecast.forecast_external_balance(BALANCE, pd.concat([without, one], ignore_index=True))
    assert set(table.loc[table["model"] == VAR_POVERTY, "status"]) == {TOO_FEW}


def test_infinite_balance_names_the_column() -> None:
    table = BALANCE.astype({"balance_persons": float})
    table.loc[3, "balance_persons"] = np.inf
    with pytest.raises(ValueError, match="'balance_persons'"):
        forecast.forecast_external_balance(table, country())
