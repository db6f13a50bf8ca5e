"""Landing: the originals that came, the canonical rows read from them, and what was refused.

    landing/originals/<sha256>.<ext>          the bytes as they came, read-only
    landing/rows/<release_id>.parquet         canonical rows of one release
    landing/releases/<release_id>.json        its manifest; its rename into place is what lands the release
    landing/quarantine/<sha256>/reason.json   why a file was refused, beside original.<ext>

Every file is written under another name in the same folder, flushed, and renamed. A manifest comes last: rows
without one do not exist, so that a kill at any instant leaves the release landed or not there at all.
"""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from saldo.disk import flush
from saldo.errors import InputError

READ_ONLY = 0o444
TEMPORARY = ".incoming"


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
    def lock(self) -> Path:
        return self.folder / "saldo.lock"

    @property
    def log(self) -> Path:
        """Tracebacks of faults of the program."""
        return self.folder / "ingest.log"

    def manifests(self) -> list[dict[str, Any]]:
        """The manifests of all releases, landed and withdrawn, in the order of publication.

        Raises:
            InputError: one cannot be read.
        """
        found = [_read_json(path) for path in self.releases.glob("*.json")]
        return sorted(found, key=lambda each: (each["published_on"], each["sequence_in_day"]))

    def quarantined(self) -> list[dict[str, Any]]:
        """What was refused and why, in the order in which it came.

        Raises:
            InputError: a reason cannot be read.
        """
        landed = {manifest["sha256"] for manifest in self.manifests()}
        # A run that was killed right after it landed a file has not cleared its old refusal.
        paths = [path for path in self.quarantine.glob("*/reason.json") if path.parent.name not in landed]
        found = [_read_json(path) for path in paths]
        return sorted(found, key=lambda each: (each["received_at"], each["sha256"]))

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
        for earlier in folder.glob("original*"):
            earlier.unlink()
        _move(original, folder / f"original{suffix}")
        _place(folder / "reason.json", lambda path: _write_json(path, reason))

    def withdraw(self, release_id: str, withdrawn_on: date, reason: str) -> None:
        """Marks a release as withdrawn by its publisher; its files stay.

        Raises:
            InputError: there is no such release.
            OSError: the manifest could not be written.
        """
        path = self.releases / f"{release_id}.json"
        if not path.is_file():
            raise InputError("no such release", where=release_id, remedy=f"see the names in {self.releases}")
        marks = {"status": "withdrawn", "withdrawn_on": withdrawn_on.isoformat(), "withdrawn_reason": reason}
        manifest = {**_read_json(path), **marks}
        _place(path, lambda temporary: _write_json(temporary, manifest))


def open_landing(project: Path) -> Landing:
    """The landing folder, made if it is not there: SALDO_LANDING, or `landing` in the project.

    Raises:
        OSError: it cannot be made.
    """
    named = os.environ.get("SALDO_LANDING")
    landing = Landing(Path(named).absolute() if named else project / "landing")
    for folder in (landing.originals, landing.rows, landing.releases, landing.quarantine):
        folder.mkdir(parents=True, exist_ok=True)
    return landing


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
    # Texts of strangers may hold halves of surrogate pairs, which UTF-8 cannot.
    text = json.dumps(content, ensure_ascii=False, indent=1)
    path.write_bytes(text.encode("utf-8", "backslashreplace") + b"\n")


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


def _move(copy: Path, path: Path) -> None:
    """Moves a private copy into place as a read-only file; both are on one disk."""
    copy.chmod(READ_ONLY)
    flush(copy)
    os.replace(copy, path)
    flush(path.parent)
