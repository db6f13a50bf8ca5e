"""What a finished file holds, and the screen that says so."""

import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

WIDTH = 96
LABEL = 12
MOST_NAMED = 16  # tables of a schema that the screen of a build names; more are counted
VIEWS = "bi"  # the schema of views on the tables of the others
TO_ASCII = str.maketrans({"−": "-", "·": "*", "–": "-", "\u00a0": " "})

GRAND_TOTALS = """
    select table_name, published_value, summed_value, parts_count
    from core.fct_control_total
    where control_kind = 'grand_total'
    order by table_name
"""
CORRELATIONS = """
    with claim as (  -- the texts of the article in several languages may state it each, and differ
        select subject, string_agg(distinct printed_value, ' / ' order by printed_value) as printed
        from analysis.claim_check
        where metric = 'pearson_r'
        group by subject
    )
    select correlation.indicator_code, correlation.n, correlation.r, claim.printed
    from analysis.correlation as correlation
    inner join claim on claim.subject = correlation.indicator_code
    where
        correlation.method = 'pearson' and correlation.missing_rule = 'pairwise'
        and correlation.territory_set = 'regions_20' and correlation.measure = 'persons'
        and correlation.r is not null
    order by correlation.r
"""

# What stops the build is none of them.
WARNED = """
    select identity_id, release_id, count(*)
    from audit.identity_check
    where outcome = 'breach'
    group by identity_id, release_id
    order by identity_id, release_id
"""


@dataclass(frozen=True)
class GrandTotal:
    """A printed grand total and the sum of the printed figures that it stands for, in persons."""

    table_name: str
    published: int
    summed: int
    parts: int


@dataclass(frozen=True)
class Correlation:
    """Pearson's r of an indicator with the migration balance over n regions, and as the article prints it."""

    indicator_code: str
    n: int
    r: float
    printed: str


@dataclass(frozen=True)
class Summary:
    """What the published file holds."""

    rows: dict[str, dict[str, int]]  # schema -> table -> rows
    grand_totals: list[GrandTotal]
    correlations: list[Correlation]
    expectations: int
    warned: list[str]  # identities that do not hold in a release, and are declared to warn only

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def summarise(connection: "duckdb.DuckDBPyConnection") -> Summary:
    """Reads every table and view to its end and the figures of the closing screen.

    Raises:
        duckdb.Error: something cannot be read.
    """
    rows: dict[str, dict[str, int]] = {}
    for schema, table in connection.execute(
        "select table_schema, table_name from information_schema.tables"
        " where table_catalog = current_catalog() order by table_schema, table_name"
    ).fetchall():
        count = f'select count(*) from "{schema}"."{table}"'  # noqa: S608 - names from the file's own catalogue
        ((rows.setdefault(schema, {})[table],),) = connection.execute(count).fetchall()
    return Summary(
        rows=rows,
        grand_totals=[
            GrandTotal(table, int(published), int(summed), parts)
            for table, published, summed, parts in connection.execute(GRAND_TOTALS).fetchall()
        ],
        correlations=[
            Correlation(indicator, n, r, printed)
            for indicator, n, r, printed in connection.execute(CORRELATIONS).fetchall()
        ],
        expectations=rows["audit"]["expectation_result"],
        warned=[
            f"identity {identity} does not hold in {release}: {slices} sum{'s' * (slices > 1)}"
            for identity, release, slices in connection.execute(WARNED).fetchall()
        ],
    )


def screen(
    summary: Summary, *, path: str, size: int, built_at: str, seconds: float, tests: int, warnings: int
) -> str:
    """The closing screen.

    Args:
        summary: what the file holds.
        path: where it is, as the reader should type it.
        size: its bytes.
        built_at: when it was built, to the minute.
        seconds: how long the build took.
        tests: how many dbt tests passed.
        warnings: how many dbt tests only warned.
    """
    blocks = [
        ("Published", [f"{path} · {size / 1e6:.1f} MB · read-only · {built_at} · {seconds:.1f} s"]),
        ("Rows", list(_rows(summary))),
        ("Control", [_grand_total(total) for total in summary.grand_totals]),
        ("Pearson r", list(_correlations(summary))),
        ("Checks", list(_checks(tests, summary, warnings))),
        ("Open", list(_ways_to_open(path))),
    ]
    return "\n".join(
        f"{label if number == 0 else '':<{LABEL}}{line}"
        for label, lines in blocks
        for number, line in enumerate(lines)
    )


def _rows(summary: Summary) -> Iterator[str]:
    schema_width = max(map(len, summary.rows)) + 2
    for schema, tables in summary.rows.items():
        if schema == VIEWS or len(tables) > MOST_NAMED:  # the whole is one screen
            kind = "views" if schema == VIEWS else "tables"
            yield f"{schema:<{schema_width}}{len(tables)} {kind}, {_grouped(sum(tables.values()))} rows"
            continue
        # No-break spaces keep a table and its number on one line.
        text = " · ".join(f"{table}\u00a0{_grouped(rows)}" for table, rows in tables.items())
        lines = textwrap.wrap(text, WIDTH - LABEL - schema_width, break_long_words=False)
        for number, line in enumerate(lines):
            yield f"{schema if number == 0 else '':<{schema_width}}{line}"


def _grand_total(total: GrandTotal) -> str:
    return (
        f"{_grouped(total.summed)} persons: the sum of {total.parts} figures of {total.table_name}; "
        f"printed there: {_grouped(total.published)}"
    )


def _correlations(summary: Summary) -> Iterator[str]:
    yield "of the migration balance with    regions     here   article"
    for found in summary.correlations:
        here, article = _signed(f"{found.r:.4f}"), _signed(found.printed)
        yield f"{found.indicator_code:<32} {found.n:>7} {here:>8} {article:>9}"


def _checks(tests: int, summary: Summary, warnings: int) -> Iterator[str]:
    passed = f"{tests} dbt tests and {summary.expectations} expectations"
    if not warnings:
        yield f"{passed}, all passed"
        return
    yield f"{passed} passed"
    yield f"{warnings} dbt test{'s' * (warnings > 1)} warned: `grep WARN` in dbt's log"
    for line in summary.warned:
        yield from textwrap.wrap(f"{line} (audit.identity_check)", WIDTH - LABEL)


def _ways_to_open(path: str) -> Iterator[str]:
    yield f'shell   duckdb -readonly {shlex.quote(path)} -c "from regional.region_profile"'
    yield f"Python  duckdb.connect({path!r}, read_only=True)"
    yield f"Parquet {PurePath(path).parent / 'latest/parquet'}/<schema>/<table>.parquet"


def _grouped(number: int) -> str:
    """A number with a minus sign and a no-break space between thousands: −267 599."""
    return _signed(f"{number:,}".replace(",", "\u00a0"))


def _signed(text: str) -> str:
    return text.replace("-", "−")
