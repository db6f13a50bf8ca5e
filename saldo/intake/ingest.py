"""Reads release files into landing, or quarantines them: one file after the other, each on its own."""

import os
import re
import shutil
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from saldo import lock
from saldo.errors import InputError, SaldoError
from saldo.intake import canonical
from saldo.intake.checks import check, with_validity
from saldo.intake.decode import Figures, decode
from saldo.intake.files import Received, display_name, kind_of, receive
from saldo.intake.layout import Layout
from saldo.intake.layout_file import read_layouts
from saldo.intake.long import read_long
from saldo.intake.reasons import RefusalError
from saldo.intake.recognise import recognise
from saldo.intake.reference import Reference, read_reference
from saldo.intake.rows import canonical_rows, write_rows
from saldo.intake.source import Source
from saldo.intake.table import Cells
from saldo.intake.tree import read_tree
from saldo.intake.wide import read_wide
from saldo.landing import FORMAT_VERSION, Landing
from saldo.settings import KEEP_ORIGINALS_MB, read_limit

RELEASE_ID = re.compile(r"[a-z0-9_]{1,80}")
# A release with fewer rows than this share of the one before it, by the same layout, is held to be cut.
LEAST_SHARE = Decimal("0.5")
READERS: Mapping[str, Callable[[Source, Layout], Cells]] = {
    "long": read_long,
    "wide": read_wide,
    "records": read_tree,
    "nested": read_tree,
}
# What only an option can tell: that it is not told the second time says nothing new of a refused file.
UNTOLD = frozenset({"published_on_missing", "indicator_missing"})
BY_OPTION, IN_CONTENT, IN_NAME = "as given to the command", "as the file states it", "in the file's name"
NOT_KEPT = frozenset({"bad_name", "not_found", "not_a_regular_file", "unreadable", "changed_while_read"})


@dataclass(frozen=True)
class Options:
    """What the command line says where a file does not.

    Attributes:
        layout: the name of the layout.
        indicator: what is measured.
        published_on: the day of publication.
        release_id: how the release is called, instead of layout, day and hash.
        published_on_note: where that day, or else the one in the file's name, comes from, if that is known.
    """

    layout: str | None = None
    indicator: str | None = None
    published_on: date | None = None
    release_id: str | None = None
    published_on_note: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Attributes:
        path: as it was given.
        status: `landed`, `already` (landed before) or `refused`.
        release_id: of the release that it is.
        row_count: of its rows.
        refusal: why it was refused.
        sha256: of its bytes, as far as they could be read.
        notes: what else a person should know.
    """

    path: str
    status: str
    release_id: str = ""
    row_count: int = 0
    layout: str = ""
    refusal: RefusalError | None = None
    sha256: str = ""
    notes: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        found: dict[str, Any] = {
            "file": display_name(self.path),
            "status": self.status,
            "release_id": self.release_id or None,
            "layout": self.layout or None,
            "row_count": self.row_count,
            "sha256": self.sha256 or None,
            "notes": list(self.notes),
        }
        return found | (self.refusal.as_dict() if self.refusal else {})


def ingest(
    project: Path,
    landing: Landing,
    paths: Sequence[str],
    options: Options,
    *,
    command: str = "saldo ingest",
    layouts: Sequence[Layout] | None = None,
) -> list[Outcome]:
    """Ingests files, one after the other; a bad one does not stop the others.

    Args:
        project: the folder of the seeds.
        landing: where to.
        paths: of the files.
        options: for all of them.
        command: what the lock says of its holder.
        layouts: other ones than those of saldo/layouts.

    Raises:
        InputError: an option, a layout or a seed is wrong.
        LockedError: another process is ingesting.
        MachineError: the originals of landed releases have reached their limit; what has landed stays.
        OSError: landing cannot be written; what has landed before stays.
    """
    known = read_layouts() if layouts is None else layouts
    _check_options(options, known, len(paths))
    reference = read_reference(project)
    limit = read_limit(KEEP_ORIGINALS_MB) * 1_000_000
    with lock.held(landing.lock, command):
        shutil.rmtree(landing.incoming, ignore_errors=True)
        landing.incoming.mkdir()
        try:
            outcomes = [_Ingestion(landing, reference, known, options, limit).ingest(path) for path in paths]
            landing.drop_quarantined(limit)
            return outcomes
        finally:
            shutil.rmtree(landing.incoming, ignore_errors=True)


def _check_options(options: Options, layouts: Sequence[Layout], count: int) -> None:
    names = [layout.name for layout in layouts if not layout.refused]
    if options.layout is not None and options.layout not in names:
        raise InputError("no such layout", where=options.layout, remedy=f"known are {', '.join(names)}")
    if options.release_id is not None:
        if not RELEASE_ID.fullmatch(options.release_id):
            remedy = "use 1 to 80 small letters, digits and underscores"
            raise InputError("not a release id", where=options.release_id, remedy=remedy)
        if count > 1:
            remedy = "ingest the files one by one, or leave --release-id out"
            raise InputError("one release id for several files", where=options.release_id, remedy=remedy)


@dataclass(frozen=True)
class _Read:
    """A file that has been read and checked."""

    rows: pa.Table
    label_set: str
    territory_set: str
    published_on: date
    published_on_note: str
    stated: Mapping[str, str]
    control_totals: int
    notes: tuple[str, ...]


class _Ingestion:
    """The ingestion of one file."""

    def __init__(
        self,
        landing: Landing,
        reference: Reference,
        layouts: Sequence[Layout],
        options: Options,
        limit: int,
    ) -> None:
        self._landing = landing
        self._reference = reference
        self._layouts = layouts
        self._options = options
        self._limit = limit
        self._received: Received | None = None
        self._layout = ""
        self._rows = landing.incoming / "rows"

    def ingest(self, path: str) -> Outcome:
        """Lands a file or quarantines it."""
        copy = self._landing.incoming / "file"
        try:
            return self._take(path, copy)
        except RefusalError as refusal:
            return self._refuse(path, refusal)
        except (OSError, SaldoError):
            raise  # landing cannot be written or read: the other files would fail, too
        except Exception as error:
            self._log(path)
            fault = RefusalError(
                "internal",
                f"a fault of this program: {type(error).__name__}: {error}",
                remedy=f"report it with the traceback at the end of {self._landing.log}",
            )
            return self._refuse(path, fault)

    def _take(self, path: str, copy: Path) -> Outcome:
        received = self._received = self._as_before(path, receive(path, copy))
        manifests = self._landing.manifests()
        same = [manifest for manifest in manifests if manifest["sha256"] == received.sha256]
        if landed := self._landed(same):
            return _already(path, landed)
        source = Source(received, kind_of(received))
        layout = recognise(source, self._layouts, self._options.layout)
        self._layout = layout.name
        read = self._read(source, layout)
        self._check_row_count(read, layout, manifests)
        manifest = self._manifest(read, layout, manifests)
        self._landing.check_room(0 if same else received.size, self._limit)
        self._landing.land(manifest, received.path, received.suffix, lambda to: os.replace(self._rows, to))
        declared = layout.published_on.note
        notes = [declared] if declared and declared == read.published_on_note else []
        notes += [f"published anew: the same bytes landed as {each['release_id']}" for each in same]
        notes += read.notes
        return Outcome(
            path=path,
            status="landed",
            release_id=manifest["release_id"],
            row_count=len(read.rows),
            layout=layout.name,
            sha256=received.sha256,
            notes=tuple(notes),
        )

    def _as_before(self, path: str, received: Received) -> Received:
        """A file that is tried again from its place in quarantine keeps its first name and what it was told.

        What an option says now counts first. The name is never used as a path.
        """
        folder = self._landing.quarantine / received.sha256
        if os.path.realpath(os.path.dirname(path)) != os.path.realpath(folder):
            return received
        earlier = self._landing.refusal(received.sha256)
        told, options = earlier.get("told", {}), self._options
        day = told.get("published_on")
        self._options = replace(
            options,
            indicator=options.indicator or told.get("indicator"),
            published_on=options.published_on or (date.fromisoformat(day) if day else None),
            published_on_note=options.published_on_note
            or (None if options.published_on else told.get("published_on_note")),
        )
        return replace(received, file_name=display_name(earlier.get("file_name", received.file_name)))

    def _landed(self, same: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """Of the releases of the same bytes, the one that this file is.

        None if there is none, or if another day is told than theirs: publishers take figures back, and bring
        a file as it was before. A day that stands in the content is the same in the same bytes.
        """
        layouts = {layout.name: layout for layout in self._layouts}
        for manifest in same:
            layout = layouts.get(manifest["layout"])
            day = self._options.published_on
            if day is None and layout and not layout.states_published_on:
                day = self._day_in_name(layout)
            if day is None or day.isoformat() == manifest["published_on"]:
                return manifest
        return None

    def _read(self, source: Source, layout: Layout) -> _Read:
        options, name = self._options, source.received.file_name
        if layout.shape == "canonical":
            found = canonical.read_canonical(source.received.path, layout, self._reference)
            published_on, note = self._published_on(layout, (), canonical.published_on(found.stated))
            layout = replace(layout, territory_set=canonical.territory_set(found.stated))
            notes = check(found.figures, layout, self._reference, published_on)
            figures, rows, label_set, stated = found.figures, found.rows, found.label_set, found.stated
            self._write(rows)
        else:
            cells = READERS[layout.shape](source, layout)
            figures = decode(cells, layout, self._reference, file_name=name, indicator=options.indicator)
            figures = with_validity(figures, layout, self._reference)
            published_on, note = self._published_on(layout, cells.stated, None)
            landing = figures.landing()
            # Arrow makes and writes the rows while numpy compares the figures.
            with ThreadPoolExecutor(1) as thread:
                made = thread.submit(self._made, landing, layout, name)
                notes = check(figures, layout, self._reference, published_on)
            figures, rows = landing, made.result()
            label_set, stated = layout.label_set, {}
        facts = int(figures.codes["kind"].is_in("fact").sum())
        totals = len(figures) - facts
        return _Read(rows, label_set, layout.territory_set, published_on, note, stated, totals, notes)

    def _made(self, figures: Figures, layout: Layout, file_name: str) -> pa.Table:
        rows = canonical_rows(figures, layout, file_name)
        self._write(rows)
        return rows

    def _write(self, rows: pa.Table) -> None:
        """Writes rows that may yet be refused; landing moves them into their place."""
        write_rows(self._rows, rows.schema, [rows])

    def _published_on(self, layout: Layout, stated: Sequence[str], day: date | None) -> tuple[date, str]:
        """The day of publication by the content, the option, or the file name; and which of them says it."""
        rule = layout.published_on
        if rule.text:
            found = (match for text in stated if (match := rule.text.search(text)))
            day = next((_day(match) for match in found), None)
        elif rule.key:
            day = next((_day(match) for text in stated if (match := _ISO.match(text))), None)
        option = self._options.published_on
        if day and option not in (None, day):
            message = f"the file says {day}, the option {option}"
            raise RefusalError("published_on_conflict", message, remedy="leave --published-on out")
        if day:
            note = rule.note or IN_CONTENT
        elif option and not self._is_named(layout, option):
            note = self._options.published_on_note or BY_OPTION
        else:
            note = self._options.published_on_note or rule.note or IN_NAME
        day = day or option or self._day_in_name(layout)
        if day is None:
            raise RefusalError(
                "published_on_missing",
                "neither the file nor its name says when it was published",
                remedy="say it: --published-on 2026-03-31",
            )
        return self._possible(day), note

    def _possible(self, day: date) -> date:
        """Refuses a day that is yet to come, by a clock that is not behind what is known already."""
        today = datetime.now(UTC).date()
        passed = [published_on for published_on, _ in self._reference.releases.values()]
        passed += [date.fromisoformat(each["recorded_at"][:10]) for each in self._landing.manifests()]
        if max(passed, default=today) <= today < day - timedelta(days=1):
            raise RefusalError(
                "published_on_to_come",
                f"published on {day}, which is yet to come",
                found=day.isoformat(),
                remedy="look at the day: --published-on, the file's name; or at this machine's clock",
            )
        return day

    def _is_named(self, layout: Layout, day: date) -> bool:
        """Whether the file's name says this day, too."""
        try:
            return self._day_in_name(layout) == day
        except RefusalError:
            return False

    def _day_in_name(self, layout: Layout) -> date | None:
        pattern, received = layout.published_on.file_name, self._received
        match = pattern.search(received.file_name) if pattern and received else None
        return _day(match) if match else None

    def _check_row_count(self, read: _Read, layout: Layout, manifests: Sequence[Mapping[str, Any]]) -> None:
        """Against the release before it, of this layout and indicators; not if a person named the layout."""
        if layout.checks.may_be_partial or self._options.layout:
            return
        indicators = _indicators(read.rows)
        before = [
            manifest
            for manifest in manifests
            if manifest["layout"] == layout.name
            and manifest["status"] == "landed"
            and manifest["published_on"] <= read.published_on.isoformat()
            and manifest["indicators"] == indicators
        ]
        if before and len(read.rows) < LEAST_SHARE * before[-1]["row_count"]:
            raise RefusalError(
                "row_count_implausible",
                f"{len(read.rows)} rows; the release before it, {before[-1]['release_id']}, has "
                f"{before[-1]['row_count']}: the file may be cut",
                remedy=f"fetch the file again; if it is meant to be so short, name --layout {layout.name}",
            )

    def _manifest(
        self, read: _Read, layout: Layout, manifests: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        received = self._received
        if received is None:
            raise ValueError("no file was received")
        day = read.published_on.isoformat()
        release_id = (
            self._options.release_id or f"{layout.name}_{day.replace('-', '_')}_{received.sha256[:8]}"
        )
        taken = {manifest["release_id"] for manifest in manifests} | set(self._reference.releases)
        if release_id in taken:
            message = f"another release is called {release_id}"
            raise RefusalError("release_id_taken", message, remedy="choose another with --release-id")
        stated = read.stated
        return {
            "format_version": FORMAT_VERSION,
            "release_id": release_id,
            "publisher": stated.get("publisher", layout.publisher),
            "title": stated.get("title", layout.title),
            "published_on": day,
            "published_on_note": read.published_on_note,
            "sequence_in_day": self._sequence(read.published_on, manifests),
            "recorded_at": _recorded_at(read.published_on).isoformat(timespec="microseconds"),
            "file_name": received.file_name,
            "sha256": received.sha256,
            "size": received.size,
            "layout": layout.name,
            "label_set": read.label_set,
            "declares_back_cast": layout.declares_back_cast,
            "territory_set": read.territory_set,
            "source_url": stated.get("source_url", layout.source_url),
            "terms_of_use": stated.get("terms_of_use", layout.terms_of_use),
            "indicators": _indicators(read.rows),
            "row_count": len(read.rows),
            "control_total_count": read.control_totals,
            "status": "landed",
            "withdrawn_on": None,
            "withdrawn_reason": None,
        }

    def _sequence(self, day: date, manifests: Sequence[Mapping[str, Any]]) -> int:
        """After the releases of the same day that are known, in landing and in the seeds."""
        known = [sequence for published, sequence in self._reference.releases.values() if published == day]
        known += [
            manifest["sequence_in_day"]
            for manifest in manifests
            if manifest["published_on"] == day.isoformat()
        ]
        return max(known, default=0) + 1

    def _refuse(self, path: str, refusal: RefusalError) -> Outcome:
        refusal.layout = refusal.layout or self._layout
        received, options = self._received, self._options
        if received is None:
            return Outcome(path=path, status="refused", refusal=refusal, layout=refusal.layout)
        reason = {
            "file_name": received.file_name,
            "sha256": received.sha256,
            "size": received.size,
            "received_at": datetime.now(UTC).isoformat(timespec="microseconds"),
            **refusal.as_dict(),
            "told": {
                "indicator": options.indicator,
                "published_on": options.published_on.isoformat() if options.published_on else None,
                "published_on_note": options.published_on_note,
            },
        }
        earlier = self._landing.refusal(received.sha256)
        if refusal.code in UNTOLD and earlier.get("reason", refusal.code) not in UNTOLD:
            reason = {**earlier, "received_at": reason["received_at"], "original_dropped": None}
        elif earlier.get("settled_on") and earlier["message"] == refusal.message:
            reason["settled_on"] = earlier["settled_on"]
        self._landing.refuse(reason, received.path, received.suffix)
        return Outcome(
            path=path, status="refused", refusal=refusal, layout=refusal.layout, sha256=received.sha256
        )

    def _log(self, path: str) -> None:
        with self._landing.log.open("a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {display_name(path)}\n")
            log.write(f"{traceback.format_exc()}\n")


def _recorded_at(published_on: date) -> datetime:
    """Now, and not before the day of publication: this machine's clock may have been set back."""
    return max(datetime.now(UTC), datetime.combine(published_on, time(), UTC))


_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


def _day(match: re.Match[str]) -> date:
    """The day whose year, month and day are the groups of a match."""
    named = match.groupdict()
    parts = [named[name] for name in ("year", "month", "day")] if named else match.groups()[:3]
    try:
        return date(*map(int, parts))
    except (TypeError, ValueError):
        raise RefusalError(
            "published_on_missing",
            "the day of publication is not a day",
            found=match[0],
            remedy="say it: --published-on 2026-03-31",
        ) from None


def _already(path: str, manifest: Mapping[str, Any]) -> Outcome:
    notes: tuple[str, ...] = ()
    if manifest["status"] == "withdrawn":
        notes = (f"withdrawn on {manifest['withdrawn_on']}: {manifest['withdrawn_reason']}",)
    return Outcome(
        path=path,
        status="already",
        release_id=manifest["release_id"],
        row_count=manifest["row_count"],
        layout=manifest["layout"],
        sha256=manifest["sha256"],
        notes=notes,
    )


def _indicators(rows: pa.Table) -> list[str]:
    return sorted(rows["indicator_code"].unique().to_pylist())
