"""How things stand: what the published file holds, what is due, late, waiting or refused.

Reads records only, no database: it takes a fraction of a second and needs no lock.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from saldo.fingerprint import fingerprint
from saldo.landing import Landing, landing_folder
from saldo.sources import Source, read_sources
from saldo.warehouse import Warehouse, display, find_warehouse

LATE, QUARANTINED, NOT_PUBLISHED, PENDING = 7, 8, 9, 10
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
    """

    file: str
    whole: bool
    version_id: str | None
    built_at: str | None
    releases: int
    rows: dict[str, dict[str, int]]
    build_pending: bool


@dataclass(frozen=True)
class SourceStatus:
    """One source.

    Attributes:
        source: its name.
        freshness: `fresh`, `due` or `late`, as dbt's pass, warn and error.
        release_id, published_on: its last release; None if none has landed.
        due_on, late_on: the first day on which the next one is due, and late; None if none has landed.
        calendar: what its publisher's calendar says.
        asked_at: when it answered last.
    """

    source: str
    freshness: str
    release_id: str | None
    published_on: date | None
    due_on: date | None
    late_on: date | None
    calendar: str
    asked_at: str | None


@dataclass(frozen=True)
class Status:
    """Everything that `saldo status` says."""

    published: Published
    sources: list[SourceStatus]
    inbox: list[str]
    quarantined: list[dict[str, Any]]

    @property
    def exit_status(self) -> int:
        """The gravest: no file, then refused files, late sources, work that waits; else 0."""
        if not self.published.whole:
            return NOT_PUBLISHED
        if self.quarantined:
            return QUARANTINED
        if any(source.freshness == "late" for source in self.sources):
            return LATE
        return PENDING if self.inbox or self.published.build_pending else 0


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
    return Status(
        _published(project, find_warehouse(project)),
        [_source(source, manifests, landing, now) for source in read_sources(project)],
        [path.relative_to(landing.inbox).as_posix() for path in landing.waiting()],
        [_refused(reason, landing) for reason in landing.quarantined()],
    )


def _published(project: Path, warehouse: Warehouse) -> Published:
    state, inputs = warehouse.read_state(), fingerprint(project)
    rows = state.get("summary", {}).get("rows", {})
    return Published(
        file=str(warehouse.published),
        whole=warehouse.holds(state),
        version_id=state.get("version_id"),
        built_at=state.get("built_at"),
        releases=rows.get("core", {}).get("dim_release", 0),
        rows=rows,
        build_pending=inputs != state.get("fingerprint") and inputs not in state.get("held", {}),
    )


def _source(
    source: Source, manifests: Sequence[Mapping[str, Any]], landing: Landing, now: datetime
) -> SourceStatus:
    """As dbt's freshness of the macro last_published: the age counts from the start of the day, UTC."""
    asked_at = landing.read_fetched(source.name).get("asked_at")
    of_source = [
        manifest
        for manifest in manifests  # in the order of publication
        if manifest["layout"] == source.layout
        and manifest["withdrawn_on"] is None
        and set(source.indicators) & set(manifest["indicators"])
    ]
    if not of_source:
        return SourceStatus(source.name, "late", None, None, None, None, source.calendar, asked_at)
    published_on = date.fromisoformat(of_source[-1]["published_on"])
    since = datetime.combine(published_on, time(), UTC)
    freshness = "fresh"
    if now - since > source.due_after:
        freshness = "late" if now - since > source.late_after else "due"
    return SourceStatus(
        source=source.name,
        freshness=freshness,
        release_id=of_source[-1]["release_id"],
        published_on=published_on,
        due_on=(since + source.due_after).date(),
        late_on=(since + source.late_after).date(),
        calendar=source.calendar,
        asked_at=asked_at,
    )


def _refused(reason: Mapping[str, Any], landing: Landing) -> dict[str, Any]:
    kept = ("file_name", "sha256", "received_at", "layout", "reason", "message", "place", "remedy")
    return {key: reason.get(key) for key in kept} | {"folder": str(landing.quarantine / reason["sha256"])}


def as_json(status: Status) -> str:
    """For a machine: `exit_status` and everything else."""
    return json.dumps({"exit_status": status.exit_status, **asdict(status)}, default=str)


def as_text(status: Status) -> str:
    """For a person."""
    lines = [_line("Published", _published_text(status.published))]
    for number, source in enumerate(status.sources):
        lines.append(_line("" if number else "Sources", _source_text(source)))
    for number, name in enumerate(status.inbox):
        lines.append(_line("" if number else "Inbox", f"{name} waits for `saldo refresh`"))
    for number, refused in enumerate(status.quarantined):
        lines.append(_line("" if number else "Refused", f"{refused['file_name']}: {refused['message']}"))
        lines.append(_line("", f"what to do: {refused['remedy']}"))
        lines.append(_line("", f"when it is settled: remove {display(Path(refused['folder']))}"))
    if status.published.whole and status.published.build_pending:
        lines.append(_line("Pending", "inputs have changed since: `saldo build` or `saldo refresh`"))
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
    built_at = f"{datetime.fromisoformat(published.built_at):%Y-%m-%d %H:%M}"
    version = f"version {published.version_id} · " if published.version_id else ""
    return f"{file} · {version}built {built_at} · {published.releases} releases · {sum(tables)} rows"


def _source_text(source: SourceStatus) -> str:
    if source.published_on is None:
        return f"{source.freshness:<6}{source.source}: nothing has landed ({source.calendar})"
    when = {
        "fresh": f"next due {source.due_on}",
        "due": f"due since {source.due_on}, late from {source.late_on}",
        "late": f"late since {source.late_on}",
    }[source.freshness]
    return f"{source.freshness:<6}{source.source}: last published {source.published_on}; {when}"
