"""Whether two DuckDB files hold the same marts: tables, as views compute nothing that these do not hold.

Where the marts of the peer are views over its tables, all relations in the schemas of ours are compared.
"""

import math
from collections.abc import Collection
from pathlib import Path

import duckdb

Column = tuple[str, str]  # name and type
Row = tuple[object, ...]

# The last digits of a floating point figure depend on the order in which its terms were added.
RELATIVE, ABSOLUTE = 1e-9, 1e-12
COLUMNS = """
    select table_schema || '.' || table_name, column_name, data_type
    from information_schema.columns
    inner join information_schema.tables using (table_catalog, table_schema, table_name)
    where table_catalog = current_catalog() and (table_type = 'BASE TABLE' or ?)
    order by table_schema, table_name, ordinal_position
"""


def differences(ours: Path, peer: Path, *, left_out: Collection[str] = (), views: bool = False) -> list[str]:
    """Compares all tables of two files: columns with their types, and rows in any order.

    Args:
        ours: a DuckDB file.
        peer: a DuckDB file.
        left_out: what is not compared: tables as `schema.table`, values of columns as `schema.table.column`.
        views: compare tables and views alike, of the schemas of ours alone.

    Returns:
        A line for each table that differs, naming the first difference; none if all are equal. Floating point
        figures are equal to 9 digits, all else exactly.
    """
    with (
        duckdb.connect(str(ours), read_only=True) as left,
        duckdb.connect(str(peer), read_only=True) as right,
    ):
        expected, found = tables(left, views=views), tables(right, views=views)
        if views:
            schemas = {table.split(".")[0] for table in expected}
            found = {table: columns for table, columns in found.items() if table.split(".")[0] in schemas}
        lines = []
        for table in sorted((expected.keys() | found.keys()) - set(left_out)):
            columns = expected.get(table, [])
            if columns != found.get(table, []):
                only_in_one = sorted(set(columns) ^ set(found.get(table, [])))
                lines.append(f"{table}: columns differ: {only_in_one or 'in their order'}")
                continue
            compared = [column for column in columns if f"{table}.{column[0]}" not in left_out]
            difference = _first_difference(
                compared, _rows(left, table, compared), _rows(right, table, compared)
            )
            lines += [f"{table}: {difference}"] if difference else []
    return lines


def tables(connection: duckdb.DuckDBPyConnection, *, views: bool = False) -> dict[str, list[Column]]:
    """The columns, in order, of each `schema.table`; with `views`, of views as well."""
    found: dict[str, list[Column]] = {}
    for table, name, kind in connection.execute(COLUMNS, [views]).fetchall():
        found.setdefault(table, []).append((name, kind))
    return found


def _rows(connection: duckdb.DuckDBPyConnection, table: str, columns: list[Column]) -> list[Row]:
    names = ", ".join(f'"{name}"' for name, _ in columns)
    rows: list[Row] = connection.execute(f"select {names} from {table}").fetchall()  # noqa: S608
    exact = [number for number, (_, kind) in enumerate(columns) if kind != "DOUBLE"]
    return sorted(rows, key=lambda row: [str(row[number]) for number in exact])


def _first_difference(columns: list[Column], expected: list[Row], found: list[Row]) -> str:
    if len(expected) != len(found):
        return f"{len(expected)} rows and {len(found)} rows"
    for left, right in zip(expected, found, strict=True):
        for (name, _), a, b in zip(columns, left, right, strict=True):
            if not _equal(a, b):
                return f"{name} is {a!r} and {b!r} in the row {left}"
    return ""


def _equal(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=RELATIVE, abs_tol=ABSOLUTE) or (math.isnan(a) and math.isnan(b))
    return a == b
