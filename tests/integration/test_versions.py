"""The version that a build publishes: equal to its file, held after a rollback, of the recorded schema."""

from __future__ import annotations

import copy
import fcntl
import json
import os
import runpy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from project import PROJECT, RunSaldo

from saldo import exports
from saldo.disk import file_sha256
from saldo.fingerprint import fingerprint

SCHEMA = runpy.run_path(str(PROJECT / "docs" / "public_schema.py"))


def latest(project: Path) -> Path:
    return project / "warehouse/latest"


def manifest_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def file(built_project: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built_project / "warehouse/saldo.duckdb"), read_only=True) as connection:
        yield connection


def tables_of(connection: duckdb.DuckDBPyConnection) -> list[str]:
    query = """
        select table_schema || '.' || table_name from information_schema.tables
        where table_catalog = current_catalog()
    """
    return [name for (name,) in connection.execute(query).fetchall()]


# --- the folder ---------------------------------------------------------------------------------------------


def test_the_manifest_belongs_to_the_file(built_project: Path, file: duckdb.DuckDBPyConnection) -> None:
    manifest = manifest_of(latest(built_project))
    ((version_id, schema_version, version),) = file.execute(
        "select version_id, schema_version, version from core.about"
    ).fetchall()
    assert (built_project / "warehouse/versions" / version_id).samefile(latest(built_project))
    assert manifest["version_id"] == version_id
    assert (manifest["schema_version"], manifest["code_version"]) == (schema_version, version)
    assert manifest["fingerprint"] == fingerprint(built_project)
    published = built_project / "warehouse/saldo.duckdb"
    assert published.samefile(latest(built_project) / "saldo.duckdb")
    assert manifest["file"]["sha256"] == file_sha256(published)
    releases = file.execute("select release_id, sha256 from core.dim_release").fetchall()
    assert sorted((each["release_id"], each["sha256"]) for each in manifest["releases"]) == sorted(releases)


def test_every_table_is_exported_whole(built_project: Path, file: duckdb.DuckDBPyConnection) -> None:
    """The files are read by another reader than the one that wrote them."""
    manifest = manifest_of(latest(built_project))
    assert sorted(manifest["tables"]) == sorted(tables_of(file))
    exported = {path.relative_to(latest(built_project)) for path in latest(built_project).rglob("*.parquet")}
    assert exported == {Path(table["export"]["path"]) for table in manifest["tables"].values()}
    for name, table in manifest["tables"].items():
        path = latest(built_project) / table["export"]["path"]
        read = pq.ParquetFile(path)
        groups = [read.metadata.row_group(number) for number in range(read.num_row_groups)]
        assert {group.column(0).compression for group in groups} <= {"ZSTD"}
        rows = [tuple(row.values()) for row in read.read().to_pylist()]
        expected = file.execute(f"from {name}").fetchall()
        assert Counter(map(repr, rows)) == Counter(map(repr, expected)), name
        assert len(rows) == table["rows"] == table["export"]["rows"]
        assert (path.stat().st_size, file_sha256(path)) == (
            table["export"]["size"],
            table["export"]["sha256"],
        )


def test_the_hash_of_an_export_is_that_of_its_table(built_project: Path) -> None:
    """Computed anew from the Parquet files, their rows turned round."""
    folder = latest(built_project)
    with duckdb.connect() as connection:
        for name, table in manifest_of(folder)["tables"].items():
            path = folder / table["export"]["path"]
            number = "row_number() over () as turned_round"
            connection.execute(
                f"create or replace table turned as"
                f" select * exclude (turned_round) from (select *, {number} from read_parquet('{path}'))"
                f" order by turned_round desc"
            )
            columns = {column["name"]: column["type"] for column in table["columns"]}
            types = {column: kind for column, kind, *_ in connection.execute("describe turned").fetchall()}
            assert types == columns, name
            for column in ("built_at", "version_id") if name == "core.about" else ():
                del columns[column]
            found = exports.content_hash(connection, "main", "turned", columns)
            assert found == (table["rows"], table["content_hash"]), name


def test_an_export_carries_the_descriptions(built_project: Path, file: duckdb.DuckDBPyConnection) -> None:
    metadata = pq.read_schema(latest(built_project) / "parquet/core/fct_revision.parquet").metadata
    ((table,),) = file.execute(
        "select comment from duckdb_tables() where table_name = 'fct_revision'"
    ).fetchall()
    assert metadata[b"description"].decode() == table
    columns = file.execute(
        "select column_name, comment from duckdb_columns() where table_name = 'fct_revision'"
    ).fetchall()
    assert json.loads(metadata[b"columns"]) == dict(columns)
    assert all(dict(columns).values())


# --- the command --------------------------------------------------------------------------------------------


@pytest.fixture
def with_an_earlier_one(built_copy: Path) -> tuple[Path, str, str]:
    """A built copy that keeps another version before the one it has built, and the ids of the two."""
    warehouse = built_copy / "warehouse"
    now = manifest_of(latest(built_copy))
    before = warehouse / "versions/20200101T000000Z-0a0a0a0a"
    before.mkdir()
    with duckdb.connect(str(before / "saldo.duckdb")) as connection:
        connection.execute("create schema core; create table core.about as select 'earlier' as version")
    file = {"size": (before / "saldo.duckdb").stat().st_size, "sha256": file_sha256(before / "saldo.duckdb")}
    manifest = {**now, "version_id": before.name, "sequence": 0, "fingerprint": "0a" * 32, "file": file}
    (before / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    state = json.loads((warehouse / "saldo.state.json").read_text("utf-8"))
    state["versions"].insert(0, before.name)
    (warehouse / "saldo.state.json").write_text(json.dumps(state), encoding="utf-8")
    return built_copy, before.name, now["version_id"]


def test_a_build_does_not_undo_a_rollback(
    with_an_earlier_one: tuple[Path, str, str], run_saldo: RunSaldo
) -> None:
    project, before, now = with_an_earlier_one
    assert run_saldo(project, "rollback").returncode == 0
    with duckdb.connect(str(project / "warehouse/saldo.duckdb"), read_only=True) as connection:
        assert connection.execute("select version from core.about").fetchall() == [("earlier",)]
    outcome = run_saldo(project, "build")
    assert outcome.returncode == 0
    assert outcome.stdout.startswith(f"held at {before} after a rollback: warehouse/saldo.duckdb stays")
    assert "build --full` build anew" in outcome.stdout
    assert json.loads(run_saldo(project, "build", "--json").stdout)["status"] == "held"
    # Other inputs are built: here as far as to the first check, which one of them does not pass.
    (project / "seeds/reference/region_label.csv").unlink()
    assert run_saldo(project, "build").returncode == 3
    assert os.readlink(project / "warehouse/latest") == f"versions/{before}"
    assert run_saldo(project, "rollback", now).returncode == 0
    assert os.readlink(project / "warehouse/latest") == f"versions/{now}"


def test_a_rollback_takes_the_lock(built_copy: Path, run_saldo: RunSaldo) -> None:
    with (built_copy / "warehouse/saldo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(json.dumps({"pid": 7, "host": "elsewhere", "since": "noon", "command": "saldo build"}))
        lock.flush()
        outcome = run_saldo(built_copy, "rollback", "2")
    assert outcome.returncode == 4
    assert "held by process 7 on elsewhere since noon (saldo build)" in outcome.stderr


@pytest.mark.parametrize(
    ("setting", "where"),
    [
        ({"SALDO_KEEP_VERSIONS": "none"}, "SALDO_KEEP_VERSIONS"),
        ({"SALDO_LANDING": "landing"}, "landing/releases"),
    ],
)
def test_what_stops_a_build_before_it_starts(
    built_copy: Path, run_saldo: RunSaldo, setting: dict[str, str], where: str
) -> None:
    """A setting that is no number; a landing folder of a newer format."""
    releases = built_copy / "landing/releases"
    releases.mkdir(parents=True)
    (releases / "a.json").write_text('{"format_version": 99}', encoding="utf-8")
    before = (built_copy / "warehouse/saldo.duckdb").read_bytes()
    outcome = run_saldo(built_copy, "build", "--full", env=setting)
    assert outcome.returncode == 3
    assert where in outcome.stderr.splitlines()[0]
    assert (built_copy / "warehouse/saldo.duckdb").read_bytes() == before


# --- the public schema --------------------------------------------------------------------------------------


def test_the_public_schema_is_the_recorded_one(built_project: Path) -> None:
    recorded = json.loads((PROJECT / "docs/public-schema.json").read_text("utf-8"))
    built = SCHEMA["schema"](built_project / "warehouse/saldo.duckdb")
    assert SCHEMA["breaches"](recorded, built, (PROJECT / "CHANGELOG.md").read_text("utf-8")) == []


RECORDED = {"schema_version": 3, "tables": {"core.a": {"x": "INTEGER", "y": "DATE"}, "core.b": {"z": "DATE"}}}


def changed(*path: str, to: object = None) -> dict[str, Any]:
    """A copy with one thing changed, or removed."""
    built: dict[str, Any] = copy.deepcopy(RECORDED)
    *way, last = path
    inner = built
    for name in way:
        inner = inner[name]
    if to is None:
        del inner[last]
    else:
        inner[last] = to
    return built


@pytest.mark.parametrize(
    ("built", "message"),
    [
        (changed("tables", "core.a", "y"), "core.a.y: DATE before, nothing now"),
        (changed("tables", "core.a", "y", to="VARCHAR"), "core.a.y: DATE before, VARCHAR now"),
        (changed("tables", "core.b", "new", to="DATE"), "core.b.new: nothing before, DATE now"),
        (changed("tables", "core.b"), "core.b is gone"),
        (changed("tables", "core.c", to={}), "core.c is new"),
    ],
)
def test_a_change_under_the_same_version_is_told_with_what_to_do(built: dict[str, Any], message: str) -> None:
    found = SCHEMA["breaches"](RECORDED, built, "schema_version 3")
    assert found[0] == message
    assert "raise schema_version in dbt_project.yml, say in CHANGELOG.md" in found[-1]


def test_a_new_version_must_be_recorded_and_told() -> None:
    (found,) = SCHEMA["breaches"](RECORDED, changed("schema_version", to=4), "schema_version 3")
    assert found.endswith("run make docs")
    (found,) = SCHEMA["breaches"](RECORDED, RECORDED, "schema_version 2")
    assert found.startswith("CHANGELOG.md does not mention schema_version 3")


def test_make_docs_does_not_record_another_schema_under_the_same_version(
    built_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database, page, changelog = (
        built_project / "warehouse/saldo.duckdb",
        tmp_path / "a.json",
        tmp_path / "b.md",
    )
    changelog.write_text("schema_version 1", encoding="utf-8")
    run = [str(database), str(page), str(changelog)]
    assert SCHEMA["main"](*run) == 0
    first = page.read_text("utf-8")
    page.write_text(first.replace('"region_code": "VARCHAR"', '"region_code": "INTEGER"', 1), "utf-8")
    assert SCHEMA["main"](*run) == 1
    assert "raise schema_version" in capsys.readouterr().err
    page.write_text(page.read_text("utf-8").replace('"schema_version": 1', '"schema_version": 0'), "utf-8")
    assert SCHEMA["main"](*run) == 0
    assert page.read_text("utf-8") == first
