"""Whether two DuckDB files hold the same marts."""

import math
from itertools import zip_longest
from pathlib import Path

import duckdb

# Columns of each table, with their types, in their order.
Tables = dict[str, list[tuple[str, str]]]
Row = tuple[object, ...]

# A figure computed in floating point depends on the order of its terms in the last digits.
RELATIVE, ABSOLUTE = 1e-9, 1e-12
TABLES = """
    select table_schema || '.' || table_name, column_name, data_type
    from information_schema.columns inner join information_schema.tables using (table_catalog, table_schema, table_name)
    where table_catalog = current_catalog() and table_type = 'BASE TABLE'
    order by table_schema, table_name, ordinal_position
"""


def differences(
    ours: Path, peer: Path, *, without: frozenset[str] = frozenset(), columns: frozenset[str] = frozenset()
) -> list[str]:
    """Compares each table of two files, columns with their types and rows in any order.

    Args:
        ours: a DuckDB file.
        peer: a DuckDB file.
        without: `schema.table` of tables that are not compared.
        columns: `schema.table.column` of columns whose values are not compared.

    Returns:
        A line for each difference, for a table at most that of its first row; none if all is equal. Floating point
        numbers are equal to 9 digits, all else exactly.
    """
    with duckdb.connect(str(ours), read_only=True) as left, duckdb.connect(str(peer), read_only=True) as right:
        expected, found = _tables(left), _tables(right)
        lines = []
        for table in sorted((expected.keys() | found.keys()) - without):
            if expected.get(table) != found.get(table):
                lines.append(f"{table}: columns {expected.get(table)} and {found.get(table)}")
            else:
                compared = [
                    (name, kind) for name, kind in expected[table] if f"{table}.{name}" not in columns
                ]
                lines += _first_difference(table, compared, _rows(left, table, compared), _rows(right, table, compared))
    return lines


def _tables(connection: duckdb.DuckDBPyConnection) -> Tables:
    tables: Tables = {}
    for table, column, kind in connection.execute(TABLES).fetchall():
        tables.setdefault(table, []).append((column, kind))
    return tables


def _rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[tuple[str, str]]
) -> list[Row]:
    names = ", ".join(f'"{name}"' for name, _ in columns)
    rows: list[Row] = connection.execute(f"select {names} from {table}").fetchall()  # noqa: S608
    exact = [number for number, (_, kind) in enumerate(columns) if kind != "DOUBLE"]
    return sorted(rows, key=lambda row: [str(row[number]) for number in exact])


def _first_difference(
    table: str, columns: list[tuple[str, str]], expected: list[Row], found: list[Row]
) -> list[str]:
    if len(expected) != len(found):
        return [f"{table}: {len(expected)} rows and {len(found)} rows"]
    for left, right in zip(expected, found, strict=True):
        for (column, _), a, b in zip(columns, left, right, strict=True):
            if not _equal(a, b):
                return [f"{table}.{column}: {a!r} and {b!r} in {left}"]
    return []


def _equal(a: object, b: object) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=RELATIVE, abs_tol=ABSOLUTE) or (math.isnan(a) and math.isnan(b))
    return a == b
