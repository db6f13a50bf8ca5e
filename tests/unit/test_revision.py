"""Measures of revision against a published table, another implementation, and computations by hand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis_py.revision import (
    MINIMUM_FOR_REGRESSION,
    MINIMUM_FOR_T,
    RELATIVE_STATUSES,
    STATUSES,
    regression,
    summarise_revisions,
    t_test,
)

DATA = Path(__file__).parent / "data"
INDICATORS = pd.DataFrame(
    {
        "indicator_code": ["population", "balance", "share"],
        "unit_code": ["PS", "PS", "PT"],
        "may_be_negative": [False, True, False],
    }
)


def pairs(
    first: Sequence[float],
    later: Sequence[float],
    *,
    indicator: str = "population",
    age: str = "latest",
    before: tuple[Sequence[float], Sequence[float]] | None = None,
) -> pd.DataFrame:
    """A row for each figure, each of its own year."""
    unknown = [float("nan")] * len(first)
    then, now = before or (unknown, unknown)
    return pd.DataFrame(
        {
            "indicator_code": indicator,
            "age": age,
            "age_years": None if age == "latest" else int(age.removeprefix("years_")),
            "period_start": pd.date_range("2001-01-01", periods=len(first), freq="YS"),
            "first_value": first,
            "later_value": later,
            "first_value_before": then,
            "later_value_before": now,
        }
    )


def summary(frame: pd.DataFrame, indicator: str = "population") -> dict[str, Any]:
    """The one row of an indicator."""
    result = summarise_revisions(frame, INDICATORS)
    (row,) = result[result["indicator_code"] == indicator].to_dict("records")
    return row


# --- a published table --------------------------------------------------------------------------------------

# The two last rows of the table: mean revision, mean absolute revision, rounded to thousands.
BLS_2005 = [
    ("sa_1st", "sa_2nd", 22, 29),
    ("sa_2nd", "sa_3rd", 9, 28),
    ("sa_1st", "sa_3rd", 31, 43),
    ("nsa_1st", "nsa_2nd", 25, 39),
    ("nsa_2nd", "nsa_3rd", 1, 12),
    ("nsa_1st", "nsa_3rd", 26, 41),
]


@pytest.fixture(scope="module")
def payroll() -> pd.DataFrame:
    return pd.read_csv(DATA / "bls_payroll_2005.csv", comment="#", parse_dates=["month"])


@pytest.mark.parametrize(("first", "later", "mean", "magnitude"), BLS_2005)
def test_means_are_those_that_the_publisher_prints(
    payroll: pd.DataFrame, first: str, later: str, mean: int, magnitude: int
) -> None:
    row = summary(pairs(payroll[first], payroll[later], indicator="balance"), "balance")
    assert (row["n"], row["n_periods"]) == (12, 12)
    assert row["mean_revision"] == pytest.approx(mean, abs=0.5)
    assert row["mean_absolute_revision"] == pytest.approx(magnitude, abs=0.5)
    assert row["relative_status"] == "balance"
    assert np.isnan(row["mean_revision_percent"])
    assert np.isnan(row["mean_absolute_revision_percent"])


def test_signs_and_directions_of_the_published_table(payroll: pd.DataFrame) -> None:
    """By hand: September was first −35 and at last +17; the changes from the month before, each as of then.

    The table does not print the month before as of each estimate: its estimate of that rank stands for it.
    """
    first, third = payroll["sa_1st"], payroll["sa_3rd"]
    row = summary(pairs(first, third, indicator="balance", before=(first.shift(), third.shift())), "balance")
    assert row["share_right_sign"] == 11 / 12
    # First −: Mar, May, Aug, Sep, Dec; third −: Mar, May, Aug, Sep, Dec; of the ups all agree, too.
    assert (row["n_direction"], row["share_right_direction"]) == (11, 1)
    turned = summary(
        pairs(first, third, indicator="balance", before=(first.shift(), -third.shift())), "balance"
    )
    # With the sign of the month before turned round all eleven go up: wrong in Mar, May, Aug, Sep and Dec.
    assert turned["share_right_direction"] == pytest.approx(6 / 11)
    assert row["n_revised"] == 12
    assert row["share_upward"] == pytest.approx(9 / 12)
    assert (row["min_revision"], row["max_revision"]) == (-31, 139)


# --- another implementation ---------------------------------------------------------------------------------


def sample(seed: int, n: int, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """First figures of some size and revisions that depend on them a little, unequally spread."""
    random = np.random.default_rng(seed)
    first = scale * random.lognormal(0, 0.7, n)
    return first, 0.002 * first + random.normal(0, 0.001 * first)


@pytest.mark.parametrize("scale", [1, 1e6])
@pytest.mark.parametrize(("seed", "n"), [(1, 30), (2, 47), (3, 400)])
def test_regressions_are_those_of_statsmodels(seed: int, n: int, scale: float) -> None:
    first, revision = sample(seed, n, scale)
    row = summary(pairs(first, first + revision))
    for name, regressor in (("news", first), ("noise", first + revision)):
        fit = sm.OLS(revision, sm.add_constant(regressor)).fit(cov_type="HC3", use_t=True)
        assert row[f"{name}_status"] == "ok"
        assert row[f"{name}_intercept"] == pytest.approx(fit.params[0], rel=1e-6)
        assert row[f"{name}_slope"] == pytest.approx(fit.params[1], rel=1e-6)
        # scaled for statsmodels alone, whose joint test suffers where the columns differ by a million
        scaled = sm.OLS(revision / scale, sm.add_constant(regressor / scale)).fit(cov_type="HC3", use_t=True)
        joint = scaled.f_test(np.eye(2))
        assert row[f"{name}_p_value"] == pytest.approx(float(joint.pvalue), rel=1e-6)


def test_the_t_test_is_that_of_scipy(payroll: pd.DataFrame) -> None:
    revision = (payroll["sa_3rd"] - payroll["sa_1st"]).to_numpy(float)
    expected = stats.ttest_1samp(revision, 0)
    found = t_test(revision)
    assert found["t_statistic"] == pytest.approx(expected.statistic)
    assert found["t_p_value"] == pytest.approx(expected.pvalue)


# --- by hand ------------------------------------------------------------------------------------------------


def test_every_measure_by_hand() -> None:
    row = summary(
        pairs(
            [100, 200, 300, 400, 500],
            [110, 200, 290, 420, 505],
            before=([90, 210, 250, 400, float("nan")], [90, 190, 250, 430, 500]),
        )
    )
    expected = {
        "age": "latest",
        "unit_code": "PS",
        "n": 5,
        "n_periods": 5,
        "n_revised": 4,
        "mean_revision": 5,  # (10 + 0 - 10 + 20 + 5) / 5
        "mean_absolute_revision": 9,
        "median_revision": 5,
        "root_mean_square_revision": np.sqrt(125),  # (100 + 0 + 100 + 400 + 25) / 5
        "sd_revision": np.sqrt(125),  # (25 + 25 + 225 + 225 + 0) / 4
        "min_revision": -10,
        "max_revision": 20,
        "mean_revision_percent": 100 * 25 / 1525,
        "mean_absolute_revision_percent": 100 * 45 / 1525,
        "share_upward": 0.6,
        "share_right_sign": 1,
        "n_direction": 4,
        "share_right_direction": 0.5,  # up and up, down and up, up and up, nil and down
        "t_statistic": 1,  # 5 / (sqrt(125) / sqrt(5))
        "t_p_value": 2 * stats.t.sf(1, 4),
    }
    assert {name: row[name] for name in expected} == pytest.approx(expected)
    assert pd.isna(row["age_years"])
    assert row["reason"] == "no news and noise tests: 5 of at least 30 figures"


def test_a_share_is_revised_in_percentage_points() -> None:
    row = summary(pairs([2.8, 2.7, 2.6], [2.9, 2.6, 2.6], indicator="share"), "share")
    assert row["mean_absolute_revision"] == pytest.approx(0.2 / 3)
    assert (row["relative_status"], row["n_revised"]) == ("share", 2)
    assert np.isnan(row["mean_absolute_revision_percent"])
    assert "percentage points" in row["reason"]


def test_nil_has_a_sign_of_its_own() -> None:
    row = summary(pairs([0, 0, -1, 5], [0, 3, -2, -5], indicator="balance"), "balance")
    assert row["share_right_sign"] == 0.5


def test_each_age_and_indicator_by_itself() -> None:
    frame = pd.concat(
        [
            pairs([1, 2], [2, 3]),
            pairs([1], [5], age="years_10"),
            pairs([7], [7], age="years_2"),
            pairs([-3], [4], indicator="balance"),
        ]
    )
    result = summarise_revisions(frame, INDICATORS).set_index(["indicator_code", "age"])
    assert result["n"].to_dict() == {
        ("balance", "latest"): 1,
        ("population", "latest"): 2,
        ("population", "years_10"): 1,
        ("population", "years_2"): 1,
        ("share", "latest"): 0,
    }
    assert result["age_years"].dropna().to_dict() == {
        ("population", "years_10"): 10,
        ("population", "years_2"): 2,
    }
    assert np.isnan(result.loc[("balance", "latest"), "sd_revision"])


# --- what is withheld, and why ------------------------------------------------------------------------------


def test_nothing_published_twice_gives_a_row_an_indicator_and_no_measure() -> None:
    for empty in (pairs([], []), pairs([], []).astype(object), pairs([1], [2])[:0].reset_index(drop=True)):
        result = summarise_revisions(empty, INDICATORS)
        assert result["indicator_code"].tolist() == ["balance", "population", "share"]
        assert (result["age"] == "latest").all()
        assert (result["n"] == 0).all()
        assert (result[["t_status", "news_status", "noise_status"]] == "no_figure").all(axis=None)
        assert result["reason"].str.startswith("no figure of the indicator").all()
        measures = result.select_dtypes("float64")
        assert measures.isna().all(axis=None)
        assert result.dtypes.equals(summarise_revisions(pairs([1], [2]), INDICATORS).dtypes)


def test_small_samples_are_withheld_up_to_the_minimum() -> None:
    for n, minimum, status in (
        (MINIMUM_FOR_T - 1, MINIMUM_FOR_T, "t_status"),
        (MINIMUM_FOR_REGRESSION - 1, MINIMUM_FOR_REGRESSION, "news_status"),
    ):
        first, revision = sample(4, n + 1, 1)
        below = summary(pairs(first[:n], (first + revision)[:n]))
        assert below[status] == "too_few"
        assert f"{n} of at least {minimum} figures" in below["reason"]
        assert np.isnan(below[f"{status.removesuffix('status')}p_value"])
        assert summary(pairs(first, first + revision))[status] == "ok"


@pytest.mark.parametrize(
    ("first", "later", "t_status", "news_status", "noise_status"),
    [
        (np.arange(40), np.arange(40), "no_revision", "no_revision", "no_revision"),
        (np.arange(40), np.arange(40) + 3, "no_spread", "no_spread", "no_spread"),  # no error about the line
        (np.full(40, 7), 7 + np.arange(40) % 5, "ok", "no_spread", "no_spread"),
        # one figure alone stands apart, and any line goes through it
        (np.r_[np.zeros(39), 9], np.r_[np.arange(39) % 2, 9], "ok", "no_spread", "ok"),
    ],
)
def test_degenerate_figures(
    first: np.ndarray, later: np.ndarray, t_status: str, news_status: str, noise_status: str
) -> None:
    row = summary(pairs(first, later))
    assert (row["t_status"], row["news_status"], row["noise_status"]) == (t_status, news_status, noise_status)
    for test, status in (("t", t_status), ("news", news_status), ("noise", noise_status)):
        assert np.isfinite(row[f"{test}_p_value"]) == (status == "ok")


def test_all_figures_nil_has_no_percentage() -> None:
    row = summary(pairs([1, 0], [0, 0]))
    assert row["relative_status"] == "no_figure"
    assert "all figures are zero" in row["reason"]


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
@pytest.mark.parametrize("column", ["first_value", "later_value"])
def test_a_figure_that_is_no_number(column: str, wrong: float) -> None:
    frame = pairs([1, 2], [1, 2]).astype({column: float})
    frame.loc[1, column] = wrong
    with pytest.raises(ValueError, match="finite"):
        summarise_revisions(frame, INDICATORS)


def test_nothing_is_changed_and_the_order_of_the_rows_does_not_matter() -> None:
    first, revision = sample(5, 60, 1)
    frame = pairs(first, first + revision)
    before = frame.copy()
    result = summarise_revisions(frame, INDICATORS)
    pd.testing.assert_frame_equal(frame, before)
    shuffled = summarise_revisions(
        frame.sample(frac=1, random_state=1), INDICATORS.sample(frac=1, random_state=2)
    )
    pd.testing.assert_frame_equal(result, shuffled)


finite = st.integers(-(10**9), 10**9).map(float)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(finite, finite), max_size=60))
def test_properties_that_hold_for_any_figures(figures: list[tuple[float, float]]) -> None:
    first, later = [one for one, _ in figures], [other for _, other in figures]
    row = summary(pairs(first, later, indicator="balance"), "balance")
    assert row["relative_status"] in RELATIVE_STATUSES
    assert {row[f"{test}_status"] for test in ("t", "news", "noise")} <= set(STATUSES)
    if figures:
        assert abs(row["mean_revision"]) <= row["mean_absolute_revision"] * (1 + 1e-12)
        assert row["mean_absolute_revision"] <= row["root_mean_square_revision"] * (1 + 1e-12)
        mirrored = summary(pairs(later, first, indicator="balance"), "balance")
        assert mirrored["mean_revision"] == pytest.approx(-row["mean_revision"], abs=1e-6)
        assert mirrored["share_right_sign"] == row["share_right_sign"]
    for test in ("t", "news", "noise"):
        p_value = row[f"{test}_p_value"]
        assert np.isnan(p_value) or 0 <= p_value <= 1
        assert np.isnan(p_value) == (row[f"{test}_status"] != "ok")


def test_news_and_noise_are_told_apart() -> None:
    """Simulated as Mankiw and Shapiro define them, at ten times the usual number of figures."""
    random = np.random.default_rng(6)
    truth = random.normal(0, 3, 300)
    error = random.normal(0, 1, 300)
    noisy = regression(truth - (truth + error), truth + error), regression(truth - (truth + error), truth)
    assert noisy[0]["p_value"] < 0.001  # foretold by the first figure: not news
    assert noisy[1]["p_value"] > 0.05  # nothing to do with the truth: noise
    forecast = random.normal(0, 3, 300)
    news = regression(error, forecast), regression(error, forecast + error)
    assert news[0]["p_value"] > 0.05
    assert news[1]["p_value"] < 0.001
