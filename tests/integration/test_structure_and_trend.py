"""Losses by region and specialty, and trends of the yearly balance: figures of the published file.

The values are those that the article's tables give; where its text prints one (39 %, 28.7 %), it is named.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from corruption import Replay


@pytest.fixture(scope="module")
def published(built_project: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built_project / "warehouse" / "saldo.duckdb"), read_only=True) as connection:
        yield connection


def frame(connection: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    return connection.execute(query).df()


# --- losses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dimension", "loss_of", "measure", "value"),
    [
        ("region", "totals", "hhi", 0.128),
        ("specialty", "totals", "hhi", 0.227),
        ("region", "cells", "hhi", 0.126),
        ("specialty", "cells", "hhi", 0.212),
        ("region_by_specialty", "cells", "cramers_v", 0.142),
    ],
)
def test_concentration(
    published: duckdb.DuckDBPyConnection, dimension: str, loss_of: str, measure: str, value: float
) -> None:
    found = published.execute(
        "select value from specialty.loss_concentration where dimension = ? and loss_of = ? and measure = ?",
        [dimension, loss_of, measure],
    ).fetchall()
    assert [round(one, 3) for (one,) in found] == [value]


def test_shares_of_the_net_loss(published: duckdb.DuckDBPyConnection) -> None:
    """Pedagogical, economic and legal together lose less than technical alone."""
    shares = frame(published, "select specialty_code, share_of_net from specialty.specialty_structure")
    of_net = shares.set_index("specialty_code")["share_of_net"]
    assert round(100 * of_net[["pedagogical", "economic", "legal"]].sum(), 1) == 28.7
    assert round(100 * of_net["technical"], 1) == 36.1


def test_parts_sum_to_the_losses(published: duckdb.DuckDBPyConnection) -> None:
    cells = frame(published, "from specialty.region_specialty_structure where status <> 'no_population'")
    known = cells.dropna(subset="size_persons")
    parts = known["size_persons"] + known["rate_persons"] + known["mix_persons"]
    assert parts.tolist() == pytest.approx(known["loss_persons"].tolist(), abs=1e-6)
    regions = frame(published, "from specialty.region_loss_decomposition").set_index("region_code")
    assert regions["loss_persons"].sum() == cells["loss_persons"].sum() == 316_763
    lost = regions[regions["status"] == "ok"]
    assert (lost["size_persons"] + lost["rate_persons"]).tolist() == pytest.approx(
        lost["loss_persons"].tolist()
    )
    named = ["qualified_loss_persons", "other_loss_persons", "not_stated_loss_persons"]
    assert regions[named].sum(axis=1).tolist() == regions["loss_persons"].tolist()


def test_losses_per_inhabitant(published: duckdb.DuckDBPyConnection) -> None:
    """East Kazakhstan: 57 555 persons in specialties that lost, 727 053 inhabitants on 1 January 2024."""
    regions = frame(published, "from specialty.region_loss_decomposition").set_index("region_code")
    assert regions.loc["63", "loss_per_1000"] == pytest.approx(1000 * 57_555 / 727_053)
    assert regions["loss_per_1000"].idxmax() == "63"
    assert regions["years_of_existence"].round(1)[["10", "33", "62"]].tolist() == [2.6] * 3
    assert regions.loc["75", "largest_specialty_code"] == "other"


def test_south_kazakhstan_has_no_loss(published: duckdb.DuckDBPyConnection) -> None:
    [row] = frame(published, "from specialty.region_loss_decomposition where region_code = '51'").to_dict(
        "records"
    )
    assert (row["balance_persons"], row["loss_persons"], row["status"]) == (20_461, 0, "no_loss")
    assert "no population" in row["reason"]
    points = frame(published, "from specialty.correspondence_coordinate where code = '51'")
    assert points["status"].tolist() == ["no_loss"]


def test_axes_sum_to_the_inertia(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select sum(distinct axis_inertia), any_value(value), count(distinct axis)
        from specialty.correspondence_coordinate, specialty.loss_concentration
        where coordinate is not null and measure = 'inertia'
    """
    total, inertia, axes = published.execute(query).fetchall()[0]
    assert total == pytest.approx(inertia)
    assert axes == 8


# --- trends -------------------------------------------------------------------------------------------


def test_which_model_prints_as_39_per_cent(published: duckdb.DuckDBPyConnection) -> None:
    """The article's text calls it a non-linear trend."""
    found = published.execute(
        "select series, model, round(r_squared, 4), same_curve_as from analysis.trend_fit"
        " where reproduces_39_percent order by model"
    ).fetchall()
    assert found == [
        ("cumulative", "asymptotic", 0.3918, "linear"),
        ("cumulative", "linear", 0.3918, None),
        ("cumulative", "logarithmic_calendar_year", 0.3909, "linear"),
    ]


def test_segments(published: duckdb.DuckDBPyConnection) -> None:
    best = published.execute(
        "select model, round(r_squared, 3), round(aicc, 1), break_years from analysis.trend_fit"
        " where series = 'annual' and is_best"
    ).fetchall()
    assert best == [("segmented", 0.957, 460.5, "2005, 2019")]
    breaks = published.execute(
        "select break_year from analysis.change_point where series = 'annual' and is_chosen order by break_no"
    ).fetchall()
    assert breaks == [(2005,), (2019,)]


def test_line_through_running_sums_of_noise_explains_more(published: duckdb.DuckDBPyConnection) -> None:
    r_squared, noise = published.execute(
        "select r_squared, noise_r_squared from analysis.trend_fit"
        " where series = 'cumulative' and model = 'linear'"
    ).fetchall()[0]
    assert r_squared < noise < 0.6


# --- bad input ----------------------------------------------------------------------------------------


def after(replay: Replay, project: Path, table: str, statement: str, mart: str) -> pd.DataFrame:
    """The mart after a statement that changes the table {0}."""
    with replay.connect() as connection:
        replay.build(connection, replay.needed_for(mart), project)
        connection.execute(statement.format(replay.relation(table)))
        _, *made_from_it = replay.needed_for(mart, after=table)
        replay.build(connection, made_from_it, project)
        return replay.frame(connection, mart)


def test_a_year_missing_withholds_the_running_sum(replay: Replay, built_project: Path) -> None:
    change = "delete from {0} where year = 2003"
    trends = after(replay, built_project, "external_balance_annual", change, "trend_fit")
    assert set(trends[trends["series"] == "cumulative"]["status"]) == {"gap"}
    assert set(trends[trends["series"] == "annual"]["n"]) == {24}
    breaks = after(replay, built_project, "external_balance_annual", change, "change_point")
    assert breaks[breaks["series"] == "cumulative"]["reason"].tolist() == [
        "no running sum: no figure for 2003"
    ]


def test_few_years_and_equal_years_have_a_status(replay: Replay, built_project: Path) -> None:
    few = after(
        replay, built_project, "external_balance_annual", "delete from {0} where year > 2003", "trend_fit"
    )
    assert set(few["status"]) == {"too_few"}
    equal = "update {0} set balance_persons = 5"
    constant = after(replay, built_project, "external_balance_annual", equal, "trend_fit")
    assert set(constant[constant["series"] == "annual"]["status"]) == {"constant"}


def test_a_region_without_population_has_no_rate(replay: Replay, built_project: Path) -> None:
    change = "delete from {0} where region_code = '63'"
    regions = after(replay, built_project, "region_profile", change, "region_loss_decomposition")
    [row] = regions[regions["region_code"] == "63"].to_dict("records")
    assert row["status"] == "no_population"
    assert row["loss_persons"] == 57_555
    assert pd.isna(row["loss_per_1000"])
    assert regions["size_persons"].notna().sum() == 19


def test_tables_without_rows_build(replay: Replay, built_project: Path) -> None:
    for table, mart in (
        ("external_balance_annual", "trend_fit"),
        ("external_balance_annual", "change_point"),
        ("region_specialty_balance", "region_specialty_structure"),
        ("region_specialty_balance", "region_loss_decomposition"),
        ("region_specialty_balance", "loss_concentration"),
        ("region_specialty_balance", "correspondence_coordinate"),
    ):
        assert after(replay, built_project, table, "delete from {0}", mart).empty
