"""docs/reference-clients.md: clients, what was tested, versions, results."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tests.clients.clients import Client
from tests.project import PROJECT

PAGE = PROJECT / "docs" / "reference-clients.md"
# Checks of expected.py by the column of the table that they stand in.
COLUMNS = {
    "read-only": ("read only",),
    "tables": ("tables",),
    "all rows": ("rows", "chart"),
    "columns": ("columns", "column names", "reflection"),
    "comments": ("comments", "table comments"),
    "keys": ("keys",),
    "as of a day": ("as of",),
    "renamed": ("renamed",),
    "refresh": ("refresh",),
    "offline": ("from elsewhere",),
}


@dataclass(frozen=True)
class Outcome:
    """What came out of a client.

    Attributes:
        client: asked.
        versions: package -> version that answered.
        checks: what was asked.
        wrong: check -> message.
        not_installed: why the package index does not have it; empty if it was asked.
    """

    client: Client
    versions: dict[str, str]
    checks: tuple[str, ...]
    wrong: dict[str, str]
    not_installed: str


def write(outcomes: Sequence[Outcome]) -> None:
    """Writes the page anew."""
    PAGE.write_text("\n".join(lines(outcomes, date.today())) + "\n", encoding="utf-8")


def lines(outcomes: Sequence[Outcome], day: date) -> list[str]:
    """The page, line by line."""
    notes: list[str] = []
    rows = [_row(outcome, notes) for outcome in outcomes]
    header = ("client", "version", *COLUMNS)
    return [
        *HEAD.format(day=day).splitlines(),
        "",
        f"| {' | '.join(header)} |",
        f"|{'---|' * len(header)}",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        *(f"{number}. {note}" for number, note in enumerate(notes, 1)),
        "",
        *TAIL.splitlines(),
    ]


def _row(outcome: Outcome, notes: list[str]) -> tuple[str, ...]:
    if outcome.not_installed:
        cells = [f"not installed ({_note(outcome.not_installed, notes)})", *[""] * (len(COLUMNS) - 1)]
        return (outcome.client.name, outcome.client.line, *cells)
    versions = ", ".join(
        number if name in outcome.client.name or len(outcome.versions) == 1 else f"{name} {number}"
        for name, number in outcome.versions.items()
    )
    return (outcome.client.name, versions, *(_cell(outcome, checks, notes) for checks in COLUMNS.values()))


def _cell(outcome: Outcome, checks: Sequence[str], notes: list[str]) -> str:
    if wrong := [outcome.wrong[check] for check in checks if check in outcome.wrong]:
        return f"no ({_note(wrong[0], notes)})"
    return "yes" if any(check in outcome.checks for check in checks) else "–"


def _note(message: str, notes: list[str]) -> int:
    """The number of the note with this message; equal messages share one."""
    text = f"`{message.splitlines()[0][:300]}`"
    if text not in notes:
        notes.append(text)
    return notes.index(text) + 1


HEAD = """\
# Clients

Which programs read `warehouse/saldo.duckdb` and its exports, found by asking them:
`make clients WRITE=--write` writes this page. Written on {day}, Linux x86_64. How to connect:
[how-to/connect-a-bi-tool.md](how-to/connect-a-bi-tool.md).

| column | what was asked |
|---|---|
| read-only | opens the file with mode 0444 read-only; a write is refused |
| tables | lists exactly the tables and views of the manifest, no more |
| all rows | every row of each of them, compared with the Parquet exports as pyarrow reads them |
| columns | names, and types where the client tells them |
| comments | the description of each table, and of each column where the client tells them |
| keys | the primary keys that the models declare |
| as of a day | `core.observation_as_of(date)`, compared with what the exported vintages give |
| renamed | the same file by another name, with a space and Cyrillic letters, each view read |
| refresh | while the file is replaced, an open connection keeps the old figures; a new one has the new ones |

"–": the client has no such thing."""

TAIL = """\
## What could not be tested

DuckDB's JDBC driver, through which DBeaver, Tableau and Metabase connect, is on Maven Central
(`org.duckdb:duckdb_jdbc`). These checks install from PyPI, npm and Debian alone: they do not reach it, nor
the ODBC driver of Power BI, the programs themselves, or R's package duckdb. All hold the same library as the
clients above: what stands here for a version of DuckDB is to be expected of a driver of that version.
Evidence connects through the package `@duckdb/node-api`, which is tested; Superset through SQLAlchemy 1.4.

![Harlequin](images/harlequin.svg)
"""
