"""Says in a few lines why a build failed: each failed step with its file, and what was found where.

The steps that failed with the same words are told together; of the audit, first the cell that is suspect.
"""

import contextlib
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from saldo.dbt_run import DbtRun, NodeResult
from saldo.errors import BuildError, MachineError, SaldoError, out_of_space
from saldo.preflight import CORRECTIONS, PUBLISHED, restore
from saldo.settings import MEMORY_LIMIT_MB, read_limit
from saldo.spark_preflight import UNUSABLE
from saldo.warehouse import Warehouse, display

MOST_NODES = 10
MOST_LINES = 8
MOST_ROWS = 5
MOST_SUSPECTS = 1000
LONGEST_LINE = 400
HEADING = re.compile(r"\w+ Error( in .*)?|Encountered an error:|Raw Error:")
# Where memory is short, DuckDB names its own settings; the remedy names that of a build.
NOISE = re.compile(
    r"compiled code at |\^+$|-+$|\|[ |-]+$|> (in macro|called by) "
    r"|Possible solutions:$|\* (Reducing|Disabling|Increasing) |See also https://duckdb\.org/"
)
OUT_OF_MEMORY = "Out of Memory Error"
CLUSTER = re.compile(UNUSABLE.format(what="(?P<what>.*)", remedy="(?P<remedy>.*)"))
SQL_LINE = re.compile(r"LINE (\d+): (.*)")
# dbt writes a Python model to such a file to load it; the lines are those of the model.
TEMPORARY = re.compile(rf'File "{re.escape(tempfile.gettempdir())}.tmp\w+\.py"')
INSTALLED = "/site-packages/"
AUDIT_OF_TOTALS = "suite totals,"
SUSPECTS = """
    with differing as (
        select
            table_name, control_kind, source_ref,
            cast(summed_value - published_value as double) as difference
        from core.fct_control_total
        where summed_value <> published_value
    )
    select
        regexp_replace(row_total.source_ref, ', column \\d+.*', ''),
        regexp_extract(column_total.source_ref, 'column \\d+.*'),
        row_total.difference,
        column_total.difference
    from differing as row_total
    inner join differing as column_total on column_total.table_name = row_total.table_name
    where row_total.control_kind = 'row_total' and column_total.control_kind = 'column_total'
    order by row_total.source_ref, column_total.source_ref
"""


def explain(run: DbtRun, warehouse: Warehouse, unpublished: Sequence[Mapping[str, Any]] = ()) -> SaldoError:
    """Makes the error for a failed run; reads the failing rows while the private files are there.

    Args:
        run: of dbt.
        warehouse: where it built.
        unpublished: manifests of the releases that landed and that no kept version holds.
    """
    failed = run.failed()
    details = [*_suspects(failed, warehouse), *_failed_nodes(failed, warehouse)]
    details += dict.fromkeys(_outside_of_nodes(run))
    if full_disk := out_of_space(details):
        return full_disk
    log = f"dbt's whole log is {display(run.log)}"
    if unusable := next(filter(None, map(CLUSTER.search, details)), None):
        return MachineError(unusable["what"], where="cluster of Spark", remedy=f"{unusable['remedy']}; {log}")
    if any(OUT_OF_MEMORY in line for line in details):
        (name, _), limit = MEMORY_LIMIT_MB, read_limit(MEMORY_LIMIT_MB)
        more = f"let DuckDB have more than {limit} MB, if the machine has it: {name}={2 * limit}; run again"
        return MachineError(_outcome(run), where="dbt build", details=details, remedy=f"{more}; {log}")
    remedy = "; ".join([_remedy(failed, details), *_taking_out(unpublished, details), log])
    return BuildError(_outcome(run), where="dbt build", details=details, remedy=remedy)


def condense(node: NodeResult) -> list[str]:
    """The lines of a dbt message that say something; of a traceback, the place and the error."""
    lines = [line.strip() for line in node.message.splitlines()]
    if "Traceback (most recent call last):" in lines:
        places = [TEMPORARY.sub(f'File "{node.path}"', line) for line in lines if line.startswith('File "')]
        ours = [line for line in places if INSTALLED not in line] or places
        lines = [*ours[-1:], *[line for line in lines if line][-1:]]
    said = [line for line in lines if line and not HEADING.fullmatch(line) and not NOISE.match(line)]
    return [_in_compiled(line, node)[:LONGEST_LINE] for line in said[:MOST_LINES]]


def _in_compiled(line: str, node: NodeResult) -> str:
    """DuckDB's `LINE n: text` counts in the statement that dbt made around the SQL; finds it in the SQL."""
    found = SQL_LINE.fullmatch(line)
    if not found or not node.compiled_path:
        return line
    text = found[2].strip(". ")
    lines = [number for number, each in enumerate(node.sql.splitlines(), start=1) if text in each]
    place = f"line {lines[0]} of" if len(lines) == 1 else f"LINE {found[1]} of the statement around"
    return f"at «{found[2]}»: {place} the compiled SQL, {node.compiled_path}"


def _outcome(run: DbtRun) -> str:
    failed, skipped = len(run.failed()), run.skipped()
    if not failed:
        return "dbt ended before its first step" if not run.nodes else "dbt ended with an error"
    after = f", {skipped} that need them were skipped" if skipped else ""
    return f"{failed} of {len(run.nodes)} steps failed{after}"


def _failed_nodes(failed: list[NodeResult], warehouse: Warehouse) -> Iterator[str]:
    told: dict[tuple[str, ...], list[NodeResult]] = defaultdict(list)
    for node in failed:
        told[(*(condense(node) or [node.status]), *_rows_behind(node, warehouse))].append(node)
    for (first, *others), nodes in [*told.items()][:MOST_NODES]:
        more = f" and {len(nodes) - MOST_ROWS} more" if len(nodes) > MOST_ROWS else ""
        yield f"{', '.join(map(_title, nodes[:MOST_ROWS]))}{more}: {first}"
        yield from (f"  {line}" for line in others)
    if rest := [*told.values()][MOST_NODES:]:
        yield f"and {sum(map(len, rest))} more"


def _title(node: NodeResult) -> str:
    """The step, with its file and, of a test, the column."""
    place = ", ".join(filter(None, [node.path, node.column and f"column {node.column}"]))
    return f"{node.kind} {node.name} ({place})" if place else f"{node.kind} {node.name}"


def _outside_of_nodes(run: DbtRun) -> Iterator[str]:
    if run.exit_status < 0:
        yield f"dbt was ended by signal {-run.exit_status} (9 is often: out of memory)"
    if not run.failed():
        for error in run.errors:
            yield from condense(NodeResult(kind="", name="", status="error", message=error))


def _rows_behind(node: NodeResult, warehouse: Warehouse) -> list[str]:
    """The first rows that a failed test found; of the audit's own test, the expectations that do not hold."""
    if node.kind != "test" or node.status != "fail":
        return []
    try:
        columns, rows = _query(node.sql, warehouse)
    except duckdb.Error as error:
        return [f"(its rows cannot be shown: {str(error).splitlines()[0]})"]
    lines = [", ".join(f"{name} {value}" for name, value in zip(columns, row, strict=True)) for row in rows]
    return [*lines[:MOST_ROWS], "and more"] if len(lines) > MOST_ROWS else lines


def _suspects(failed: list[NodeResult], warehouse: Warehouse) -> list[str]:
    """Where a row and a column of one printed table both differ from their totals.

    If some differ by the same amount, only those: the fault is then most likely in the one cell they share.
    """
    if not any(node.kind == "test" and node.status == "fail" for node in failed):
        return []
    try:
        _, rows = _query(SUSPECTS, warehouse, most=MOST_SUSPECTS)
    except duckdb.Error:  # the totals were not built
        return []
    alike = [row for row in rows if row[2] == row[3]]
    return [
        f"look first at {row}, {column}: sum less printed total is {of_row:+.10g} for its row"
        f" and {of_column:+.10g} for its column"
        for row, column, of_row, of_column in (alike or rows)[:MOST_ROWS]
    ]


def _query(
    sql: str, warehouse: Warehouse, most: int = MOST_ROWS + 1
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The column names and first rows of a query on the private files; of a build on Spark, on its tables."""
    on_spark = not warehouse.private_database.is_file() and warehouse.spark.is_dir()
    database = ":memory:" if on_spark else str(warehouse.private_database)
    with duckdb.connect(database, read_only=not on_spark) as connection:
        for table in (warehouse.spark / "tables").glob("*.db/*/") if on_spark else ():
            schema, files = table.parent.name.removesuffix(".db"), str(table / "*.parquet").replace("'", "''")
            connection.execute(f'create schema if not exists "{schema}"')
            with contextlib.suppress(duckdb.IOException):  # a table without a file yet
                view = f'"{schema}"."{table.name}"'
                connection.execute(f"create view {view} as from read_parquet('{files}')")
        for alias, suffix in (("work", ""), ("scratch", "-scratch")):
            other = Path(f"{warehouse.private_work}{suffix}")
            if other.is_file():
                path = str(other).replace("'", "''")
                connection.execute(f"attach '{path}' as {alias} (read_only)")
        cursor = connection.execute(sql)
        return [column[0] for column in cursor.description or ()], cursor.fetchmany(most)


def _remedy(failed: list[NodeResult], details: Sequence[str]) -> str:
    """What to do, by the kind of what failed."""
    if any(line.strip().startswith(AUDIT_OF_TOTALS) for line in details):
        return (
            "compare the cell with the release; a misprint of the publisher becomes a row of "
            f"{CORRECTIONS}, a transcription error in {PUBLISHED} is restored with `git checkout`"
        )
    kinds = {node.kind for node in failed}
    if kinds == {"test"}:
        return "put right the rows named above in the seed or model they come from, or the test; run again"
    if kinds == {"seed"}:
        return f"put the file right, or {restore(' '.join(node.path for node in failed))}; run again"
    return "put right what is named above and run again"


def _taking_out(unpublished: Sequence[Mapping[str, Any]], details: Sequence[str]) -> list[str]:
    """How to go on without the releases that may have brought it: those named above, else all new ones."""
    said = "\n".join(details)
    named = [each for each in unpublished if each["release_id"] in said or each["file_name"] in said]
    commands = [f"`saldo quarantine {each['release_id']}`" for each in named or unpublished]
    if not commands:
        return []
    more = f" and {len(commands) - MOST_ROWS} more" if len(commands) > MOST_ROWS else ""
    which = "a release that is named above" if named else "a release that landed since the last publication"
    return [f"{which} and is wrong itself is taken out with {', '.join(commands[:MOST_ROWS])}{more}"]
