"""Landing: the originals that came, the canonical rows read from them, and what was refused.

    landing/originals/<sha256>.<ext>          the bytes as they came, read-only
    landing/rows/<release_id>.parquet         canonical rows of one release
    landing/releases/<release_id>.json        its manifest; its rename into place is what lands the release
    landing/quarantine/<sha256>/reason.json   why a file was refused, beside original.<ext>
    landing/inbox/<source>/<file>             what was fetched and is still to be ingested
    landing/fetched/<source>.json             what was fetched last from a source, to ask for what is new, and
                                              since when it has not answered
    landing/runs/<run_id>.json                how each `saldo refresh` came out

Every file is written under another name in the same folder, flushed, and renamed. A manifest comes last: rows
without one do not exist, so that a kill at any instant leaves the release landed or not there at all.
"""

import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from saldo.disk import file_sha256, flush
from saldo.errors import InputError, MachineError
from saldo.settings import KEEP_ORIGINALS_MB

READ_ONLY = 0o444
TEMPORARY = ".incoming"
# Of the manifests. Raise it when a manifest or the rows change so that older code would misread them; what is
# older is always read, since landing is what everything else is built from.
FORMAT_VERSION = 1
# The reason of a release that a person has put into quarantine.
REFUSED_BY_HAND = "refused_by_hand"
HALF_PAIR = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Landing:
    """The folders of landing."""

    folder: Path

    @property
    def originals(self) -> Path:
        return self.folder / "originals"

    @property
    def rows(self) -> Path:
        return self.folder / "rows"

    @property
    def releases(self) -> Path:
        return self.folder / "releases"

    @property
    def quarantine(self) -> Path:
        return self.folder / "quarantine"

    @property
    def incoming(self) -> Path:
        """Private copies of files that are being read."""
        return self.folder / TEMPORARY

    @property
    def inbox(self) -> Path:
        """A folder a source; only whole files are in there."""
        return self.folder / "inbox"

    @property
    def fetched(self) -> Path:
        return self.folder / "fetched"

    @property
    def fetching(self) -> Path:
        """Files that are being fetched."""
        return self.fetched / TEMPORARY

    @property
    def fetch_lock(self) -> Path:
        """Apart from `lock`: a publisher that is slow keeps nobody from ingesting."""
        return self.fetched / "saldo.lock"

    @property
    def refresh_lock(self) -> Path:
        """Held by `saldo refresh` from beginning to end, around the locks of its steps."""
        return self.folder / "refresh.lock"

    @property
    def lock(self) -> Path:
        return self.folder / "saldo.lock"

    @property
    def log(self) -> Path:
        """Tracebacks of faults of the program."""
        return self.folder / "ingest.log"

    def manifests(self) -> list[dict[str, Any]]:
        """The manifests of all releases, landed and withdrawn, in the order of publication.

        Raises:
            InputError: one cannot be read, or was written by a newer saldo.
        """
        found = [_read_manifest(path) for path in self.releases.glob("*.json")]
        return sorted(found, key=lambda each: (each["published_on"], each["sequence_in_day"]))

    def row_count(self) -> int:
        """How many rows all releases have, withdrawn ones too; raises as `manifests`."""
        return sum(manifest["row_count"] for manifest in self.manifests())

    def quarantined(self) -> list[dict[str, Any]]:
        """What was refused and why, in the order in which it came.

        Raises:
            InputError: a reason cannot be read.
        """
        arrived = sorted(self.manifests(), key=lambda manifest: manifest["recorded_at"])
        landed = {manifest["sha256"]: manifest["recorded_at"] for manifest in arrived}
        found = [_read_json(path) for path in self.quarantine.glob("*/reason.json")]
        # A run that was killed right after it landed a file has not cleared its old refusal.
        found = [each for each in found if each["received_at"] > landed.get(each["sha256"], "")]
        return sorted(found, key=lambda each: (each["received_at"], each["sha256"]))

    def waiting(self) -> list[Path]:
        """Files that were fetched and are still to be ingested, each in the folder of its source."""
        found = self.inbox.glob("*/*")
        return sorted(path for path in found if not path.name.startswith(".") and not path.is_dir())

    def run_file(self, run_id: str) -> Path:
        return self.folder / "runs" / f"{run_id}.json"

    def run_files(self) -> list[Path]:
        """The records of the runs of `saldo refresh`, the oldest first."""
        return sorted(self.run_file("x").parent.glob("*.json"))

    def read_runs(self) -> list[dict[str, Any]]:
        """The runs of `saldo refresh`, the oldest first.

        Raises:
            InputError: a record cannot be read.
        """
        return [_read_json(path) for path in self.run_files()]

    def read_last_run(self) -> dict[str, Any] | None:
        """The run of `saldo refresh` that began last; None if there was none.

        Raises:
            InputError: its record cannot be read.
        """
        files = self.run_files()
        return _read_json(files[-1]) if files else None

    def write_run(self, record: Mapping[str, Any]) -> None:
        """Records a run, in the place of what was recorded of it before.

        Raises:
            OSError: the record is as it was.
        """
        path = self.run_file(record["run_id"])
        path.parent.mkdir(exist_ok=True)
        _place(path, lambda temporary: _write_json(temporary, record))

    def read_fetched(self, source: str) -> dict[str, Any]:
        """What was fetched last from a source; empty if nothing was, or the record cannot be read."""
        try:
            return _read_json(self.fetched / f"{source}.json")
        except (FileNotFoundError, InputError):
            return {}

    def has_arrived(self, sha256: str) -> bool:
        """Whether a file is kept here: landed, or waiting in the inbox."""
        if any(file_sha256(path) == sha256 for path in self.waiting()):
            return True
        return any(manifest["sha256"] == sha256 for manifest in self.manifests())

    def is_quarantined(self, sha256: str) -> bool:
        """Whether a file was refused."""
        return (self.quarantine / sha256 / "reason.json").is_file()

    def refusal(self, sha256: str) -> dict[str, Any]:
        """Why a file was refused; empty if it was not.

        Raises:
            InputError: the reason cannot be read.
        """
        path = self.quarantine / sha256 / "reason.json"
        return _read_json(path) if path.is_file() else {}

    def is_set_aside(self, sha256: str) -> bool:
        """Whether a person has decided of a refused file that there is nothing more to do with these bytes.

        Raises:
            InputError: the reason cannot be read.
        """
        reason = self.refusal(sha256)
        return bool(reason.get("settled_on")) or reason.get("reason") == REFUSED_BY_HAND

    def put_into_inbox(self, copy: Path, source: str, name: str, fetched: Mapping[str, Any]) -> Path:
        """Moves a whole, fetched file into the inbox and records it.

        Another file of that name that waits there stays: it is another edition of the same day.

        Returns:
            Where the file is.

        Raises:
            OSError: it is not in the inbox, or it is and will be fetched once more.
        """
        folder = self.inbox / source
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        if path.exists() and file_sha256(path) != fetched["sha256"]:
            path = path.with_stem(f"{path.stem}_{fetched['sha256'][:8]}")
        _move(copy, path)
        self.record_fetched(source, fetched)
        return path

    def record_fetched(self, source: str, fetched: Mapping[str, Any]) -> None:
        """Records what was fetched last from a source.

        Raises:
            OSError: the record is as it was.
        """
        _place(self.fetched / f"{source}.json", lambda path: _write_json(path, fetched))

    def land(
        self,
        manifest: Mapping[str, Any],
        original: Path,
        suffix: str,
        write_rows: Callable[[Path], None],
    ) -> None:
        """Lands one release.

        Args:
            manifest: as it is written; its `release_id` and `sha256` name the files.
            original: the private copy of the file, which is moved.
            suffix: of the file's name, with its dot.
            write_rows: writes the rows to the path that it is given.

        Raises:
            OSError: nothing has landed.
        """
        sha256, release_id = manifest["sha256"], manifest["release_id"]
        _place(self.rows / f"{release_id}.parquet", write_rows)
        _move(original, self.originals / f"{sha256}{suffix}")
        _place(self.releases / f"{release_id}.json", lambda path: _write_json(path, manifest))
        shutil.rmtree(self.quarantine / sha256, ignore_errors=True)

    def refuse(self, reason: Mapping[str, Any], original: Path, suffix: str) -> None:
        """Keeps a refused file with its reason, in the place of what was kept of the same bytes before.

        Raises:
            OSError: it could not be kept.
        """
        folder = self.quarantine / reason["sha256"]
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / f"original{suffix}"
        _move(original, kept)
        for earlier in folder.glob("original*"):
            if earlier != kept:
                earlier.unlink()
        _place(folder / "reason.json", lambda path: _write_json(path, reason))

    def unland(self, manifest: Mapping[str, Any], reason: Mapping[str, Any]) -> None:
        """Moves a release into quarantine, as if its file had been refused.

        Original and reason are there before the manifest goes, with which the release ends; `clear` removes
        the rest, and can be called again after a kill in between.

        Args:
            manifest: of the release.
            reason: as `refuse` takes it, with the `release_id`.

        Raises:
            OSError: the release is still there, or `clear` is still to be called.
        """
        folder = self.quarantine / manifest["sha256"]
        folder.mkdir(parents=True, exist_ok=True)
        for original in self._originals_of(manifest["sha256"]):
            kept = folder / f"original{original.suffix}"
            _place(kept, partial(_link, original))
        _place(folder / "reason.json", lambda path: _write_json(path, reason))
        (self.releases / f"{manifest['release_id']}.json").unlink()
        flush(self.releases)
        self.clear(manifest["release_id"], manifest["sha256"])

    def clear(self, release_id: str, sha256: str) -> None:
        """Removes what a release without a manifest has left: rows, and the original if no other needs it."""
        (self.rows / f"{release_id}.parquet").unlink(missing_ok=True)
        if not any(manifest["sha256"] == sha256 for manifest in self.manifests()):
            for original in self._originals_of(sha256):
                original.unlink()

    def settle(self, sha256: str, day: date) -> None:
        """Records in the reason of a refused file that a person has settled it.

        Raises:
            OSError: the reason is as it was.
        """
        path = self.quarantine / sha256 / "reason.json"
        content = {**_read_json(path), "settled_on": day.isoformat()}
        _place(path, lambda temporary: _write_json(temporary, content))

    def _originals_of(self, sha256: str) -> list[Path]:
        return [path for path in self.originals.glob(f"{sha256}*") if path.name.split(".")[0] == sha256]

    def check_room(self, size: int, limit: int) -> None:
        """Before a release lands: whether its original fits beside those that must stay.

        Raises:
            MachineError: it does not; nothing has landed.
        """
        used = sum(path.stat().st_size for path in self.originals.iterdir())
        if used + size <= limit:
            return
        name, _ = KEEP_ORIGINALS_MB
        what = f"the originals take {_mb(used)} MB, this one {_mb(size)} MB; the limit is {_mb(limit)} MB"
        raise MachineError(
            what,
            where=str(self.originals),
            details=["no original of a landed release is removed: all else can be built from them again"],
            remedy=f"raise {name}, or move the landing folder to a larger disk (SALDO_LANDING=DIR) first",
        )

    def drop_quarantined(self, limit: int) -> list[str]:
        """Removes originals in quarantine, the oldest first, until all originals are within the limit.

        Each reason stays, and says so.

        Returns:
            The hashes of the originals that were removed.
        """
        originals = {path.parent.name: path for path in self.quarantine.glob("*/original*")}
        used = sum(path.stat().st_size for path in [*self.originals.iterdir(), *originals.values()])
        dropped = []
        for reason in self.quarantined() if used > limit else []:
            if used <= limit or not (original := originals.get(reason["sha256"])):
                continue
            used -= original.stat().st_size
            original.unlink()
            marked = {**reason, "original_dropped": f"beyond {KEEP_ORIGINALS_MB[0]}"}
            _place(original.with_name("reason.json"), partial(_write_json, content=marked))
            dropped.append(reason["sha256"])
        return dropped

    def withdraw(self, release_id: str, withdrawn_on: date, reason: str) -> None:
        """Marks a release as withdrawn by its publisher; its files stay.

        Raises:
            InputError: there is no such release.
            OSError: the manifest could not be written.
        """
        marks = {"status": "withdrawn", "withdrawn_on": withdrawn_on.isoformat(), "withdrawn_reason": reason}
        self._mark(release_id, marks)

    def restore(self, release_id: str) -> None:
        """Takes back that a release is withdrawn.

        Raises:
            InputError: there is no such release.
            OSError: the manifest could not be written.
        """
        self._mark(release_id, {"status": "landed", "withdrawn_on": None, "withdrawn_reason": None})

    def _mark(self, release_id: str, marks: Mapping[str, Any]) -> None:
        path = self.releases / f"{release_id}.json"
        if not path.is_file():
            raise InputError("no such release", where=release_id, remedy=f"see the names in {self.releases}")
        manifest = {**_read_json(path), **marks}
        _place(path, lambda temporary: _write_json(temporary, manifest))


def open_landing(project: Path) -> Landing:
    """The landing folder, made if it is not there: SALDO_LANDING, or `landing` in the project.

    Raises:
        OSError: it cannot be made.
    """
    landing = landing_folder(project)
    for folder in (landing.originals, landing.rows, landing.releases, landing.quarantine):
        folder.mkdir(parents=True, exist_ok=True)
    return landing


def landing_folder(project: Path) -> Landing:
    """The landing folder, whether or not it is there."""
    named = os.environ.get("SALDO_LANDING")
    return Landing(Path(named).absolute() if named else project / "landing")


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f}"


def _read_manifest(path: Path) -> dict[str, Any]:
    manifest = _read_json(path)
    version = manifest.get("format_version")
    if type(version) is not int or version < 1:
        remedy = "it was written by something else than saldo: restore it from a copy, or remove it"
        raise InputError(f"its format_version is {version!r}, not a number", where=str(path), remedy=remedy)
    if version > FORMAT_VERSION:
        raise InputError(
            f"landing is of format {version}; this version of saldo reads up to {FORMAT_VERSION}",
            where=str(path),
            remedy="a newer saldo has landed it: use that one, or a later one, with this landing",
        )
    return manifest


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        remedy = "it was written by something else than saldo: restore it from a copy, or remove it"
        raise InputError("not the JSON that landing holds", where=str(path), remedy=remedy)
    return found


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    # Texts of strangers may hold halves of surrogate pairs. UTF-8 cannot, and other readers of JSON refuse
    # their escapes: they are written out, as text.
    text = json.dumps(content, ensure_ascii=False, indent=1)
    text = HALF_PAIR.sub(lambda half: f"\\\\u{ord(half[0]):04x}", text)
    path.write_text(f"{text}\n", encoding="utf-8")


def _place(path: Path, write: Callable[[Path], None]) -> None:
    """Writes a file under a temporary name, flushes it and renames it into place."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        write(temporary)
        flush(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    flush(path.parent)


def _link(original: Path, path: Path) -> None:
    """Makes `path` the same read-only file, or a copy of it where a file system has no hard links."""
    path.unlink(missing_ok=True)
    try:
        os.link(original, path)
    except OSError:
        shutil.copyfile(original, path)
        path.chmod(READ_ONLY)


def _move(copy: Path, path: Path) -> None:
    """Moves a private copy into place as a read-only file; both are on one disk."""
    copy.chmod(READ_ONLY)
    flush(copy)
    os.replace(copy, path)
    flush(path.parent)
