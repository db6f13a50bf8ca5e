"""A DuckDB file with as little in it as can be published, and versions made of such files."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from saldo import publish, versions
from saldo.warehouse import Warehouse


def make_database(path: Path, value: int, version_id: str = "development") -> Path:
    """A file with all that the closing screen and the manifest read, and one value to tell it by."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"""
            create schema core;
            create schema analysis;
            create schema audit;
            create table core.about as select
                {value} as value, '{version_id}' as version_id, 1 as schema_version, now() as built_at;
            create table core.dim_release as select
                'article' as release_id, 'a journal' as publisher, 'An article' as title,
                date '2025-10-31' as published_on, 'ab12' as sha256, timestamp '2025-10-31' as known_from;
            create table core.fct_control_total as select
                'table_3' as table_name, 'grand_total' as control_kind, 4 as parts_count,
                cast(-12 as decimal(24, 6)) as published_value, cast(-12 as decimal(24, 6)) as summed_value;
            create table analysis.correlation as select
                'income' as indicator_code, 'pearson' as method, 'pairwise' as missing_rule,
                'regions_20' as territory_set, 'persons' as measure, 20 as n, cast(-0.5 as double) as r;
            create table analysis.claim_check as select
                'pearson_r' as metric, 'income' as subject, '-0.50' as printed_value;
            create table audit.identity_check as select
                'sexes' as identity_id, 'article' as release_id, 'holds' as outcome;
            create table audit.expectation_result as select true as success;
        """)
    return path


def value_in(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        row = connection.execute("select value from core.about").fetchone()
    assert row is not None
    return int(row[0])


def publish_database(warehouse: Warehouse, value: int) -> str:
    """Publishes a file with this value, as a build would; returns the id of its version."""
    warehouse.private.mkdir()
    fingerprint = f"{value:064x}"
    name = versions.new_id(warehouse, fingerprint, datetime(2026, 11, 25, 3, 30, value, tzinfo=UTC))
    make_database(warehouse.private_database, value, name)
    summary = publish.seal(warehouse.private_database).as_dict()
    facts = {"fingerprint": fingerprint, "seconds": 1.5, "tests": 3, "warnings": 0, "summary": summary}
    state = warehouse.read_state()
    version = publish.make_version(warehouse, name, facts, replaces=state.get("version_id"))
    versions.publish(warehouse, version, state)
    warehouse.private.rmdir()
    return name
