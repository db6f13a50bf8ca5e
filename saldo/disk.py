"""Files as bytes on a disk: their hash, and what makes a rename safe against a loss of power."""

import hashlib
import os
from pathlib import Path


def flush(path: Path) -> None:
    """Has what was written into a file, or renamed in a folder, reach the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_sha256(path: Path) -> str:
    """Returns the SHA-256 (hexadecimal) of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stamp(path: Path) -> list[int]:
    """Size and time of change: another one says that the file may hold something else by now."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]
