"""Asks the declared sources for new files and puts whole ones into the inbox of landing, and nothing else."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from saldo import lock
from saldo.errors import ExitStatus, InputError
from saldo.intake.files import LARGEST, Received, kind_of
from saldo.intake.reasons import RefusalError
from saldo.landing import Landing
from saldo.progress import Progress
from saldo.sources import DECLARED_IN, Source, read_sources

if TYPE_CHECKING:
    from saldo.download import Answer, Limits

BASE = "SALDO_SOURCE_BASE"
FAILING = "failing"
NOT_ANSWERED = ExitStatus.NOT_ANSWERED
KINDS = {".csv": "text", ".json": "json"}
# The bureau's oldest files on the web; a header with an earlier day is a clock that was never set.
EARLIEST = date(2000, 1, 1)
INDENT = " " * 11


@dataclass(frozen=True)
class Fetched:
    """What became of one source.

    Attributes:
        source: its name.
        status: `new`, `unchanged` or `failed`.
        path: of the new file, in the inbox.
        layout, indicator: what intake is to be told.
        published_on: of a new file; where the day comes from is said in `message`.
        message: one line for a person.
        remedy: what to do after a failure.
    """

    source: str
    status: str
    path: Path | None
    layout: str
    indicator: str | None
    published_on: date | None
    message: str
    remedy: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "source": self.source,
            "status": self.status,
            "path": str(self.path) if self.path else None,
            "layout": self.layout,
            "indicator": self.indicator,
            "published_on": self.published_on.isoformat() if self.published_on else None,
            "message": self.message,
            "remedy": self.remedy or None,
        }


def fetch(
    project: Path,
    landing: Landing,
    progress: Progress,
    *,
    only: Sequence[str] = (),
    limits: "Limits | None" = None,
) -> list[Fetched]:
    """Asks the sources one after the other; one that fails does not stop the others.

    Args:
        project: the folder of dbt_project.yml.
        landing: into whose inbox new files go.
        progress: is told which source is asked.
        only: names of sources; none means all.
        limits: of time and tries, if not the usual ones.

    Raises:
        InputError: the declaration of the sources or a setting is wrong, or a name is not declared.
        LockedError: another process is fetching.
        OSError: landing cannot be written.
    """
    sources, base = read_sources(project, only), _base()
    landing.fetched.mkdir(parents=True, exist_ok=True)
    with lock.held(landing.fetch_lock, "saldo fetch"):
        shutil.rmtree(landing.fetching, ignore_errors=True)
        landing.fetching.mkdir()
        try:
            return [_fetch(source, landing, progress, base, limits) for source in sources]
        finally:
            shutil.rmtree(landing.fetching, ignore_errors=True)


def exit_status(outcomes: Sequence[Fetched]) -> int:
    """0 if every source answered, new or not; else NOT_ANSWERED."""
    return NOT_ANSWERED if any(outcome.status == "failed" for outcome in outcomes) else 0


def as_text(outcomes: Sequence[Fetched]) -> str:
    """For a person."""
    lines = []
    for outcome in outcomes:
        lines.append(f"{outcome.status:<11}{outcome.source}: {outcome.message}")
        if outcome.remedy:
            lines.append(f"{INDENT}what to do: {outcome.remedy}")
    return "\n".join(lines)


def as_json(outcomes: Sequence[Fetched]) -> str:
    """For a machine: `status` is `answered` or `failed`; `sources` has one object a source."""
    status = "failed" if exit_status(outcomes) else "answered"
    return json.dumps({"status": status, "sources": [outcome.as_dict() for outcome in outcomes]})


def _base() -> str:
    """Scheme and host to ask instead of the declared ones; empty if there is none.

    Raises:
        InputError: the setting is no address.
    """
    base = os.environ.get(BASE, "").rstrip("/")
    if base and not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s?#]*)?", base):
        remedy = "write it as https://host, or unset it"
        raise InputError("not an address", where=f"{BASE}={base}", remedy=remedy)
    return base


def _fetch(
    source: Source, landing: Landing, progress: Progress, base: str, limits: "Limits | None"
) -> Fetched:
    from saldo.download import DownloadError

    parts = urlsplit(source.address)
    query = f"?{parts.query}" if parts.query else ""
    address = f"{base}{parts.path}{query}" if base else source.address
    progress.say(f"asking {urlsplit(address).netloc} for {source.name}")
    copy = landing.fetching / source.name
    try:
        return _take(source, address, copy, landing, limits)
    except DownloadError as error:
        return _failed(source, address, landing, error.what, error.remedy)
    except RefusalError as refusal:
        # The lines of the refusal without its remedy, which stands apart.
        return _failed(source, address, landing, "; ".join(refusal.lines()[:-1]), refusal.remedy)
    finally:
        copy.unlink(missing_ok=True)


def _take(source: Source, address: str, copy: Path, landing: Landing, limits: "Limits | None") -> Fetched:
    """Asks for the file and puts it into the inbox, if it is new.

    Raises:
        DownloadError: it did not come, or not whole.
        RefusalError: it is no release.
        OSError: landing cannot be written.
    """
    from saldo.download import Limits, download

    last = _last(source, address, landing)
    with copy.open("wb") as file:
        answer = download(
            address,
            file,
            conditions=_conditions(last, landing),
            largest=LARGEST[KINDS[Path(source.file_name).suffix]],
            limits=limits or Limits(),
        )
    now = datetime.now(UTC)
    seen = {
        "address": address,
        "etag": answer.etag,
        "last_modified": answer.last_modified,
        "asked_at": now.isoformat(timespec="seconds"),
    }
    if answer.sha256 is None:
        # A 304 need not repeat the headers that it was asked by.
        seen |= {key: last[key] for key in ("etag", "last_modified") if not seen[key]}
        return _unchanged(source, landing, last | seen, "not modified")
    if answer.sha256 == last.get("sha256"):
        return _unchanged(source, landing, last | seen, "the same bytes")
    content = _check(source, copy, answer.sha256, answer.size)
    if content == last.get("content_sha256"):
        return _unchanged(source, landing, last | seen, "the same rows in another order")
    record = {"sha256": answer.sha256, "content_sha256": content, "fetched_at": seen["asked_at"], **seen}
    if _is_last_release(source, answer.sha256, landing):
        # The record of it was lost, or the source has moved.
        return _unchanged(source, landing, record, "the bytes of its last release, held")
    if landing.is_set_aside(answer.sha256):
        return _unchanged(source, landing, record, "bytes that a person has set aside, held")
    published_on, origin = _published_on(answer, now)
    fetched = {
        "source": source.name,
        "sha256": answer.sha256,
        "content_sha256": content,
        "size": answer.size,
        "published_on": published_on.isoformat(),
        "published_on_note": origin,
        "fetched_at": seen["asked_at"],
        **seen,
    }
    path = landing.put_into_inbox(copy, source.name, source.file_of(published_on), fetched)
    message = f"{answer.size} bytes, published on {published_on} ({origin})"
    return Fetched(source.name, "new", path, source.layout, source.indicator, published_on, message)


def _is_last_release(source: Source, sha256: str, landing: Landing) -> bool:
    """Whether the newest release of the source that landed is these bytes."""
    releases = list(filter(source.brought, landing.manifests()))
    return bool(releases) and releases[-1]["sha256"] == sha256 and releases[-1]["status"] == "landed"


def _unchanged(source: Source, landing: Landing, fetched: Mapping[str, Any], how: str) -> Fetched:
    landing.record_fetched(source.name, fetched)
    message = f"{how} since {fetched['fetched_at']}"
    return Fetched(source.name, "unchanged", None, source.layout, source.indicator, None, message)


def _failed(source: Source, address: str, landing: Landing, what: str, remedy: str) -> Fetched:
    """Records that the source did not answer, beside what was fetched last; the next answer clears it."""
    message = f"{source.publisher}, {address}: {what}"
    last, now = landing.read_fetched(source.name), datetime.now(UTC).isoformat(timespec="seconds")
    before = last.get(FAILING, {"since": now, "times": 0})
    failing = {**before, "last_at": now, "times": before["times"] + 1, "message": message, "remedy": remedy}
    landing.record_fetched(source.name, {**last, FAILING: failing})
    return Fetched(source.name, "failed", None, source.layout, source.indicator, None, message, remedy)


def _last(source: Source, address: str, landing: Landing) -> dict[str, Any]:
    """What was fetched last, as far as it still counts: from this address, and not lost since."""
    last = landing.read_fetched(source.name)
    last.pop(FAILING, None)
    sha256 = last.get("sha256")
    if not isinstance(sha256, str) or "fetched_at" not in last or last.get("address") != address:
        return {}
    return last if landing.has_arrived(sha256) or landing.is_quarantined(sha256) else {}


def _conditions(last: Mapping[str, Any], landing: Landing) -> dict[str, str]:
    """The headers that ask for what is new; none after a refusal: the file may have come damaged.

    Unless a person has settled that: then there is nothing to hope for from the same file.
    """
    if not last or (landing.is_quarantined(last["sha256"]) and not landing.is_set_aside(last["sha256"])):
        return {}
    headers = {"If-None-Match": last.get("etag"), "If-Modified-Since": last.get("last_modified")}
    return {name: value for name, value in headers.items() if isinstance(value, str) and value.isprintable()}


def _check(source: Source, path: Path, sha256: str, size: int) -> str:
    """Refuses what is no release at all; the publisher is asked again the next time.

    A header that has changed is left to intake, which keeps the file and says what is new about it.

    Returns:
        The SHA-256 of the content in a fixed order of lines, records and keys: the bureau's interfaces keep
        to none, and the same figures in another order are no new release.

    Raises:
        RefusalError: a web page, another kind of file or another encoding, or the end is missing.
    """
    received = Received(path.name, Path(source.file_name).suffix, path, sha256, size)
    kind, expected = kind_of(received), KINDS[received.suffix]
    if kind != expected:
        remedy = f"see what the address gives; a new form of the release is declared in {DECLARED_IN}"
        raise RefusalError("wrong_shape", f"{kind}, not {expected}", remedy=remedy)
    from saldo.intake.source import Source as Text  # imports what reads figures, which takes half a second

    if kind == "json":
        root = Text(received, kind).root
        records = (
            sorted(json.dumps(record, sort_keys=True) for record in root) if isinstance(root, list) else root
        )
        return hashlib.sha256(json.dumps(records, sort_keys=True).encode()).hexdigest()
    from saldo.intake import delimited
    from saldo.intake.layout_file import read_layouts

    content = path.read_bytes()
    ends = {layout.name: layout.checks.last_line_end for layout in read_layouts()}
    if ends.get(source.layout, True) and not content.endswith(b"\n"):
        message = "the last line does not end: the file may be cut here"
        remedy = "try again; if it stays so, save the file, end its last line and ingest it"
        raise RefusalError("truncated", message, remedy=remedy)
    try:
        delimited.decode_text(content.removeprefix(b"\xef\xbb\xbf"))
    except RefusalError as refusal:
        refusal.remedy = "if the publisher has changed the encoding, save the file as UTF-8 and ingest it"
        raise
    return hashlib.sha256(b"\n".join(sorted(content.split(b"\n")))).hexdigest()


def _published_on(answer: "Answer", now: datetime) -> tuple[date, str]:
    """The day of publication in UTC, and where it comes from.

    Days are compared by the server's clock: this machine's may be wrong, and a wrong day would stay.

    Raises:
        DownloadError: the server does not tell its time, and this machine's is before that of the file.
    """
    from saldo.download import DownloadError, http_moment

    today = (answer.answered_at or now).date()
    modified = http_moment(answer.last_modified)
    if modified is None:
        return today, "the day on which it was fetched: the server names none"
    day = modified.date()
    if EARLIEST <= day <= today:
        return day, "Last-Modified"
    if day > today and answer.answered_at is None:
        what = f"the server's Last-Modified is {day}, this machine's clock says {today}"
        raise DownloadError(what, "set the clock; if it is right, save the file and ingest it with its day")
    return today, f"the day on which it was fetched: the server's Last-Modified, {day}, cannot be"
