"""Environments of peers: programs that are measured beside saldo without being dependencies of it.

`bench/environments/<name>.in` names what is wanted, `<name>.txt` is its lock with hashes (`make lock`). The
environment stands in `build/environments/<name>` and is made anew when the lock has changed.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from bench.measure import PROJECT, BenchmarkError

LOCKS = Path(__file__).parent / "environments"
ENVIRONMENTS = PROJECT / "build" / "environments"
STAMP = "lock.sha256"


def python_of(name: str) -> Path:
    """The Python of an environment, which is made if it is not there as its lock says.

    Args:
        name: of the lock, `bench/environments/<name>.txt`.

    Raises:
        BenchmarkError: there is no such lock, or it cannot be installed.
    """
    lock, folder = LOCKS / f"{name}.txt", ENVIRONMENTS / name
    python, stamp = folder / "bin" / "python", folder / STAMP
    try:
        sha256 = hashlib.sha256(lock.read_bytes()).hexdigest()
    except FileNotFoundError as error:
        raise BenchmarkError(f"no environment {name!r}: {lock} is not there") from error
    if not (stamp.is_file() and stamp.read_text() == sha256):
        print(f"making the environment {name} in {folder}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)])
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "-qq"]
        _run([*pip, "install", "--require-hashes", "-r", str(lock)])
        stamp.write_text(sha256)  # last, so that one that was not finished is made anew
    return python


def versions(name: str) -> dict[str, str]:
    """The packages of an environment and their versions, as its lock pins them."""
    lines = (LOCKS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line.split(" ")[0].split("==") for line in lines if "==" in line and line[0] not in " #"]
    return dict(pinned)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
    if done.returncode != 0:
        raise BenchmarkError(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
