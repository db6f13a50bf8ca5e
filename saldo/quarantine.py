"""What a person decides about refused files: refuses a landed release by hand, or settles a refusal."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from saldo import lock, versions
from saldo.errors import InputError
from saldo.landing import REFUSED_BY_HAND, Landing
from saldo.warehouse import display, open_warehouse
from saldo.withdrawal import find_manifest

SHORTEST = 8  # of the start of a hash that names a file
NO_REASON = "its figures cannot be right"
STATUS = "`saldo status` lists what was refused"


@dataclass(frozen=True)
class Outcome:
    """What became of the file.

    Attributes:
        status: `quarantined`, `settled`, or `already` where it was so before.
        file_name, sha256: of the file.
        release_id: as which it had landed; None of a file that never did.
        message: why it is in quarantine.
        settled_on: the day on which it was settled; None if it is not.
        folder: where it is kept.
    """

    status: str
    file_name: str
    sha256: str
    release_id: str | None
    message: str
    settled_on: str | None
    folder: Path

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {**vars(self), "folder": str(self.folder)}

    def as_text(self) -> str:
        """For a person."""
        what = f"{self.release_id} ({self.file_name})" if self.release_id else self.file_name
        if self.settled_on:
            return (
                f"{self.status:<12}{what}: settled on {self.settled_on}; it stays in {display(self.folder)}"
            )
        return "\n".join(
            [
                f"{self.status:<12}{what}: {self.message}; it is kept in {display(self.folder)}",
                f"{'':12}`saldo build` publishes what else has landed",
                f"{'':12}`saldo settle {self.sha256[:SHORTEST]}` when nothing is left to do about it",
            ]
        )


def quarantine(
    project: Path, landing: Landing, release_id: str, reason: str | None, say: Callable[[str], None]
) -> Outcome:
    """Puts a landed release that was never published into quarantine: nothing of it has ever stood.

    Args:
        project: the folder of dbt_project.yml.
        landing: where it has landed.
        release_id: its name.
        reason: why, for a person.
        say: is told what a killed build had left and was put right.

    Raises:
        InputError: there is no such release, the reason is blank, or a kept version holds it.
        LockedError: another process writes into landing, or a build that may publish it is running.
        OSError: the release is still there, or the next call ends what was begun.
    """
    message = NO_REASON if reason is None else " ".join(reason.split())
    if not message:
        raise InputError("no reason", where="--reason", remedy="say why, or leave --reason out")
    warehouse = open_warehouse(project)
    with lock.held(warehouse.lock, "saldo quarantine"), lock.held(landing.lock, "saldo quarantine"):
        if earlier := _by_hand(landing, release_id):
            landing.clear(release_id, earlier["sha256"])
            return _outcome("already", landing, earlier)
        manifest = find_manifest(project, landing, release_id)
        versions.settle(warehouse, say)  # a version that a killed build has left was not published
        for version in versions.kept(warehouse):
            if release_id in {each["release_id"] for each in version.manifest["releases"]}:
                what = f"version {version.id} was published with it: its figures stood for a time"
                remedy = f"`saldo withdraw {release_id} --on DATE --reason TEXT` ends them"
                raise InputError(what, where=release_id, remedy=remedy)
        told = {"indicator": None, "published_on": manifest["published_on"]}
        if len(manifest["indicators"]) == 1:
            told["indicator"] = manifest["indicators"][0]
        refusal = {
            "file_name": manifest["file_name"],
            "sha256": manifest["sha256"],
            "size": manifest["size"],
            "received_at": max(_now(), manifest["recorded_at"]),  # the clock may have been set back
            "reason": REFUSED_BY_HAND,
            "message": message,
            "place": {},
            "found": "",
            "remedy": "ask its publisher for a right one; `saldo ingest` takes in this one all the same",
            "layout": manifest["layout"],
            "details": [],
            "told": told | {"published_on_note": manifest["published_on_note"]},
            "release_id": release_id,
        }
        landing.unland(manifest, refusal)
        return _outcome("quarantined", landing, refusal)


def settle(landing: Landing, sha256: str) -> Outcome:
    """Records that nothing is left to do about a refused file; it stays, and is not asked for again.

    Args:
        landing: where it is kept.
        sha256: of the file, or the start of it.

    Raises:
        InputError: no or more than one file in quarantine is named so.
        LockedError: another process writes into landing.
        OSError: the reason is as it was.
    """
    if not re.fullmatch(f"[0-9a-f]{{{SHORTEST},64}}", sha256):
        what = f"not the SHA-256 of a file, nor the first {SHORTEST} or more signs of one"
        raise InputError(what, where=sha256, remedy=STATUS)
    with lock.held(landing.lock, "saldo settle"):
        found = [each for each in landing.quarantined() if each["sha256"].startswith(sha256)]
        if len(found) != 1:
            what = f"{len(found)} files in quarantine are named so" if found else "no such file in quarantine"
            raise InputError(what, where=sha256, remedy="write more of it" if found else STATUS)
        if found[0].get("settled_on"):
            return _outcome("already", landing, found[0])
        today = date.today()
        landing.settle(found[0]["sha256"], today)
        return _outcome("settled", landing, {**found[0], "settled_on": today.isoformat()})


def _by_hand(landing: Landing, release_id: str) -> dict[str, Any] | None:
    """The refusal by which a release was put into quarantine, once its manifest is gone."""
    if any(manifest["release_id"] == release_id for manifest in landing.manifests()):
        return None
    return next((each for each in landing.quarantined() if each.get("release_id") == release_id), None)


def _outcome(status: str, landing: Landing, refusal: dict[str, Any]) -> Outcome:
    return Outcome(
        status=status,
        file_name=refusal["file_name"],
        sha256=refusal["sha256"],
        release_id=refusal.get("release_id"),
        message=refusal["message"],
        settled_on=refusal.get("settled_on"),
        folder=landing.quarantine / refusal["sha256"],
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
