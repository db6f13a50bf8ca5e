"""How things stand: what the published file holds, what is due, late, waiting or refused.

Reads records only, no database: it takes a fraction of a second and needs no lock.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from saldo import runs
from saldo.errors import ExitStatus
from saldo.fingerprint import fingerprint
from saldo.landing import Landing, landing_folder
from saldo.quarantine import SHORTEST
from saldo.sources import Source, read_sources
from saldo.warehouse import Warehouse, display, find_warehouse

# A publisher that is down for a night or two is told by the runs of those nights.
SILENT_DAYS = 3
NOT_WELL = {"failed": "failed", "stopped": "was stopped", "cut_off": "was cut off"}
HOW = NOT_WELL | {
    "published": "published",
    "up_to_date": "found nothing new to publish",
    "held": "published nothing, after a rollback",
    "running": "is running",
}
LAYOUTS = Path(__file__).parent / "layouts"
LABEL = 12


@dataclass(frozen=True)
class Published:
    """The published file, by the record of the build that made it.

    Attributes:
        file: its path.
        whole: it is there and is what that build made.
        version_id: which version it is; `saldo rollback` lists the others.
        built_at: when.
        releases: how many it is made from.
        rows: by schema and table.
        build_pending: something that it is made from has changed since, and not by a rollback.
        held: it stays as a rollback has left it, since the inputs are those of a version that was given up.
    """

    file: str
    whole: bool
    version_id: str | None
    built_at: str | None
    releases: int
    rows: dict[str, dict[str, int]]
    build_pending: bool
    held: bool


@dataclass(frozen=True)
class SourceStatus:
    """One source.

    Attributes:
        source: its name.
        freshness: `fresh`, `due` or `late`, as dbt's pass, warn and error; `none`, a warning of dbt's, if
            nothing of it is held and it is never late.
        release_id, published_on: its last release, landed or among the seeds; None if there is none.
        expected_on: when the next one comes if its publisher keeps to the rhythm.
        due_on, late_on: the first day on which the next one is due, and late; late_on is None if it never is.
        calendar: its rhythm and the last editions, in words.
        asked_at: when it answered last.
        failing: since when and how often in a row it has not answered, and why; None if it did.
        silent: it has not answered for SILENT_DAYS, and no other source brings the same indicators.
    """

    source: str
    freshness: str
    release_id: str | None
    published_on: date | None
    expected_on: date | None
    due_on: date | None
    late_on: date | None
    calendar: str
    asked_at: str | None
    failing: dict[str, Any] | None
    silent: bool


@dataclass(frozen=True)
class Status:
    """Everything that `saldo status` says.

    Attributes:
        published: the published file.
        last_run: when the last `saldo refresh` began and ended, and how; None if there was none.
        sources: each declared source.
        inbox: files that wait in it.
        quarantined: what was refused, why, and what to do.
        never_enter: what was refused because a layout says that such files never enter.
        settled: what was refused, and a person has said that nothing is left to do about it.
    """

    published: Published
    last_run: dict[str, Any] | None
    sources: list[SourceStatus]
    inbox: list[str]
    quarantined: list[dict[str, Any]]
    never_enter: list[dict[str, Any]]
    settled: list[dict[str, Any]]

    @property
    def exit_status(self) -> int:
        """The gravest: no file, then refused files, late and silent sources, work that waits; else 0."""
        if not self.published.whole:
            return ExitStatus.NOT_PUBLISHED
        if self.quarantined:
            return ExitStatus.QUARANTINED
        if any(source.freshness == "late" for source in self.sources):
            return ExitStatus.LATE
        if any(source.silent for source in self.sources):
            return ExitStatus.NOT_ANSWERED
        is_pending = self.inbox or self.published.build_pending or self.is_unfinished
        return ExitStatus.PENDING if is_pending else ExitStatus.DONE

    @property
    def is_unfinished(self) -> bool:
        """Whether the last `saldo refresh` did not come to its end."""
        return self.last_run is not None and self.last_run["status"] in NOT_WELL


def read_status(project: Path, now: datetime | None = None) -> Status:
    """Reads how things stand, and changes nothing.

    Args:
        project: the folder of dbt_project.yml.
        now: the time to reckon from, with its zone; the present if None.

    Raises:
        InputError: the declaration of the sources or a file of landing cannot be read.
    """
    landing = landing_folder(project)
    manifests = landing.manifests()
    now = now or datetime.now(UTC)
    refused = landing.quarantined()
    declared = _never_enter() if refused else set()
    known = [each for each in refused if _why(each) in declared]
    others = [each for each in refused if each not in known]
    return Status(
        published=_published(project, find_warehouse(project)),
        last_run=_last_run(landing),
        sources=[_source(source, manifests, landing, now) for source in read_sources(project)],
        inbox=[path.relative_to(landing.inbox).as_posix() for path in landing.waiting()],
        quarantined=[_refused(each, landing) for each in others if not each.get("settled_on")],
        never_enter=[_refused(each, landing) for each in known],
        settled=[_refused(each, landing) for each in others if each.get("settled_on")],
    )


def _published(project: Path, warehouse: Warehouse) -> Published:
    state, inputs = warehouse.read_state(), fingerprint(project)
    rows = state.get("summary", {}).get("rows", {})
    held = inputs != state.get("fingerprint") and inputs in state.get("held", {})
    return Published(
        file=str(warehouse.published),
        whole=warehouse.holds(state),
        version_id=state.get("version_id"),
        built_at=state.get("built_at"),
        releases=rows.get("core", {}).get("dim_release", 0),
        rows=rows,
        build_pending=inputs != state.get("fingerprint") and not held,
        held=held,
    )


def _source(
    source: Source, manifests: Sequence[Mapping[str, Any]], landing: Landing, now: datetime
) -> SourceStatus:
    """As dbt's freshness of the macro last_published: the age counts from the start of the day, UTC."""
    fetched = landing.read_fetched(source.name)
    failing = fetched.get("failing")
    editions = [(published_on, release_id) for release_id, published_on in source.seeded.items()]
    editions += [
        (date.fromisoformat(manifest["published_on"]), manifest["release_id"])
        for manifest in manifests
        if source.brought(manifest) and manifest["withdrawn_on"] is None
    ]
    editions.sort(key=lambda edition: edition[0])  # of one day, what landed comes last
    freshness = "none" if source.late_after is None else "late"
    published_on = release_id = due_on = late_on = None
    if editions:
        published_on, release_id = editions[-1]
        since = datetime.combine(published_on, time(), UTC)
        due_on = (since + source.due_after).date()
        freshness = "due" if now - since > source.due_after else "fresh"
        if source.late_after is not None:
            late_on = (since + source.late_after).date()
            freshness = "late" if now - since > source.late_after else freshness
    return SourceStatus(
        source=source.name,
        freshness=freshness,
        release_id=release_id,
        published_on=published_on,
        expected_on=source.expected_on(published_on) if published_on else None,
        due_on=due_on,
        late_on=late_on,
        calendar=source.calendar(sorted({day for day, _ in editions})),
        asked_at=fetched.get("asked_at"),
        failing=failing,
        silent=failing is not None and source.late_after is not None and _days(failing) >= SILENT_DAYS,
    )


def _days(failing: Mapping[str, Any]) -> int:
    """From the first time that it did not answer to the last: a source that nobody asks is not silent."""
    first, last = (datetime.fromisoformat(failing[key]).date() for key in ("since", "last_at"))
    return (last - first).days


def _last_run(landing: Landing) -> dict[str, Any] | None:
    last = runs.last(landing)
    kept = ("run_id", "started_at", "ended_at", "status", "exit_status", "error")
    return {key: last.get(key) for key in kept} if last else None


def _never_enter() -> set[tuple[str, str]]:
    """Layout and reason of the files that are declared never to enter.

    The module that reads layouts for intake loads what reads figures, too.
    """
    declared = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in LAYOUTS.glob("*.toml")}
    return {(name, layout["refused"]["reason"]) for name, layout in declared.items() if "refused" in layout}


def _why(reason: Mapping[str, Any]) -> tuple[Any, Any]:
    return reason.get("layout"), reason.get("reason")


def _refused(reason: Mapping[str, Any], landing: Landing) -> dict[str, Any]:
    kept = ["file_name", "sha256", "received_at", "layout", "reason", "message", "place", "remedy"]
    return {key: reason.get(key) for key in [*kept, "settled_on"]} | {
        "folder": str(landing.quarantine / reason["sha256"])
    }


def as_json(status: Status) -> str:
    """For a machine: `exit_status` and everything else."""
    return json.dumps({"exit_status": status.exit_status, **asdict(status)}, default=str)


def as_text(status: Status) -> str:
    """For a person."""
    lines = [_line("Published", _published_text(status.published))]
    if status.last_run:
        lines.append(_line("Last run", _run_text(status.last_run)))
    for number, source in enumerate(status.sources):
        lines.append(_line("" if number else "Sources", _source_text(source)))
        if source.failing:
            lines.append(_line("", f"{'':6}{_failing_text(source.failing)}"))
    for number, name in enumerate(status.inbox):
        lines.append(_line("" if number else "Inbox", f"{name} waits for `saldo refresh`"))
    for number, refused in enumerate(status.quarantined):
        lines.append(_line("" if number else "Refused", f"{refused['file_name']}: {refused['message']}"))
        lines.append(_line("", f"what to do: {refused['remedy']}"))
        lines.append(_line("", f"it is in {display(Path(refused['folder']))}"))
        lines.append(_line("", f"when nothing is left to do: `saldo settle {refused['sha256'][:SHORTEST]}`"))
    for number, known in enumerate(status.never_enter):
        lines.append(
            _line("" if number else "Known", f"{known['file_name']} never enters: {known['message']}")
        )
    for number, settled in enumerate(status.settled):
        text = f"{settled['file_name']}, on {settled['settled_on']}: {settled['message']}"
        lines.append(_line("" if number else "Settled", text))
    if status.published.held:
        given_up = "what was built after it was given up by `saldo rollback`"
        lines.append(_line("Held", f"{given_up}; new inputs or `saldo build --full` build anew"))
    if status.published.whole and status.published.build_pending:
        lines.append(_line("Pending", "inputs have changed since: `saldo build` or `saldo refresh`"))
    elif status.is_unfinished:
        lines.append(_line("Pending", "the last run did not come to its end: `saldo refresh`"))
    return "\n".join(lines)


def _line(label: str, text: str) -> str:
    return f"{label:<{LABEL}}{text}"


def _published_text(published: Published) -> str:
    file = display(Path(published.file))
    if published.built_at is None:
        return f"nothing: there is no record of {file}; `saldo build` makes it"
    if not published.whole:
        return f"{file} is gone or was changed since it was published; `saldo build` makes it anew"
    tables = [count for tables in published.rows.values() for count in tables.values()]
    built_at = _minute(published.built_at)
    version = f"version {published.version_id} · " if published.version_id else ""
    return f"{file} · {version}built {built_at} · {published.releases} releases · {sum(tables)} rows"


def _source_text(source: SourceStatus) -> str:
    what = f"{source.freshness:<6}{source.source}: {source.calendar}"
    if source.published_on is None:
        return f"{what}; nothing of it is held yet"
    late_from = f", late from {source.late_on}" if source.late_on else ""
    when = {
        "fresh": f"next expected about {source.expected_on}, due from {source.due_on}",
        "due": f"due since {source.due_on}{late_from}",
        "late": f"late since {source.late_on}",
    }[source.freshness]
    return f"{what}; {when}"


def _failing_text(failing: Mapping[str, Any]) -> str:
    times = f", {failing['times']} times in a row" if failing["times"] > 1 else ""
    return f"did not answer since {_minute(failing['since'])}{times}: {failing['message']}"


def _run_text(run: Mapping[str, Any]) -> str:
    how = HOW.get(run["status"], run["status"])
    exit_status = f", exit status {run['exit_status']}" if run["exit_status"] else ""
    error = f": {run['error'].splitlines()[0]}" if run["error"] else ""
    return f"refresh of {_minute(run['started_at'])} {how}{exit_status}{error}"


def _minute(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M}"
