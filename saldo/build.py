"""The main job: check, build in private, audit, publish.

dbt and DuckDB are imported only when there is work: seeing that there is none takes a fraction of a second.
"""

import contextlib
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saldo import __version__, declared_seeds, lock, preflight
from saldo.fingerprint import file_sha256, fingerprint
from saldo.progress import Progress
from saldo.summary import Summary
from saldo.warehouse import Warehouse, display, open_warehouse

if TYPE_CHECKING:
    from saldo.dbt_run import DbtRun

STOPPING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


@dataclass(frozen=True)
class Outcome:
    """The record of the published file and, if this build made it, what it holds."""

    published: Path
    state: dict[str, Any]
    summary: Summary | None


def build(project: Path, *, full: bool, progress: Progress) -> Outcome:
    """Brings the published file up to date with the project.

    Args:
        project: the folder of dbt_project.yml.
        full: build even if nothing has changed.
        progress: is told each step.

    Raises:
        SaldoError: of the kind that fits; the published file is as it was.
        OSError: likewise.
    """
    started = time.monotonic()
    preflight.check_python()
    preflight.check_files(project)
    preflight.check_seeds(project)
    warehouse = open_warehouse(project)
    with lock.held(warehouse.lock, " ".join(["saldo", *sys.argv[1:]])) as descriptor:
        # What a killed build left; nobody else writes there while the lock is held.
        shutil.rmtree(warehouse.private, ignore_errors=True)
        # Taken before the build: an input that changes meanwhile is seen as new by the next run.
        inputs = fingerprint(project)
        state = warehouse.read_state()
        whole = warehouse.holds(state)
        if not full and state.get("fingerprint") == inputs and whole:
            return Outcome(warehouse.published, state, None)
        if state and warehouse.published.exists() and not whole:
            progress.say(f"{display(warehouse.published)} is not what was published last; it is built anew")
        preflight.check_packages()
        declared_seeds.check(project)
        preflight.check_free_space(warehouse)
        with _private_folder(warehouse):
            summary, run = _build_in_private(project, warehouse, descriptor, progress)
            state = _publish(warehouse, summary, run, inputs, started)
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
    project: Path, warehouse: Warehouse, descriptor: int, progress: Progress
) -> tuple[Summary, "DbtRun"]:
    """Runs dbt and seals its file; returns what the file holds and how dbt's steps came out."""
    from saldo import dbt_run, failures, publish

    warehouse.dbt.mkdir(exist_ok=True)
    run = dbt_run.run(project, warehouse, descriptor, progress)
    if not run.succeeded:
        raise failures.explain(run, warehouse)
    return publish.seal(warehouse.private_database), run


def _publish(
    warehouse: Warehouse, summary: Summary, run: "DbtRun", inputs: str, started: float
) -> dict[str, Any]:
    from saldo import publish

    state = {
        "fingerprint": inputs,
        "version": __version__,
        "size": warehouse.private_database.stat().st_size,
        "sha256": file_sha256(warehouse.private_database),
        "built_at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - started, 1),
        "tests": run.tests("pass"),
        "warnings": run.tests("warn"),
        "summary": summary.as_dict(),
    }
    warehouse.private_state.write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
    # A signal waits until the file and its record are in place; a kill in between costs one more build.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        publish.publish(warehouse.private_database, warehouse.published)
        os.replace(warehouse.private_state, warehouse.state)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return state
