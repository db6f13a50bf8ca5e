"""One writer at a time, and a dead one is no obstacle."""

import fcntl
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from saldo import lock
from saldo.errors import LockedError

HOLDER = """
import sys
from pathlib import Path
from saldo import lock
with lock.held(Path(sys.argv[1]), "saldo build"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def lock_file(tmp_path: Path) -> Path:
    return tmp_path / "saldo.lock"


@pytest.fixture
def holder(lock_file: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its standard input is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock_file)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def take(lock_file: Path) -> None:
    with lock.held(lock_file, "saldo build --full"):
        pass


def test_the_second_process_is_told_who_holds_the_lock(
    lock_file: Path, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(LockedError) as caught:
        take(lock_file)
    message = str(caught.value)
    assert f"process {holder.pid} on {socket.gethostname()} since 20" in message
    assert "(saldo build)" in message
    assert "saldo.lock" in message
    assert caught.value.exit_status == 4


def test_the_lock_is_free_when_its_holder_has_ended(lock_file: Path, holder: subprocess.Popen[str]) -> None:
    holder.communicate()
    take(lock_file)


def test_the_lock_is_free_when_its_holder_was_killed(lock_file: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    assert json.loads(lock_file.read_text())["pid"] == holder.pid
    take(lock_file)


def test_the_file_says_who_holds_it(lock_file: Path) -> None:
    lock_file.write_text("x" * 1000)
    with lock.held(lock_file, "saldo build --full"):
        holder = json.loads(lock_file.read_text())
    assert (holder["pid"], holder["command"]) == (os.getpid(), "saldo build --full")


def test_a_holder_on_another_host_is_believed(lock_file: Path) -> None:
    lock_file.write_text(json.dumps({"pid": 1, "host": "elsewhere", "since": "noon", "command": "build"}))
    with lock_file.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(LockedError, match="another run of saldo is writing here") as caught:
            take(lock_file)
    assert "process 1 on elsewhere since noon" in str(caught.value)


def test_a_process_that_outlives_its_builder_is_waited_for(
    lock_file: Path, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dbt child of a killed build holds the lock for the moment that it takes to end."""
    holder.kill()
    holder.wait()
    orphan = lock_file.open()
    fcntl.flock(orphan, fcntl.LOCK_EX)
    monkeypatch.setattr(lock.time, "sleep", lambda _: orphan.close())
    take(lock_file)


def test_a_holder_without_a_name_is_given_up_on(lock_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "SECONDS_FOR_AN_ORPHAN", 0.1)
    with lock_file.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(LockedError) as caught:
            take(lock_file)
    assert "another process, which has not written its name" in str(caught.value)


def test_a_holder_who_wrote_only_a_part_is_told_as_far_as_known(lock_file: Path) -> None:
    lock_file.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname()}))
    with lock_file.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(LockedError) as caught:
            take(lock_file)
    assert f"process {os.getpid()} on {socket.gethostname()} since ? (?)" in str(caught.value)


def test_the_lock_lasts_as_long_as_a_child_that_inherits_it(lock_file: Path) -> None:
    with lock.held(lock_file, "saldo build") as descriptor:
        child = subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[descriptor], text=True
        )
    with pytest.raises(LockedError):
        take(lock_file)
    child.communicate("\n")
    take(lock_file)
