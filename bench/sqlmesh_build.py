"""A warm `saldo build --full` beside SQLMesh, which builds the same models, seeds and data tests.

    python -m bench.sqlmesh_build [--runs N]

SQLMesh runs in an environment of its own, with an older DuckDB (`bench/environments/sqlmesh.in`), on a
project that `bench/sqlmesh_project.py` writes from dbt's manifest. What is timed is `sqlmesh plan
--restate-model '*'`: all models are evaluated again and all audits run, while state and cache of the runs
before are kept, which is quicker than a plan on an empty database. Each pair's public tables and views are
compared row by row.

saldo does more: it checks the seeds, exports Parquet, hashes and publishes the file.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from bench import compare, environment, measure, sqlmesh_project
from bench.measure import PROJECT, BenchmarkError, Pairs, Run
from saldo.dbt_run import NO_TELEMETRY
from saldo.warehouse import Warehouse

NAME = "sqlmesh_build"
WORK = "warm saldo build --full"
PEER = "SQLMesh, all models restated"
GOAL = 1.0
LEFT_OUT = frozenset(
    {
        # the time and the name of a build are its own
        "core.about.built_at",
        "core.about.version_id",
        # SQLMesh rewrites the query: its concat_ws is null where a part is. The gaps count these reasons.
        "analysis.poverty_comparison.reason",
        "audit.analysis_gap",
    }
)
ENVIRONMENT = {
    **NO_TELEMETRY,
    "SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "true",
    "PYTHONPATH": str(PROJECT),
}
TYPES = """
    select table_name, column_name, data_type from information_schema.columns
    where table_schema = 'python' order by table_name, ordinal_position
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the result; returns the exit status."""
    runs: int = measure.parser(NAME, WORK, 3).parse_args(arguments).runs
    print(f"{WORK} beside {PEER}, {runs} runs each, in turn")
    try:
        with tempfile.TemporaryDirectory(prefix="saldo-bench-") as folder:
            pairs = _measure(Path(folder), runs)
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    packages = environment.versions("sqlmesh")
    details = {"peer_packages": {name: packages[name] for name in ("sqlmesh", "duckdb", "pandas")}}
    result = measure.result(WORK, PEER, pairs, goal=GOAL, details=details)
    measure.save(NAME, result)
    print("\n".join(_screen(result)))
    return 0


def _measure(folder: Path, runs: int) -> Pairs:
    warehouse = Warehouse(folder / "warehouse")
    project, database = folder / "project", folder / "peer.duckdb"
    program = environment.python_of("sqlmesh").parent / "sqlmesh"
    runs_of_peer: list[Run] = []

    def plan(*options: str) -> Run:
        command = [str(program), "--paths", str(project), "--log-file-dir", str(folder / "logs")]
        return measure.run([*command, "plan", "--no-prompts", "--auto-apply", *options], ENVIRONMENT)

    def saldo() -> Run:
        command = [sys.executable, "-m", "saldo", "build", "--full"]
        return measure.run(command, {"SALDO_WAREHOUSE": str(warehouse.folder)})

    def sqlmesh() -> Run:
        if not runs_of_peer:
            write_project(warehouse, project, database)
            plan()
        runs_of_peer.append(plan("--restate-model", "*"))
        return runs_of_peer[-1]

    return measure.in_turn(
        saldo, sqlmesh, lambda: check(warehouse.published, database, runs_of_peer[-1]), runs
    )


def write_project(warehouse: Warehouse, project: Path, database: Path) -> None:
    """Writes, into the folder `project`, the SQLMesh project of what was built in `warehouse`."""
    manifest = json.loads((warehouse.dbt / "manifest.json").read_text(encoding="utf-8"))
    types: dict[str, dict[str, str]] = {}
    with duckdb.connect(str(warehouse.kept_work), read_only=True) as work:
        for table, column, kind in work.execute(TYPES).fetchall():
            types.setdefault(table, {})[column] = kind
    sqlmesh_project.write(project, PROJECT, manifest, types, database)


def check(ours: Path, peer: Path, run_of_peer: Run) -> None:
    """Raises BenchmarkError if the two files differ, or if that of the peer is older than its run."""
    found = compare.differences(ours, peer, left_out=LEFT_OUT, views=True)
    if found:
        raise BenchmarkError("\n  ".join(["the two differ (saldo, SQLMesh):", *found]))
    with duckdb.connect(str(peer), read_only=True) as connection:
        ((built_at,),) = connection.execute("select epoch(built_at) from core.about").fetchall()
    if built_at < run_of_peer.started:
        raise BenchmarkError("SQLMesh made nothing: core.about is older than its run")


def _screen(result: dict[str, Any]) -> Iterator[str]:
    details, peak_mb = result["details"], result["peak_mb"]
    for key, name in {"work": WORK, "peer": PEER}.items():
        seconds = details["seconds"][key]
        middle, low, high = median(seconds), min(seconds), max(seconds)
        yield f"{name:<30} {middle:6.2f} s ({low:.2f}-{high:.2f}), peak {peak_mb[key]} MB"
    low, high = result["spread"]
    yield f"{'ratio':<30} {result['ratio']:6.2f}   ({low:.2f}-{high:.2f}), goal at most {GOAL:.2f}"
    ours, theirs = details["machine"]["packages"]["duckdb"], details["peer_packages"]
    yield f"DuckDB {ours} beside DuckDB {theirs['duckdb']} with SQLMesh {theirs['sqlmesh']}"


if __name__ == "__main__":
    sys.exit(main())
