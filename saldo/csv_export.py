"""The public tables and views as CSV, for spreadsheets and R."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import duckdb

from saldo.errors import InputError
from saldo.exported import Exported, default_folder, open_published, replacing
from saldo.exports import COLUMNS, TABLES
from saldo.quoting import identifier, literal

# Excel takes a file without it for one of the system's old code page, and Cyrillic letters are lost.
BYTE_ORDER_MARK = "\ufeff"
# Kinds of column whose values a spreadsheet cannot take for a formula.
NOT_TEXT = ("BOOLEAN", "DATE", "DECIMAL", "DOUBLE", "FLOAT", "TIME")
# What makes a cell of a spreadsheet a formula, with the wide signs of East Asian locales.
FORMULA_SIGN = r"[=+\-@\t\r\n＝＋－＠]"
# A text that is only a number, as a table prints it, is no formula.
NUMBER = r"[+\-]?[0-9]+([ \x{a0}\x{202f}][0-9]{3})*([.,][0-9]+)?"


def export_csv(project: Path, output: Path | None, tables: Sequence[str], delimiter: str) -> Exported:
    """Writes `<schema>/<table>.csv` for each public table and view, or for those that are named.

    UTF-8 with a byte order mark, a header, a decimal point, empty where there is no value. A text that a
    spreadsheet would run as a formula gets an apostrophe before its first sign.

    Args:
        project: folder of the project.
        output: the folder to write to; None for `export/csv` in the warehouse folder.
        tables: `schema.table`, or `table` where only one schema has it; all if empty.
        delimiter: between the fields.

    Raises:
        InputError: there is no published file, or no such table.
        MachineError: the disk is full.
    """
    folder = output.absolute() if output else default_folder(project, "csv")
    with open_published(project) as connection:
        listed = [f"{schema}.{name}" for schema, name, *_ in connection.execute(TABLES).fetchall()]
        chosen = [_choose(name, listed) for name in tables] or listed
        with replacing(folder) as private:
            rows: dict[str, int | None] = {}
            for table in dict.fromkeys(chosen):
                schema, _, name = table.partition(".")
                place = Path(schema) / f"{name}.csv"
                (private / schema).mkdir(exist_ok=True)
                rows[place.as_posix()] = _write(connection, schema, name, private / place, delimiter)
    return Exported(folder, rows)


def _choose(name: str, listed: Sequence[str]) -> str:
    found = [table for table in listed if name in (table, table.partition(".")[2])]
    if len(found) == 1:
        return found[0]
    if found:
        what, remedy = "more than one schema has it", f"name it in full: {' or '.join(found)}"
    else:
        similar = get_close_matches(name, listed, n=3, cutoff=0.4)
        what = "there is no such table or view in the published file"
        remedy = f"did you mean {' or '.join(similar)}?" if similar else "see docs/data-dictionary.md"
    raise InputError(what, where=f"--table {name}", remedy=remedy)


def _write(connection: duckdb.DuckDBPyConnection, schema: str, name: str, path: Path, delimiter: str) -> int:
    columns = connection.execute(COLUMNS, [schema, name]).fetchall()
    # DuckDB writes no byte order mark: it goes with the name of the first column, which needs no quotes.
    marks = [BYTE_ORDER_MARK, *("" for _ in columns[1:])]
    chosen = ", ".join(
        f"{_value(column, kind)} as {identifier(mark + column)}"
        for mark, (column, kind, _) in zip(marks, columns, strict=True)
    )
    ((rows,),) = connection.execute(
        f"copy (select {chosen} from {identifier(schema)}.{identifier(name)}) to {literal(str(path))}"  # noqa: S608
        f" (format csv, header, delimiter {literal(delimiter)})"
    ).fetchall()
    return int(rows)


def _value(name: str, kind: str) -> str:
    column = identifier(name)
    if kind.endswith(("INT", "INTEGER")) or kind.startswith(NOT_TEXT):
        return column
    return harmless(f"cast({column} as varchar)")


def harmless(text: str) -> str:
    """SQL of a text in which no spreadsheet sees a formula, whichever sign it takes for the delimiter."""
    # Excel of another locale splits a comma file at semicolons, and so sees cells that begin within a text.
    within = f"regexp_replace({text}, '([;,\\t\\r\\n])({FORMULA_SIGN})', '\\1''\\2', 'g')"
    return (
        f"case when regexp_full_match({text}, '{NUMBER}') then {text}"
        f" when regexp_matches({text}, '^{FORMULA_SIGN}') then '''' || {within} else {within} end"
    )
