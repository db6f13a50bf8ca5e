"""The records of `saldo refresh`, one JSON file a run, in landing/runs."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from saldo.landing import Landing

# A run a night for more than two years.
KEPT = 1000


def begin(landing: Landing) -> dict[str, Any]:
    """Records that a run has begun, and that those which never ended were cut off.

    Raises:
        OSError: landing cannot be written.
    """
    for record in landing.read_runs():
        if record["status"] == "running":
            landing.write_run({**record, "status": "cut_off"})
    moment = datetime.now(UTC)
    while landing.run_file(f"{moment:%Y%m%dT%H%M%SZ}").exists():
        moment += timedelta(seconds=1)  # the clock was set back
    run = {
        "run_id": f"{moment:%Y%m%dT%H%M%SZ}",
        "started_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "ended_at": None,
        "status": "running",
        "process": os.getpid(),
    }
    landing.write_run(run)
    return run


def last(landing: Landing) -> dict[str, Any] | None:
    """The record of the run that began last; None if there was none.

    One whose process is gone was cut off, as the next run will record.

    Raises:
        InputError: the record cannot be read.
    """
    record = landing.read_last_run()
    if record and record["status"] == "running" and not _is_there(record["process"]):
        return {**record, "status": "cut_off"}
    return record


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def end(landing: Landing, run: Mapping[str, Any], how: Mapping[str, Any]) -> dict[str, Any]:
    """Records how a run ended; returns the record.

    Raises:
        OSError: landing cannot be written.
    """
    record = {**run, **how, "ended_at": datetime.now(UTC).isoformat(timespec="milliseconds")}
    landing.write_run(record)
    for old in landing.run_files()[:-KEPT]:
        if old != landing.run_file(run["run_id"]):  # under a clock set back it has the oldest name
            old.unlink()
    return record
