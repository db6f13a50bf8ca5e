"""Where faults are injected: a warehouse and a landing folder of their own, and what must be true of them.

The project's own folder is only read. The publisher is a server on this machine: under /before it gives one
file, under /after all files of `SERVED`.
"""
# ruff: noqa: S607  (the instants are no secret; mount, cp and ps are where the system has them)

import contextlib
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb

from bench import generate
from saldo import exports
from saldo.disk import file_sha256
from saldo.landing import Landing
from saldo.sources import read_sources
from saldo.warehouse import Warehouse
from tests.publisher import Publisher, answers, answers_if_new

PROJECT = Path(__file__).parents[2]
DATA = PROJECT / "tests/intake/data"
# By address; each is an extract of a real file, and lands.
SERVED = {
    "/api/iblock/element/6584/csv/file/ru/": "bns_csv_6584_population_extract.csv",
    "/api/iblock/element/19298/csv/file/ru/": "bns_csv_19298_income_extract.csv",
    "/api/iblock/element/102790/csv/file/ru/": "bns_csv_102790_unemployment_extract.csv",
}
FIRST = "/api/iblock/element/6584/csv/file/ru/"
LAST_MODIFIED = "Fri, 01 Aug 2025 10:00:00 GMT"
# Times of arrival and names of builds differ from run to run of equal data.
TIMES = frozenset({"built_at", "version_id", "recorded_at", "received_at"})
NOT_CONTENT = frozenset({"audit.run_log"})

Content = dict[str, tuple[int, str]]


class BreachError(Exception):
    """Something that must hold did not."""


@dataclass(frozen=True)
class Scene:
    """One warehouse and its landing folder."""

    folder: Path

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.folder / "warehouse")

    @property
    def landing(self) -> Landing:
        return Landing(self.folder / "landing")

    def environment(self, base: str) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("SALDO_", "DBT_"))}
        return kept | {
            "SALDO_WAREHOUSE": str(self.warehouse.folder),
            "SALDO_LANDING": str(self.landing.folder),
            "SALDO_SOURCE_BASE": base,
            "PYTHONPATH": str(PROJECT),
            "SALDO_KEEP_VERSIONS": "3",
        }

    def copy(self, destination: Path) -> "Scene":
        """With its hard links and times."""
        shutil.rmtree(destination, ignore_errors=True)
        subprocess.run(["cp", "-a", str(self.folder), str(destination)], check=True)
        return Scene(destination)

    def content(self) -> Content:
        """Number and hash of the rows of each published table, times left out."""
        found: Content = {}
        with duckdb.connect(str(self.warehouse.published), read_only=True) as connection:
            for schema, name, *_ in connection.execute(exports.TABLES).fetchall():
                columns = {
                    column: kind
                    for column, kind, _ in connection.execute(exports.COLUMNS, [schema, name]).fetchall()
                    if column not in TIMES
                }
                if f"{schema}.{name}" not in NOT_CONTENT:
                    found[f"{schema}.{name}"] = exports.content_hash(connection, schema, name, columns)
        return found

    def check_whole(self) -> str:
        """The published file is one whole snapshot: that of the version it names.

        Returns:
            The version.

        Raises:
            BreachError: it is not.
        """
        try:
            with duckdb.connect(str(self.warehouse.published), read_only=True) as connection:
                ((version,),) = connection.execute("select version_id from core.about").fetchall()
                manifest = self.manifest(version)
                tables = tables_of(connection)
        except (duckdb.Error, OSError, ValueError) as error:
            raise BreachError(f"the published file: {error}") from None
        if file_sha256(self.warehouse.published) != manifest["file"]["sha256"]:
            raise BreachError(f"the published file is not, byte for byte, that of version {version}")
        if differing := differences(tables, rows_and_hashes(manifest)):
            raise BreachError(f"not what the manifest of {version} says: {', '.join(differing)}")
        return str(version)

    def check_settled(self, expected: Content) -> None:
        """After a run that ended well: whole, of this content, with nothing left over.

        Raises:
            BreachError: it is not.
        """
        version = self.check_whole()
        warehouse, landing = self.warehouse, self.landing
        if differing := differences(self.content(), expected):
            raise BreachError(f"not the content of an undisturbed run: {', '.join(differing)}")
        state = warehouse.read_state()
        kept = sorted(path.name for path in warehouse.versions.iterdir())
        latest = os.readlink(warehouse.latest)
        runs = [run["status"] for run in landing.read_runs()]
        for fault, is_there in {
            "the private folder is left": warehouse.private.exists(),
            f"the record names {state.get('version_id')}": state.get("version_id") != version,
            f"latest is {latest}": latest != f"versions/{version}",
            f"{kept} are there": kept != sorted(state.get("versions", [])),
            "a file waits in the inbox": bool(landing.waiting()),
            f"the runs are {runs}": "running" in runs,
        }.items():
            if is_there:
                raise BreachError(f"{fault}; the file is of version {version}")

    def manifest(self, version: str) -> dict[str, Any]:
        text = (self.warehouse.versions / version / "manifest.json").read_text(encoding="utf-8")
        found: dict[str, Any] = json.loads(text)
        return found


def tables_of(connection: duckdb.DuckDBPyConnection) -> Content:
    """Number and hash of the rows of each table, as a manifest has them."""
    found: Content = {}
    for schema, name, *_ in connection.execute(exports.TABLES).fetchall():
        columns = {
            column: kind
            for column, kind, _ in connection.execute(exports.COLUMNS, [schema, name]).fetchall()
            if (schema, name, column) not in exports.OF_THE_BUILD
        }
        found[f"{schema}.{name}"] = exports.content_hash(connection, schema, name, columns)
    return found


def rows_and_hashes(manifest: dict[str, Any]) -> Content:
    return {name: (table["rows"], table["content_hash"]) for name, table in manifest["tables"].items()}


def differences(found: Content, expected: Content) -> list[str]:
    return sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))


def land_large(scene: Scene, rows: int) -> None:
    """Lands a made-up release of so many rows, and puts one of a tenth of them into the inbox."""
    landing = scene.landing
    for folder in (landing.originals, landing.rows, landing.releases, landing.quarantine, landing.inbox):
        folder.mkdir(parents=True, exist_ok=True)
    first, later = generate.base_and_later(rows, share=0.05)
    generate.land(landing, first)
    (landing.inbox / "by_hand").mkdir()
    # Its name keeps it out of the inbox until `bring_later`.
    generate.write_sdmx_csv(later, landing.inbox / "by_hand" / f".{later.file_name}")


def bring_later(scene: Scene) -> None:
    """What `land_large` has left beside the inbox comes in."""
    for path in scene.landing.inbox.glob("by_hand/.*.csv"):
        path.rename(path.with_name(path.name[1:]))


@contextlib.contextmanager
def publisher() -> Iterator[str]:
    """A server in a process of its own; yields its address."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def _serve(told: Connection) -> None:
    server = Publisher()
    for source in read_sources(PROJECT):
        parts = urlsplit(source.address)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        served = SERVED.get(parts.path)
        for prefix in ("/before", "/after"):
            is_given = served and (prefix == "/after" or parts.path == FIRST)
            body = (DATA / served).read_bytes() if served and is_given else b""
            server.paths[prefix + path] = [
                answers_if_new(body, Last_Modified=LAST_MODIFIED) if is_given else answers(b"none", 404)
            ]
    with server.open():
        told.send(server.base)
        server.closing.wait()


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
