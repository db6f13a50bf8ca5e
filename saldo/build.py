"""The main job: check, build in private, audit, publish.

dbt and DuckDB are imported only when there is work: seeing that there is none takes a fraction of a second.
"""

import contextlib
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saldo import declared_seeds, kept_work, lock, preflight, spark_preflight, versions
from saldo.fingerprint import fingerprint, project_fingerprint
from saldo.landing import landing_folder
from saldo.progress import Progress
from saldo.settings import DUCKDB, KEEP_VERSIONS, SPARK, check_limits, read_limit, read_target
from saldo.summary import Summary
from saldo.warehouse import Warehouse, display, open_warehouse

if TYPE_CHECKING:
    from saldo.dbt_run import DbtRun


@dataclass(frozen=True)
class Outcome:
    """The record of the published file and, if this build made it, what it holds.

    `held`: it stays as a rollback has left it, since the inputs are those of a version that was given up.
    """

    published: Path
    state: dict[str, Any]
    summary: Summary | None
    held: bool = False


def build(project: Path, *, full: bool, progress: Progress, target: str | None = None) -> Outcome:
    """Brings the published file up to date with the project.

    Args:
        project: the folder of dbt_project.yml.
        full: build even if nothing has changed.
        progress: is told each step.
        target: of profiles.yml, the engine that computes: `duckdb` or `spark`, by default as SALDO_TARGET
            says. What is published is the same.

    Raises:
        SaldoError: of the kind that fits; the published file is as it was.
        OSError: likewise.
    """
    started = time.monotonic()
    preflight.check_python()
    preflight.check_files(project)
    preflight.check_seeds(project)
    check_limits()
    target = target or read_target()
    warehouse = open_warehouse(project)
    with lock.held(warehouse.lock, " ".join(["saldo", *sys.argv[1:]])) as descriptor:
        state, whole = versions.settle(warehouse, progress.say)
        # Taken before the build: an input that changes meanwhile is seen as new by the next run.
        inputs, project_inputs = fingerprint(project), project_fingerprint(project)
        if whole and not full:
            if state.get("fingerprint") == inputs:
                return Outcome(warehouse.published, state, None)
            if inputs in state.get("held", {}):
                return Outcome(warehouse.published, state, None, held=True)
        if state and warehouse.published.exists() and not whole:
            progress.say(f"{display(warehouse.published)} is not what was published last; it is built anew")
        preflight.check_packages()
        if target == SPARK:
            spark_preflight.check()
        preflight.check_landing(project)
        declared_seeds.check(project)
        preflight.check_free_space(warehouse, landing_folder(project).row_count())

        def prepare() -> None:
            if whole and not full and target == DUCKDB:
                kept_work.take_up(warehouse, state, project_inputs)

        with _private_folder(warehouse):
            version_id = versions.new_id(warehouse, inputs, datetime.now(UTC))
            summary, run = _build_in_private(
                project, warehouse, version_id, descriptor, progress, prepare, target
            )
            state = _publish(warehouse, version_id, _facts(summary, run, inputs, started), state)
            if target == DUCKDB:  # another engine leaves nothing to go on from
                kept_work.keep(warehouse, version_id, project_inputs)
        return Outcome(warehouse.published, state, summary)


@contextlib.contextmanager
def _private_folder(warehouse: Warehouse) -> Iterator[None]:
    """An empty folder for one build, gone when it ends."""
    warehouse.private.mkdir()
    try:
        yield
    finally:
        shutil.rmtree(warehouse.private, ignore_errors=True)


def _build_in_private(
    project: Path,
    warehouse: Warehouse,
    version_id: str,
    descriptor: int,
    progress: Progress,
    prepare: Callable[[], None],
    target: str,
) -> tuple[Summary, "DbtRun"]:
    """Runs dbt and seals its file; returns what the file holds and how dbt's steps came out."""
    from saldo import dbt_run, failures, publish

    warehouse.dbt.mkdir(exist_ok=True)

    def run(arguments: Sequence[str], own_folder: str = "") -> "DbtRun":
        found = dbt_run.run(
            project, warehouse, version_id, descriptor, progress, prepare, arguments, own_folder
        )
        if not found.succeeded:
            raise failures.explain(found, warehouse, _unpublished(project, warehouse))
        return found

    if target == DUCKDB:
        steps = run(dbt_run.BUILD)
    else:
        warehouse.spark.mkdir(parents=True, exist_ok=True)
        # Of builds into several warehouses that name one folder of Spark: each copies what it has made.
        with lock.held(warehouse.spark / "saldo.lock", "saldo build --target spark"):
            steps = run([*dbt_run.BUILD, "--target", target], target)
            progress.say("copying the marts from Spark")
            run(dbt_run.copy_of_spark(warehouse), "copy")
    return publish.seal(warehouse.private_database), steps


def _unpublished(project: Path, warehouse: Warehouse) -> list[dict[str, Any]]:
    """The manifests of the releases that landed and that no kept version was published with."""
    known = {each["release_id"] for kept in versions.kept(warehouse) for each in kept.manifest["releases"]}
    return [each for each in landing_folder(project).manifests() if each["release_id"] not in known]


def _facts(summary: Summary, run: "DbtRun", inputs: str, started: float) -> dict[str, Any]:
    """What the manifest says of the build."""
    return {
        "fingerprint": inputs,
        "seconds": round(time.monotonic() - started, 1),
        "tests": run.tests("pass"),
        "warnings": run.tests("warn"),
        "summary": summary.as_dict(),
    }


def _publish(
    warehouse: Warehouse, version_id: str, facts: dict[str, Any], state: dict[str, Any]
) -> dict[str, Any]:
    """Makes the sealed file a version, publishes it and removes what is beyond the limit."""
    from saldo import publish

    version = publish.make_version(warehouse, version_id, facts, replaces=state.get("version_id"))
    return versions.prune(warehouse, versions.publish(warehouse, version, state), read_limit(KEEP_VERSIONS))
