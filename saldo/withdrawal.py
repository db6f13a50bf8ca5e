"""Marks a landed release as withdrawn by its publisher, or takes the mark back; nothing is deleted."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from saldo import lock
from saldo.errors import InputError
from saldo.landing import Landing
from saldo.preflight import read_strictly

SEEDED = "seeds/reference/release.csv"


@dataclass(frozen=True)
class Outcome:
    """What became of the release.

    Attributes:
        status: `withdrawn`, `restored`, or `already` where it was so before.
        release_id: its name.
        withdrawn_on: the day of the mark; None once it is taken back.
        reason: as it was given.
    """

    status: str
    release_id: str
    withdrawn_on: str | None
    reason: str | None

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "status": self.status,
            "release_id": self.release_id,
            "withdrawn_on": self.withdrawn_on,
            "reason": self.reason,
        }

    def as_text(self) -> str:
        """For a person."""
        if self.withdrawn_on is None:
            said = f"{self.release_id} stands"
        else:
            said = f"{self.release_id}: withdrawn on {self.withdrawn_on}: {self.reason}"
        said = f"{self.status:<10}{said}"
        return said if self.status == "already" else f"{said}\n{'':<10}`saldo build` brings it into the file"


def withdraw(project: Path, landing: Landing, release_id: str, withdrawn_on: date, reason: str) -> Outcome:
    """Marks a release as withdrawn from a day on; the next build falls back to the figures before it.

    Raises:
        InputError: there is no such release, the day or the reason cannot be, or it is withdrawn already
            with another day or reason.
        LockedError: another process writes into landing.
        OSError: the manifest could not be written.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise InputError("no reason", where="--reason", remedy="say why, for those who miss the figures")
    if withdrawn_on > date.today():
        remedy = "withdraw it when the day has come"
        raise InputError("the day is yet to come", where=f"--on {withdrawn_on}", remedy=remedy)
    with lock.held(landing.lock, "saldo withdraw"):
        manifest = find_manifest(project, landing, release_id)
        if manifest["published_on"] > withdrawn_on.isoformat():
            what = f"{release_id} was published on {manifest['published_on']}, after that day"
            raise InputError(what, where=f"--on {withdrawn_on}", remedy="look at the day of the withdrawal")
        marks = (manifest["withdrawn_on"], manifest["withdrawn_reason"])
        if manifest["status"] == "withdrawn" and marks != (withdrawn_on.isoformat(), reason):
            what = f"already withdrawn on {marks[0]}: {marks[1]}"
            remedy = f"to change that, first `saldo withdraw {release_id} --undo`"
            raise InputError(what, where=release_id, remedy=remedy)
        if manifest["status"] == "withdrawn":
            return Outcome("already", release_id, *marks)
        landing.withdraw(release_id, withdrawn_on, reason)
        return Outcome("withdrawn", release_id, withdrawn_on.isoformat(), reason)


def restore(project: Path, landing: Landing, release_id: str) -> Outcome:
    """Takes the mark back; the next build shows the figures of the release again.

    Raises:
        InputError: there is no such release.
        LockedError: another process writes into landing.
        OSError: the manifest could not be written.
    """
    with lock.held(landing.lock, "saldo withdraw --undo"):
        if find_manifest(project, landing, release_id)["status"] != "withdrawn":
            return Outcome("already", release_id, None, None)
        landing.restore(release_id)
        return Outcome("restored", release_id, None, None)


def find_manifest(project: Path, landing: Landing, release_id: str) -> dict[str, Any]:
    """The manifest of a landed release; a release of the seeds is put right where it stands.

    Raises:
        InputError: nothing of that name has landed.
    """
    known = {manifest["release_id"]: manifest for manifest in landing.manifests()}
    if release_id in known:
        return known[release_id]
    (_, header), *rows = read_strictly(project / SEEDED, SEEDED)
    if release_id in {row[header.index("release_id")] for _, row in rows}:
        remedy = f"take its row out of {SEEDED}, with its tables"
        raise InputError("a release of the seeds, not of landing", where=release_id, remedy=remedy)
    names = ", ".join(sorted(known))
    remedy = f"known are {names}" if known else "nothing has landed yet: see `saldo ingest`"
    raise InputError("no such release", where=release_id, remedy=remedy)
