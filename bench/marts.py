"""From landed rows to marts: the models of this project beside Polars, pandas and hand-written DuckDB SQL.

    python -m bench.marts --peer polars|pandas|sql [--rows N] [--runs N] [--memory-limit 3GB]
        [--sql-memory-limit 4GB]

The work is `dbt run` of what leads to the public tables that grow with the figures, from the seeds and the
landed Parquet of three made-up releases to a file as it is published, without tests and audit. The same on an
empty landing, just before, tells what it costs whatever has landed: the ratio is the time of the work less
that, by the time of the peer just after; the ratio with it stands in the details. The scripts of the peers
(`bench/peers`) make the same tables from the same files and know nothing of corrections, breaks of series and
withdrawals. After each round all tables must be equal, by number and hash of rows. A limit of memory is
DuckDB's own; the SQL has another, since 3 GB are too little for it at 100 M rows.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from bench import environment, measure, models
from bench.generate import FLOWS
from bench.measure import PROJECT, BenchmarkError, Run
from bench.models import Models, Rounds
from bench.peers import __file__ as peers

NAME = "marts"
PEERS = {
    "polars": ("Polars script, streaming", 0.9, 10_000_000),
    "pandas": ("pandas script", 0.3, 10_000_000),
    "sql": ("hand-written DuckDB SQL", 1.2, 100_000_000),
}
# What `saldo build` gives DuckDB; with what Python and Arrow hold beside it, less than 4 GB.
MEMORY_LIMIT = "3GB"
PEAK_GOAL_MB = 4000
# With 3 GB the hand-written SQL ends for want of memory.
SQL_MEMORY_LIMIT = "4GB"
DIMENSIONS = (
    "indicator_code", "region_code", "specialty_code", "sex_code", "residence_code", "age_code",
    "partner_code",
)  # fmt: skip
KEY = {
    **dict.fromkeys(DIMENSIONS, "varchar"),
    "period_start": "date",
    "period_end": "date",
}
FIGURE = KEY | {"source_series": "varchar"}
SAID = {
    "value": "decimal(24, 6)",
    "unit_code": "varchar",
    "decimals": "integer",
    "obs_status": "varchar",
    "release_id": "varchar",
    "source_ref": "varchar",
}
INTERVAL = dict.fromkeys(("known_from", "known_to", "recorded_at"), "timestamp")
AMOUNT = "decimal(24, 6)"
# The columns of a table, with the types that they are compared as.
COLUMNS = {
    "fct_revision": {**FIGURE, **SAID, "series_preference": "integer", **INTERVAL},
    "fct_observation": FIGURE | SAID,
    "fct_control_total": {
        **KEY,
        **dict.fromkeys(("release_id", "table_name", "control_kind", "source_ref"), "varchar"),
        **dict.fromkeys(("published_value", "summed_value", "difference"), AMOUNT),
        "parts_count": "bigint",
    },
    "figure_revision": {
        **FIGURE,
        **dict.fromkeys(("age", "unit_code", "first_release_id", "later_release_id"), "varchar"),
        "age_years": "integer",
        **dict.fromkeys(("first_value", "later_value", "revision"), AMOUNT),
        **dict.fromkeys(("first_value_before", "later_value_before"), AMOUNT),
        **dict.fromkeys(("first_known_from", "later_known_from"), "timestamp"),
    },
    "revision_summary": {
        **dict.fromkeys(("indicator_code", "age"), "varchar"),
        **dict.fromkeys(("n", "n_periods", "n_revised", "n_direction"), "bigint"),
        **dict.fromkeys(
            (
                "mean_revision", "mean_absolute_revision", "median_revision", "root_mean_square_revision",
                "sd_revision", "min_revision", "max_revision", "share_upward", "share_right_sign",
                "share_right_direction",
            ),
            "double",
        ),
    },
}  # fmt: skip
CONTENT = "select count(*), sum(hash({columns})) from {rows}"
# Of a file of this project, the rows that landed releases make.
MADE_UP = {
    "figure_revision": "later_release_id like 'made_up_%'",
    "revision_summary": f"indicator_code in {FLOWS}",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the result; returns the exit status."""
    parser = measure.parser(NAME, "From landed rows to marts, beside a peer.", 3)
    parser.add_argument("--peer", choices=PEERS, required=True)
    parser.add_argument(
        "--rows", type=int, help="landed, in all; by default 10 million, with sql 100 million"
    )
    parser.add_argument("--memory-limit", default="", help=f"of DuckDB; with sql by default {MEMORY_LIMIT}")
    parser.add_argument("--sql-memory-limit", default=SQL_MEMORY_LIMIT, help="of the hand-written SQL")
    options = parser.parse_args(arguments)
    peer, _, rows = PEERS[options.peer]
    limits = {"memory_limit": options.memory_limit}
    if options.peer == "sql":
        limits = {
            "memory_limit": options.memory_limit or MEMORY_LIMIT,
            "sql_memory_limit": options.sql_memory_limit,
        }
    try:
        with tempfile.TemporaryDirectory(prefix="saldo-bench-") as folder:
            landing, landed = models.land(Path(folder) / "landing", options.rows or rows)
            print(
                f"{landed} landed rows to marts beside {peer}, {options.runs} runs each, in turn", flush=True
            )
            warm_up = landed < measure.LARGE
            rounds = measured(
                Path(folder), landing.folder, options.peer, limits, options.runs, warm_up=warm_up
            )
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    save(options.peer, landed, limits, rounds)
    return 0


def save(peer: str, landed: int, limits: Mapping[str, str], rounds: Rounds) -> None:
    """Writes and prints what was measured of so many landed rows beside a peer, within limits of memory."""
    description, goal, goal_rows = PEERS[peer]
    versions = environment.versions(peer) if peer != "sql" else {}
    details = {"rows": landed, "goal_rows": goal_rows, **limits, "peer_packages": versions}
    details |= rounds.details()
    if peer == "sql":
        details["peak_goal_mb"] = PEAK_GOAL_MB
    work = f"{landed / 1e6:.3g} M landed rows to marts"
    result = measure.result(work, description, rounds.pairs, goal=goal, details=details)
    measure.save(f"{NAME}_{peer}", result)
    show(result, rounds, description)


def measured(
    folder: Path, landing: Path, peer: str, limits: Mapping[str, str], runs: int, *, warm_up: bool
) -> Rounds:
    """The models and the peer on one landing, in turn.

    Args:
        folder: for the databases.
        landing: of made-up releases.
        peer: one of PEERS.
        limits: of DuckDB's memory, `memory_limit` in the models, empty for what the profile says, and
            `sql_memory_limit` in the hand-written SQL.
        runs: of each.
        warm_up: a round before them.

    Raises:
        BenchmarkError: one fails, or they differ.
    """
    empty, _ = models.land(folder / "empty", 0)
    alone = Models(folder / "alone", empty.folder, limits["memory_limit"])
    full = Models(folder / "full", landing, limits["memory_limit"])
    theirs = folder / "peer"
    return models.rounds(
        lambda: run_models(alone),
        lambda: run_models(full),
        peer_of(peer, landing, theirs, limits.get("sql_memory_limit", "")),
        lambda: check(full.database, theirs),
        runs,
        warm_up=warm_up,
    )


def run_models(of: Models) -> Run:
    """The models alone, from the seeds."""
    of.put_back()
    return of.dbt("run", *models.MARTS)


def peer_of(peer: str, landing: Path, folder: Path, memory_limit: str) -> Callable[[], Run]:
    """What runs the peer's script into a folder that it empties before.

    Raises:
        BenchmarkError: its environment cannot be made.
    """
    python = Path(sys.executable) if peer == "sql" else environment.python_of(peer)
    script = Path(peers).with_name(f"marts_{peer}.py")
    command = [str(python), str(script), str(landing), str(PROJECT / "seeds")]
    command += [str(folder / "marts.duckdb"), memory_limit] if peer == "sql" else [str(folder)]

    def run() -> Run:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return measure.run(command, {})

    return run


def check(ours: Path, theirs: Path) -> None:
    """Compares the tables of both.

    Raises:
        BenchmarkError: they differ, or a table is empty.
    """
    if found := differences(ours, theirs):
        raise BenchmarkError(f"the two differ: {'; '.join(found)}")


def differences(ours: Path, theirs: Path) -> list[str]:
    """What differs between the made-up figures of a file of this project and the tables of a peer.

    Args:
        ours: a DuckDB file.
        theirs: a folder with marts.duckdb, or with a Parquet file for each table.

    Returns:
        A line for each table that differs or has no rows.
    """
    lines = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{ours}' as ours (read_only)")
        if (database := theirs / "marts.duckdb").is_file():
            connection.execute(f"attach '{database}' as theirs (read_only)")
        for table, columns in COLUMNS.items():
            peer = f"theirs.{table}" if database.is_file() else f"read_parquet('{theirs}/{table}.parquet')"
            made_up = MADE_UP.get(table, "release_id like 'made_up_%'")
            of_ours = f"ours.core.{table} where {made_up}"
            wanted = ", ".join(_compared(column, kind) for column, kind in columns.items())
            found = [
                connection.execute(CONTENT.format(columns=wanted, rows=rows)).fetchone()
                for rows in (of_ours, peer)
            ]
            if found[0] != found[1] or not (found[0] or [0])[0]:
                lines.append(f"{table}: rows and hash are {found[0]} and {found[1]}")
    return lines


def _compared(column: str, kind: str) -> str:
    # The last digits of a mean depend on the order in which its terms were added.
    return f"printf('%.9g', cast({column} as double))" if kind == "double" else f"cast({column} as {kind})"


def show(result: dict[str, Any], rounds: Rounds, peer: str) -> None:
    """Prints what was measured."""
    details, peak = rounds.details(), result["peak_mb"]
    for name, runs in (
        ("the models", rounds.whole),
        ("the same on an empty landing", rounds.fixed),
        (peer, rounds.pairs.peer),
    ):
        print(f"{name:<36} {median(run.seconds for run in runs):6.2f} s")
    print(f"{'peak, work and peer':<36} {peak['work']} MB, {peak['peer']} MB")
    low, high = result["spread"]
    goal = "" if result["goal"] is None else f", goal at most {result['goal']:.2f}"
    print(f"{'ratio':<36} {result['ratio']:6.2f}   ({low:.2f}-{high:.2f}){goal}")
    print(f"{'with the fixed part':<36} {median(details['ratios_in_all']):6.2f}")
    print(f"{'of processor time':<36} {median(details['cpu_ratios']):6.2f}")


if __name__ == "__main__":
    sys.exit(main())
