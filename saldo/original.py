"""The cell of a release as it was printed, in the file that is kept of the release."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from saldo.disk import file_sha256
from saldo.landing import landing_folder
from saldo.warehouse import display

SEEDS = "seeds/published"
# As macros/printed_cells.sql writes it.
CELL = re.compile(r"(?P<table>\w+), row (?P<row>\d+) \(.*\), column (?P<column>\d+) \(.*\)", re.DOTALL)


@dataclass(frozen=True)
class Original:
    """What is at hand of the file of a release.

    Attributes:
        file: its path, as one would type it from here.
        sha256: recorded by the build.
        found: `same` bytes as the build has read, `changed` since, or `missing`.
        printed: the text of the cell, as printed; None if the file is not at hand or the cell is blank.
    """

    file: str
    sha256: str
    found: str
    printed: str | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def original(project: Path, files: Sequence[Mapping[str, Any]], source_ref: str) -> Original | None:
    """Looks up a cell in the files of its release.

    Args:
        project: the folder of dbt_project.yml.
        files: the rows of audit.release_log of the release: release_id, file_name, sha256, kept_in.
        source_ref: where the cell stands, as the published file says it.

    Returns:
        None if the published file does not say which file the release was.
    """
    cell = CELL.fullmatch(source_ref)
    for file in files:
        if file["kept_in"] != SEEDS:
            return _landed(project, file, source_ref)
        if cell and file["file_name"] == f"{cell['table']}.csv":
            return _seed(project / SEEDS / file["file_name"], file["sha256"], cell)
    return None


def _seed(path: Path, sha256: str, cell: re.Match[str]) -> Original:
    found = _compared(path, sha256)
    printed = None
    if found == "same":
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["row_no"] == cell["row"]:
                    printed = row[f"c{cell['column']}"] or None
    return Original(display(path), sha256, found, printed)


def _landed(project: Path, file: Mapping[str, Any], source_ref: str) -> Original:
    """The text of the cell is kept beside the file, as intake read it."""
    import duckdb

    landing = landing_folder(project)
    path = next(landing.originals.glob(f"{file['sha256']}.*"), landing.originals / file["sha256"])
    found = _compared(path, file["sha256"])
    rows = landing.rows / f"{file['release_id']}.parquet"
    printed = None
    if rows.is_file():
        query = "select printed_text from read_parquet(?) where source_ref = ?"
        row = duckdb.connect().execute(query, [str(rows), source_ref]).fetchone()
        printed = row[0] if row else None
    return Original(display(path), file["sha256"], found, printed)


def _compared(path: Path, sha256: str) -> str:
    if not path.is_file():
        return "missing"
    return "same" if file_sha256(path) == sha256 else "changed"
