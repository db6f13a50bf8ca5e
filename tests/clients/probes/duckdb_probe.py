"""What duckdb for Python sees in the published file: `python duckdb_probe.py FILE FOLDER ANSWERS`.

Runs with whatever version of duckdb its environment has; FOLDER holds `held.duckdb` and `next.duckdb`.
"""

import os
import shutil
from typing import Any

import duckdb
from answers import ANOTHER_NAME, LATER_DAY, PAST_DAY, Probe, arguments, digest
from duckdb_queries import COLUMNS, KEYS, TABLE_COMMENTS, VERSION


def main() -> None:
    published, folder, answers = arguments()
    probe = Probe({"duckdb": duckdb.__version__})

    def write_refused() -> str:
        with duckdb.connect(published, read_only=True) as connection:
            connection.execute("select 1").fetchall()
            try:
                connection.execute("create table core.written as select 1 as one")
            except duckdb.Error as error:
                return "refused" if "read-only" in str(error) else str(error)
        return "written"

    def ask(query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(published, read_only=True) as connection:
            return connection.execute(query).fetchall()

    def tables() -> list[str]:
        return sorted(f"{schema}.{name}" for _, schema, name, *_ in ask("show all tables"))

    def as_of(day: str) -> list[Any]:
        return digest(ask(f"select * from core.observation_as_of(date '{day}')"))

    def renamed() -> dict[str, int]:
        copy = folder / ANOTHER_NAME
        shutil.copy(published, copy)
        with duckdb.connect(str(copy), read_only=True) as connection:
            return {
                name: len(connection.execute(f"from {name}").fetchall()) for name in probe.answers["tables"]
            }

    def refresh() -> dict[str, str]:
        held = str(folder / "held.duckdb")
        connection = duckdb.connect(held, read_only=True)
        before = connection.execute(VERSION).fetchone()[0]
        os.replace(folder / "next.duckdb", held)
        kept = connection.execute(VERSION).fetchone()[0]
        connection.close()
        with duckdb.connect(held, read_only=True) as again:
            return {"before": before, "held": kept, "reopened": again.execute(VERSION).fetchone()[0]}

    def comments() -> dict[str, str]:
        found = dict(ask(TABLE_COMMENTS))
        return found | {f"{table}.{column}": said for table, column, _, said in ask(COLUMNS)}

    def columns() -> dict[str, list[list[str]]]:
        found: dict[str, list[list[str]]] = {}
        for table, column, kind, _ in ask(COLUMNS):
            found.setdefault(table, []).append([column, kind])
        return found

    probe.ask("read only", write_refused)
    probe.ask("tables", tables)
    probe.ask("rows", lambda: {name: digest(ask(f"from {name}")) for name in probe.answers["tables"]})
    probe.ask("columns", columns)
    probe.ask("comments", comments)
    probe.ask("keys", lambda: {table: list(names) for table, names in ask(KEYS)})
    probe.ask("as of", lambda: {day: as_of(day) for day in (PAST_DAY, LATER_DAY)})
    probe.ask("renamed", renamed)
    probe.ask("refresh", refresh)
    probe.write(answers)


if __name__ == "__main__":
    main()
