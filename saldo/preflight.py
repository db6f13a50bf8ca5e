"""What is checked before dbt starts: Python, the files that must be there, and every seed, strictly.

dbt's own loaders shift a short row, pad it with nulls or guess a quote, in silence; a wrong seed is
stopped here instead, with its line and column.
"""

import csv
import importlib.util
import io
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from saldo import landing
from saldo.disk import file_sha256
from saldo.errors import FREE_SPACE, InputError, MachineError
from saldo.warehouse import Warehouse, display

PYTHON = (3, 11)
REQUIRED = ("dbt_project.yml", "profiles.yml", "requirements.lock")
PACKAGES = ("dbt.adapters.duckdb", "duckdb", "great_expectations", "pandas", "scipy", "sklearn", "yaml")
PUBLISHED = "seeds/published"
RELEASE_TABLE = "seeds/reference/release_table.csv"
CORRECTIONS = "seeds/reference/correction.csv"
# A build writes a few MB; the rest is room for dbt's logs and for growth.
LEAST_FREE_BYTES = 200_000_000
# Measured at ten million rows: 60 for the published file, 65 for the working one. The rest is for temporary
# files, which are few unless most figures were revised.
FREE_BYTES_A_ROW = 400


def check_python() -> None:
    """Raises MachineError unless this is the Python that the lock was made for."""
    if sys.version_info[:2] != PYTHON:
        found, needed = ".".join(map(str, sys.version_info[:3])), ".".join(map(str, PYTHON))
        remedy = f"install Python {needed}, then `make build PYTHON=/path/to/python{needed}`"
        what = f"this is Python {found}; saldo needs {needed}"
        raise MachineError(what, where=sys.executable, remedy=remedy)


def check_packages() -> None:
    """Raises MachineError if a locked package is missing. Finds the packages without importing them."""
    absent = [name for name in PACKAGES if not _is_installed(name)]
    if absent:
        remedy = "`make build` installs what requirements.lock lists"
        raise MachineError(f"not installed: {', '.join(absent)}", where=sys.executable, remedy=remedy)


def check_files(project: Path) -> None:
    """Raises InputError if a file without which nothing can be built is missing."""
    for name in REQUIRED:
        if not (project / name).is_file():
            raise missing(name, "it belongs to the project")


def check_seeds(project: Path) -> None:
    """Reads every seed strictly and compares the published tables with the record of their releases.

    Raises:
        InputError: names file, line and column, and what was found.
    """
    recorded = _recorded_tables(project)
    for path in sorted((project / "seeds").rglob("*.csv")):
        name = path.relative_to(project).as_posix()
        records = read_strictly(path, name)
        if name.startswith(f"{PUBLISHED}/"):
            _check_recorded(path, name, recorded)
            _check_sheet(records, name)
    for table, (line, _) in recorded.items():
        if not (project / PUBLISHED / f"{table}.csv").is_file():
            raise missing(f"{PUBLISHED}/{table}.csv", f"{RELEASE_TABLE}, line {line}, lists it")


def check_landing(project: Path) -> None:
    """Raises InputError if landing holds what this version of saldo cannot read."""
    landing.landing_folder(project).manifests()


def check_free_space(warehouse: Warehouse, landed_rows: int) -> None:
    """Raises MachineError if the disk of the warehouse has no room for a build beside the published file.

    Room is counted for a version as large as twice the published one (file, copies, exports) and its work, or
    for what has landed where that is more: the first build of millions of rows has no version before it.
    """
    published = warehouse.published.stat().st_size if warehouse.published.exists() else 0
    exports = sum(path.stat().st_size for path in warehouse.latest.glob("parquet/*/*.parquet"))
    needed = LEAST_FREE_BYTES + max(3 * published + 2 * exports, FREE_BYTES_A_ROW * landed_rows)
    free = shutil.disk_usage(warehouse.folder).free
    if free < needed:
        what = f"{free / 1e6:.0f} MB free; a build needs {needed / 1e6:.0f} MB"
        raise MachineError(what, where=display(warehouse.folder), remedy=FREE_SPACE)


def read_strictly(path: Path, name: str) -> list[tuple[int, list[str]]]:
    """Reads a comma-separated file that must be UTF-8, with a header of distinct names and rows of its width.

    Args:
        path: the file.
        name: how messages call it.

    Returns:
        The line on which each record starts (from 1) and its fields, the header first.

    Raises:
        InputError: names the line, and the column where there is one.
    """
    records = list(_records(_decode(path, name), name))
    if not records:
        raise InputError("the file is empty", where=name, remedy=restore(name))
    header = records[0][1]
    if len(header) == 1 and (other := re.search("[;\t|]", header[0])):
        what = f"the fields are separated by {other.group()!r}, not by commas"
        details = [f"found: {header[0][:100]}"]
        raise InputError(what, where=f"{name}, line 1", details=details, remedy=restore(name))
    for column, title in enumerate(header, start=1):
        where = f"{name}, line 1, column {column}"
        if not title.strip():
            remedy = f"name it, or {restore(name)}"
            raise InputError("the header has a blank name", where=where, remedy=remedy)
        if title in header[: column - 1]:
            what = f"the header has «{title}» twice"
            raise InputError(what, where=where, remedy=f"rename one, or {restore(name)}")
    for line, record in records[1:]:
        if len(record) != len(header):
            what = f"the row has {len(record)} fields, the header {len(header)}"
            details = [f"found: {','.join(record)[:100] or '(a blank line)'}"]
            remedy = f"look for a missing or spare comma or quote; {restore(name)}"
            raise InputError(what, where=f"{name}, line {line}", details=details, remedy=remedy)
    return records


def _decode(path: Path, name: str) -> str:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        where = f"{name}, line {line}, byte {column}"
        found = f"found: byte 0x{content[error.start]:02x}"
        remedy = f"save the file as UTF-8, or {restore(name)}"
        raise InputError("the text is not UTF-8", where=where, details=[found], remedy=remedy) from None
    if text.startswith("\ufeff"):
        remedy = f"save the file as UTF-8 without it, or {restore(name)}"
        raise InputError("the file starts with a byte order mark", where=f"{name}, line 1", remedy=remedy)
    return text


def _records(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            remedy = f"look for a missing or spare quote; {restore(name)}"
            what = f"not a CSV record: {error}"
            raise InputError(what, where=f"{name}, line {line}", remedy=remedy) from None


def _recorded_tables(project: Path) -> dict[str, tuple[int, str]]:
    """The line and the recorded SHA-256 of each published table."""
    path = project / RELEASE_TABLE
    if not path.is_file():
        raise missing(RELEASE_TABLE, "it records the hash of each published table")
    (_, header), *rows = read_strictly(path, RELEASE_TABLE)
    for column in ("table_name", "sha256"):
        if column not in header:
            what = f"the column «{column}» is missing"
            raise InputError(what, where=f"{RELEASE_TABLE}, line 1", remedy=restore(RELEASE_TABLE))
    table_name, sha256 = header.index("table_name"), header.index("sha256")
    return {row[table_name]: (line, row[sha256]) for line, row in rows}


def _check_recorded(path: Path, name: str, recorded: dict[str, tuple[int, str]]) -> None:
    found = file_sha256(path)
    line, expected = recorded.get(path.stem, (0, ""))
    if not line:
        raise InputError(
            "this table is not recorded",
            where=name,
            details=[f"found: sha256 {found}"],
            remedy=f"if this is a new release, record it with this sha256 in {RELEASE_TABLE}; "
            "otherwise remove the file",
        )
    if found != expected:
        raise InputError(
            "the content is not what was recorded for its release",
            where=name,
            details=[
                f"found:    sha256 {found} (`git diff -- {name}` shows what changed)",
                f"recorded: sha256 {expected} ({RELEASE_TABLE}, line {line})",
            ],
            remedy=f"{restore(name)}; a wrong figure is corrected by a row in {CORRECTIONS}, never here; "
            f"a new release gets a file of its own and a row in {RELEASE_TABLE}",
        )


def _check_sheet(records: list[tuple[int, list[str]]], name: str) -> None:
    """A printed table has the columns row_no, c1, c2, ... and numbers its rows 0 (the header), 1, 2, ..."""
    header = records[0][1]
    expected = ["row_no", *(f"c{column}" for column in range(1, len(header)))]
    if header != expected:
        what = f"the header is {','.join(header)}, not {','.join(expected)}"
        raise InputError(what, where=f"{name}, line 1", remedy=restore(name))
    for row, (line, record) in enumerate(records[1:]):
        if record[0] != str(row):
            what = f"row_no is «{record[0]}» where row {row} should stand"
            where = f"{name}, line {line}, column 1"
            remedy = f"look for a row that was lost, doubled or moved; {restore(name)}"
            raise InputError(what, where=where, remedy=remedy)


def missing(name: str, why: str) -> InputError:
    """The error for a file that is not there; `why` it should be."""
    return InputError("the file is missing", where=name, details=[why], remedy=restore(name))


def restore(name: str) -> str:
    """The remedy for a file that git has."""
    return f"restore it with `git checkout -- {name}`"


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
