"""Says in a few lines why a build failed: each failed step, and which expectation on which subject."""

import re
from collections.abc import Iterator

import duckdb

from saldo.dbt_run import DbtRun, NodeResult
from saldo.errors import BuildError, SaldoError, out_of_space
from saldo.warehouse import Warehouse, display

MOST_NODES = 10
MOST_LINES = 8
MOST_ROWS = 5
LONGEST_LINE = 400
HEADING = re.compile(r"\w+ Error( in .*)?|Encountered an error:")
NOISE = re.compile(r"compiled code at |LINE \d+:|\^+$")


def explain(run: DbtRun, warehouse: Warehouse) -> SaldoError:
    """Makes the error for a failed run; reads the failing rows while the private files are there."""
    details = [*_failed_nodes(run, warehouse), *dict.fromkeys(_outside_of_nodes(run))]
    if full_disk := out_of_space(details):
        return full_disk
    log = display(warehouse.dbt / "dbt.log")
    remedy = f"put right what is named above and run again; dbt's whole log is {log}"
    return BuildError(_outcome(run), where="dbt build", details=details, remedy=remedy)


def condense(message: str) -> list[str]:
    """The lines of a dbt message that say something; of a traceback, the place and the error."""
    lines = [line.strip() for line in message.splitlines()]
    if "Traceback (most recent call last):" in lines:
        places = [line for line in lines if line.startswith('File "')]
        lines = [*places[-1:], *[line for line in lines if line][-1:]]
    said = [line for line in lines if line and not HEADING.fullmatch(line) and not NOISE.match(line)]
    return [line[:LONGEST_LINE] for line in said[:MOST_LINES]]


def _outcome(run: DbtRun) -> str:
    failed, skipped = len(run.failed()), run.skipped()
    if not failed:
        return "dbt ended before its first step" if not run.nodes else "dbt ended with an error"
    after = f", {skipped} that need them were skipped" if skipped else ""
    return f"{failed} of {len(run.nodes)} steps failed{after}"


def _failed_nodes(run: DbtRun, warehouse: Warehouse) -> Iterator[str]:
    failed = run.failed()
    for node in failed[:MOST_NODES]:
        lines = condense(node.message)
        yield f"{node.kind} {node.name}: {lines[0] if lines else node.status}"
        yield from (f"  {line}" for line in [*lines[1:], *_rows_behind(node, warehouse)])
    if len(failed) > MOST_NODES:
        yield f"and {len(failed) - MOST_NODES} more"


def _outside_of_nodes(run: DbtRun) -> Iterator[str]:
    if run.exit_status < 0:
        yield f"dbt was ended by signal {-run.exit_status} (9 is often: out of memory)"
    if not run.failed():
        for error in run.errors:
            yield from condense(error)


def _rows_behind(node: NodeResult, warehouse: Warehouse) -> list[str]:
    """The first rows that a failed test found; of the audit's own test, the expectations that do not hold."""
    if node.kind != "test" or node.status != "fail":
        return []
    try:
        with duckdb.connect(str(warehouse.private_database), read_only=True) as connection:
            work = str(warehouse.private_work).replace("'", "''")
            connection.execute(f"attach '{work}' as work (read_only)")
            cursor = connection.execute(node.sql)
            columns = [column[0] for column in cursor.description or ()]
            rows = cursor.fetchmany(MOST_ROWS + 1)
    except duckdb.Error as error:
        return [f"(its rows cannot be shown: {condense(str(error))[0]})"]
    lines = [", ".join(f"{name} {value}" for name, value in zip(columns, row, strict=True)) for row in rows]
    return [*lines[:MOST_ROWS], "and more"] if len(lines) > MOST_ROWS else lines
