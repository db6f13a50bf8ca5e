"""The files of the warehouse folder, and the record of what was published last."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saldo.disk import file_sha256, stamp
from saldo.errors import NotPublishedError

MAKE_IT = "make it with `saldo build`; SALDO_WAREHOUSE=DIR names another folder"


@dataclass(frozen=True)
class Warehouse:
    """The paths in one warehouse folder."""

    folder: Path

    @property
    def published(self) -> Path:
        return self.folder / "saldo.duckdb"

    @property
    def state(self) -> Path:
        """The record: what the published file was made from, its size and hash, the figures of the screen."""
        return self.folder / "saldo.state.json"

    @property
    def private_state(self) -> Path:
        """The record before it is renamed into its place."""
        return self.private / self.state.name

    @property
    def versions(self) -> Path:
        """The kept versions, a folder each (saldo/versions.py)."""
        return self.folder / "versions"

    @property
    def latest(self) -> Path:
        """The link to the version that is published."""
        return self.folder / "latest"

    @property
    def lock(self) -> Path:
        return self.folder / "saldo.lock"

    @property
    def private(self) -> Path:
        """Where a build writes. The lock allows only one, and a steady name spares dbt a full parse."""
        return self.folder / ".build"

    @property
    def private_database(self) -> Path:
        """What is to be published; of the same name, which DuckDB takes as the name of the database."""
        return self.private / self.published.name

    @property
    def private_version(self) -> Path:
        """The folder of the version that is being made; renamed as a whole into `versions`."""
        return self.private / "version"

    @property
    def private_work(self) -> Path:
        """Seeds, staging, intermediate tables and the results of Python models."""
        return self.private / "work.duckdb"

    @property
    def spark(self) -> Path:
        """Tables and catalogue of a build on Spark: SALDO_SPARK_WAREHOUSE, or a private folder."""
        named = os.environ.get("SALDO_SPARK_WAREHOUSE")
        return Path(named).absolute() if named else self.private / "spark"

    @property
    def kept_work(self) -> Path:
        """The working database of the published version, for the next build (saldo/kept_work.py)."""
        return self.folder / ".work" / "work.duckdb"

    @property
    def kept_work_record(self) -> Path:
        """What the kept working database belongs to."""
        return self.folder / ".work" / "work.json"

    @property
    def dbt(self) -> Path:
        """dbt's parsed project, results and log: apart from those of a developer's own dbt."""
        return self.folder / ".dbt"

    def read_state(self) -> dict[str, Any]:
        """The record of the last publication; empty if there is none or it cannot be read."""
        try:
            state = json.loads(self.state.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def holds(self, state: dict[str, Any]) -> bool:
        """Whether the published file is the one of `state`, with nobody writing into it.

        A file that nobody has touched since is not read: it may be large.
        """
        file = self.published
        if not file.is_file() or write_ahead_log(file).exists():
            return False
        if state.get("stamp") == stamp(file):
            return True
        return file.stat().st_size == state.get("size") and file_sha256(file) == state.get("sha256")


def find_warehouse(project: Path) -> Warehouse:
    """The warehouse folder, whether it is there or not: SALDO_WAREHOUSE, or `warehouse` in the project."""
    named = os.environ.get("SALDO_WAREHOUSE")
    return Warehouse(Path(named).absolute() if named else project / "warehouse")


def find_published(project: Path) -> Path:
    """The published file.

    Raises:
        NotPublishedError: it is not there.
    """
    file = find_warehouse(project).published
    if not file.is_file():
        raise NotPublishedError("there is no published file", where=display(file), remedy=MAKE_IT)
    return file


def open_warehouse(project: Path) -> Warehouse:
    """The same, made if it is not there."""
    warehouse = find_warehouse(project)
    warehouse.folder.mkdir(parents=True, exist_ok=True)
    return warehouse


def display(path: Path) -> str:
    """The path as one would type it from here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def write_ahead_log(database: Path) -> Path:
    """DuckDB's log beside a database that is open for writing, or was when its process died."""
    return database.with_name(f"{database.name}.wal")
