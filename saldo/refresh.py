"""One run of everything, for a scheduler: fetch, ingest, build, audit, publish, report, record of the run.

landing/runs/<run_id>.json   the record; the next build shows it in audit.run_log
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saldo import fetch as fetching
from saldo import lock, runs
from saldo.build import Outcome, build
from saldo.disk import file_sha256
from saldo.errors import ExitStatus, Interrupted, SaldoError, from_os_error
from saldo.fetch import Fetched
from saldo.landing import Landing, open_landing
from saldo.progress import Progress
from saldo.sources import read_sources
from saldo.warehouse import display, open_warehouse

NOT_ANSWERED, REFUSED, NOT_REPORTED = (
    ExitStatus.NOT_ANSWERED,
    ExitStatus.QUARANTINED,
    ExitStatus.NOT_REPORTED,
)


@dataclass(frozen=True)
class Refreshed:
    """How a run ended.

    Attributes:
        record: what landing/runs keeps of it.
        fetched: what the sources answered.
        ingested: what became of the files in the inbox, as `saldo ingest` prints it.
        outcome: of the build.
        changes: of the releases that the version before did not have, if there was one, how many figures are
            new and revised.
    """

    record: Mapping[str, Any]
    fetched: list[Fetched]
    ingested: str
    outcome: Outcome
    changes: list[tuple[str, int, int]]

    @property
    def exit_status(self) -> int:
        return int(self.record["exit_status"])


def refresh(project: Path, *, progress: Progress) -> Refreshed:
    """Asks the sources, takes in what came, and brings the published file up to date.

    A source that does not answer and a file that is refused do not keep the others from being published, nor
    does a report that fails: the page before it stays.

    Args:
        project: the folder of dbt_project.yml.
        progress: is told each step.

    Raises:
        LockedError: another refresh, or a build or intake, is running.
        SaldoError: of the kind that fits; the published file is as it was.
        OSError: likewise.
    """
    landing = open_landing(project)
    with lock.held(landing.refresh_lock, "saldo refresh"):
        run = runs.begin(landing)
        try:
            return _run(project, landing, run, progress)
        except (SaldoError, OSError, Interrupted) as error:
            runs.end(landing, run, _failure(error))
            raise


def _run(project: Path, landing: Landing, run: dict[str, Any], progress: Progress) -> Refreshed:
    before = open_warehouse(project).read_state().get("version_id")
    # One that is never late has others beside it: its silence is told and rouses nobody.
    needed = {source.name for source in read_sources(project) if source.late_after is not None}
    fetched = fetching.fetch(project, landing, progress)
    ingested, files = _ingest_inbox(project, landing)
    outcome = build(project, full=False, progress=progress)
    reported = _report(project, outcome)
    version_id = outcome.state["version_id"]
    refused = sum(file["status"] == "refused" for file in files)
    failed = [each.source for each in fetched if each.status == "failed"]
    statuses = {
        REFUSED: refused,
        NOT_ANSWERED: needed & set(failed),
        NOT_REPORTED: reported["status"] == "failed",
    }
    record = {
        "status": "held" if outcome.held else "up_to_date" if outcome.summary is None else "published",
        "exit_status": next((status for status, applies in statuses.items() if applies), 0),
        "version_id": version_id,
        "sources_failed": len(failed),
        "files_landed": sum(file["status"] == "landed" for file in files),
        "files_refused": refused,
        "sources": [each.as_dict() for each in fetched],
        "files": files,
        "report": reported,
    }
    changes = [] if before is None or before == version_id else _changes(outcome.published, before, project)
    return Refreshed(runs.end(landing, run, record), fetched, ingested, outcome, changes)


def _report(project: Path, outcome: Outcome) -> dict[str, Any]:
    """Writes the page of the published version, unless it is there already; how that came out."""
    from saldo.report import default_file, report, version_of

    if version_of(default_file(project)) == outcome.state["version_id"]:
        return {"status": "up_to_date"}
    try:
        return {"status": "written", "file": str(report(project).file)}
    except Exception as error:  # whatever is wrong with the page, what was published stays and is recorded
        told = from_os_error(error) if isinstance(error, OSError) else error
        said = (
            str(told) if isinstance(told, SaldoError) else f"error: the report: {type(told).__name__}: {told}"
        )
        return {"status": "failed", "error": said}


def _ingest_inbox(project: Path, landing: Landing) -> tuple[str, list[dict[str, Any]]]:
    """Ingests what waits in the inbox; a file leaves it when landing or quarantine keep it.

    The layout is not named to intake, which then compares the number of rows with the release before.
    """
    waiting = landing.waiting()
    if not waiting:
        return "", []
    from saldo.intake import report
    from saldo.intake.ingest import NOT_KEPT, Options, ingest

    indicators = {source.name: source.indicator for source in read_sources(project)}
    outcomes = []
    for path in waiting:
        fetched = landing.read_fetched(path.parent.name)
        # Of an edition that waits here since before the last one, the note is lost; its name has the day.
        note = fetched.get("published_on_note") if file_sha256(path) == fetched.get("sha256") else None
        options = Options(indicator=indicators.get(path.parent.name), published_on_note=note)
        (outcome,) = ingest(project, landing, [str(path)], options, command="saldo refresh")
        outcomes.append(outcome)
        if not (outcome.refusal and outcome.refusal.code in NOT_KEPT):
            path.unlink()
    return report.as_text(outcomes), [outcome.as_dict() for outcome in outcomes]


def _changes(published: Path, before: str, project: Path) -> list[tuple[str, int, int]]:
    """Release, new and revised figures of what the version `before` did not have."""
    import duckdb

    manifest = open_warehouse(project).versions / before / "manifest.json"
    if not manifest.is_file():
        return []
    known = {each["release_id"] for each in json.loads(manifest.read_text(encoding="utf-8"))["releases"]}
    with duckdb.connect(str(published), read_only=True) as connection:
        rows = connection.execute(
            "select release_id, cast(sum(rows_new) as bigint), cast(sum(rows_revised) as bigint)"
            " from audit.release_log where status = 'landed' group by release_id order by min(recorded_at)"
        ).fetchall()
    return [row for row in rows if row[0] not in known]


def _failure(error: SaldoError | OSError | Interrupted) -> dict[str, Any]:
    if isinstance(error, Interrupted):
        return {"status": "stopped", "exit_status": error.exit_status, "error": f"stopped by {error.name}"}
    told = error if isinstance(error, SaldoError) else from_os_error(error)
    return {"status": "failed", "exit_status": told.exit_status, "error": str(told)}


def as_text(refreshed: Refreshed) -> str:
    """For a person: what came, what changed and what is published."""
    lines = [fetching.as_text(refreshed.fetched)]
    if refreshed.ingested:
        lines.append(refreshed.ingested)
    for release_id, new, revised in refreshed.changes:
        lines.append(f"changed    {release_id}: {new} figures new, {revised} revised")
    state, path = refreshed.outcome.state, display(refreshed.outcome.published)
    said = {
        "published": f"published  {path} · version {state['version_id']} · {state['tests']} tests and"
        f" {state['summary']['expectations']} expectations passed · {state['seconds']} s",
        "up_to_date": f"up to date {path} · version {state['version_id']}",
        "held": f"held       {path} · version {state['version_id']}, after a rollback",
    }
    warned = [f"warned     {line}" for line in state["summary"].get("warned", [])]
    return "\n".join(
        [*lines, said[refreshed.record["status"]], *warned, *_report_lines(refreshed.record["report"])]
    )


def _report_lines(reported: Mapping[str, Any]) -> list[str]:
    if reported["status"] == "written":
        return [f"report     {display(Path(reported['file']))}"]
    if reported["status"] == "failed":
        return ["report     not written; the last one stays as it is", reported["error"]]
    return []


def as_json(refreshed: Refreshed) -> str:
    """For a machine: the record of the run."""
    return json.dumps(refreshed.record)
