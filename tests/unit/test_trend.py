"""Trends and breaks against published values, other libraries, exhaustive search and simulation."""

import csv
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from scipy.optimize import curve_fit
from sklearn.metrics import r2_score
from statsmodels.stats.stattools import durbin_watson as sm_durbin_watson
from statsmodels.tsa.arima_process import arma_generate_sample
from statsmodels.tsa.stattools import acf

from analysis_py.trend import (
    MODELS,
    SEED,
    SIMULATIONS,
    aicc,
    bic,
    bic3,
    break_places,
    change_points,
    durbin_watson,
    fit_curve,
    fit_trends,
    lag_1,
    made_up,
    maximum_breaks,
    noise_r_squared,
    search_breaks,
)

TABLE_2 = Path(__file__).parents[2] / "seeds" / "published" / "article_table_2.csv"
PROPERTY = settings(max_examples=15, deadline=None, database=None, derandomize=True)
YEARS = np.arange(2000.0, 2025.0)
FIGURES = ["r_squared", "adjusted_r_squared", "residual_lag_1", "durbin_watson"]

series = st.integers(12, 20).flatmap(
    lambda n: arrays(float, n, elements=st.integers(-100_000, 100_000), unique=True)
)


def annual(balances: np.ndarray | list[float], first: int = 2000) -> pd.DataFrame:
    """The yearly balance as national.external_balance_annual has it."""
    years = np.arange(first, first + len(balances))
    return pd.DataFrame(
        {"year": years, "balance_persons": balances, "cumulative_persons": np.cumsum(balances)}
    )


def r_squared(y: np.ndarray, fitted: np.ndarray) -> float:
    return float(r2_score(y, fitted))


@pytest.fixture(scope="module")
def article() -> pd.DataFrame:
    with TABLE_2.open(encoding="utf-8", newline="") as file:
        return annual([int(row[2]) for row in list(csv.reader(file))[2:]])


@pytest.fixture(scope="module")
def trends(article: pd.DataFrame) -> pd.DataFrame:
    return fit_trends(article).set_index(["series", "model"])


@pytest.fixture(scope="module")
def breaks(article: pd.DataFrame) -> pd.DataFrame:
    return change_points(article)


# --- values of the article ----------------------------------------------------------------------------


def test_which_model_gives_39_per_cent(trends: pd.DataFrame) -> None:
    """The article's text: about 39 % of the variation is explained by a non-linear trend."""
    assert round(trends.loc[("cumulative", "linear"), "r_squared"], 4) == 0.3918
    assert round(trends.loc[("cumulative", "logarithmic_calendar_year"), "r_squared"], 4) == 0.3909
    assert round(trends.loc[("annual", "linear"), "r_squared"], 3) == 0.087
    found = trends[trends["reproduces_39_percent"]]
    assert found.index.tolist() == [
        ("cumulative", "linear"),
        ("cumulative", "logarithmic_calendar_year"),
        ("cumulative", "asymptotic"),
    ]
    assert found["status"].tolist() == ["ok", "degenerate", "degenerate"]
    assert found["same_curve_as"].tolist()[1:] == ["linear", "linear"]
    assert found["note"].str.startswith("Printed as 39 %, and a straight line").all()


def test_segments_of_the_annual_series(trends: pd.DataFrame, breaks: pd.DataFrame) -> None:
    segmented = trends.loc[("annual", "segmented")]
    assert segmented["break_years"] == "2005, 2019"
    assert round(segmented["r_squared"], 3) == 0.957
    assert round(segmented["aicc"], 1) == 460.5
    assert segmented["is_best"]
    chosen = breaks.query("series == 'annual' and is_chosen")
    assert chosen["break_year"].tolist() == [2005, 2019]
    assert chosen["aicc"].round(1).tolist() == [460.5, 460.5]
    # the other criteria agree
    by_number = breaks.query("series == 'annual'").drop_duplicates("n_breaks").set_index("n_breaks")
    assert by_number[["aicc", "bic", "bic3"]].idxmin().tolist() == [2, 2, 2]


def test_a_running_sum_flatters(trends: pd.DataFrame) -> None:
    """The line through running sums of noise explains more than the line of the article."""
    line = trends.loc[("cumulative", "linear")]
    assert line["noise_r_squared"] > line["r_squared"]
    assert line["noise_share"] > 0.5
    assert line["residual_lag_1"] > 0.8
    assert (trends["n_simulations"] == SIMULATIONS).all()
    assert (trends["seed"] == SEED).all()


def test_noise_of_nelson_and_kang() -> None:
    """Nelson and Kang (1984): random walks on time have R² around 0.44, whatever the length."""
    generator = np.random.default_rng(1)
    for n in (25, 100):
        walks = generator.standard_normal((4000, n)).cumsum(axis=1)
        assert noise_r_squared("linear", np.arange(1.0, n + 1), 0, walks).mean() == pytest.approx(
            0.44, abs=0.02
        )


def test_made_up_series_have_one_variance_and_are_as_alike_as_told() -> None:
    for likeness in (-0.5, 0.0, 0.7):
        noise = made_up("annual", 25, likeness)
        assert noise.shape == (SIMULATIONS, 25)
        # standard error of one of the 25 variances: 4.5 % of it
        assert noise.var(axis=0) * (1 - likeness**2) == pytest.approx(np.ones(25), abs=0.2)
        neighbours = np.corrcoef(noise[:, :-1].ravel(), noise[:, 1:].ravel())[0, 1]
        assert neighbours == pytest.approx(likeness, abs=0.02)
        assert made_up("cumulative", 25, likeness) == pytest.approx(noise.cumsum(axis=1))
    of_a_line = noise_r_squared("linear", YEARS, 0, made_up("annual", 25, 0.0)).mean()
    assert of_a_line == pytest.approx(1 / 24, abs=0.005)  # the mean of a beta distribution


def test_noise_lasts_as_long_as_balances_do(article: pd.DataFrame, trends: pd.DataFrame) -> None:
    """Against series by statsmodels and polynomials by numpy; the standard error of a share is 1.7 points."""
    balances = article["balance_persons"].to_numpy(float)
    likeness = acf(balances, nlags=1, fft=False)[1]
    assert trends["noise_lag_1"].to_numpy() == pytest.approx(likeness)
    rng = np.random.default_rng(9)
    annual_noise = arma_generate_sample(
        [1, -likeness], [1], (25, 4000), burnin=50, distrvs=rng.standard_normal
    )
    for series, noise in (("annual", annual_noise), ("cumulative", annual_noise.cumsum(axis=0))):
        total = np.square(noise - noise.mean(axis=0)).sum(axis=0)
        for degree, model in enumerate(("linear", "quadratic"), start=1):
            _, left, *_ = np.polyfit(YEARS - YEARS.mean(), noise, degree, full=True)
            found, explained = trends.loc[(series, model)], 1 - left / total
            assert found["noise_r_squared"] == pytest.approx(explained.mean(), abs=0.03)
            assert found["noise_share"] == pytest.approx((explained >= found["r_squared"]).mean(), abs=0.06)
    # independent figures would make a trend of it
    white = noise_r_squared("logarithmic", YEARS, 0, made_up("annual", 25, 0.0))
    row = trends.loc[("annual", "logarithmic")]
    assert (white >= row["r_squared"]).mean() < 0.01 < 0.1 < row["noise_share"]


def test_a_balance_that_lasts_is_not_often_called_a_trend() -> None:
    """200 series without a trend, correlation 0.68 of neighbours, at a level of 5 %: some more, as it is
    estimated; by independent figures 40 of 100."""
    rng = np.random.default_rng(7)
    series = arma_generate_sample([1, -0.68], [1], (25, 200), burnin=100, distrvs=rng.standard_normal).T
    called = np.zeros(2)
    for y in series:
        line = r_squared(y, fit_curve("linear", YEARS, y).fitted)
        likenesses = (lag_1(y - y.mean()), 0.0)
        shares = [
            (noise_r_squared("linear", YEARS, 0, made_up("annual", 25, one)) >= line).mean()
            for one in likenesses
        ]
        called += np.array(shares) <= 0.05
    estimated, independent = called / 200
    assert estimated < 0.15 < 0.3 < independent


# --- other implementations ----------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["balance_persons", "cumulative_persons"])
def test_linear_models_are_those_of_statsmodels(
    article: pd.DataFrame, trends: pd.DataFrame, column: str
) -> None:
    y, n = article[column].to_numpy(float), len(article)
    t = YEARS - 2000
    designs = {
        "linear": [t],
        "quadratic": [t, t**2],
        "cubic": [t, t**2, t**3],
        "logarithmic": [np.log(t + 1)],
        "logarithmic_calendar_year": [np.log(YEARS)],
        "segmented": [t, np.maximum(t - 5, 0), np.maximum(t - 19, 0)],
    }
    of_series = trends.loc["annual" if column == "balance_persons" else "cumulative"]
    if column == "cumulative_persons":
        del designs["segmented"]
    for model, regressors in designs.items():
        result = sm.OLS(y, sm.add_constant(np.column_stack(regressors))).fit()
        found = of_series.loc[model]
        assert found["r_squared"] == pytest.approx(result.rsquared, abs=1e-9)
        if model != "segmented":  # there the break years are parameters too
            assert found["adjusted_r_squared"] == pytest.approx(result.rsquared_adj, abs=1e-9)
        k = found["n_parameters"] + 1
        deviance = -2 * result.llf - n * (np.log(2 * np.pi) + 1)
        assert found["aicc"] == pytest.approx(deviance + 2 * k * n / (n - k - 1), abs=1e-6)
        assert found["durbin_watson"] == pytest.approx(sm_durbin_watson(result.resid))
        assert found["residual_lag_1"] == pytest.approx(acf(result.resid, nlags=1, fft=False)[1])


@PROPERTY
@given(series)
def test_polynomials_are_those_of_numpy(y: np.ndarray) -> None:
    years = np.arange(1990.0, 1990 + len(y))
    for degree, model in enumerate(("linear", "quadratic", "cubic"), start=1):
        expected = np.polynomial.Polynomial.fit(years, y, degree)(years)
        assert fit_curve(model, years, y).fitted == pytest.approx(expected, abs=1e-4)


def test_the_approach_is_that_of_scipy(article: pd.DataFrame) -> None:
    y = article["balance_persons"].to_numpy(float) / 1000
    t = YEARS - 2000

    def approach(t: np.ndarray, a: float, b: float, c: float) -> np.ndarray:
        return a + b * (1 - np.exp(-c * t))

    parameters, _ = curve_fit(approach, t, y, p0=[-100, 100, 0.3], ftol=1e-14, xtol=1e-14)
    fit = fit_curve("asymptotic", YEARS, y)
    assert fit.fitted == pytest.approx(approach(t, *parameters), abs=1e-3)
    assert fit.n_parameters == 3
    exact = fit_curve("asymptotic", YEARS, approach(t, 3, -7, 0.2))
    assert exact.fitted == pytest.approx(approach(t, 3, -7, 0.2), abs=1e-6)


def test_an_approach_can_degenerate_to_a_line_or_a_step() -> None:
    t = YEARS - 2000
    line = fit_curve("asymptotic", YEARS, t**2)  # it bends the other way: the line is the nearest
    assert line.same_curve_as == "linear"
    assert line.fitted == pytest.approx(fit_curve("linear", YEARS, t**2).fitted)
    step = fit_curve("asymptotic", YEARS, np.r_[0.0, np.tile([1.1, 1.0], 12)])
    assert step.same_curve_as == "step"
    assert step.fitted[1:] == pytest.approx(np.full(24, 1.05), abs=1e-6)


@pytest.mark.parametrize("n_breaks", [0, 1, 2, 3])
@pytest.mark.parametrize("seed", [1, 2])
def test_search_is_exhaustive(n_breaks: int, seed: int) -> None:
    """Every place by least squares on straight pieces between knots, a basis of its own."""
    n = 16
    x, y = np.arange(float(n)), np.random.default_rng(seed).standard_normal(n).cumsum()
    left = {}
    for places in combinations(range(2, n - 2), n_breaks):
        if any(later - earlier < 2 for earlier, later in pairwise(places)):
            continue
        knots = [0, *places, n - 1]
        basis = np.column_stack([np.interp(x, knots, unit) for unit in np.eye(len(knots))])
        left[places] = np.square(y - basis @ np.linalg.pinv(basis) @ y).sum()
    search = search_breaks(x, y, n_breaks)
    assert {tuple(places) for places in search.places.tolist()} == set(left)
    assert search.residual_squares == pytest.approx([left[tuple(one)] for one in search.places.tolist()])
    assert tuple(search.places[search.best].tolist()) == min(left, key=lambda one: left[one])


def test_range_of_a_break_by_hand(article: pd.DataFrame, breaks: pd.DataFrame) -> None:
    y = article["balance_persons"].to_numpy(float)
    left = {}
    for first, second in combinations(range(2, 23), 2):
        if second - first < 2:
            continue
        x = [YEARS, np.maximum(YEARS - YEARS[first], 0), np.maximum(YEARS - YEARS[second], 0)]
        left[2000 + first, 2000 + second] = sm.OLS(y, sm.add_constant(np.column_stack(x))).fit().ssr
    limit = min(left.values()) * (1 + stats.f.isf(0.05, 1, 19) / 19)
    possible = np.array([years for years, squares in left.items() if squares <= limit])
    found = breaks.query("series == 'annual' and n_breaks == 2")
    assert found["year_low"].tolist() == possible.min(axis=0).tolist()
    assert found["year_high"].tolist() == possible.max(axis=0).tolist()


def test_slopes_are_those_between_the_breaks(article: pd.DataFrame, breaks: pd.DataFrame) -> None:
    y = article["balance_persons"].to_numpy(float)
    x = [YEARS, np.maximum(YEARS - 2005, 0), np.maximum(YEARS - 2019, 0)]
    _, *slopes = sm.OLS(y, sm.add_constant(np.column_stack(x))).fit().params
    found = breaks.query("series == 'annual' and n_breaks == 2")
    assert found["slope_before"].tolist() == pytest.approx([slopes[0], slopes[0] + slopes[1]])
    assert found["slope_after"].tolist() == pytest.approx([slopes[0] + slopes[1], sum(slopes)])


def test_criteria_by_hand() -> None:
    """n = 10, RSS = 10: the logarithm is zero, the penalties are left."""
    assert aicc(10, 10, 2) == pytest.approx(2 * 3 + 2 * 3 * 4 / 6)
    assert bic(10, 10, 2) == pytest.approx(3 * np.log(10))
    assert bic3(10, 10, 1) == pytest.approx(5 * np.log(10))  # Joinpoint's help: 3k + 2
    assert aicc(20, 10, 2) - aicc(10, 10, 2) == pytest.approx(10 * np.log(2))


def test_autocorrelation_by_hand() -> None:
    residuals = np.array([1.0, -1, 1, -1])
    assert lag_1(residuals) == -3 / 4
    assert durbin_watson(residuals) == 3


@PROPERTY
@given(arrays(float, 20, elements=st.integers(-1000, 1000), unique=True))
def test_noise_is_fitted_as_figures_are(y: np.ndarray) -> None:
    years = np.arange(2001.0, 2021.0)
    for model in MODELS:
        fit = fit_curve(model, years, y)
        # the rate of an approach is one of a grid here
        tolerance = 0.002 if model == "asymptotic" else 1e-9
        found = noise_r_squared(model, years, len(fit.breaks), y[np.newaxis])
        assert found == pytest.approx([r_squared(y, fit.fitted)], abs=tolerance)


# --- simulation ---------------------------------------------------------------------------------------


def test_a_line_is_rarely_given_breaks_and_two_breaks_are_found() -> None:
    """Of 200 series of 25 years each: how often the number of breaks is right, and BIC beside it."""
    generator = np.random.default_rng(3)
    x = YEARS - 2000
    bent = 3 * np.maximum(x - 5, 0) - 4 * np.maximum(x - 17, 0)
    right = {"line": 0, "line_by_bic": 0, "bent": 0}
    for _ in range(200):
        noise = generator.standard_normal(25)
        for name, y in (("line", x + noise), ("bent", x + bent + noise)):
            squares = [search_breaks(x, y, k).residual_squares.min() for k in range(maximum_breaks(25) + 1)]
            chosen = int(np.argmin([bic3(square, 25, k) for k, square in enumerate(squares)]))
            right[name] += chosen == (0 if name == "line" else 2)
            if name == "line":
                chosen = int(np.argmin([bic(square, 25, 2 + 2 * k) for k, square in enumerate(squares)]))
                right["line_by_bic"] += chosen == 0
    assert right["line"] / 200 > 0.9
    assert right["bent"] / 200 > 0.9
    assert right["line_by_bic"] < right["line"], "the reason for the third parameter"


def test_range_of_a_break_covers_it() -> None:
    generator = np.random.default_rng(4)
    x = YEARS - 2000
    covered = 0
    for _ in range(100):
        y = x - 2.0 * np.maximum(x - 12, 0) + 2 * generator.standard_normal(25)
        table = change_points(annual(y)).query("series == 'annual' and n_breaks == 1")
        covered += table["year_low"].item() <= 2012 <= table["year_high"].item()
    assert covered >= 90  # nominal: 95 of 100


# --- properties ---------------------------------------------------------------------------------------


@PROPERTY
@given(series, st.sampled_from([0.001, 3.0, 1e6]), st.sampled_from([-1, 1]))
def test_scale_changes_nothing_but_the_unit(y: np.ndarray, factor: float, sign: int) -> None:
    plain, scaled = fit_trends(annual(y)), fit_trends(annual(sign * factor * y))
    pd.testing.assert_frame_equal(plain[FIGURES], scaled[FIGURES], atol=1e-6)
    for column in ("is_best", "status", "break_years", "same_curve_as"):
        assert plain[column].equals(scaled[column]), column
    shift = 2 * len(y) * np.log(factor)
    assert (scaled["aicc"] - plain["aicc"]).tolist() == pytest.approx([shift] * len(plain), abs=1e-4)


@PROPERTY
@given(series, st.integers(-50, 50), st.randoms(use_true_random=False))
def test_neither_order_nor_level_nor_calendar_matter(y: np.ndarray, moved: int, random) -> None:
    frame = annual(y)
    rows = list(range(len(y)))
    random.shuffle(rows)
    pd.testing.assert_frame_equal(fit_trends(frame.iloc[rows]), fit_trends(frame))
    pd.testing.assert_frame_equal(change_points(frame.iloc[rows]), change_points(frame))
    lifted = frame.assign(balance_persons=frame["balance_persons"] + 12345.0, year=frame["year"] + moved)
    one, other = (
        fit_trends(table).query("series == 'annual' and model != 'logarithmic_calendar_year'")[FIGURES]
        for table in (frame, lifted)
    )
    pd.testing.assert_frame_equal(one, other, atol=1e-6)


@PROPERTY
@given(series)
def test_more_freedom_fits_no_worse(y: np.ndarray) -> None:
    table = fit_trends(annual(y)).set_index(["series", "model"])["r_squared"]
    for name in ("annual", "cumulative"):
        models = table[name]
        assert models["linear"] <= models["quadratic"] + 1e-9 <= models["cubic"] + 2e-9
        assert models["linear"] <= models["asymptotic"] + 1e-9
        assert models["linear"] <= models["segmented"] + 1e-9
    numbers = change_points(annual(y)).query("break_no <= 1").groupby("series")["r_squared"]
    assert numbers.apply(lambda one: one.diff().dropna().ge(-1e-9).all()).all()


# --- degenerate input ---------------------------------------------------------------------------------


def test_no_figure_gives_no_row_but_the_types() -> None:
    nothing = annual([])
    unknown = annual([1.0, 2.0]).assign(balance_persons=np.nan, cumulative_persons=None)
    for function in (fit_trends, change_points):
        full = function(annual(list(range(20))))
        for empty in (function(nothing), function(unknown)):
            assert len(empty) == 0 < len(full)
            pd.testing.assert_series_equal(empty.dtypes, full.dtypes)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_too_few_figures(n: int) -> None:
    for table in (fit_trends(annual(np.arange(n) ** 2.0)), change_points(annual(np.arange(n) ** 2.0))):
        assert set(table["status"]) == {"too_few"}
        assert table["reason"].str.startswith(f"{n} of at least ").all()
        assert table["r_squared"].isna().all()
        assert (table["n"] == n).all()


def test_each_model_needs_its_figures() -> None:
    least = {}
    for n in range(4, 9):
        y = np.random.default_rng(n).standard_normal(n)
        table = fit_trends(annual(y)).query("series == 'annual'").set_index("model")
        for model in table.index[table["status"] != "too_few"]:
            least.setdefault(model, n)
    assert least == {
        "linear": 5,
        "logarithmic": 5,
        "logarithmic_calendar_year": 5,
        "quadratic": 6,
        "asymptotic": 6,
        "cubic": 7,
        "segmented": 7,
    }


def test_constant_series() -> None:
    frame = annual([7.0] * 25)
    assert set(fit_trends(frame).query("series == 'annual'")["status"]) == {"constant"}
    assert set(change_points(frame).query("series == 'annual'")["status"]) == {"constant"}
    zero = annual([0.0] * 25)
    assert set(fit_trends(zero)["status"]) == set(change_points(zero)["status"]) == {"constant"}


def test_perfect_fits_have_no_criterion() -> None:
    t = np.arange(25.0)
    table = fit_trends(annual(1000 + 3 * t)).set_index(["series", "model"])
    exact = table.loc["annual"].query("status == 'exact'")
    assert {"linear", "quadratic", "cubic"} <= set(exact.index)
    assert table.loc["annual"].query("is_best").index.tolist() == ["linear"]
    assert table.loc["cumulative"].query("is_best").index.tolist() == ["quadratic"]
    assert exact["aicc"].isna().all()
    assert (exact["r_squared"] == 1).all()
    bent = change_points(annual(t - 2 * np.maximum(t - 9, 0))).query("series == 'annual'")
    assert bent.query("is_chosen")["break_year"].tolist() == [2009]
    assert bent.query("is_chosen")["status"].tolist() == ["exact"]


def test_gaps_leave_the_annual_series() -> None:
    frame = annual(np.random.default_rng(5).standard_normal(25)).drop(index=[3, 4])
    table = fit_trends(frame).set_index(["series", "model"])
    assert set(table.loc["cumulative", "status"]) == {"gap"}
    assert table.loc["cumulative", "reason"].str.endswith("2003, 2004").all()
    x = frame["year"] - 2000
    expected = np.corrcoef(x, frame["balance_persons"])[0, 1] ** 2
    assert table.loc[("annual", "linear"), "r_squared"] == pytest.approx(expected)
    missing = annual(np.arange(25.0) ** 2).assign(
        balance_persons=lambda f: f["balance_persons"].where(f["year"] != 2003)
    )
    assert fit_trends(missing)["n"].tolist() == [24] * 7 + [25] * 7
    assert change_points(frame).query("series == 'cumulative'")["status"].tolist() == ["gap"]


def test_ties_are_broken_in_one_way() -> None:
    frame = annual([0.0, 1.0] * 12)
    pd.testing.assert_frame_equal(fit_trends(frame), fit_trends(frame))
    assert set(fit_trends(frame)["status"]) <= {"ok", "degenerate"}


@pytest.mark.parametrize("column", ["balance_persons", "cumulative_persons"])
def test_infinite_values_and_repeated_years_are_named(column: str) -> None:
    frame = annual([1.0, 2.0, 3.0])
    for function in (fit_trends, change_points):
        with pytest.raises(ValueError, match=f"'{column}' holds an infinite value"):
            function(frame.assign(**{column: np.inf}))
        with pytest.raises(ValueError, match="year repeated: 2000"):
            function(frame.assign(year=2000))


def test_places_of_breaks() -> None:
    assert break_places(7, 1).ravel().tolist() == [2, 3, 4]
    assert break_places(8, 2).tolist() == [[2, 4], [2, 5], [3, 5]]
    assert break_places(5, 2).shape == (0, 2)
    assert [maximum_breaks(n) for n in (0, 6, 7, 12, 17, 22, 27, 99)] == [0, 0, 1, 2, 3, 4, 4, 4]
