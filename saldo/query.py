"""`saldo query`: one query of the published file, which can read that file and do nothing else."""

import contextlib
import csv
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TextIO, TypeVar

import duckdb

from saldo.errors import InputError, NotPublishedError
from saldo.quoting import literal
from saldo.warehouse import MAKE_IT, display, find_published

# In this order: the file is open by then, and nothing else is to be opened, written, fetched or set back.
LOCKED = (
    "set temp_directory = ''",
    "set allow_persistent_secrets = false",
    "set python_enable_replacements = false",
    "set enable_external_access = false",
    # Without external access alone DuckDB still writes to the path of the open file's log.
    "set disabled_filesystems = 'LocalFileSystem'",
    "set lock_configuration = true",
)
READING = ("SELECT", "MULTI")  # the latter is what pivot is taken apart into
SHOWN = 50
AT_ONCE = 10_000
NUMERIC = {"decimal", "double", "float", "hugeint", "uhugeint"}
# Signs that move a cursor, hide text or turn its direction: text of releases is shown, not obeyed.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

T = TypeVar("T")


@dataclass(frozen=True)
class Found:
    """What a query finds; no row is read before it is asked for.

    Attributes:
        connection: to the published file.
        query: SQL of the query.
        columns: their names.
        types: DuckDB's names of their types.
    """

    connection: duckdb.DuckDBPyConnection
    query: str
    columns: list[str]
    types: list[str]

    def rows(self, cell: str, limit: int | None) -> Iterator[tuple[Any, ...]]:
        """The first `limit` rows, or all; `cell` is SQL that makes a value of each of `columns(*)`."""
        query = _selected(cell, self.query, limit)
        result = _run(self.connection, lambda: self.connection.execute(query))
        while rows := _run(self.connection, lambda: result.fetchmany(AT_ONCE)):
            yield from rows

    def count(self) -> int:
        """How many rows there are."""
        query = _selected("count(*)", self.query, None)
        ((count,),) = _run(self.connection, lambda: self.connection.execute(query).fetchall())
        return int(count)


@contextlib.contextmanager
def published(project: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, open for reading alone.

    SQL on this connection cannot write a file, open another one, load an extension or use the network.

    Raises:
        NotPublishedError: there is no such file, or it cannot be read.
    """
    file = find_published(project)
    # An instance of its own: the settings are those of the instance, which connections to one file share.
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach {literal(str(file))} as saldo (read_only)")
        except duckdb.Error as error:
            raise NotPublishedError(one_line(error), where=display(file), remedy=MAKE_IT) from None
        connection.execute("use saldo; detach memory")
        for setting in LOCKED:
            connection.execute(setting)
        yield connection


def find(connection: duckdb.DuckDBPyConnection, sql: str) -> Found:
    """Understands one query, without running it.

    Raises:
        InputError: it is not SQL, not one statement, not a query, or names what is not there.
    """
    with _errors():
        statements = connection.extract_statements(sql)
    if len(statements) != 1:
        what = f"{len(statements)} statements" if statements else "there is no statement in it"
        raise InputError(what, where="query", remedy="write one query, without anything after its semicolon")
    kind = statements[0].type.name
    if kind not in READING:
        what = f"{kind.replace('_', ' ')} is not a query: `saldo query` only reads"
        remedy = "write a select; to make tables of your own, attach the file read-only in a DuckDB shell"
        raise InputError(what, where="query", remedy=remedy)
    query = statements[0].query.strip().rstrip(";")
    with _errors():
        columns = connection.execute(_selected("*", query, 0)).description
    return Found(connection, query, [column[0] for column in columns], [str(column[1]) for column in columns])


def _selected(expression: str, query: str, limit: int | None) -> str:
    """The query within another, where nothing but a query can stand; its lines keep their numbers."""
    limited = "" if limit is None else f" limit {limit}"
    return f"select {expression} from ({query}\n) as found{limited}"  # noqa: S608 - to run it is the purpose


def as_table(found: Found, limit: int | None, *, width: int | None, ascii_only: bool) -> Iterator[str]:
    """A table for people, and a line that says how many rows there are.

    Args:
        found: what to print.
        limit: the most rows to print; SHOWN if None.
        width: of the terminal, into which long texts are folded; None prints each row on one line.
        ascii_only: draw the line under the header in ASCII.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    limit = SHOWN if limit is None else limit
    rows = list(found.rows("cast(columns(*) as varchar)", limit + 1))
    lines = box.ASCII2 if ascii_only else box.SIMPLE_HEAD
    table = Table(box=lines, show_edge=False, pad_edge=False, header_style="")
    for name, kind in zip(found.columns, found.types, strict=True):
        side: Literal["left", "right"] = "right" if _is_number(kind) else "left"
        table.add_column(Text(visible(name)), justify=side, overflow="fold")
    for row in rows[:limit]:
        table.add_row(*(Text(_shown(cell, kind)) for cell, kind in zip(row, found.types, strict=True)))
    page = io.StringIO()
    Console(file=page, width=width or 1_000_000, color_system=None, highlight=False).print(table)
    yield "\n".join(line.rstrip() for line in page.getvalue().splitlines()).strip("\n")
    if len(rows) > limit:
        yield f"{limit} of {found.count()} rows; --limit N shows N of them, --csv and --json give all"
    else:
        yield f"{len(rows)} row{'s' * (len(rows) != 1)}"


def as_csv(found: Found, limit: int | None) -> Iterator[str]:
    """CSV (RFC 4180, lines end with a line feed alone) with a header; null is an empty field."""
    yield _csv([found.columns])
    for rows in _batches(found.rows("cast(columns(*) as varchar)", limit)):
        yield _csv(rows)


def as_json(found: Found, limit: int | None) -> Iterator[str]:
    """One JSON object: `columns`, `types`, `rows` (an array each, in the order of the columns), `row_count`.

    Numbers and truth values are JSON's, dates and times are texts; infinities and what is not a number, for
    which JSON has no sign, are texts as well.
    """
    yield f'{{"columns": {json.dumps(found.columns)}, "types": {json.dumps(found.types)}, "rows": ['
    count = 0
    for batch in _batches(found.rows(_JSON_CELL, limit)):
        cells = ([_from_json(cell) for cell in row] for row in batch)
        texts = ",\n".join(json.dumps(row) for row in cells)
        yield f",\n{texts}" if count else texts
        count += len(batch)
    total = count if limit is None or count < limit else found.count()
    yield f'], "row_count": {total}}}'


def read_sql(text: str, stdin: TextIO) -> str:
    """The SQL of the command line; `-` stands for standard input."""
    return stdin.read() if text == "-" else text


def terminal_width(stream: TextIO) -> int | None:
    """Columns of the terminal; None if the stream is none."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def visible(text: str) -> str:
    """Text without signs that a terminal would obey: they are written out, such as \\x1b."""
    return CONTROL.sub(lambda sign: sign[0].encode("unicode_escape").decode("ascii"), text)


def one_line(error: BaseException) -> str:
    """DuckDB's message on one line, without the copy of the query and its arrow."""
    said = re.split(r"\n\s*\n?LINE \d+:|\n\nStack Trace", str(error), maxsplit=1)[0]
    return " ".join(said.split())


# What is not finite has no sign in JSON, and a number of more than 15 digits no exact one in many readers.
_JSON_CELL = "to_json(columns(*))"


def _from_json(cell: str | None) -> Any:
    return None if cell is None else json.loads(cell, parse_constant=str)


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    """Turns DuckDB's errors into ours.

    Raises:
        InputError: the query is wrong.
    """
    try:
        yield
    except duckdb.Error as error:
        line = re.search(r"^LINE (\d+):", str(error), re.MULTILINE)
        where = f"query, line {line[1]}" if line else "query"
        remedy = (
            "`saldo query 'show all tables'` lists the tables, `saldo query 'describe core.about'` columns"
        )
        raise InputError(one_line(error), where=where, remedy=remedy) from None


def _run(connection: duckdb.DuckDBPyConnection, work: Callable[[], T]) -> T:
    """Does work of DuckDB's in a thread: with several of its own it heeds no signals, and this one does.

    Raises:
        InputError: the query is wrong.
        Interrupted: a signal came, and DuckDB has stopped.
    """
    with _errors(), ThreadPoolExecutor(1) as thread:
        done = thread.submit(work)
        try:
            return done.result()
        except BaseException:
            connection.interrupt()
            raise


def _batches(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while batch := [row for _, row in zip(range(AT_ONCE), rows, strict=False)]:
        yield batch


def _csv(rows: Sequence[Sequence[Any]]) -> str:
    page = io.StringIO()
    csv.writer(page, lineterminator="\n").writerows(rows)
    return page.getvalue().removesuffix("\n")


def _is_number(kind: str) -> bool:
    return kind.lower().split("(")[0] in NUMERIC or kind.lower().rstrip("0123456789").endswith("int")


def _shown(cell: str | None, kind: str) -> str:
    """A cell of the table; exact decimals without the noughts that only fill their scale."""
    if cell is None:
        return ""
    if kind.lower().startswith("decimal") and "." in cell:
        return cell.rstrip("0").rstrip(".")
    return visible(cell)
