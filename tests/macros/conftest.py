"""The project's macros as SQL, put in by dbt itself, and a DuckDB connection to run them on."""

# Evaluated, Iterator[...] of duckdb's types keeps its module alive and it reports leaks at exit.
from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pytest

PROJECT = Path(__file__).parents[2]
LANDING = Path(__file__).parent / "landing_format_1"

CELLS = """{% set cells %}(
    select unnest(cast($printed as varchar[])) as printed, unnest(cast($place as varchar[])) as place
){% endset %}"""

# One start of dbt, some seconds, renders them all.
TEMPLATES = {
    "strict_decimal": "select {{ strict_decimal('printed', ',', 'place') }} from {{ cells }}",
    "strict_decimal_type": "select typeof({{ strict_decimal('printed', ',', 'place') }}) from {{ cells }}",
    "strict_decimal_with_point": "select {{ strict_decimal('$printed', '.', '$place') }}",
    "strict_decimal_with_marks": "select {{ strict_decimal('$printed', ',', '$place', ['-', '…']) }}",
    "printed_decimals": "select {{ printed_decimals('printed', ',') }} from {{ cells }}",
    "is_missing": "select {{ is_missing('cast($printed as varchar)', ['-', '…']) }}",
    "is_missing_without_marks": "select {{ is_missing('cast($printed as varchar)', []) }}",
    "matches": "select {{ matches('cast($text as varchar)', '^a[0-9]+$') }}",
    "strict_year_start": "select {{ strict_year_start('$printed', '$place') }}",
    "fail": """select case when $reached then {{ fail("concat('in ', $place)") }} else 'passed' end""",
    "migration_role": "select {{ migration_role('cast($balance as bigint)', 1000) }}",
    "display_number": """select {{
        display_number("cast($number as double)", "cast($step as decimal(9, 3))")
    }}""",
    "sha256_hex": "select {{ sha256_hex('cast($text as varchar)') }}",
    "ordered_listagg": "select {{ ordered_listagg('item', \"', '\", 'position') }} from listed",
    "release_sha256": "select {{ release_sha256('table_name', 'sha256') }} from file",
    "printed_cells": "{{ printed_cells('article_table_2', last_column=3) }} order by row_no, column_no",
    "known_on": "{{ latest_observation('revision', 'cast($day as date)') }}",
    "observation_key": "{{ observation_key() | join(' ') }}",
    "observation_columns": "{{ observation_columns() | join(' ') }}",
    "create_observation_as_of": "{{ create_observation_as_of() }}",
    "schema_as_configured": "{{ generate_schema_name(' core ', none) }}",
    "schema_of_target": "{{ generate_schema_name(none, none) }}",
    "unique_key": "{{ test_unique_key('tested', ['a', 'b']) }}",
    "landed_releases": (PROJECT / "models/staging/stg_landing__release.sql").read_text("utf-8"),
    "landed_cells": (PROJECT / "models/staging/stg_landing__cell.sql").read_text("utf-8"),
    "matches_recorded_hash": "{{ test_matches_recorded_hash(ref('article_table_2')) }}",
}


@pytest.fixture(scope="session")
def dbt() -> Path:
    """The command dbt of this environment."""
    return Path(sys.executable).with_name("dbt")


@pytest.fixture(scope="session")
def dbt_environment(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Environment of a dbt that writes into a folder of its own; its database has core.fct_revision."""
    folder = tmp_path_factory.mktemp("dbt")
    with duckdb.connect(str(folder / "macros.duckdb")) as connection:
        connection.execute("create schema core; create table core.fct_revision (value decimal(24, 6))")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SALDO_", "DBT_"))}
    return inherited | {
        "SALDO_DB": str(folder / "macros.duckdb"),
        "SALDO_WORK": str(folder / "work.duckdb"),
        "SALDO_LANDING": str(LANDING),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "PYTHONUTF8": "1",
    }


@pytest.fixture(scope="session")
def sql(dbt: Path, dbt_environment: Mapping[str, str]) -> Mapping[str, str]:
    """The templates as dbt renders them."""
    inline = "\n".join([CELLS, *(f"-- template: {name}\n{template}" for name, template in TEMPLATES.items())])
    outcome = subprocess.run(
        [dbt, "--quiet", "compile", "--output", "json", "--inline", inline],
        cwd=PROJECT,
        env=dbt_environment,
        capture_output=True,
        encoding="utf-8",
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    compiled: str = json.loads(outcome.stdout)["compiled"]
    _, *parts = re.split(r"-- template: (\w+)\n", compiled)
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory, with one attached as `work`."""
    with duckdb.connect(":memory:") as opened:
        opened.execute("attach ':memory:' as work")
        yield opened
