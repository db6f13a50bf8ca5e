"""Kept versions of the published file: each whole in its folder, one of them published.

    warehouse/versions/<id>/saldo.duckdb     the file; the published one is a hard link of it
    warehouse/versions/<id>/manifest.json    what it is and holds, with hashes
    warehouse/versions/<id>/parquet/         its tables as Parquet
    warehouse/latest                         leads to the folder of the published file
    warehouse/saldo.state.json               the record: what is published, which versions are kept

Publishing takes four steps, each atomic: the folder is renamed into versions, the file is put in its place,
`latest` and the record follow. `settle` ends what a kill in between has left half done.
"""

import contextlib
import json
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from saldo.disk import file_sha256, flush, stamp
from saldo.errors import InputError
from saldo.warehouse import Warehouse, display, write_ahead_log

READ_ONLY = 0o444
FORMAT = 1
ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")
STOPPING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
# What the record repeats of the manifest: enough to see that there is nothing new, and for the screen.
RECORDED = ("version_id", "fingerprint", "built_at", "seconds", "tests", "warnings", "summary")


@dataclass(frozen=True)
class Version:
    """A version that is kept."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def file(self) -> Path:
        return self.folder / "saldo.duckdb"

    @property
    def sha256(self) -> str:
        """As the manifest has it."""
        return str(self.manifest["file"]["sha256"])

    @property
    def fingerprint(self) -> str:
        return str(self.manifest["fingerprint"])

    def is_whole(self) -> bool:
        """Whether the file is still the one that was published, byte for byte."""
        return self.file.is_file() and file_sha256(self.file) == self.sha256

    def record(self) -> dict[str, Any]:
        """What the record says while this version is published."""
        file = {"size": self.manifest["file"]["size"], "sha256": self.sha256}
        return {name: self.manifest[name] for name in RECORDED} | file


def new_id(warehouse: Warehouse, inputs: str, now: datetime) -> str:
    """A name for the version to be built: the time (UTC) and the start of the inputs' fingerprint."""
    moment = now.astimezone(UTC)
    while True:
        name = f"{moment:%Y%m%dT%H%M%SZ}-{inputs[:8]}"
        if not (warehouse.versions / name).exists():
            return name
        moment += timedelta(seconds=1)  # the clock was set back


def kept(warehouse: Warehouse) -> list[Version]:
    """The versions in the folder, in the order in which they were published first."""
    found = filter(None, map(_read, _folders(warehouse)))
    return sorted(found, key=lambda version: (version.manifest["sequence"], version.id))


def published(versions: Sequence[Version], state: Mapping[str, Any]) -> Version | None:
    """The version that the record names, if it is kept."""
    return next((version for version in versions if version.id == state.get("version_id")), None)


def settle(warehouse: Warehouse, say: Callable[[str], None]) -> tuple[dict[str, Any], bool]:
    """Ends what a killed run has left and puts a lost published file back; to be called under the lock.

    Args:
        warehouse: what is settled.
        say: is told what was put back.

    Returns:
        The record, empty if there is none, and whether the published file is the one it tells of.

    Raises:
        InputError: `latest` or `versions` is something else than saldo makes.
    """
    _check_places(warehouse)
    # What a killed build left; nobody else writes there while the lock is held.
    shutil.rmtree(warehouse.private, ignore_errors=True)
    state = warehouse.read_state()
    whole = warehouse.holds(state)
    versions = kept(warehouse)
    try:
        if not whole and (found := _published_without_record(warehouse, versions)):
            # A kill came between the rename of the file and its record.
            state = _write_state(warehouse, next_state(found, versions, state))
            whole = warehouse.holds(state)
        version = published(versions, state)
        if not whole and version and version.is_whole():
            warehouse.private.mkdir(exist_ok=True)
            put_in_place(version.file, warehouse.published, warehouse.private / "published")
            say(f"{display(warehouse.published)} was not what was published last; put back from {version.id}")
            whole = True
        if whole and version:
            _point_latest(warehouse, version)
        if "versions" in state:
            orphans = [folder for folder in _folders(warehouse) if folder.name not in state["versions"]]
            _remove(warehouse, orphans)
    finally:
        shutil.rmtree(warehouse.private, ignore_errors=True)
    return state, whole


def next_state(version: Version, versions: Iterable[Version], before: Mapping[str, Any]) -> dict[str, Any]:
    """The record once `version` is published in the place of what the record `before` tells of.

    A version that was published before comes back by a rollback: what it takes the place of is then not built
    again from the same inputs, until others are there. A new build ends such a hold.
    """
    known = before.get("versions", [each.id for each in versions if each.id != version.id])
    state = version.record() | {"versions": [*known, *({version.id} - {*known})]}
    if version.id in known and before:
        given_up = {**before.get("held", {})}
        if before.get("fingerprint") not in (None, version.fingerprint):
            given_up[before["fingerprint"]] = before.get("version_id", "")
        given_up.pop(version.fingerprint, None)
        state |= {"held": given_up} if given_up else {}
    return state


def publish(warehouse: Warehouse, version: Version, before: Mapping[str, Any]) -> dict[str, Any]:
    """Puts a version in the place of the published file, with `latest` and the record.

    Args:
        warehouse: its private folder is there.
        version: in the private folder if it is new, else one that is kept.
        before: the record.

    Returns:
        The new record.

    Raises:
        OSError: what was not yet done is done by the next run, or removed.
    """
    home = warehouse.versions / version.manifest["version_id"]
    # A signal waits until all is in place.
    with _signals_blocked():
        if version.folder != home:
            warehouse.versions.mkdir(exist_ok=True)
            os.replace(version.folder, home)
            flush(warehouse.versions)
            version = Version(home, version.manifest)
        put_in_place(version.file, warehouse.published, warehouse.private / "published")
        _point_latest(warehouse, version)
        return _write_state(warehouse, next_state(version, kept(warehouse), before))


def put_in_place(file: Path, published: Path, link: Path) -> None:
    """Makes `published` the same file as `file`: a reader sees the whole old file or the whole new one.

    Args:
        file: of a version.
        published: what readers open.
        link: a free name in a private folder, from which the link is renamed.

    Raises:
        OSError: nothing was moved; the published file is as it was.
    """
    link.unlink(missing_ok=True)  # never written into: it may be the same file as a version
    try:
        os.link(file, link)
    except OSError:  # a file system without hard links, or too many links
        shutil.copyfile(file, link)
        link.chmod(READ_ONLY)
    flush(link)
    # Left by a client that wrote into the published file in spite of its mode; it would spoil the new one.
    write_ahead_log(published).unlink(missing_ok=True)
    os.replace(link, published)
    flush(published.parent)


def complete(folder: Path, manifest: Mapping[str, Any]) -> Version:
    """Writes the manifest into the folder of a new version and flushes all that is in it to the disk.

    Raises:
        OSError: it cannot be written.
    """
    _write_json(folder / "manifest.json", manifest)
    for path in [*folder.rglob("*"), folder]:
        if path.is_file():
            path.chmod(READ_ONLY)
        flush(path)
    return Version(folder, manifest)


def prune(warehouse: Warehouse, state: Mapping[str, Any], keep: int) -> dict[str, Any]:
    """Removes the oldest versions beyond the limit, never the published one; returns the new record."""
    others = [version.id for version in kept(warehouse) if version.id != state["version_id"]]
    spared = {*others[max(len(others) - (keep - 1), 0) :], state["version_id"]}
    left = {**state, "versions": [name for name in state["versions"] if name in spared]}
    if left != state:
        # The record first: a folder that it does not name is removed by the next run.
        left = _write_state(warehouse, left)
    _remove(warehouse, [folder for folder in _folders(warehouse) if folder.name not in spared])
    return left


def size(folder: Path) -> int:
    """Bytes of the files below a folder; 0 if it is not there."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _check_places(warehouse: Warehouse) -> None:
    for path, what, fits in (
        (warehouse.latest, "the link to the published version", warehouse.latest.is_symlink()),
        (warehouse.versions, "the folder of kept versions", warehouse.versions.is_dir()),
    ):
        if (path.exists() or path.is_symlink()) and not fits:
            remedy = "move it away; a folder copied without its links keeps a copy there"
            raise InputError(
                f"this is not {what}, which saldo keeps here", where=display(path), remedy=remedy
            )


def _published_without_record(warehouse: Warehouse, versions: Sequence[Version]) -> Version | None:
    if not versions or not warehouse.published.is_file():
        return None
    sha256 = file_sha256(warehouse.published)
    return next((version for version in versions if version.sha256 == sha256), None)


def _folders(warehouse: Warehouse) -> list[Path]:
    """Folders with the name of a version; others are not ours."""
    if not warehouse.versions.is_dir():
        return []
    return [path for path in warehouse.versions.iterdir() if ID.fullmatch(path.name) and path.is_dir()]


def _read(folder: Path) -> Version | None:
    """The version in a folder, if its manifest can be read and is its own."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        version = Version(folder, manifest)
        fits = manifest["version_id"] == folder.name and isinstance(manifest["sequence"], int)
        return version if fits and version.record() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _point_latest(warehouse: Warehouse, version: Version) -> None:
    target = os.path.relpath(version.folder, warehouse.folder)
    if warehouse.latest.is_symlink() and os.readlink(warehouse.latest) == target:
        return
    warehouse.private.mkdir(exist_ok=True)
    link = warehouse.private / "latest"
    link.unlink(missing_ok=True)
    link.symlink_to(target)
    os.replace(link, warehouse.latest)
    flush(warehouse.folder)


def _write_state(warehouse: Warehouse, state: Mapping[str, Any]) -> dict[str, Any]:
    """Writes the record of the published file, with its stamp; returns what was written."""
    warehouse.private.mkdir(exist_ok=True)
    stamped = {**state, "stamp": stamp(warehouse.published)}
    _write_json(warehouse.private_state, stamped)
    os.replace(warehouse.private_state, warehouse.state)
    return stamped


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _remove(warehouse: Warehouse, folders: Iterable[Path]) -> None:
    """Removes versions; each leaves the folder of versions whole, by one rename."""
    for folder in folders:
        warehouse.private.mkdir(exist_ok=True)
        away = warehouse.private / f"removed-{folder.name}"
        os.replace(folder, away)
        shutil.rmtree(away, ignore_errors=True)


@contextlib.contextmanager
def _signals_blocked() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
