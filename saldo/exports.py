"""The tables of a finished file: described with hashes for the manifest, and written as Parquet."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from saldo.disk import file_sha256
from saldo.errors import BuildError, out_of_space
from saldo.quoting import identifier, literal
from saldo.settings import PARQUET_MAX_ROWS, read_limit
from saldo.versions import Version

PARQUET = "parquet"
# Differ from build to build of equal data; no part of the content.
OF_THE_BUILD = frozenset({("core", "about", "built_at"), ("core", "about", "version_id")})
APPROXIMATE = frozenset({"DOUBLE", "FLOAT"})
TABLES = """
    select tables.table_schema, tables.table_name, tables.table_type, coalesce(described.comment, '')
    from information_schema.tables as tables
    left join (
        select schema_name, table_name, comment from duckdb_tables() where database_name = current_catalog()
        union all
        select schema_name, view_name, comment from duckdb_views() where database_name = current_catalog()
    ) as described
        on described.schema_name = tables.table_schema and described.table_name = tables.table_name
    where tables.table_catalog = current_catalog()
    order by tables.table_schema, tables.table_name
"""
COLUMNS = """
    select column_name, data_type, coalesce(comment, '')
    from duckdb_columns()
    where database_name = current_catalog() and schema_name = $1 and table_name = $2
    order by column_index
"""
RELEASES = """
    select release_id, publisher, title, cast(published_on as varchar), sha256
    from core.dim_release
    order by known_from, release_id
"""
IDENTITY = "select version_id, schema_version from core.about"

Table = dict[str, Any]


def describe(database: Path, folder: Path, version_id: str, *, before: Version | None) -> dict[str, Any]:
    """Writes every table and view as Parquet into `folder` and describes them, for the manifest.

    Tables of more than SALDO_PARQUET_MAX_ROWS rows are counted and described only; their hash and export are
    null.

    Args:
        database: the sealed file.
        folder: of the new version.
        version_id: which the file must bear.
        before: the version that is published; what has not changed since is linked from its exports.

    Raises:
        BuildError: the file is not of this version, or something cannot be read.
        MachineError: the disk is full.
    """
    most_rows = read_limit(PARQUET_MAX_ROWS)
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            ((found, schema_version),) = connection.execute(IDENTITY).fetchall()
            if found != version_id:
                what = f"core.about says version_id {found}, this is {version_id}"
                raise BuildError(what, where=database.name, remedy="see models/marts/core/about.sql")
            tables = {}
            for schema, name, kind, comment in connection.execute(TABLES).fetchall():
                table = _describe(connection, schema, name, kind, comment, most_rows)
                small = table["content_hash"] is not None
                table["export"] = _export(connection, schema, name, table, folder, before) if small else None
                tables[f"{schema}.{name}"] = table
            fields = ("release_id", "publisher", "title", "published_on", "sha256")
            releases = [
                dict(zip(fields, row, strict=True)) for row in connection.execute(RELEASES).fetchall()
            ]
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        not_read = BuildError(first, where=database.name, remedy="put right the table or view that it names")
        raise out_of_space([str(error)]) or not_read from None
    return {
        "schema_version": schema_version,
        "written_by": f"duckdb {duckdb.__version__}",
        "releases": releases,
        "tables": tables,
    }


def content_hash(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, columns: Mapping[str, str]
) -> tuple[int, str]:
    """The number of rows and a hash of them that does not depend on their order.

    It is the sum of DuckDB's hash of each row, modulo 2^64: quick at millions of rows, made to see a change
    and not to withstand a forger (the SHA-256 of the file does that). Figures in floating point enter with
    10 digits: the last ones depend on the order in which terms were added.

    Args:
        connection: to the file.
        schema: of the table.
        name: of the table or view.
        columns: name -> type of the columns that enter.
    """
    values = [
        f"printf('%.10g', {identifier(column)})" if kind in APPROXIMATE else identifier(column)
        for column, kind in columns.items()
    ]
    rows = f"select hash({', '.join(values)}) as h from {identifier(schema)}.{identifier(name)}"  # noqa: S608
    ((count, total),) = connection.execute(f"select count(*), coalesce(sum(h), 0) from ({rows})").fetchall()  # noqa: S608
    return count, f"{int(total) % 2**64:016x}"


def _describe(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, kind: str, comment: str, most_rows: int
) -> Table:
    columns = connection.execute(COLUMNS, [schema, name]).fetchall()
    hashed = {column: of for column, of, _ in columns if (schema, name, column) not in OF_THE_BUILD}
    table = f"{identifier(schema)}.{identifier(name)}"
    ((rows,),) = connection.execute(f"select count(*) from {table}").fetchall()  # noqa: S608
    content = content_hash(connection, schema, name, hashed)[1] if rows <= most_rows else None
    rounded = [column for column, of in hashed.items() if of in APPROXIMATE]
    return {
        "kind": "view" if kind == "VIEW" else "table",
        "description": comment,
        "rows": rows,
        "content_hash": content,
        # Whether equal hashes say that all figures are equal to the last digit.
        "hash_is_exact": content is not None and len(hashed) == len(columns) and not rounded,
        "columns": [
            {"name": column, "type": of, "description": described} for column, of, described in columns
        ],
    }


def _export(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    name: str,
    table: Table,
    folder: Path,
    before: Version | None,
) -> dict[str, Any]:
    place = Path(PARQUET) / schema / f"{name}.parquet"
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    if before and (
        earlier := _unchanged(table, before.manifest.get("tables", {}).get(f"{schema}.{name}"), before)
    ):
        try:
            os.link(before.folder / place, path)
        except OSError:  # a file system without hard links: it is written again
            pass
        else:
            return earlier
    descriptions = {column["name"]: column["description"] for column in table["columns"]}
    metadata = {"description": table["description"], "columns": json.dumps(descriptions, ensure_ascii=False)}
    pairs = ", ".join(f"{key}: {literal(text)}" for key, text in metadata.items())
    ((rows,),) = connection.execute(
        f"copy (from {identifier(schema)}.{identifier(name)}) to {literal(str(path))}"
        f" (format parquet, compression zstd, kv_metadata {{{pairs}}})"
    ).fetchall()
    if rows != table["rows"]:
        raise BuildError(f"{rows} rows were written of {table['rows']}", where=str(place), remedy="run again")
    return {
        "path": place.as_posix(),
        "rows": rows,
        "size": path.stat().st_size,
        "sha256": file_sha256(path),
    }


def _unchanged(table: Table, earlier: Table | None, before: Version) -> dict[str, Any] | None:
    """The export of an earlier version, if it holds exactly this table and is whole."""
    if not earlier or before.manifest.get("written_by") != f"duckdb {duckdb.__version__}":
        return None
    if not table["hash_is_exact"] or any(table[key] != earlier.get(key) for key in table):
        return None
    export: dict[str, Any] | None = earlier["export"]
    if export is None:
        return None
    path = before.folder / export["path"]
    return export if path.is_file() and file_sha256(path) == export["sha256"] else None
