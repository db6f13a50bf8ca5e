"""Writes docs/public-schema.json, the tables and columns that users build on: `make docs`.

A test compares it with what is built, so that no public name or type changes unnoticed.
"""

import json
import sys
from pathlib import Path
from typing import Any

import duckdb

CHANGED = (
    "the public schema is no longer that of schema_version {version}: raise schema_version in "
    "dbt_project.yml, say in CHANGELOG.md what it changes for users' data, then run make docs"
)
NOT_RECORDED = "docs/public-schema.json is of schema_version {recorded}, the file of {built}: run make docs"
NOT_SAID = "CHANGELOG.md does not mention schema_version {version}: say what it changes for users' data"
COLUMNS = """
    select table_schema || '.' || table_name, column_name, data_type
    from information_schema.columns
    where table_catalog = current_catalog()
    order by table_schema, table_name, ordinal_position
"""
AS_OF = "describe select * from core.observation_as_of(date '2025-01-01')"

Schema = dict[str, Any]


def schema(database: Path) -> Schema:
    """The public schema in a file: its version, and schema.table -> column -> type, of the macro, too."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables: dict[str, dict[str, str]] = {}
        for table, column, kind in connection.execute(COLUMNS).fetchall():
            tables.setdefault(table, {})[column] = kind
        described = connection.execute(AS_OF).fetchall()
        tables["core.observation_as_of(date)"] = {column: kind for column, kind, *_ in described}
        ((version,),) = connection.execute("select schema_version from core.about").fetchall()
    return {"schema_version": version, "tables": tables}


def breaches(recorded: Schema, built: Schema, changelog: str) -> list[str]:
    """What is wrong, a line each, the last one with what to do; none if the record is true."""
    version = built["schema_version"]
    if recorded["schema_version"] != version:
        return [NOT_RECORDED.format(recorded=recorded["schema_version"], built=version)]
    if lines := list(_differences(recorded["tables"], built["tables"])):
        return [*lines, CHANGED.format(version=version)]
    if f"schema_version {version}" not in changelog:
        return [NOT_SAID.format(version=version)]
    return []


def _differences(recorded: dict[str, dict[str, str]], built: dict[str, dict[str, str]]):
    for table in sorted(recorded.keys() | built.keys()):
        before, now = recorded.get(table), built.get(table)
        if before is None or now is None:
            yield f"{table} is {'new' if before is None else 'gone'}"
            continue
        for column in [*before, *(now.keys() - before.keys())]:
            was, is_now = before.get(column, "nothing"), now.get(column, "nothing")
            if was != is_now:
                yield f"{table}.{column}: {was} before, {is_now} now"


def main(database: str, page: str, changelog: str = "CHANGELOG.md") -> int:
    """Writes the page; refuses to record another schema under the same version."""
    built, path = schema(Path(database)), Path(page)
    recorded = json.loads(path.read_text(encoding="utf-8")) if path.exists() else built
    if recorded["schema_version"] == built["schema_version"]:
        wrong = breaches(recorded, built, Path(changelog).read_text(encoding="utf-8"))
        if wrong:
            print("\n".join([f"error: {page} was not written", *wrong]), file=sys.stderr)
            return 1
    path.write_text(json.dumps(built, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
