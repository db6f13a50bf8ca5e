"""The published figures as SDMX: a structure message, and the figures as SDMX-CSV 2.0 that holds to it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import duckdb

from saldo.errors import InputError
from saldo.exported import Exported, default_folder, open_published, replacing
from saldo.intake.periods import MONTHS, Period
from saldo.quoting import identifier, literal
from saldo.sdmx_check import check_message
from saldo.sdmx_structure import AREAS, FLOWS, OBSERVATION, Flow, make_structure, to_xml

STRUCTURE = "structure.xml"


def export_sdmx(
    project: Path, output: Path | None, indicators: Sequence[str], *, revisions: bool
) -> Exported:
    """Writes structure.xml (SDMX-ML 2.1), observation.csv and, if wanted, revision.csv (SDMX-CSV 2.0).

    What was written is read again and checked against the structure before it takes its place.

    Args:
        project: folder of the project.
        output: the folder to write to; None for `export/sdmx` in the warehouse folder.
        indicators: codes of those whose figures are wanted; all if empty.
        revisions: whether every vintage is wanted, too.

    Raises:
        InputError: there is no published file, no such indicator, or a figure does not hold to the structure.
        MachineError: the disk is full.
    """
    folder = output.absolute() if output else default_folder(project, "sdmx")
    flows = FLOWS if revisions else (OBSERVATION,)
    with open_published(project) as connection:
        _check_indicators(connection, indicators)
        with replacing(folder) as private:
            message = make_structure(connection, flows)
            (private / STRUCTURE).write_bytes(to_xml(message))
            rows: dict[str, int | None] = {STRUCTURE: None}
            for flow in flows:
                rows[flow.file_name] = _write(connection, flow, indicators, private)
                check_message(private / flow.file_name, private / STRUCTURE, flow)
    return Exported(folder, rows)


def time_period(period: Period) -> tuple[str, str]:
    """FREQ and TIME_PERIOD of a half-open interval, as SDMX writes them.

    A year is 2024, a quarter 2024-Q1, a stock of a day 2024-01-01; what is none of the calendar's is a time
    range of start and duration: the years 2000 to 2024 are 2000-01-01/P25Y. SDMX 2.1, section 6, 4.2.
    """
    start, end = period.start, period.end
    frequency = next((code for code in (*MONTHS, "D") if period.has_frequency(code)), "_O")
    if frequency == "A":
        return frequency, f"{start.year:04}"
    if frequency in ("S", "Q"):
        return frequency, f"{start.year:04}-{frequency}{(start.month - 1) // MONTHS[frequency] + 1}"
    if frequency == "M":
        return frequency, f"{start.year:04}-{start.month:02}"
    if frequency == "D":
        return frequency, start.isoformat()
    months = 12 * (end.year - start.year) + end.month - start.month
    if end.day != start.day:
        duration = f"P{(end - start).days}D"
    else:
        duration = f"P{months}M" if months % 12 else f"P{months // 12}Y"
    return frequency, f"{start.isoformat()}/{duration}"


def _check_indicators(connection: duckdb.DuckDBPyConnection, indicators: Sequence[str]) -> None:
    listed = connection.execute("select indicator_code from core.dim_indicator order by 1").fetchall()
    known = [str(code) for (code,) in listed]
    for code in indicators:
        if code not in known:
            similar = get_close_matches(code, known, n=3, cutoff=0.4)
            remedy = f"did you mean {' or '.join(similar)}?" if similar else f"one of {', '.join(known)}"
            raise InputError("there is no such indicator", where=f"--indicator {code}", remedy=remedy)


def _write(connection: duckdb.DuckDBPyConnection, flow: Flow, indicators: Sequence[str], folder: Path) -> int:
    _make_periods(connection, flow)
    columns = ", ".join(
        f"{_text(each.column, each.kind)} as {identifier(each.id)}" for each in flow.components
    )
    wanted = f"where indicator_code in ({', '.join(map(literal, indicators))})" if indicators else ""
    rows_of = f"""
        select
            'dataflow' as "STRUCTURE", {literal(flow.reference)} as "STRUCTURE_ID", 'I' as "ACTION", {columns}
        from core.{flow.table} as fact
        left join ({AREAS}) as area using (region_code)
        inner join temp.period using (period_start, period_end)
        {wanted}
        order by all
    """  # noqa: S608
    path = literal(str(folder / flow.file_name))
    ((rows,),) = connection.execute(f"copy ({rows_of}) to {path} (format csv, header)").fetchall()
    return int(rows)


def _text(column: str, kind: str) -> str:
    """SQL of a value as its message writes it."""
    if kind == "double":  # NaN is SDMX's word for a value that is missing on purpose
        plain = f"rtrim(rtrim(cast({column} as varchar), '0'), '.')"
        return f"coalesce({plain}, 'NaN')"
    if kind == "dateTime":
        return f"replace(cast({column} as varchar), ' ', 'T')"
    return column


def _make_periods(connection: duckdb.DuckDBPyConnection, flow: Flow) -> None:
    """A temporary table of the intervals of a fact and how SDMX writes them."""
    connection.execute(
        "create or replace temp table period"
        " (period_start date, period_end date, freq varchar, time_period varchar)"
    )
    distinct = f"select distinct period_start, period_end from core.{flow.table}"  # noqa: S608
    periods = [Period(start, end) for start, end in connection.execute(distinct).fetchall()]
    rows = [(period.start, period.end, *time_period(period)) for period in periods]
    if rows:
        connection.executemany("insert into temp.period values (?, ?, ?, ?)", rows)
