"""The SQL macros, executed on DuckDB."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

PROPERTY = settings(max_examples=40, deadline=None, database=None, derandomize=True)
Sql = Mapping[str, str]
Connection = duckdb.DuckDBPyConnection


def value(connection: Connection, query: str, **parameters: object) -> Any:
    """The single value that the query gives."""
    ((found,),) = connection.execute(query, parameters).fetchall()
    return found


@pytest.fixture(scope="module")
def shared() -> Iterator[Connection]:
    """An empty database in memory for all examples of a property."""
    with duckdb.connect(":memory:") as opened:
        yield opened


# --- conditions -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "expected"),
    [(None, True), ("-", True), ("…", True), ("", False), ("--", False), ("0", False)],
)
def test_is_missing(sql: Sql, connection: Connection, printed: str | None, expected: bool) -> None:
    assert value(connection, sql["is_missing"], printed=printed) is expected


@pytest.mark.parametrize(("printed", "expected"), [(None, True), ("-", False)])
def test_is_missing_without_marks(
    sql: Sql, connection: Connection, printed: str | None, expected: bool
) -> None:
    assert value(connection, sql["is_missing_without_marks"], printed=printed) is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("a1", True), ("a", False), ("ba1", False), ("a1\n", False), (None, None)]
)
def test_matches(sql: Sql, connection: Connection, text: str | None, expected: bool | None) -> None:
    assert value(connection, sql["matches"], text=text) is expected


def test_fail_stops_only_where_it_is_reached(sql: Sql, connection: Connection) -> None:
    place = "article_table_1, row 7 (г.Шымкент)"
    assert value(connection, sql["fail"], reached=False, place=place) == "passed"
    with pytest.raises(duckdb.Error) as stopped:
        value(connection, sql["fail"], reached=True, place=place)
    assert f"in {place}" in str(stopped.value)


# --- numbers for readers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "step", "expected"),
    [
        (-88162, "1", "−88,162"),
        (267599, "1000", "268,000"),
        (-267499.5, "1000", "−267,000"),
        (999, "1", "999"),
        (1000, "1", "1,000"),
        (123456789012, "1", "123,456,789,012"),
        (-0.5691, "0.01", "−0.57"),
        (-0.004, "0.01", "0.00"),
        (0, "1", "0"),
        (0.05, "0.1", "0.1"),
        (1234.5, "0.1", "1,234.5"),
        (0.0256, "0.001", "0.026"),
        (None, "1", None),
    ],
)
def test_display_number(
    sql: Sql, connection: Connection, number: float | None, step: str, expected: str | None
) -> None:
    assert value(connection, sql["display_number"], number=number, step=step) == expected


@PROPERTY
@given(
    number=st.floats(min_value=-(10**12), max_value=10**12),
    step=st.sampled_from(["0.001", "0.01", "0.1", "1", "1000"]),
)
def test_display_number_reads_back(sql: Sql, shared: Connection, number: float, step: str) -> None:
    """What is shown is within half a step of the number, and has the digits of the step."""
    shown = value(shared, sql["display_number"], number=number, step=step)
    assert re.fullmatch(r"−?(0|[1-9]\d{0,2}(,\d{3})*)(\.\d{1,3})?", shown)
    read = float(shown.replace(",", "").replace("−", "-"))
    assert abs(read - number) <= 0.5 * float(step) + 1e-9 + abs(number) * 1e-12
    assert len(shown.partition(".")[2]) == max(0, len(step) - 2) * (float(step) < 1)


# --- years and roles --------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [1900, 1999, 2000, 2024, 2099])
def test_strict_year_start(sql: Sql, connection: Connection, year: int) -> None:
    assert value(connection, sql["strict_year_start"], printed=str(year), place="t") == date(year, 1, 1)


@pytest.mark.parametrize(
    "text", ["1899", "2100", "200", "20000", "2000 ", " 2000", "2000\n", "2 000", "２０００", "год", ""]
)
def test_strict_year_start_names_the_place(sql: Sql, connection: Connection, text: str) -> None:
    with pytest.raises(duckdb.Error, match="cannot read a year in article_table_2, row 3"):
        value(connection, sql["strict_year_start"], printed=text, place="article_table_2, row 3")


@pytest.mark.parametrize(
    ("balance", "role"),
    [
        (-1001, "donor"),
        (-1000, "near_zero"),
        (-1, "near_zero"),
        (0, "near_zero"),
        (1000, "near_zero"),
        (1001, "recipient"),
        (None, None),
    ],
)
def test_migration_role(sql: Sql, connection: Connection, balance: int | None, role: str | None) -> None:
    assert value(connection, sql["migration_role"], balance=balance) == role


# --- hashes of releases -----------------------------------------------------------------------------------


def test_ordered_listagg(sql: Sql, connection: Connection) -> None:
    connection.execute(
        "create table listed as from (values ('b', 2), ('a', 10), ('c', 1)) as t (item, position)"
    )
    assert value(connection, sql["ordered_listagg"]) == "c, b, a"


@pytest.mark.parametrize("text", ["", "abc", "Қазақстан"])
def test_sha256_hex(sql: Sql, connection: Connection, text: str) -> None:
    assert value(connection, sql["sha256_hex"], text=text) == hashlib.sha256(text.encode()).hexdigest()


@PROPERTY
@given(
    files=st.dictionaries(
        st.text("ab_019", min_size=1, max_size=6), st.binary(max_size=4), min_size=1, max_size=6
    )
)
def test_release_sha256(sql: Sql, shared: Connection, files: dict[str, bytes]) -> None:
    """Of one file its hash; of several the hash of the listing that coreutils' sha256sum prints, by name."""
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    shared.execute("create or replace table file (table_name varchar, sha256 varchar)")
    shared.executemany("insert into file values (?, ?)", list(hashes.items()))
    listing = "".join(f"{hashes[name]}  {name}.csv\n" for name in sorted(hashes))
    expected = hashlib.sha256(listing.encode()).hexdigest() if len(files) > 1 else next(iter(hashes.values()))
    assert value(shared, sql["release_sha256"]) == expected


# --- printed cells ----------------------------------------------------------------------------------------


def test_printed_cells(sql: Sql, connection: Connection) -> None:
    connection.execute("""
        create schema work.published;
        create table work.published.article_table_2 as
        from (values
            ('0', 'Год', ' Сальдо', '2'), ('1', ' 2000 ', ' -1,5 ', null), ('10', null, '  ', 'x')
        ) as t (row_no, c1, c2, c3)
    """)
    name = "article_table_2"
    assert connection.execute(sql["printed_cells"]).fetchall() == [
        (name, 1, 2, "2000", "Сальдо", "-1,5", f"{name}, row 1 (2000), column 2 (Сальдо)"),
        (name, 1, 3, "2000", "2", None, f"{name}, row 1 (2000), column 3 (2)"),
        (name, 10, 2, None, "Сальдо", None, f"{name}, row 10 (), column 2 (Сальдо)"),
        (name, 10, 3, None, "2", "x", f"{name}, row 10 (), column 3 (2)"),
    ]


# --- vintages ---------------------------------------------------------------------------------------------

BREAKDOWNS = "specialty_code sex_code residence_code age_code partner_code"
KEY = f"indicator_code region_code {BREAKDOWNS} period_start period_end"
COLUMNS = f"{KEY} value unit_code decimals obs_status source_series release_id source_ref correction_id"
FIRST_DAY = date(2024, 1, 1)


class Vintage(NamedTuple):
    region_code: str
    source_series: str
    series_preference: int
    release_id: str
    known_from: datetime


def published(day: int, sequence: int) -> datetime:
    """Day after the first and sequence in it, as int_release writes it: seconds after midnight."""
    return datetime.combine(FIRST_DAY, time()) + timedelta(days=day, seconds=sequence)


def record(connection: Connection, relation: str, vintages: list[Vintage]) -> None:
    """Fills a relation of the shape of fct_revision, each vintage replaced by the next of its series."""
    rows = [
        dict.fromkeys(COLUMNS.split())
        | {"indicator_code": "population", "known_to": replaced_at(one, vintages)}
        | one._asdict()
        for one in vintages
    ]
    times = {"known_from": "datetime64[us]", "known_to": "datetime64[us]"}
    frame = pd.DataFrame(rows, columns=[*COLUMNS.split(), "series_preference", *times]).astype(times)
    connection.register("frame", frame)
    connection.execute("create or replace table RELATION as from frame".replace("RELATION", relation))


def replaced_at(vintage: Vintage, vintages: list[Vintage]) -> datetime | None:
    """Publication of the next vintage of the series."""
    series = [one for one in vintages if one[:3] == vintage[:3] and one.known_from > vintage.known_from]
    return min((one.known_from for one in series), default=None)


def releases(connection: Connection, query: str, **parameters: object) -> dict[str, str]:
    """Release that the query shows for each region."""
    columns = COLUMNS.split()
    rows = [dict(zip(columns, row, strict=True)) for row in connection.execute(query, parameters).fetchall()]
    shown = {row["region_code"]: row["release_id"] for row in rows}
    assert len(shown) == len(rows), "an observation is shown once"
    return shown


def expected_releases(vintages: list[Vintage], day: date | None) -> dict[str, str]:
    """Of each series the last vintage published by the day, of each region the preferred series."""
    of_region: dict[str, dict[int, Vintage]] = defaultdict(dict)
    for one in sorted(vintages, key=lambda vintage: vintage.known_from):
        if day is None or one.known_from.date() <= day:
            of_region[one.region_code][one.series_preference] = one
    return {region: series[min(series)].release_id for region, series in of_region.items()}


def test_key_and_columns_of_an_observation(sql: Sql) -> None:
    assert sql["observation_key"].split() == KEY.split()
    assert sql["observation_columns"].split() == COLUMNS.split()


def test_a_release_counts_on_the_day_of_its_publication(sql: Sql, connection: Connection) -> None:
    vintages = [
        Vintage("11", "bureau", 1, "first", published(0, 1)),
        Vintage("11", "bureau", 1, "second_of_the_day", published(10, 1)),
        Vintage("11", "bureau", 1, "third_of_the_day", published(10, 2)),
        Vintage("11", "press", 2, "press", published(20, 1)),
        Vintage("15", "press", 2, "press", published(20, 1)),
    ]
    record(connection, "revision", vintages)
    shown = {
        offset: releases(connection, sql["known_on"], day=FIRST_DAY + timedelta(days=offset))
        for offset in (-1, 0, 9, 10, 19, 20)
    }
    assert shown == {
        -1: {},
        0: {"11": "first"},
        9: {"11": "first"},
        10: {"11": "third_of_the_day"},
        19: {"11": "third_of_the_day"},
        20: {"11": "third_of_the_day", "15": "press"},
    }


instants = st.builds(published, st.integers(0, 6), st.integers(1, 3))
publications = st.tuples(st.sampled_from(["11", "15"]), st.sampled_from([1, 2, 3]), instants)


@st.composite
def histories(draw: st.DrawFn) -> list[Vintage]:
    """Vintages of up to three series of two regions."""
    drawn = draw(st.lists(publications, max_size=12, unique=True))
    return [
        Vintage(region, f"series_{preference}", preference, f"release_{number}", known_from)
        for number, (region, preference, known_from) in enumerate(drawn)
    ]


@PROPERTY
@given(vintages=histories(), offset=st.integers(-1, 7))
def test_observation_as_of(sql: Sql, shared: Connection, vintages: list[Vintage], offset: int) -> None:
    day = FIRST_DAY + timedelta(days=offset)
    shared.execute("create schema if not exists core")
    record(shared, "core.fct_revision", vintages)
    shared.execute(sql["create_observation_as_of"])
    as_of = "select * from core.observation_as_of($day)"
    assert releases(shared, as_of, day=day) == expected_releases(vintages, day)
    assert releases(shared, as_of, day=date(9000, 1, 1)) == expected_releases(vintages, None)


# --- names ------------------------------------------------------------------------------------------------


def test_schema_has_one_name_in_every_environment(sql: Sql) -> None:
    assert sql["schema_as_configured"].strip() == "core"
    assert sql["schema_of_target"].strip() == "main"


# --- generic tests ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("(1, 'x'), (1, 'y'), (2, 'x')", []),
        ("(1, 'x'), (1, 'x'), (2, 'x')", [(1, "x", 2)]),
        ("(1, 'x'), (1, null)", [(1, None, 1)]),
    ],
)
def test_unique_key(sql: Sql, connection: Connection, rows: str, found: list[tuple[object, ...]]) -> None:
    connection.execute("create table tested as from (values ROWS) as t (a, b)".replace("ROWS", rows))
    assert connection.execute(sql["unique_key"]).fetchall() == found


def test_matches_recorded_hash(
    sql: Sql, connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "seeds/published").mkdir(parents=True)
    table = tmp_path / "seeds/published/article_table_2.csv"
    table.write_text("row_no,c1\n0,Год\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    recorded = hashlib.sha256(table.read_bytes()).hexdigest()
    connection.execute("create schema work.reference")
    connection.execute("create table work.reference.release_table (table_name varchar, sha256 varchar)")

    def breaches() -> list[tuple[object, ...]]:
        return connection.execute(sql["matches_recorded_hash"]).fetchall()

    (never_recorded,) = breaches()
    assert recorded in never_recorded

    connection.execute("insert into work.reference.release_table values ('article_table_2', ?)", [recorded])
    assert breaches() == []

    table.write_text("row_no,c1\n0,год\n", encoding="utf-8")
    (edited,) = breaches()
    assert {recorded, hashlib.sha256(table.read_bytes()).hexdigest()} <= set(edited)

    # read_blob gives no row for a missing file, which must not pass for a good one
    table.unlink()
    (missing,) = breaches()
    assert recorded in missing
