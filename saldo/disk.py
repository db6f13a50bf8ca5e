"""What makes a rename safe against a loss of power."""

import os
from pathlib import Path


def flush(path: Path) -> None:
    """Has what was written into a file, or renamed in a folder, reach the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
