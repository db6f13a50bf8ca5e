"""A fingerprint of all that the published file is made from, to know when there is nothing new."""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from saldo.disk import file_sha256
from saldo.landing import landing_folder

# Inputs, code, lock and settings. A test compares this list with the folders that dbt reads.
INPUTS = (
    "dbt_project.yml",
    "profiles.yml",
    "requirements.lock",
    "seeds/**/*",
    "models/**/*",
    "macros/**/*",
    "tests/**/*.sql",
    "tests/**/*.yml",
    "analysis_py/**/*",
    "expectations/**/*",
)
PACKAGE = Path(__file__).parent


def fingerprint(project: Path) -> str:
    """Returns the SHA-256 (hexadecimal) over the project's inputs, landed releases and refused files.

    Of landed rows, name, size and time of change stand for the content: landing writes a file once. Of a
    refused file its own hash counts: that it comes again every night is nothing new.
    """
    digest = hashlib.sha256(f"{project_fingerprint(project)}\n".encode())
    landing = landing_folder(project)
    for path in sorted(landing.releases.glob("*.json")):
        digest.update(f"{path.name}\0{file_sha256(path)}\n".encode())
    for path in sorted(landing.rows.glob("*.parquet")):
        status = path.stat()
        digest.update(f"{path.name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    for path in sorted(landing.quarantine.glob("*/reason.json")):
        digest.update(f"{path.parent.name}\n".encode())
    return digest.hexdigest()


def project_fingerprint(project: Path) -> str:
    """Returns the SHA-256 (hexadecimal) over path and content of each input file, this package and Python."""
    digest = hashlib.sha256(f"python {'.'.join(map(str, sys.version_info[:3]))}\n".encode())
    for name, path in sorted(_files(project)):
        digest.update(f"{name}\0{file_sha256(path)}\n".encode())
    return digest.hexdigest()


def _files(project: Path) -> Iterator[tuple[str, Path]]:
    for root, patterns in ((project, INPUTS), (PACKAGE, ["**/*"])):
        for path in (path for pattern in patterns for path in root.glob(pattern)):
            name = path.relative_to(root)
            if path.is_file() and not any(_is_cache(part) for part in name.parts):
                yield f"{root is PACKAGE:d}/{name.as_posix()}", path


def _is_cache(part: str) -> bool:
    """Caches and the hidden files of editors are not inputs."""
    return part.startswith(".") or part == "__pycache__"
