"""From a private file to a version that can be published: sealed, read as a client would, described."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from saldo import __version__, exports, versions
from saldo.disk import file_sha256
from saldo.errors import BuildError, out_of_space
from saldo.summary import Summary, summarise
from saldo.versions import READ_ONLY, Version
from saldo.warehouse import Warehouse, write_ahead_log


def seal(database: Path) -> Summary:
    """Writes everything into the one file, closes it and reads it again.

    Returns:
        What the file holds: each table and view was read.

    Raises:
        BuildError: the file is not whole by itself.
    """
    try:
        with duckdb.connect(str(database)) as connection:
            connection.execute("set experimental_metadata_reuse = false")  # as profiles.yml has it
            connection.execute("checkpoint")
        if write_ahead_log(database).exists():
            raise BuildError("a write-ahead log is left beside it", where=database.name, remedy="run again")
        with duckdb.connect(str(database), read_only=True) as connection:
            return summarise(connection)
    except duckdb.Error as error:
        remedy = "make each mart a table, or a view of tables of the published file only"
        not_whole = BuildError(str(error).splitlines()[0], where=database.name, remedy=remedy)
        raise out_of_space([str(error)]) or not_whole from None


def make_version(
    warehouse: Warehouse,
    version_id: str,
    facts: Mapping[str, Any],
    *,
    replaces: str | None,
) -> Version:
    """Makes the whole folder of a version from the sealed private file, in the private folder.

    Args:
        warehouse: where the private file is.
        version_id: which the file bears.
        facts: of the build, for the manifest: fingerprint, seconds, tests, warnings, summary.
        replaces: the version that is published.

    Raises:
        BuildError: the file is not of this version, or something cannot be read.
        MachineError: the disk is full.
        OSError: the folder cannot be written.
    """
    folder = warehouse.private_version
    folder.mkdir()
    kept = versions.kept(warehouse)
    before = versions.published(kept, {"version_id": replaces})
    with ThreadPoolExecutor(1) as beside:
        sha256 = beside.submit(file_sha256, warehouse.private_database)
        described = exports.describe(warehouse.private_database, folder, version_id, before=before)
    file = folder / warehouse.published.name
    os.replace(warehouse.private_database, file)
    file.chmod(READ_ONLY)
    manifest = {
        "format_version": versions.FORMAT,
        "version_id": version_id,
        "sequence": 1 + max((version.manifest["sequence"] for version in kept), default=0),
        "replaces": replaces,
        "code_version": __version__,
        "built_at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "file": {"name": file.name, "size": file.stat().st_size, "sha256": sha256.result()},
        **facts,
        **described,
    }
    return versions.complete(folder, manifest)
