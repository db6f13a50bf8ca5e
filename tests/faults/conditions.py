"""Faults of the machine: a full disk, folders that may not be written, a lock, a clock that was set back."""
# ruff: noqa: S607  (the instants are no secret; mount, cp and ps are where the system has them)

import contextlib
import errno
import fcntl
import json
import os
import resource
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from saldo import versions
from saldo.disk import file_sha256
from saldo.status import read_status
from tests.faults import stand_in
from tests.faults.kills import Template
from tests.faults.scene import PROJECT, BreachError, Scene

MACHINE, LOCKED = 5, 4
Result = tuple[str, str]  # what was done; "ok", "skipped: ..." or what was wrong
TMPFS_MB = 400
QUOTA_PHASES = ("fetch", "ingest", "models", "exports", "publish", "keep work", "record")
DISK_PHASES = ("start", *QUOTA_PHASES)


def run_all(template: Template, base: str, *, short: bool) -> Iterator[Result]:
    """Each fault in turn; in the short form, some of the phases."""
    yield from run_one("kept-work", template, base)
    for phase in ("ingest", "exports") if short else QUOTA_PHASES:
        yield _judged(f"files may not grow (RLIMIT_FSIZE), from {phase} on", _limited(phase), template, base)
    mountable = _why_not_mountable(template.scene.folder)
    for phase in ("publish",) if short else DISK_PHASES:
        yield (
            (f"full disk (tmpfs), from {phase} on", mountable)
            if mountable
            else _judged(f"full disk (tmpfs), from {phase} on", _full_from(phase), template, base, tmpfs=True)
        )
    for name in ("warehouse", "landing", "both"):
        if os.geteuid() and name != "both":
            yield _judged(f"read-only folder: {name}", _not_writable(name), template, base)
        elif not os.geteuid() and name == "both":
            what = "read-only file system: warehouse and landing"
            yield (
                (what, mountable) if mountable else _judged(what, _read_only_disk, template, base, tmpfs=True)
            )
        elif not os.geteuid():
            yield f"read-only folder: {name}", "skipped: root writes into any folder"
    for name in ("warehouse",) if short else ("warehouse", "landing", "refresh"):
        yield _judged(f"lock held: {name}", _locked(name), template, base)
    yield from run_one("clock", template, base)


Check = Callable[[], None]
Fault = Callable[[Scene, Template, str], Check | None]


def run_one(name: str, template: Template, base: str) -> Iterator[Result]:
    """One of `BY_NAME`."""
    yield _judged(*BY_NAME[name], template, base)


def _killed_before_keep(scene: Scene, template: Template, base: str) -> None:
    """The kept work database is then of the version before; what was published then is taken back.

    The next build must not go on from the two: releases that only one of them knows would be lost.
    """
    child = stand_in.start(scene, f"{base}/after", at={"keep work": stand_in.stop_here})
    # A stopped process dies where it stands; one that goes on might keep its work before the kill comes.
    if not child.reach() or not child.kill():
        raise BreachError("it was not killed there")
    stand_in.in_child(lambda: template.check_after_kill(scene))
    # So that there is something to build: a release that landed already comes once more.
    _forget_inputs(scene)


def _judged(what: str, fault: Fault, template: Template, base: str, *, tmpfs: bool = False) -> Result:
    """Injects a fault into a copy, looks at it, runs again without the fault and looks once more."""
    place = template.scene.folder.with_name("condition")
    try:
        with _tmpfs(place) if tmpfs else contextlib.nullcontext():
            scene = template.scene.copy(place / "scene" if tmpfs else place)
            check = fault(scene, template, base)
            stand_in.in_child(lambda: template.check_after_kill(scene))
            status = stand_in.start(scene, f"{base}/after").wait()
            if status != template.status:
                raise BreachError(f"the next run ended with {status}")
            stand_in.in_child(lambda: scene.check_settled(template.after))
            if check:
                check()
    except BreachError as breach:
        return what, str(breach)
    return what, "ok"


def _expect(status: int, *expected: int) -> None:
    if status not in expected:
        raise BreachError(f"the run ended with {status}, not {' or '.join(map(str, expected))}")


def _limited(phase: str) -> Fault:
    """From a phase on, nothing can be written: a quota that is used up."""

    def fault(scene: Scene, template: Template, base: str) -> None:
        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))

        _expect(stand_in.start(scene, f"{base}/after", at={phase: limit}).wait(), MACHINE)

    return fault


def _full_from(phase: str) -> Fault:
    def fault(scene: Scene, template: Template, base: str) -> None:
        filler = scene.folder.parent / "filler"

        def fill() -> None:
            with filler.open("wb", buffering=0) as file:
                size = 1 << 20
                while size:
                    try:
                        file.write(b"\0" * size)
                    except OSError as error:
                        if error.errno != errno.ENOSPC:
                            raise
                        size //= 2

        status = stand_in.start(scene, f"{base}/after", at={phase: fill}).wait()
        filler.unlink()
        # The last steps may need no further block of the disk.
        _expect(status, MACHINE, *([template.status] if phase in ("publish", "keep work", "record") else []))

    return fault


def _not_writable(name: str) -> Fault:
    def fault(scene: Scene, template: Template, base: str) -> None:
        top = scene.folder / name
        folders = [top, *(path for path in top.rglob("*") if path.is_dir() and not path.is_symlink())]
        for folder in folders:
            folder.chmod(0o555)
        try:
            status = stand_in.start(scene, f"{base}/after").wait()
        finally:
            for folder in folders:
                folder.chmod(0o755)
        _expect(status, MACHINE)

    return fault


def _read_only_disk(scene: Scene, template: Template, base: str) -> None:
    place = str(scene.folder.parent)
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)
    try:
        status = stand_in.start(scene, f"{base}/after").wait()
        stand_in.in_child(lambda: template.check_after_kill(scene))
    finally:
        subprocess.run(["mount", "-o", "remount,rw", place], check=True)
    _expect(status, MACHINE)


def _locked(name: str) -> Fault:
    def fault(scene: Scene, template: Template, base: str) -> None:
        path = {
            "warehouse": scene.warehouse.lock,
            "landing": scene.landing.lock,
            "refresh": scene.landing.refresh_lock,
        }[name]
        with path.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            json.dump({"pid": os.getpid(), "host": socket.gethostname(), "command": "saldo build"}, lock)
            lock.flush()
            status = stand_in.start(scene, f"{base}/after").wait()
        _expect(status, LOCKED)

    return fault


def _clock_set_back(scene: Scene, template: Template, base: str) -> Check:
    """A refresh, and one more that publishes, under a clock ten years back; then the true one again.

    Such a run may refuse, and changes nothing then. If it goes on, all that it leaves must be right.
    """
    back = timedelta(days=-3650)
    before, runs = _records(scene), scene.landing.read_runs()
    status = stand_in.start(scene, f"{base}/after", clock=back).wait()
    if status == template.status:
        stand_in.in_child(lambda: scene.check_settled(template.after))
        _forget_inputs(scene)
        stand_in.start(scene, f"{base}/after", clock=back).wait()
        if _records(scene)["versions"][-1] >= before["versions"][-1]:  # they begin with their time
            raise BreachError("the clock was not set back, or nothing was published under it")
    elif status == 0 or _records(scene) != before:
        raise BreachError(f"the run ended with {status} and has changed something")

    def check() -> None:
        stand_in.in_child(lambda: _check_order(scene, before, runs))

    return check


def _records(scene: Scene) -> dict[str, Any]:
    """What there is, apart from the records of runs."""
    landing, warehouse = scene.landing, scene.warehouse
    state = warehouse.read_state()
    return {
        "releases": {each["release_id"]: each["recorded_at"] for each in landing.manifests()},
        "refused": [each["sha256"] for each in landing.quarantined()],
        "inbox": [path.name for path in landing.waiting()],
        "versions": [version.id for version in versions.kept(warehouse)],
        "published": [state["version_id"], file_sha256(warehouse.published)],
    }


def _check_order(scene: Scene, before: Mapping[str, Any], runs: list[dict[str, Any]]) -> None:
    """After a run under the true clock: what was there is there, in its order, and each day can be."""
    now = datetime.now(UTC)
    os.environ.update(scene.environment("http://localhost"))
    told, after, manifests = read_status(PROJECT), _records(scene), scene.landing.manifests()
    # None lands after now, or before it was published.
    arrived = {name: datetime.fromisoformat(moment) for name, moment in after["releases"].items()}
    days = {each["release_id"]: date.fromisoformat(each["published_on"]) for each in manifests}
    kept = [name for name in after["versions"] if name in before["versions"]]
    for fault, is_there in {
        "releases are gone": not before["releases"].items() <= after["releases"].items(),
        "records of runs are gone": not all(run in scene.landing.read_runs() for run in runs),
        f"the versions are {after['versions']}": after["versions"][-1] != after["published"][0]
        or kept != after["versions"][: len(kept)],
        f"releases are of {days} and arrived at {arrived}": any(
            not day <= arrived[name].date() <= now.date() for name, day in days.items()
        ),
        f"status tells of {told.published}": not told.published.whole or told.published.build_pending,
        f"status tells of {told.sources}": any(
            source.release_id in days and source.published_on != days[source.release_id]
            for source in told.sources
        ),
        f"status tells of {told.inbox}, {told.quarantined}": bool(told.inbox or told.quarantined),
    }.items():
        if is_there:
            raise BreachError(fault)


def _forget_inputs(scene: Scene) -> None:
    """The record tells of other inputs then, and the next run publishes the same content once more."""
    state = scene.warehouse.read_state()
    scene.warehouse.state.write_text(json.dumps({**state, "fingerprint": "0" * 64}), encoding="utf-8")


BY_NAME: dict[str, tuple[str, Fault]] = {
    "kept-work": ("killed between publication and kept work", _killed_before_keep),
    "clock": ("clock set back by ten years", _clock_set_back),
}


def _why_not_mountable(folder: Path) -> str:
    """Empty if a small tmpfs can be mounted."""
    if os.geteuid():
        return "skipped: only root mounts a small tmpfs"
    try:
        with _tmpfs(folder.with_name("probe")):
            return ""
    except (OSError, subprocess.CalledProcessError):
        return "skipped: no tmpfs can be mounted here"


@contextlib.contextmanager
def _tmpfs(place: Path) -> Iterator[None]:
    subprocess.run(["rm", "-rf", str(place)], check=True)
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_MB}m", "saldo-faults", str(place)]
    subprocess.run(mount, check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)
        place.rmdir()
