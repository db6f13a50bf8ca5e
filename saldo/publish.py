"""From a private file to the published one: sealed, read as a client would, moved by one rename."""

import os
from pathlib import Path

import duckdb

from saldo.disk import flush
from saldo.errors import BuildError, out_of_space
from saldo.summary import Summary, summarise
from saldo.warehouse import write_ahead_log

READ_ONLY = 0o444


def seal(database: Path) -> Summary:
    """Writes everything into the one file, closes it and reads it again.

    Returns:
        What the file holds: each table and view was read.

    Raises:
        BuildError: the file is not whole by itself.
    """
    try:
        with duckdb.connect(str(database)) as connection:
            connection.execute("checkpoint")
        if write_ahead_log(database).exists():
            raise BuildError("a write-ahead log is left beside it", where=database.name, remedy="run again")
        with duckdb.connect(str(database), read_only=True) as connection:
            return summarise(connection)
    except duckdb.Error as error:
        remedy = "make each mart a table, or a view of tables of the published file only"
        not_whole = BuildError(str(error).splitlines()[0], where=database.name, remedy=remedy)
        raise out_of_space([str(error)]) or not_whole from None


def publish(database: Path, published: Path) -> None:
    """Puts `database` in the place of `published`: a reader sees the whole old file or the whole new one.

    Raises:
        OSError: nothing was moved; the old file is as it was.
    """
    database.chmod(READ_ONLY)
    flush(database)
    # Left by a client that wrote into the published file in spite of its mode; it would spoil the new one.
    write_ahead_log(published).unlink(missing_ok=True)
    os.replace(database, published)
    flush(published.parent)
