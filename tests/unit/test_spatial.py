"""Neighbours, Moran's I and correlation between neighbours: published values, loops by hand, simulation."""

import math
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis_py.spatial import (
    effective_sample_size,
    merged_contiguity,
    modified_t_test,
    morans_i,
    steps_between,
)

PROJECT = Path(__file__).parents[2]
PROPERTY = settings(max_examples=25, deadline=None, database=None, derandomize=True)
Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@pytest.fixture(scope="module")
def contiguity() -> pd.DataFrame:
    return pd.read_csv(PROJECT / "seeds/reference/region_contiguity.csv", dtype=str)


def grid_steps(rows: int, columns: int) -> Floats:
    """Steps between the fields of a grid that touch along a side."""
    places = np.array([(i, j) for i in range(rows) for j in range(columns)])
    return np.abs(places[:, None] - places).sum(axis=2).astype("float64")


# --- the map ------------------------------------------------------------------------------------------------


def test_regions_that_have_one_neighbour_only(contiguity: pd.DataFrame) -> None:
    """Each city lies in one region; since Abai was made, East Kazakhstan borders on it alone."""
    neighbours = contiguity.groupby("region_code")["neighbour_code"].agg(list)
    assert neighbours[["71", "75", "79"]].tolist() == [["11"], ["19"], ["61"]]
    assert [code for code, others in neighbours.items() if len(others) == 1] == ["63", "71", "75", "79"]
    assert len(neighbours) == 20


def test_known_borders(contiguity: pd.DataFrame) -> None:
    pairs = set(zip(contiguity["region_code"], contiguity["neighbour_code"], strict=True))
    assert {("63", "10"), ("10", "33"), ("15", "47"), ("61", "62"), ("19", "35"), ("39", "59")} <= pairs
    # East Kazakhstan lies behind Abai since 2022; Mangystau and West Kazakhstan have Atyrau between them
    assert not {("63", "33"), ("63", "55"), ("47", "27"), ("43", "31")} & pairs


def test_steps_agree_with_networkx(contiguity: pd.DataFrame) -> None:
    codes = sorted(set(contiguity["region_code"]))
    graph = nx.from_pandas_edgelist(contiguity, "region_code", "neighbour_code")
    expected = dict(nx.all_pairs_shortest_path_length(graph))
    steps = steps_between(contiguity, codes[::-1])
    assert steps is not None
    assert steps.index.tolist() == codes[::-1]
    assert all(steps.loc[one, other] == expected[one][other] for one in codes for other in codes)


def test_units_are_neighbours_where_their_regions_are(contiguity: pd.DataFrame) -> None:
    region = pd.read_csv(PROJECT / "seeds/reference/region.csv", dtype=str)
    units = merged_contiguity(
        contiguity, region.set_index("region_code")["harmonised_unit"].dropna().to_dict()
    )
    pairs = set(zip(units["region_code"], units["neighbour_code"], strict=True))
    assert len({code for code, _ in pairs}) == 16
    assert pairs == {(other, one) for one, other in pairs}
    assert not any(one == other for one, other in pairs)
    assert ("63", "19") in pairs  # by way of Abai and Jetisu
    assert {other for one, other in pairs if one == "51"} == {"31", "43", "35"}  # Turkistan and Shymkent


def test_a_region_that_is_not_on_the_map_has_no_steps(contiguity: pd.DataFrame) -> None:
    assert steps_between(contiguity, ["11", "51"]) is None


# --- Moran's I ----------------------------------------------------------------------------------------------


def test_st_louis_homicides() -> None:
    """esda's own test on these data: I 0.24365582621771659, one-sided p 0.00014 (normal approximation)."""
    table = pd.read_csv(Path(__file__).parent / "data/st_louis_homicides.csv", comment="#")
    steps = np.full((78, 78), np.inf)
    for number, others in zip(table["county"], table["neighbours"], strict=True):
        for other in str(others).split():
            steps[number - 1, int(other) - 1] = 1
    found = morans_i(table["homicide_rate"].to_numpy(), steps)
    assert found["moran_i"] == pytest.approx(0.24365582621771659, rel=1e-12)
    assert found["expected_i"] == pytest.approx(-1 / 77)
    assert found["p_value"] < 0.01


@PROPERTY
@given(st.lists(st.integers(-9, 9), min_size=12, max_size=12).filter(lambda v: len(set(v)) > 1))
def test_morans_i_by_its_definition(values: list[int]) -> None:
    steps = grid_steps(3, 4)
    deviations = [value - sum(values) / 12 for value in values]
    weighted = 0.0
    for i in range(12):
        neighbours = [j for j in range(12) if steps[i, j] == 1]
        weighted += sum(deviations[i] * deviations[j] for j in neighbours) / len(neighbours)
    expected = weighted / sum(d * d for d in deviations)
    plain = morans_i(np.array(values, dtype=float), steps)
    moved = morans_i(np.array(values, dtype=float) * 1e5 - 77, steps)
    assert plain["moran_i"] == pytest.approx(expected, abs=1e-12)
    assert moved["moran_i"] == pytest.approx(expected, abs=1e-9)
    assert moved["p_value"] == pytest.approx(plain["p_value"], abs=1e-9)


def test_morans_p_is_uniform_without_likeness() -> None:
    rng = np.random.default_rng(5)
    steps = grid_steps(4, 5)
    p_values = [morans_i(rng.normal(size=20), steps)["p_value"] for _ in range(200)]
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


def test_residuals_have_the_expectation_of_their_regression() -> None:
    """Four in a row, regressed on 0, 1, 2, 3 by hand: E = -tr(H W) / (n - k), and tr(H W) from H's cells.

    H = 1/4 + (x_i - 1.5)(x_j - 1.5) / 5. Row 1 of W is its one neighbour, rows 2 and 3 have halves:
    tr(H W) = 0.4 + (0.4 + 0.2) / 2 + (0.2 + 0.4) / 2 + 0.4 = 1.4, so E = -1.4 / 2.
    """
    steps, x = grid_steps(1, 4), np.arange(4.0)[:, None]
    residuals = np.array([1.0, -1.0, -1.0, 1.0])  # at right angles to 1 and to x
    found = morans_i(residuals, steps, x)
    assert found["expected_i"] == pytest.approx(-0.7)
    assert found["moran_i"] == pytest.approx(-1 / 2)  # (-1 + 0 + 0 - 1) / 4
    assert morans_i(residuals, steps, 1e9 * x - 7)["expected_i"] == pytest.approx(-0.7)


def test_expectation_under_regression_is_the_mean_of_simulated_residuals() -> None:
    rng, steps = np.random.default_rng(8), grid_steps(4, 5)
    x = np.column_stack([steps[0], steps[0] ** 2, rng.normal(size=20)])
    design = np.column_stack([np.ones(20), x])
    found = []
    for _ in range(300):
        y = rng.normal(size=20)
        found.append(morans_i(y - design @ np.linalg.lstsq(design, y)[0], steps, x))
    mean = np.mean([one["moran_i"] for one in found])
    assert found[0]["expected_i"] < -1 / 19 - 0.02
    assert mean == pytest.approx(found[0]["expected_i"], abs=0.03)
    assert stats.kstest([one["p_value"] for one in found], "uniform").pvalue > 0.01


# --- correlation between neighbours -------------------------------------------------------------------------


def by_hand(
    x: list[float], y: list[float], classes: list[list[int]], held: list[float] | None = None
) -> float:
    """Dutilleul's effective sample size, in loops; with one held fixed, of statsmodels' residuals."""
    n = len(x)
    covariances = []
    b = np.eye(n) - np.ones((n, n)) / n
    if held:
        design = sm.add_constant(np.array(held))
        x, y = ([float(e) for e in sm.OLS(v, design).fit().resid] for v in (x, y))
        b = np.eye(n) - design @ np.linalg.inv(design.T @ design) @ design.T
    for values in (x, y):
        mean = sum(values) / n
        spread = sum((v - mean) ** 2 for v in values) / n
        sums: dict[int, list[float]] = {}
        for i in range(n):
            for j in range(n):
                sums.setdefault(classes[i][j], []).append((values[i] - mean) * (values[j] - mean) / spread)
        means = {one: sum(products) / len(products) for one, products in sums.items()}
        covariances.append(np.array([[means[classes[i][j]] for j in range(n)] for i in range(n)]))
    sx, sy = covariances
    return float((2 if held else 1) + np.trace(b @ sx) * np.trace(b @ sy) / np.trace(b @ sx @ b @ sy))


@PROPERTY
@given(st.integers(0, 2**32 - 1))
def test_effective_sample_size_in_loops(seed: int) -> None:
    x, y = np.random.default_rng(seed).normal(size=(2, 12))
    steps = grid_steps(3, 4)
    classes = np.minimum(steps, 3).astype(int).tolist()
    found = effective_sample_size(x, y, steps)
    expected = by_hand(x.tolist(), y.tolist(), classes)
    if math.isnan(found):  # a variance that is not positive
        assert not expected > 1
    else:
        assert found == pytest.approx(expected, rel=1e-9)
        assert effective_sample_size(y, x, steps) == pytest.approx(found, rel=1e-9)
        assert effective_sample_size(5 * x - 2, -y, steps) == pytest.approx(found, rel=1e-9)


@PROPERTY
@given(st.integers(0, 2**32 - 1))
def test_effective_sample_size_with_one_held_fixed_in_loops(seed: int) -> None:
    x, y, held = np.random.default_rng(seed).normal(size=(3, 12))
    steps = grid_steps(3, 4)
    classes = np.minimum(steps, 3).astype(int).tolist()
    found = effective_sample_size(x, y, steps, held)
    expected = by_hand(x.tolist(), y.tolist(), classes, held.tolist())
    if math.isnan(found):  # a variance that is not positive
        assert not expected > 2
    else:
        assert found == pytest.approx(expected, rel=1e-9)
        assert effective_sample_size(y, x, steps, held) == pytest.approx(found, rel=1e-9)
        # what is held fixed is taken out, whatever its unit and however much of it is in the two
        moved = effective_sample_size(5 * x - 2 + 3 * held, 7 * held - y, steps, 4 - held)
        assert moved == pytest.approx(found, rel=1e-6)


def test_one_class_of_pairs_leaves_n() -> None:
    x, y, held = np.random.default_rng(1).normal(size=(3, 9))
    steps = np.ones((9, 9)) - np.eye(9)
    assert effective_sample_size(x, y, steps, held) == pytest.approx(9)
    assert effective_sample_size(x, y, steps) == pytest.approx(9)
    assert modified_t_test(stats.pearsonr(x, y).statistic, 9) == pytest.approx(stats.pearsonr(x, y).pvalue)


def test_correction_holds_the_level_where_neighbours_are_alike() -> None:
    """Independent fields with likeness of neighbours on a grid of 20: the naive test errs far too often."""
    rng = np.random.default_rng(3)
    steps = grid_steps(4, 5)
    root = np.linalg.cholesky(0.7**steps)
    naive = corrected = 0
    for _ in range(600):
        x, y = root @ rng.normal(size=20), root @ rng.normal(size=20)
        r, p = stats.pearsonr(x, y)
        naive += p < 0.05
        corrected += modified_t_test(r, effective_sample_size(x, y, steps)) < 0.05
    assert naive / 600 > 0.12
    assert corrected / 600 < 0.09


@pytest.mark.parametrize("ranks", [False, True])
def test_correction_of_a_partial_coefficient_holds_the_level(ranks: bool) -> None:
    """Two fields that have nothing in common but a third one, held fixed; all have likeness of neighbours."""
    rng = np.random.default_rng(4)
    steps = grid_steps(4, 5)
    root = np.linalg.cholesky(0.7**steps)
    naive = corrected = 0
    for _ in range(600):
        held, x, y = (root @ rng.normal(size=(20, 3))).T
        x, y = x + held, y + held
        if ranks:
            x, y, held = (stats.rankdata(v) for v in (x, y, held))
        fit = sm.OLS(y, sm.add_constant(np.column_stack([x, held]))).fit()
        t = fit.tvalues[1]
        r = t / math.sqrt(t**2 + fit.df_resid)
        naive += fit.pvalues[1] < 0.05
        corrected += modified_t_test(r, effective_sample_size(x, y, steps, held) - 1) < 0.05
    assert naive / 600 > 0.12
    assert corrected / 600 < 0.09


def test_modified_t_test_at_the_ends() -> None:
    assert math.isnan(modified_t_test(0.5, 2))
    assert math.isnan(modified_t_test(0.5, float("nan")))
    assert modified_t_test(1.0, 9) == 0
    assert modified_t_test(0.0, 9) == pytest.approx(1)
