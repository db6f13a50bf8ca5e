"""Regression against published fits, statsmodels and linear algebra by hand; bad input."""

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.datasets import longley
from statsmodels.stats.outliers_influence import variance_inflation_factor

from analysis_py.correlation import COLLINEAR, CONSTANT, OK, TOO_FEW
from analysis_py.regression import INTERCEPT, LINE_DTYPES, WARNING, fit_line, regress

PROPERTY = settings(max_examples=25, deadline=None, database=None, derandomize=True)

# Ezekiel (1930), Methods of Correlation Analysis, as R's data set `cars`.
SPEED = (
    "4 4 7 7 8 9 10 10 10 11 11 12 12 12 12 13 13 13 13 14 14 14 14 15 15 15 16 16 17 17 17 18 18 18 18 19 "
    "19 19 20 20 20 20 20 22 23 24 24 24 24 25"
)
DISTANCE = (
    "2 10 4 22 16 10 18 26 34 17 28 14 20 24 28 26 34 34 46 26 36 60 80 20 26 54 32 40 32 40 50 42 56 76 84 "
    "36 46 68 32 48 52 56 64 66 54 70 92 93 120 85"
)


def cars() -> pd.DataFrame:
    columns = {"speed": SPEED.split(), "distance": DISTANCE.split()}
    return pd.DataFrame(columns, index=range(1, 51), dtype=float)


def random_frame(seed: int, n: int = 14) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=["y", "a", "b", "c"])
    frame["b"] += frame["a"]
    frame["y"] += frame["a"] * rng.normal(size=n)
    return frame


def test_stopping_distances() -> None:
    """R: lm(dist ~ speed, cars): -17.5791, 3.9324, R² 0.6511; Cook's distance of row 49 is 0.340396."""
    found = regress(cars(), "distance", ["speed"])
    assert found.terms["coefficient"].round(4).tolist() == [-17.5791, 3.9324]
    assert found.terms["r_squared"].round(4).tolist() == [0.6511] * 2
    assert found.terms["adjusted_r_squared"].round(4).tolist() == [0.6438] * 2
    assert (found.terms["n"].unique(), found.terms["residual_df"].unique()) == (50, 48)
    largest = found.influence.set_index("territory")["cooks_distance"]
    assert largest.idxmax() == "49"
    assert round(largest["49"], 6) == 0.340396
    assert found.influence["leverage"].sum() == pytest.approx(2)


def test_band_around_stopping_distances() -> None:
    """R: predict(lm(dist ~ speed, cars), data.frame(speed = c(12, 19, 24)), interval = "confidence").

    As printed on STHDA, "Predict in R: model predictions and confidence intervals".
    """
    line = fit_line(cars(), "distance", "speed", points=22).set_index("indicator_value")
    found = line.loc[[12, 19, 24], ["fitted", "ci_low", "ci_high"]].round(1)
    assert found.to_numpy().tolist() == [[29.6, 24.4, 34.8], [57.1, 51.8, 62.4], [76.8, 68.4, 85.2]]
    assert line["slope"].round(4).unique().tolist() == [3.9324]
    assert line["intercept"].round(4).unique().tolist() == [-17.5791]
    assert line["r_squared"].round(4).unique().tolist() == [0.6511]
    assert line[["n", "residual_df"]].drop_duplicates().to_numpy().tolist() == [[50, 48]]


@PROPERTY
@given(st.integers(0, 2**32 - 1), st.floats(1e-6, 1e9), st.floats(1e-6, 1e9))
def test_band_against_statsmodels(seed: int, unit: float, unit_of_target: float) -> None:
    frame = random_frame(seed) * pd.Series({"y": unit_of_target, "a": unit, "b": 1, "c": 1})
    frame.loc[3, "a"] = np.nan
    line = fit_line(frame, "y", "a")
    assert line["point_no"].tolist() == list(range(1, 26))
    assert line["indicator_value"].iloc[[0, -1]].tolist() == pytest.approx(
        [frame["a"].min(), frame["a"].max()]
    )
    known = frame.dropna()
    fit = sm.OLS(known["y"].to_numpy(), sm.add_constant(known["a"].to_numpy() / unit)).fit()
    there = fit.get_prediction(sm.add_constant(line["indicator_value"].to_numpy() / unit)).summary_frame()
    for column, of_theirs in [("fitted", "mean"), ("ci_low", "mean_ci_lower"), ("ci_high", "mean_ci_upper")]:
        scale = unit_of_target * 1e-6  # a band may cross zero
        assert line[column].tolist() == pytest.approx(there[of_theirs].tolist(), rel=1e-6, abs=scale)
    assert line["r_squared"].unique().tolist() == pytest.approx([fit.rsquared])
    assert line["slope"].unique().tolist() == pytest.approx([fit.params[1] / unit])
    assert line["status"].unique().tolist() == [OK]
    turned = fit_line(frame[::-1], "y", "a")
    pd.testing.assert_frame_equal(turned, line)


@pytest.mark.parametrize(
    ("frame", "status", "reason"),
    [
        (random_frame(1, n=0), TOO_FEW, "0 territories with all the figures, 5 needed"),
        (random_frame(1, n=4), TOO_FEW, "4 territories with all the figures, 5 needed"),
        (random_frame(1).assign(a=np.nan), TOO_FEW, "0 territories with all the figures, 5 needed"),
        (random_frame(1).assign(a=3.0), CONSTANT, "a does not vary over the 14 territories"),
        (random_frame(1).assign(y=0.0), CONSTANT, "y does not vary over the 14 territories"),
    ],
)
def test_no_line_has_a_row_with_the_reason(frame: pd.DataFrame, status: str, reason: str) -> None:
    line = fit_line(frame, "y", "a")
    assert line[["point_no", "status", "reason"]].to_numpy().tolist() == [[1, status, reason]]
    assert line[["indicator_value", "fitted", "ci_low", "slope", "r_squared"]].isna().all(axis=None)
    assert line.dtypes.to_dict() == fit_line(random_frame(1), "y", "a").dtypes.to_dict()
    assert list(line) == list(LINE_DTYPES)


def test_line_of_few_is_warned_of_and_infinity_refused() -> None:
    assert set(fit_line(random_frame(1, n=9), "y", "a")["status"]) == {WARNING}
    assert set(fit_line(random_frame(1, n=10), "y", "a")["status"]) == {OK}
    with pytest.raises(ValueError, match="'a'"):
        fit_line(random_frame(1).assign(a=[math.inf] + [0.0] * 13), "y", "a")


def test_longleys_employment() -> None:
    """NIST's certified coefficients of these nearly collinear data, and known variance inflation factors."""
    data = longley.load_pandas().data
    names = ["GNPDEFL", "GNP", "UNEMP", "ARMED", "POP", "YEAR"]
    terms = regress(data, "TOTEMP", names).terms.set_index("term")
    certified = {
        INTERCEPT: -3482258.63459582,
        "GNPDEFL": 15.0618722713733,
        "GNP": -0.358191792925910e-01,
        "UNEMP": -2.02022980381683,
        "ARMED": -1.03322686717359,
        "POP": -0.511041056535807e-01,
        "YEAR": 1829.15146461355,
    }
    assert terms["coefficient"].to_dict() == pytest.approx(certified, rel=1e-7)
    # as printed by R's car::vif(lm(Employed ~ ., longley))
    assert terms.loc[names, "vif"].round(2).tolist() == [135.53, 1788.51, 33.62, 3.59, 399.15, 758.98]


@PROPERTY
@given(st.integers(0, 2**32 - 1))
def test_hc3_and_influence_by_linear_algebra(seed: int) -> None:
    frame = random_frame(seed)
    names = ["a", "b", "c"]
    x, y = np.column_stack([np.ones(len(frame)), frame[names]]), frame["y"].to_numpy()
    inverse = np.linalg.inv(x.T @ x)
    coefficients = inverse @ x.T @ y
    residual, leverage = y - x @ coefficients, np.diag(x @ inverse @ x.T)
    hc3 = inverse @ x.T @ np.diag((residual / (1 - leverage)) ** 2) @ x @ inverse
    found = regress(frame, "y", names)
    assert found.terms["coefficient"].tolist() == pytest.approx(coefficients)
    assert found.terms["standard_error"].tolist() == pytest.approx(np.sqrt(np.diag(hc3)))
    assert found.influence["residual"].tolist() == pytest.approx(residual)
    assert found.influence["leverage"].tolist() == pytest.approx(leverage)
    variance = residual @ residual / 10
    cooks = residual**2 * leverage / (4 * variance * (1 - leverage) ** 2)
    assert found.influence["cooks_distance"].tolist() == pytest.approx(cooks)
    assert found.influence["is_influential"].tolist() == (cooks > 4 / 14).tolist()
    standardised = frame.apply(lambda column: (column - column.mean()) / column.std())
    beta = np.linalg.lstsq(standardised[names], standardised["y"], rcond=None)[0]
    assert found.terms["standardised"].tolist()[1:] == pytest.approx(beta)
    assert found.terms["vif"].tolist()[1:] == pytest.approx(
        [variance_inflation_factor(x, place) for place in (1, 2, 3)]
    )


@PROPERTY
@given(st.integers(0, 2**32 - 1))
def test_influence_by_leaving_one_out(seed: int) -> None:
    frame = random_frame(seed)
    found = regress(frame, "y", ["a", "b"]).influence
    design = sm.add_constant(frame[["a", "b"]])
    full = sm.OLS(frame["y"], design).fit()
    for place in frame.index[:3]:
        rest = sm.OLS(frame["y"].drop(place), design.drop(place)).fit()
        moved = ((full.fittedvalues - rest.predict(design)) ** 2).sum() / (3 * full.mse_resid)
        assert found.loc[place, "cooks_distance"] == pytest.approx(moved)


@PROPERTY
@given(st.integers(0, 2**32 - 1), st.floats(1e-6, 1e9), st.floats(-1e3, 1e3))
def test_units_do_not_matter(seed: int, scale: float, origin: float) -> None:
    frame = random_frame(seed)
    plain = regress(frame, "y", ["a", "b"]).terms
    moved = regress(frame.assign(a=scale * (frame["a"] + origin)), "y", ["a", "b"]).terms
    same = ["t", "p_value", "standardised", "vif"]
    pd.testing.assert_frame_equal(moved.loc[1:, same], plain.loc[1:, same], rtol=1e-5)
    assert moved.loc[1, "coefficient"] * scale == pytest.approx(plain.loc[1, "coefficient"], rel=1e-5)


def test_order_does_not_matter() -> None:
    frame = random_frame(5)
    plain, turned = (regress(values, "y", ["a", "b", "c"]) for values in (frame, frame[::-1]))
    pd.testing.assert_frame_equal(turned.terms, plain.terms)
    pd.testing.assert_frame_equal(turned.influence[::-1].reset_index(drop=True), plain.influence)


@pytest.mark.parametrize(
    ("frame", "status", "reason"),
    [
        (random_frame(1, n=0), TOO_FEW, "0 territories with all the figures, 6 needed"),
        (random_frame(1, n=5), TOO_FEW, "5 territories with all the figures, 6 needed"),
        (random_frame(1).assign(b=np.nan), TOO_FEW, "0 territories with all the figures, 6 needed"),
        (random_frame(1).assign(b=3.0), CONSTANT, "b does not vary over the 14 territories"),
        (random_frame(1).assign(y=0.0), CONSTANT, "y does not vary over the 14 territories"),
        (random_frame(1).eval("b = 2 * a + 5"), COLLINEAR, "an indicator follows from the others"),
        (random_frame(1).assign(b=[1.0] + [0.0] * 13), COLLINEAR, "0 alone decides a coefficient"),
    ],
)
def test_what_cannot_be_fitted_has_a_reason(frame: pd.DataFrame, status: str, reason: str) -> None:
    found = regress(frame, "y", ["a", "b"])
    assert found.terms["term"].tolist() == [INTERCEPT, "a", "b"]
    assert (set(found.terms["status"]), set(found.terms["reason"])) == ({status}, {reason})
    assert found.terms["coefficient"].isna().all()
    assert len(found.influence) == 0
    fitted = regress(random_frame(1), "y", ["a", "b"])
    assert set(fitted.terms["status"]) == {OK}
    for some, none in zip(fitted, found, strict=True):
        assert none.dtypes.to_dict() == some.dtypes.to_dict()


@pytest.mark.parametrize(("n", "status"), [(6, WARNING), (10, WARNING), (11, OK)])
def test_few_degrees_of_freedom_are_warned_of(n: int, status: str) -> None:
    """Two indicators and an intercept leave n - 3; 8 are enough."""
    terms = regress(random_frame(1, n=n), "y", ["a", "b"]).terms
    assert set(terms["status"]) == {status}
    assert terms["p_value"].notna().all()
    reason = f"{n - 3} residual degrees of freedom, below 8: too few to carry a conclusion"
    assert terms["reason"].fillna("").tolist() == [reason if status == WARNING else ""] * 3


def test_infinite_value_names_the_column() -> None:
    with pytest.raises(ValueError, match="'a'"):
        regress(random_frame(1).assign(a=[math.inf] + [0.0] * 13), "y", ["a", "b"])
