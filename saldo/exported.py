"""Files made from the published file: where they go, how they take their place, and what the command says."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from saldo.errors import NotPublishedError, SaldoError, out_of_space
from saldo.warehouse import display, find_published, find_warehouse


@dataclass(frozen=True)
class Exported:
    """What was written: by path within `folder` the rows; None for a file that has none."""

    folder: Path
    rows: Mapping[str, int | None]

    def as_dict(self) -> dict[str, Any]:
        """The outcome for --json."""
        files = [{"path": path, "rows": rows} for path, rows in self.rows.items()]
        return {"status": "exported", "folder": str(self.folder), "files": files}

    def as_text(self) -> str:
        """The outcome for people: a line, and a line for each file."""
        width = max(map(len, self.rows), default=0)
        lines = [
            f"  {path}" if rows is None else f"  {path:<{width}}  {rows:>9} rows"
            for path, rows in self.rows.items()
        ]
        return "\n".join([f"exported to {display(self.folder)}: {len(self.rows)} files", *lines])


def default_folder(project: Path, kind: str) -> Path:
    """Where exports of a kind go unless --output names a folder."""
    return find_warehouse(project).folder / "export" / kind


@contextmanager
def open_published(project: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the published file, which is only read.

    Raises:
        NotPublishedError: there is no published file, or it lacks what is exported.
        MachineError: the disk is full.
    """
    path = find_published(project)
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            yield connection
    except duckdb.Error as error:
        raise _from_duckdb(error, path) from None


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A private folder; what is in it at the end of the block goes to `folder`, file by file, by renames.

    If the block fails, `folder` stays as it was. Files there that this export does not write are left alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    private = Path(tempfile.mkdtemp(prefix=".export-", dir=folder))
    try:
        yield private
        for path in sorted(private.rglob("*")):
            place = folder / path.relative_to(private)
            if path.is_dir():
                place.mkdir(exist_ok=True)
            else:
                path.replace(place)
    finally:
        shutil.rmtree(private, ignore_errors=True)


def _from_duckdb(error: duckdb.Error, path: Path) -> SaldoError:
    first = str(error).splitlines()[0]
    remedy = "if the file is of an older version of saldo or damaged, make it anew: `saldo build --full`"
    return out_of_space([str(error)]) or NotPublishedError(first, where=display(path), remedy=remedy)
