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
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from tests.faults import stand_in
from tests.faults.kills import Template
from tests.faults.scene import BreachError, Scene

MACHINE, LOCKED = 5, 4
Result = tuple[str, str]  # what was done; "ok", "skipped: ..." or what was wrong
TMPFS_MB = 400
QUOTA_PHASES = ("fetch", "ingest", "models", "exports", "publish", "keep work", "record")
DISK_PHASES = ("start", *QUOTA_PHASES)


def run_all(template: Template, base: str, *, short: bool) -> Iterator[Result]:
    """Each fault in turn; in the short form, some of the phases."""
    yield _judged("killed between publication and kept work", template, base, killed_before_keep)
    for phase in ("ingest", "exports") if short else QUOTA_PHASES:
        yield _judged(f"files may not grow (RLIMIT_FSIZE), from {phase} on", template, base, _limited(phase))
    mountable = _why_not_mountable(template.scene.folder)
    for phase in ("publish",) if short else DISK_PHASES:
        yield (
            (f"full disk (tmpfs), from {phase} on", mountable)
            if mountable
            else _judged(f"full disk (tmpfs), from {phase} on", template, base, _full_from(phase), tmpfs=True)
        )
    for name in ("warehouse", "landing", "both"):
        if os.geteuid() and name != "both":
            yield _judged(f"read-only folder: {name}", template, base, _not_writable(name))
        elif not os.geteuid() and name == "both":
            what = "read-only file system: warehouse and landing"
            yield (
                (what, mountable) if mountable else _judged(what, template, base, _read_only_disk, tmpfs=True)
            )
        elif not os.geteuid():
            yield f"read-only folder: {name}", "skipped: root writes into any folder"
    for name in ("warehouse",) if short else ("warehouse", "landing", "refresh"):
        yield _judged(f"lock held: {name}", template, base, _locked(name))
    yield _judged("clock set back by ten years", template, base, _clock_set_back)


Fault = Callable[[Scene, Template, str], None]


def kept_work_only(template: Template, base: str) -> Iterator[Result]:
    yield _judged("killed between publication and kept work", template, base, killed_before_keep)


def killed_before_keep(scene: Scene, template: Template, base: str) -> None:
    """The kept work database is then of the version before; what was published then is taken back.

    The next build must not go on from the two: releases that only one of them knows would be lost.
    """
    child = stand_in.start(scene, f"{base}/after", at={"keep work": stand_in.stop_here})
    if not child.reach() or not child.kill():
        raise BreachError("it was not killed there")
    stand_in.in_child(lambda: template.check_after_kill(scene))
    # An input changes, so that there is something to build: a release that landed already comes once more.
    state = scene.warehouse.read_state()
    scene.warehouse.state.write_text(json.dumps({**state, "fingerprint": "0" * 64}), encoding="utf-8")


def _judged(what: str, template: Template, base: str, fault: Fault, *, tmpfs: bool = False) -> Result:
    """Injects a fault into a copy, then looks at it and runs again without the fault."""
    place = template.scene.folder.with_name("condition")
    try:
        with _tmpfs(place) if tmpfs else contextlib.nullcontext():
            scene = template.scene.copy(place / "scene" if tmpfs else place)
            fault(scene, template, base)
            stand_in.in_child(lambda: template.check_after_kill(scene))
            status = stand_in.start(scene, f"{base}/after").wait()
            if status != template.status:
                raise BreachError(f"the next run ended with {status}")
            stand_in.in_child(lambda: scene.check_settled(template.after))
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


def _clock_set_back(scene: Scene, template: Template, base: str) -> None:
    """What is there was made under a clock ten years ahead; two more versions, then the true time again."""
    for place in (scene.landing.folder / "runs", scene.warehouse.versions):
        before = sorted(path.name for path in place.iterdir())
        if not before:
            raise BreachError(f"{place} is empty")
    status = stand_in.start(scene, f"{base}/before", clock=timedelta(days=3650)).wait()
    _rebuild(scene, base, timedelta(days=3650))
    names = sorted(path.name for path in scene.warehouse.versions.iterdir())
    runs = sorted(path.name for path in (scene.landing.folder / "runs").iterdir())
    if names[-1] < "2030" or runs[-1] < "2030":
        raise BreachError(f"the clock was not set: {names}, {runs}, {status}")


def _rebuild(scene: Scene, base: str, clock: timedelta) -> None:
    """Publishes the same content once more, by a lost record of what was built from."""
    state = scene.warehouse.read_state()
    state["fingerprint"] = "0" * 64
    scene.warehouse.state.write_text(json.dumps(state), encoding="utf-8")
    waiting = scene.landing.inbox / "by_hand"
    hidden = [path.rename(path.with_name(f".{path.name}")) for path in waiting.glob("[!.]*")]
    stand_in.start(scene, f"{base}/before", clock=clock).wait()
    for path in hidden:
        path.rename(path.with_name(path.name[1:]))


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
