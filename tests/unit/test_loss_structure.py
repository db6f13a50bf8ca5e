"""Structure of losses against published examples, other libraries, and properties of any table."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from scipy.spatial.distance import cdist
from sklearn.decomposition import TruncatedSVD

from analysis_py.structure import (
    correspondence,
    correspondence_coordinates,
    cramers_v,
    hhi,
    location_quotients,
    loss_concentration,
    region_loss_decomposition,
    region_specialty_structure,
    shift_share,
    total_inertia,
)

TABLE_3 = Path(__file__).parents[2] / "seeds" / "published" / "article_table_3.csv"
PROPERTY = settings(max_examples=30, deadline=None, database=None, derandomize=True)
START, END = pd.Timestamp("2000-01-01"), pd.Timestamp("2025-01-01")
SPECIALTIES = ["technical", "agricultural", "architecture_construction", "medical", "pedagogical"]
SPECIALTIES += ["economic", "legal", "other", "not_stated"]

# Greenacre M. (1984), Theory and Applications of Correspondence Analysis, London: five groups of staff by
# smoking none, light, medium, heavy; figures as printed by the package ca (Nenadić O. and Greenacre M., 2007,
# Journal of Statistical Software 20(3)).
SMOKE = np.array([[4, 2, 3, 2], [4, 3, 7, 4], [25, 10, 12, 4], [18, 24, 33, 13], [10, 6, 7, 2]], dtype=float)
SMOKE_INERTIAS = [0.074759, 0.010017, 0.000414]
SMOKE_ROW_MASSES = [0.056995, 0.093264, 0.264249, 0.455959, 0.129534]
SMOKE_ROWS = [  # standard coordinates
    [-0.240539, 0.947105, -1.391973, 0.851989, -0.735456],
    [-1.935708, -2.430958, -0.106508, 0.576944, 0.788435],
]
SMOKE_COLUMNS = [
    [-1.438471, 0.363746, 0.718017, 1.074445],
    [-0.304659, 1.409433, 0.073528, -1.975960],
]

counts = arrays(float, st.tuples(st.integers(2, 7), st.integers(2, 6)), elements=st.integers(1, 10_000))


def balances(table: dict[str, dict[str, float]]) -> pd.DataFrame:
    """Balances by region and specialty as specialty.region_specialty_balance has them."""
    rows = [
        (region, specialty, START, END, balance)
        for region, of_region in table.items()
        for specialty, balance in of_region.items()
    ]
    columns = ["region_code", "specialty_code", "period_start", "period_end", "balance_persons"]
    return pd.DataFrame(rows, columns=columns)


def profile(population: dict[str, float | None]) -> pd.DataFrame:
    frame = pd.DataFrame({"region_code": population.keys(), "population_persons": population.values()})
    return frame.assign(reference_year=2024)


def regions(*codes: str, **valid_from: str) -> pd.DataFrame:
    days = [valid_from.get(f"r{code}") for code in codes]
    return pd.DataFrame({"region_code": codes, "valid_from": days, "valid_to": None})


@pytest.fixture(scope="module")
def article() -> pd.DataFrame:
    """Table 3 as printed; a region's code is the number of its row, 1 is South Kazakhstan."""
    with TABLE_3.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[2:23]
    return balances(
        {
            row[0].zfill(2): {
                code: int(cell) for code, cell in zip(SPECIALTIES, row[2:11], strict=True) if cell
            }
            for row in rows
        }
    )


SMALL = {
    "11": {"technical": -60, "legal": -20, "other": -20},
    "15": {"technical": -30, "legal": 10, "other": -70},
    "51": {"technical": 5, "legal": 1},
}
PEOPLE: dict[str, float | None] = {"11": 1000, "15": 3000, "51": None}


# --- published values ---------------------------------------------------------------------------------


def test_correspondence_of_the_smoking_data() -> None:
    result = correspondence(SMOKE)
    assert result.inertias == pytest.approx(SMOKE_INERTIAS, abs=5e-7)
    assert result.row_masses == pytest.approx(SMOKE_ROW_MASSES, abs=5e-7)
    for axis in (0, 1):
        scale = np.sqrt(result.inertias[axis])
        standard = result.rows[:, axis] / scale, result.columns[:, axis] / scale
        sign = np.sign(standard[0][0] * SMOKE_ROWS[axis][0])  # of an axis free
        assert sign * standard[0] == pytest.approx(SMOKE_ROWS[axis], abs=5e-7)
        assert sign * standard[1] == pytest.approx(SMOKE_COLUMNS[axis], abs=5e-7)


def test_hhi_of_the_department_of_justice() -> None:
    """Its page on the index: four firms with 30, 30, 20 and 20 per cent have 2 600."""
    assert 10_000 * hhi(np.array([30.0, 30, 20, 20])) == pytest.approx(2600)


def test_concentration_of_the_article(article: pd.DataFrame) -> None:
    found = loss_concentration(article).set_index(["dimension", "loss_of", "measure"])["value"].sort_index()
    assert round(found["region", "totals", "hhi"], 3) == 0.128
    assert round(found["specialty", "totals", "hhi"], 3) == 0.227
    # not_stated gained 2 086: the losses of the others are 267 599 + 2 086
    assert found["specialty", "totals", "share_of_largest"] == pytest.approx(96_716 / 269_685)


def test_where_south_kazakhstan_enters(article: pd.DataFrame) -> None:
    """It has gains alone: they count in the totals of the specialties, and the region among the regions."""
    without = article[article["region_code"] != "01"]
    key = ["dimension", "loss_of", "measure"]
    with_it, without_it = (
        loss_concentration(one).set_index(key)["value"].sort_index() for one in (article, without)
    )
    differs = {index[:2] for index in with_it[~np.isclose(with_it, without_it)].index if index[2] == "hhi"}
    assert differs == {("specialty", "totals")}
    assert round(without_it["specialty", "totals", "hhi"], 3) == 0.216
    changed = with_it[~np.isclose(with_it, without_it)].drop(("specialty", "totals"))
    assert set(changed.index) == {("region", of, "hhi_normalised") for of in ("cells", "totals")}
    coordinates = correspondence_coordinates(article).query("code != '01'").reset_index(drop=True)
    pd.testing.assert_frame_equal(coordinates, correspondence_coordinates(without))


# --- other implementations ----------------------------------------------------------------------------


@PROPERTY
@given(counts)
def test_inertia_and_v_are_those_of_scipy(table: np.ndarray) -> None:
    chi_square = stats.chi2_contingency(table, correction=False).statistic
    assert total_inertia(table) == pytest.approx(chi_square / table.sum(), abs=1e-12)
    v = stats.contingency.association(table.astype(int), method="cramer")
    assert cramers_v(table) == pytest.approx(v, abs=1e-7)
    padded = np.pad(table, ((0, 1), (1, 0)))
    assert cramers_v(padded) == pytest.approx(cramers_v(table), abs=1e-12)


@PROPERTY
@given(counts)
def test_correspondence_keeps_chi_square_distances_and_inertia(table: np.ndarray) -> None:
    result = correspondence(table)
    assert result.inertias.sum() == pytest.approx(total_inertia(table), abs=1e-9)
    for points, of in ((result.rows, table), (result.columns, table.T)):
        profiles = of / of.sum(axis=1, keepdims=True)
        weights = of.sum() / of.sum(axis=0)
        distances = np.sqrt(cdist(profiles, profiles, "sqeuclidean", w=weights))
        assert cdist(points, points) == pytest.approx(distances, abs=1e-6)
    for masses, points in ((result.row_masses, result.rows), (result.column_masses, result.columns)):
        assert masses @ points == pytest.approx(np.zeros(len(result.inertias)), abs=1e-9)  # centred


def test_axes_are_those_of_scikit_learn(article: pd.DataFrame) -> None:
    """The decomposition of profiles about the centre, instead of residuals of the table."""
    table = -article.pivot(index="region_code", columns="specialty_code", values="balance_persons")
    losses = table.clip(lower=0).fillna(0).to_numpy()
    losses = losses[losses.sum(axis=1) > 0]
    r, c = losses.sum(axis=1) / losses.sum(), losses.sum(axis=0) / losses.sum()
    profiles = (losses / losses.sum(axis=1, keepdims=True) - c) / np.sqrt(c) * np.sqrt(r)[:, np.newaxis]
    svd = TruncatedSVD(2, algorithm="arpack", random_state=1).fit(profiles)
    found = correspondence(losses)
    assert found.inertias[:2] == pytest.approx(svd.singular_values_**2)
    expected = svd.transform(profiles) / np.sqrt(r)[:, np.newaxis]
    assert np.abs(found.rows[:, :2]) == pytest.approx(np.abs(expected), abs=1e-9)


@PROPERTY
@given(counts)
def test_quotients_are_ratios_of_crosstab_shares(table: np.ndarray) -> None:
    row, column = (index.ravel() for index in np.indices(table.shape))
    own, nation = (
        pd.crosstab(row, column, table.ravel(), aggfunc="sum", normalize=how, margins=True)
        for how in ("index", "index")
    )
    expected = own.iloc[:-1].to_numpy() / nation.iloc[-1].to_numpy()
    assert location_quotients(table) == pytest.approx(expected)


def test_shift_share_by_hand() -> None:
    """100 and 100 persons of 1 000 and 3 000 inhabitants; the nation loses 90 and 110 of two specialties."""
    losses = np.array([[60.0, 40.0], [30.0, 70.0]])
    parts = shift_share(losses, np.array([1000.0, 3000.0]))
    # 0.05 a head: 50 and 150, of which 0.45 and 0.55
    assert parts.size == pytest.approx(np.array([[22.5, 27.5], [67.5, 82.5]]))
    assert parts.rate == pytest.approx(np.array([[22.5, 27.5], [-22.5, -27.5]]))
    assert parts.mix == pytest.approx(np.array([[15.0, -15.0], [-15.0, 15.0]]))


# --- properties ---------------------------------------------------------------------------------------


@PROPERTY
@given(counts, st.integers(2, 9), st.randoms(use_true_random=False))
def test_measures_know_neither_scale_nor_order(table: np.ndarray, factor: int, random) -> None:
    rows, columns = (list(range(size)) for size in table.shape)
    random.shuffle(rows)
    random.shuffle(columns)
    moved = factor * table[np.ix_(rows, columns)]
    assert hhi(moved.sum(axis=1)) == pytest.approx(hhi(table.sum(axis=1)))
    assert 1 / len(table) <= hhi(table.sum(axis=1)) + 1e-12 <= 1 + 1e-9
    assert 0 <= cramers_v(moved) <= 1
    assert cramers_v(moved) == pytest.approx(cramers_v(table), abs=1e-7)
    assert location_quotients(moved) == pytest.approx(location_quotients(table)[np.ix_(rows, columns)])
    assert correspondence(moved).inertias.sum() == pytest.approx(
        correspondence(table).inertias.sum(), abs=1e-9
    )


@PROPERTY
@given(counts, st.data())
def test_parts_of_the_shift_share_add_up(table: np.ndarray, data: st.DataObject) -> None:
    table[0] = data.draw(st.sampled_from([table[0], np.zeros(table.shape[1])]))
    people = data.draw(arrays(float, len(table), elements=st.integers(1, 10**7)))
    parts = shift_share(table, people)
    assert sum(parts) == pytest.approx(table)
    zero = pytest.approx(np.zeros(len(table)), abs=1e-7)
    assert parts.mix.sum(axis=1) == zero  # a specialty's gain is another's loss
    assert parts.mix.sum(axis=0) == pytest.approx(np.zeros(table.shape[1]), abs=1e-7)
    assert parts.rate.sum() == pytest.approx(0, abs=1e-6)
    # as many inhabitants as losses say: no rate
    assume((table.sum(axis=1) > 0).all())
    assert shift_share(table, 7 * table.sum(axis=1)).rate.sum(axis=1) == zero


def test_rows_in_another_order_give_the_same_tables(article: pd.DataFrame) -> None:
    people = profile({code: 1e6 + int(code) for code in article["region_code"].unique()})
    mixed = article.sample(frac=1, random_state=1)
    lands = regions(*article["region_code"].unique())
    for function, others in (
        (region_specialty_structure, [people]),
        (region_loss_decomposition, [people, lands]),
        (loss_concentration, []),
        (correspondence_coordinates, []),
    ):
        pd.testing.assert_frame_equal(
            function(mixed, *(one.sample(frac=1, random_state=2) for one in others)),
            function(article, *others),
        )


# --- tables -------------------------------------------------------------------------------------------


def test_structure_of_a_region_beside_the_nation() -> None:
    table = region_specialty_structure(balances(SMALL), profile(PEOPLE))
    assert len(table) == 8  # region 51 has no balance of other
    row = table.set_index(["region_code", "specialty_code"]).loc[("11", "technical")]
    assert row[["balance_persons", "loss_persons", "status"]].tolist() == [-60, 60, "ok"]
    assert row["share_of_region_net"] == pytest.approx(0.6)
    assert row["share_of_region_losses"] == pytest.approx(0.6)
    assert row["share_of_specialty_losses"] == pytest.approx(60 / 90)
    assert row["national_share_of_losses"] == pytest.approx(0.45)
    assert row["share_difference"] == pytest.approx(0.15)
    assert row["location_quotient"] == pytest.approx(0.6 / 0.45)
    assert row["loss_per_1000"] == pytest.approx(60)
    assert row[["size_persons", "rate_persons", "mix_persons"]].tolist() == pytest.approx([22.5, 22.5, 15])
    gain = table.set_index(["region_code", "specialty_code"]).loc[("15", "legal")]
    assert gain["share_of_region_net"] == pytest.approx(-10 / 90)
    assert gain[["loss_persons", "share_of_region_losses"]].tolist() == [0, 0]


def test_decomposition_of_a_region() -> None:
    lands = regions("11", "15", "51", r15="2024-01-01")
    table = region_loss_decomposition(balances(SMALL), profile(PEOPLE), lands).set_index("region_code")
    assert table["loss_persons"].tolist() == [100, 100, 0]
    assert table["balance_persons"].tolist() == [-100, -90, 6]
    assert table["loss_per_1000"].tolist()[:2] == pytest.approx([100, 100 / 3])
    assert table["years_of_existence"].round(1).tolist() == [25.0, 1.0, 25.0]
    assert table.loc["15", "loss_per_1000_per_year"] == pytest.approx(100 / 3 * 365.25 / 366)
    assert table["size_persons"].tolist()[:2] == pytest.approx([50, 150])
    assert table["rate_persons"].tolist()[:2] == pytest.approx([50, -50])
    assert table["qualified_loss_persons"].tolist() == [80, 30, 0]
    assert table["other_loss_persons"].tolist() == [20, 70, 0]
    assert table["qualified_share"].tolist()[:2] == pytest.approx([0.8, 0.3])
    assert table["national_qualified_share"].tolist() == pytest.approx([0.55] * 3)
    assert table["qualified_per_other"].tolist()[:2] == pytest.approx([4, 3 / 7])
    assert table["qualified_mix_persons"].tolist() == pytest.approx([25, -25, 0])
    parts = table.filter(regex=r"qualified_(size|rate|mix)_persons")
    assert parts.sum(axis=1).tolist()[:2] == pytest.approx([80, 30])
    assert table["dissimilarity"].tolist()[:2] == pytest.approx([0.25, 0.25])
    assert table["largest_specialty_code"].tolist()[:2] == ["technical", "other"]
    assert table["excess_specialty_code"].tolist()[:2] == ["technical", "other"]
    assert table["status"].tolist() == ["ok", "ok", "no_loss"]
    assert table.loc["51", "reason"].startswith("no balance below zero")
    assert "no population" in table.loc["51", "reason"]
    assert table.loc["51", ["qualified_share", "dissimilarity", "largest_specialty_code"]].isna().all()


def test_two_periods_do_not_mix() -> None:
    earlier = balances({"11": {"legal": -1, "other": -3}}).assign(period_end=pd.Timestamp("2024-01-01"))
    both = pd.concat([balances(SMALL), earlier])
    for function in (loss_concentration, correspondence_coordinates):
        alone = pd.concat([function(earlier), function(balances(SMALL))], ignore_index=True)
        pd.testing.assert_frame_equal(function(both), alone)
    assert region_specialty_structure(both, profile(PEOPLE))["status"].tolist()[:2] == ["no_population"] * 2


def test_points_sum_up(article: pd.DataFrame) -> None:
    points = correspondence_coordinates(article).query("status == 'ok'")
    axes = points.groupby(["dimension", "axis"])
    assert axes["contribution"].sum().tolist() == pytest.approx([1.0] * 16)
    assert points.groupby(["dimension", "code"])["cos2"].sum().tolist() == pytest.approx([1.0] * 25)
    concentration = loss_concentration(article).set_index("measure")["value"]
    for _, one in points.drop_duplicates(["dimension", "axis"]).groupby("dimension"):
        assert one["axis_inertia"].sum() == pytest.approx(concentration["inertia"])
        assert one["axis_share"].sum() == pytest.approx(1)
    for _, one in points.query("axis == 1").groupby("dimension"):
        assert one["mass"].sum() == pytest.approx(1)
        assert one["inertia"].sum() == pytest.approx(concentration["inertia"])
    largest = points.query("dimension == 'specialty'").sort_values("contribution").groupby("axis").tail(1)
    assert (largest["coordinate"] > 0).all()


# --- degenerate input ---------------------------------------------------------------------------------


def all_tables(frame: pd.DataFrame, people: pd.DataFrame) -> list[pd.DataFrame]:
    return [
        region_specialty_structure(frame, people),
        region_loss_decomposition(frame, people, regions(*frame["region_code"].unique())),
        loss_concentration(frame),
        correspondence_coordinates(frame),
    ]


def test_no_balance_gives_empty_tables_with_their_types() -> None:
    full = all_tables(balances(SMALL), profile(PEOPLE))
    for filled, empty in zip(full, all_tables(balances(SMALL)[:0], profile(PEOPLE)[:0]), strict=True):
        assert len(empty) == 0 < len(filled)
        pd.testing.assert_series_equal(empty.dtypes, filled.dtypes)
    missing = balances(SMALL).assign(balance_persons=None)
    assert [len(table) for table in all_tables(missing, profile(PEOPLE))] == [0, 0, 0, 0]


def test_gains_alone_have_no_structure() -> None:
    structure, decomposition, concentration, points = all_tables(
        balances({"11": {"legal": 1, "other": 0}, "15": {"legal": 2}}), profile({"11": 10, "15": 10})
    )
    for table in (structure, decomposition, concentration, points):
        assert set(table["status"]) == {"no_loss"}
        assert table["reason"].notna().all()
    assert concentration["value"].isna().all()
    assert points["coordinate"].isna().all()
    assert len(points) == 4
    assert decomposition["loss_per_1000"].tolist() == [0, 0]


def test_one_cell() -> None:
    structure, decomposition, concentration, points = all_tables(balances({"11": {"legal": -5}}), profile({}))
    assert structure["location_quotient"].tolist() == [1]
    assert set(structure["status"]) | set(decomposition["status"]) == {"no_population"}
    values = concentration.set_index(["dimension", "measure"]).sort_index()
    assert values.loc[("region", "hhi"), "value"].tolist() == [1, 1]
    assert values.loc[("region", "hhi_normalised"), "status"].tolist() == ["too_few"] * 2
    v = values.loc[("region_by_specialty", "cramers_v")]
    assert v["status"] == "too_few"
    assert "1 regions and 1 specialties" in v["reason"]
    assert points["status"].tolist() == ["too_few"] * 2
    assert points["reason"].notna().all()


def test_equal_structures_have_no_axis() -> None:
    frame = balances({"11": {"legal": -1, "other": -2}, "15": {"legal": -10, "other": -20}})
    *_, concentration, points = all_tables(frame, profile({"11": 1, "15": 1}))
    assert concentration.set_index("measure").loc["cramers_v", "value"] == pytest.approx(0, abs=1e-9)
    assert set(points["status"]) == {"no_association"}
    assert points["axis"].tolist() == [1] * 4


def test_equal_losses_name_the_first_code() -> None:
    frame = balances({"15": {"other": -5, "legal": -5}, "11": {"other": -5, "legal": -5}})
    _, decomposition, concentration, _ = all_tables(frame, profile({"11": 1, "15": 1}))
    assert decomposition["largest_specialty_code"].tolist() == ["legal", "legal"]
    leaders = concentration.dropna(subset="code")["code"].tolist()
    assert leaders == ["11", "11", "legal", "legal"]


@pytest.mark.parametrize("infinite", [np.inf, -np.inf])
def test_infinite_values_are_named(infinite: float) -> None:
    frame = balances({"11": {"legal": infinite}})
    for function in (loss_concentration, correspondence_coordinates):
        with pytest.raises(ValueError, match="'balance_persons' holds an infinite value"):
            function(frame)
    with pytest.raises(ValueError, match="'population_persons' holds an infinite value"):
        region_specialty_structure(balances(SMALL), profile({"11": infinite}))
