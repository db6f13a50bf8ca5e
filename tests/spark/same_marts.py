"""Whether two published files hold the same: every public table and view, columns and rows, exactly."""

from collections import Counter
from pathlib import Path

import duckdb

# Of the build itself, not of the data.
OF_THE_BUILD = {"core.about": ("built_at", "version_id")}
COLUMNS = """
    select schema_name || '.' || relation_name, column_name, data_type, is_nullable, comment
    from (
        select schema_name, table_name as relation_name from duckdb_tables() where not internal
        union all
        select schema_name, view_name from duckdb_views() where not internal
    )
    inner join (
        select schema_name, table_name as relation_name, * exclude (schema_name, table_name)
        from duckdb_columns()
    ) using (schema_name, relation_name)
    order by all
"""
KEYS = """
    select schema_name || '.' || table_name, constraint_type, constraint_column_names
    from duckdb_constraints() order by all
"""
COMMENTS = """
    select schema_name || '.' || table_name, comment from duckdb_tables() where not internal
    union all
    select schema_name || '.' || view_name, comment from duckdb_views() where not internal
    order by all
"""
FUNCTIONS = """
    select schema_name || '.' || function_name, comment
    from duckdb_functions() where not internal order by all
"""


def differences(duckdb_file: Path, spark_file: Path) -> list[str]:
    """A line for each thing that differs; none where a user could not tell which engine made the file."""
    with (
        duckdb.connect(str(duckdb_file), read_only=True) as ours,
        duckdb.connect(str(spark_file), read_only=True) as theirs,
    ):
        lines = [
            f"{what}: {sorted(set(left) ^ set(right), key=str)[:4]}"
            for what, query in (
                ("columns", COLUMNS),
                ("keys", KEYS),
                ("comments", COMMENTS),
                ("macros", FUNCTIONS),
            )
            if (left := _texts(ours, query)) != (right := _texts(theirs, query))
        ]
        for name in public(ours):
            left, right = _rows(ours, name), _rows(theirs, name)
            if left != right:
                only, other = left - right, right - left
                lines.append(
                    f"{name}: {only.total()} of {left.total()} rows differ, {right.total()} on Spark:"
                    f" {_differing(only, other)}"
                )
    return lines


def public(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The names of all tables and views of a published file."""
    query = COMMENTS.replace(", comment", "")
    return [name for (name,) in connection.execute(query).fetchall()]


def _texts(connection: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [str(row) for row in connection.execute(query).fetchall()]


def _rows(connection: duckdb.DuckDBPyConnection, name: str) -> Counter[tuple[tuple[str, str], ...]]:
    """The rows as texts, which tell 0.1 from the number next to it and take NaN for equal to itself."""
    found = connection.execute(f"select * from {name}")
    columns = [each[0] for each in found.description]
    left_out = OF_THE_BUILD.get(name, ())
    return Counter(
        tuple(
            (column, repr(value))
            for column, value in zip(columns, row, strict=True)
            if column not in left_out
        )
        for row in found.fetchall()
    )


def _differing(
    only: Counter[tuple[tuple[str, str], ...]], other: Counter[tuple[tuple[str, str], ...]]
) -> str:
    """Of the first row that only one of both has, what differs from the likest of the other's."""
    if not only or not other:
        return str(next(iter(only or other)))
    row = min(only)
    likest = max(other, key=lambda each: len(set(each) & set(row)))
    return "; ".join(
        f"{column} is {value} and {found} on Spark"
        for (column, value), (_, found) in zip(row, likest, strict=True)
        if value != found
    )
