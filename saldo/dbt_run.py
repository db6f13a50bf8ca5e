"""Runs `dbt build` into private files, in a child process, and reads how it came out."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saldo import __version__
from saldo.landing import landing_folder
from saldo.progress import Progress
from saldo.warehouse import Warehouse

SUCCESSES = frozenset({"success", "pass", "warn", "no-op"})
NO_TELEMETRY = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
}
SECONDS_TO_STOP = 5
# Unit tests run models on made-up rows: they test the code, `make test` runs them, not each build.
BUILD = ("build", "--exclude-resource-type", "unit_test")
MANY_ROWS = 1_000_000


@dataclass(frozen=True)
class NodeResult:
    """How one model, seed or test came out, from dbt's run_results.json, and where it is written."""

    kind: str  # seed, model, test, operation
    name: str
    status: str  # success, pass, warn, no-op, fail, error, runtime error, skipped
    message: str
    sql: str = ""  # what was run, compiled; empty for a seed
    path: str = ""  # the file of the seed or model; for a test, of what it tests
    column: str = ""  # the one that a test is attached to
    compiled_path: str = ""  # where `sql` is kept


@dataclass(frozen=True)
class DbtRun:
    """How a run came out as a whole."""

    exit_status: int
    nodes: list[NodeResult]
    errors: list[str]  # what dbt said outside of any node, such as a reference to nothing
    log: Path  # dbt's whole log

    @property
    def succeeded(self) -> bool:
        return self.exit_status == 0 and bool(self.nodes)

    def failed(self) -> list[NodeResult]:
        return [node for node in self.nodes if node.status not in SUCCESSES | {"skipped"}]

    def tests(self, status: str) -> int:
        """How many dbt tests came out so: pass, warn, fail."""
        return sum(node.kind == "test" and node.status == status for node in self.nodes)

    def skipped(self) -> int:
        return sum(node.status == "skipped" for node in self.nodes)


def run(
    project: Path,
    warehouse: Warehouse,
    version_id: str,
    lock: int,
    progress: Progress,
    prepare: Callable[[], object],
    arguments: Sequence[str] = BUILD,
    own_folder: str = "",
) -> DbtRun:
    """Runs dbt in `project`, into the private files of `warehouse`.

    Args:
        project: the folder of dbt_project.yml.
        warehouse: where dbt also keeps its parsed project, for a quick start next time, and its log.
        version_id: which the file is going to bear.
        lock: file descriptor of the lock, which the child holds as well.
        progress: is told each step.
        prepare: puts into the private folder what dbt goes on from; called while dbt starts.
        arguments: of dbt; `dbt build` of all that a build makes if not given.
        own_folder: within the folder of dbt, for a run with another target or other variables, with which the
            parsed project cannot be used.
    """
    place = warehouse.dbt / own_folder
    place.mkdir(exist_ok=True)
    (place / "run_results.json").unlink(missing_ok=True)
    folder = _relative(place, project)
    command = [sys.executable, "-m", "saldo.dbt_child", "--no-version-check", "--no-use-colors"]
    command += ["--log-level", "none", "--log-path", folder, "--log-level-file", "info"]
    command += [*arguments, "--target-path", folder, "--project-dir", ".", "--profiles-dir", "."]
    child = subprocess.Popen(
        command,
        cwd=project,
        env=_environment(project, warehouse, version_id),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        pass_fds=[lock],
        start_new_session=True,  # a Ctrl-C reaches this process alone, which then stops the child
    )
    try:
        prepare()
        _say_ready(child)
        errors = _follow(child, progress)
        exit_status = child.wait()
    finally:
        progress.close()
        _stop(child)
    return DbtRun(exit_status, read_results(place), errors, place / "dbt.log")


def copy_of_spark(warehouse: Warehouse) -> list[str]:
    """Arguments of dbt to make the published file from the tables of Spark by the same models, so with their
    types, keys, comments and views (macros/copied_from_spark.sql)."""
    variables = json.dumps({"spark_tables": str(warehouse.spark / "tables")})
    return ["run", "--target", "duckdb", "--select", "access:public", "--vars", variables]


def _relative(path: Path, project: Path) -> str:
    """A path that stays the same when the project moves: dbt parses anew when its connection changes."""
    return str(path.relative_to(project) if path.is_relative_to(project) else path)


def _environment(project: Path, warehouse: Warehouse, version_id: str) -> dict[str, str]:
    """The build depends on files of the project alone, so dbt's own variables are not passed on."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
    landing = landing_folder(project)
    ours = {
        "SALDO_VERSION": __version__,
        "SALDO_VERSION_ID": version_id,
        "SALDO_DB": _relative(warehouse.private_database, project),
        "SALDO_WORK": _relative(warehouse.private_work, project),
        "SALDO_SPARK_WAREHOUSE": str(warehouse.spark),
        # dbt runs in the folder of the project: what the user has named from elsewhere is the same folder.
        "SALDO_LANDING": _relative(landing.folder, project),
    }
    return kept | NO_TELEMETRY | ours | storage_settings(landing.row_count()) | {"PYTHONUTF8": "1"}


def storage_settings(landed_rows: int) -> dict[str, str]:
    """How DuckDB writes the tables of so many landed rows, as variables of profiles.yml.

    Small blocks, in bytes, keep a small file small, usual ones are written and read sooner. Few rows stay in
    their order, so that equal builds list them equally; millions are written in half the time as they come.
    """
    if landed_rows < MANY_ROWS:
        return {"SALDO_BLOCK_SIZE": "16384", "SALDO_KEEP_ORDER": "true"}
    return {"SALDO_BLOCK_SIZE": "262144", "SALDO_KEEP_ORDER": "false"}


def _say_ready(child: subprocess.Popen[str]) -> None:
    if child.stdin:
        with contextlib.suppress(BrokenPipeError):  # it has ended already: what it said tells why
            child.stdin.write("\n")
            child.stdin.flush()


def _follow(child: subprocess.Popen[str], progress: Progress) -> list[str]:
    """Reads dbt's log to its end; returns the errors of no node, else the last lines that are not log."""
    errors: list[str] = []
    other: list[str] = []
    for line in child.stdout or ():
        try:
            event = json.loads(line)
        except ValueError:
            other = [*other[-4:], line.rstrip()]
            continue
        progress.follow(event)
        if event["info"]["level"] == "error" and "node_info" not in event["data"]:
            errors.append(event["info"]["msg"])
    return errors or other


def _stop(child: subprocess.Popen[str]) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def read_results(folder: Path) -> list[NodeResult]:
    """The results in a dbt target folder, with their places from its manifest; none if dbt wrote none."""
    results, manifest = folder / "run_results.json", folder / "manifest.json"
    if not (results.is_file() and manifest.is_file()):
        return []
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    return [
        _node_result(result, nodes.get(result["unique_id"], {}), nodes)
        for result in json.loads(results.read_text(encoding="utf-8"))["results"]
    ]


def _node_result(result: dict[str, Any], node: dict[str, Any], nodes: dict[str, Any]) -> NodeResult:
    written = nodes.get(node.get("attached_node") or "", node)
    kind, _, name = result["unique_id"].split(".")[:3]
    return NodeResult(
        kind=kind,
        name=name,
        status=result["status"],
        message=result["message"] or "",
        sql=result["compiled_code"] or "",
        path=written.get("original_file_path", ""),
        column=node.get("column_name") or "",
        compiled_path=node.get("compiled_path") or "",
    )
