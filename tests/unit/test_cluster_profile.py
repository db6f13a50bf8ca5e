"""Profiles and names of clusters; the plane of the regions against scikit-learn and a published example."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from analysis_py.cluster_profile import LANGUAGES, cluster_name, profile, projection

DATA = Path(__file__).parent / "data"
PROPERTY = settings(max_examples=15, deadline=None, database=None, derandomize=True)


@pytest.mark.parametrize(
    ("balance", "income", "children", "names"),
    [
        (-30, 0.8, -0.8, ["large outflow, high income, few children"]),
        (-29, 0, 0, ["moderate outflow", "умеренный отток", "орташа теріс айырым"]),
        (-10, -0.5, 0.5, ["small outflow, low income, many children"]),
        (30, 0.49, -0.49, ["large inflow", "большой приток", "үлкен оң айырым"]),
        (0, 0, 0.6, ["balance near zero, many children", "сальдо около нуля, много детей"]),
        (-1.2, 0, 0, ["balance near zero", "сальдо около нуля", "нөлге жуық айырым"]),
        (1.2, 0, 0, ["balance near zero"]),
        (-1.3, 0, 0, ["small outflow"]),
        (
            1.3,
            0.6,
            0,
            ["small inflow, high income", "малый приток, высокий доход", "шағын оң айырым, жоғары табыс"],
        ),
    ],
)
def test_names_by_rule(balance: float, income: float, children: float, names: list[str]) -> None:
    """The usual size of a balance is 20: near zero up to 1.2, small up to 10, large from 30 on."""
    for language, name in zip(LANGUAGES, names, strict=False):
        assert cluster_name(balance, 20, income, children, language) == name


def test_means_members_and_names() -> None:
    features = pd.DataFrame(
        {"balance": [-40.0, -30, 1, 3], "income": [9.0, 8, 2, 1], "children": [1.0, 1, 3, 3]},
        index=["10", "11", "15", "19"],
    )
    described = features.assign(food=[1, np.nan, np.nan, np.nan])[["balance", "food"]]
    assignment = pd.DataFrame(
        {"region_code": ["19", "10", "11", "15"], "method": "ward", "k": 2, "cluster_id": [2, 1, 1, 2]}
    )
    found = profile(features, described, assignment).set_index("cluster_id").sort_index()
    assert found["members"].tolist() == ["10 11", "15 19"]
    assert found["size"].tolist() == [2, 2]
    assert found["mean_balance"].tolist() == [-35, 2]
    assert found["mean_food"].tolist() == [1, pytest.approx(np.nan, nan_ok=True)]
    assert found["name_en"].tolist() == [
        "large outflow, high income, few children",
        "small inflow, low income, many children",
    ]


def plane(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    found = projection(frame)
    kinds = (
        found.loc[found["kind"] == kind, ["axis_1", "axis_2"]].to_numpy() for kind in ("region", "feature")
    )
    regions, features = kinds
    return regions, features, found


@PROPERTY
@given(st.integers(0, 2**32 - 1))
def test_plane_agrees_with_scikit_learn(seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(12, 3)) @ [[1, 0.5, 0], [0, 1, 0], [0, 0.2, 1]]
    frame = pd.DataFrame(values, index=[f"{10 + i}" for i in range(12)], columns=["a", "b", "c"])
    regions, features, found = plane(frame)
    z = (values - values.mean(axis=0)) / values.std(axis=0)
    peer = PCA(2).fit(z)
    scores = peer.transform(z)
    assert np.abs(regions) == pytest.approx(np.abs(scores))
    assert found[["share_1", "share_2"]].iloc[0].to_numpy() == pytest.approx(peer.explained_variance_ratio_)
    # arrows are the correlations of the features with the axes
    correlations = [[np.corrcoef(z[:, i], regions[:, j])[0, 1] for j in range(2)] for i in range(3)]
    assert features == pytest.approx(np.array(correlations))
    assert (features[np.abs(features).argmax(axis=0), range(2)] > 0).all()


def test_plane_of_us_arrests() -> None:
    """James, Witten, Hastie and Tibshirani (2013), An Introduction to Statistical Learning, table 10.1.

    Loadings of scaled USArrests: 0.5359, 0.5832, 0.2782, 0.5434 and, up to the sign, 0.4182, 0.1880, 0.8728,
    0.1673; the two components explain 62.0 % and 24.7 % of the variance.
    """
    arrests = pd.read_csv(DATA / "us_arrests.csv", comment="#", index_col="State")
    _, features, found = plane(arrests[["Murder", "Assault", "UrbanPop", "Rape"]])
    loadings = features / np.sqrt((features**2).sum(axis=0))
    assert loadings[:, 0] == pytest.approx([0.5359, 0.5832, 0.2782, 0.5434], abs=5e-5)
    assert loadings[:, 1] == pytest.approx([-0.4182, -0.1880, 0.8728, 0.1673], abs=5e-5)
    assert round(found["share_1"].iloc[0], 3) == 0.620
    assert round(found["share_2"].iloc[0], 3) == 0.247


@PROPERTY
@given(st.permutations(range(8)), st.floats(1e-3, 1e6), st.floats(-1e3, 1e3))
def test_plane_does_not_depend_on_order_and_units(order: list[int], scale: float, origin: float) -> None:
    values = np.random.default_rng(3).normal(size=(8, 3))
    frame = pd.DataFrame(values, index=[f"{10 + i}" for i in range(8)], columns=["a", "b", "c"])
    moved = frame.assign(b=frame["b"] * scale + origin).iloc[order]
    pd.testing.assert_frame_equal(projection(frame), projection(moved))


def test_regions_on_a_line_have_no_second_axis() -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 4], "b": [2.0, 4, 8]}, index=["10", "11", "15"])
    regions, _, found = plane(frame)
    assert regions[:, 1] == pytest.approx(0, abs=1e-9)
    assert found["share_1"].iloc[0] == pytest.approx(1)
