"""One writer at a time: a lock on a file, which says who holds it.

The lock is the kernel's (flock), not the file's existence, so that a file left by a dead process is no
obstacle. The dbt child inherits the descriptor: the lock lasts until the last process of a build has ended.
"""

import contextlib
import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from saldo.errors import LockedError
from saldo.warehouse import display

SECONDS_FOR_AN_ORPHAN = 5.0


@contextlib.contextmanager
def held(path: Path, command: str) -> Iterator[int]:
    """Holds the lock on `path` inside the `with` block and yields its file descriptor.

    Raises:
        LockedError: another process holds it; the message says which, where, since when and doing what.
        OSError: the file cannot be written.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire(descriptor, path)
        holder = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now().astimezone().isoformat(timespec="seconds"),
            "command": command,
        }
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(holder).encode() + b"\n", 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path) -> None:
    give_up_at = time.monotonic() + SECONDS_FOR_AN_ORPHAN
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read_holder(descriptor)
            if _is_alive(holder) or time.monotonic() > give_up_at:
                raise _locked_error(path, holder) from None
            # The builder was killed a moment ago and its dbt child is just ending.
            time.sleep(0.05)
        else:
            return


def _read_holder(descriptor: int) -> dict[str, object]:
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
    except ValueError:  # taken a moment ago and not yet written
        return {}
    return holder if isinstance(holder, dict) else {}


def _is_alive(holder: dict[str, object]) -> bool:
    pid = holder.get("pid")
    if not isinstance(pid, int):
        return False
    if holder.get("host") != socket.gethostname():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _locked_error(path: Path, holder: dict[str, object]) -> LockedError:
    pid, host, since, command = (holder.get(key, "?") for key in ("pid", "host", "since", "command"))
    held_by = (
        f"process {pid} on {host} since {since} ({command})"
        if "pid" in holder
        else "another process, which has not written its name"
    )
    return LockedError(
        "another run of saldo is writing here",
        where=display(path),
        details=[f"held by {held_by}"],
        remedy="wait until it has ended and run again; readers of the published file are not affected",
    )
