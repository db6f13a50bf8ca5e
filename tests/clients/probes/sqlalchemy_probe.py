"""What SQLAlchemy sees through duckdb-engine: `python sqlalchemy_probe.py FILE FOLDER ANSWERS`.

This is how Superset and other tools in Python connect. FOLDER holds `held.duckdb` and `next.duckdb`.
"""

import os
import shutil
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy
from answers import ANOTHER_NAME, LATER_DAY, PAST_DAY, Probe, arguments, digest
from sqlalchemy import create_engine, inspect, text

VERSION = "select version_id from core.about"


def main() -> None:
    warnings.simplefilter("ignore")
    published, folder, answers = arguments()
    probe = Probe(
        {
            "duckdb": duckdb.__version__,
            "duckdb-engine": version("duckdb-engine"),
            "SQLAlchemy": sqlalchemy.__version__,
        }
    )
    engine = open_read_only(published)
    inspector = inspect(engine)
    catalogue = Path(published).stem

    def ask(query: str) -> list[Any]:
        with engine.connect() as connection:
            return connection.execute(text(query)).fetchall()

    def write_refused() -> str:
        ask("select 1")
        try:
            with engine.begin() as connection:
                connection.execute(text("create table core.written as select 1 as one"))
        except sqlalchemy.exc.DBAPIError as error:
            return "refused" if "read-only" in str(error) else str(error)
        return "written"

    def names() -> dict[str, tuple[str, str]]:
        """schema.table -> the schema as SQLAlchemy writes it, the table."""
        found = {}
        for schema in inspector.get_schema_names():
            if not schema.startswith(f"{catalogue}.") or schema.endswith("information_schema"):
                continue
            for name in {*inspector.get_table_names(schema), *inspector.get_view_names(schema)}:
                found[f"{schema.removeprefix(catalogue + '.')}.{name}"] = (schema, name)
        return found

    def each(question: Any, among: str = "") -> dict[str, Any]:
        return {
            name: question(place, table)
            for name, (place, table) in sorted(names().items())
            if name.startswith(among)
        }

    def column_names(schema: str, table: str) -> list[str]:
        return [column["name"] for column in inspector.get_columns(table, schema)]

    def comment(schema: str, table: str) -> str:
        return str(inspector.get_table_comment(table, schema)["text"])

    def reflected(schema: str, table: str) -> list[str]:
        return [
            column.name
            for column in sqlalchemy.Table(
                table, sqlalchemy.MetaData(), schema=schema, autoload_with=engine
            ).columns
        ]

    def keys() -> dict[str, list[str]]:
        found = {
            name: inspector.get_pk_constraint(table, schema)["constrained_columns"]
            for name, (schema, table) in names().items()
        }
        if not any(found.values()):
            raise LookupError("get_pk_constraint tells of no key")
        return {name: columns for name, columns in found.items() if columns}

    def renamed() -> dict[str, int]:
        copy = folder / ANOTHER_NAME
        shutil.copy(published, copy)
        with open_read_only(str(copy)).connect() as connection:
            return {
                name: len(connection.execute(text(f"from {name}")).fetchall())
                for name in probe.answers["tables"]
            }

    def refresh() -> dict[str, str]:
        held = str(folder / "held.duckdb")
        pooled = open_read_only(held)
        with pooled.connect() as connection:
            before = connection.execute(text(VERSION)).scalar_one()
            os.replace(folder / "next.duckdb", held)
            kept = connection.execute(text(VERSION)).scalar_one()
        pooled.dispose()
        with pooled.connect() as connection:
            return {
                "before": before,
                "held": kept,
                "reopened": connection.execute(text(VERSION)).scalar_one(),
            }

    probe.ask("read only", write_refused)
    probe.ask("tables", lambda: sorted(names()))
    probe.ask("rows", lambda: {name: digest(ask(f"from {name}")) for name in probe.answers["tables"]})
    probe.ask("column names", lambda: each(column_names))
    probe.ask("reflection", lambda: each(reflected, "bi."))
    probe.ask("table comments", lambda: each(comment))
    probe.ask("keys", keys)
    probe.ask(
        "as of",
        lambda: {
            day: digest(ask(f"select * from core.observation_as_of(date '{day}')"))
            for day in (PAST_DAY, LATER_DAY)
        },
    )
    probe.ask("renamed", renamed)
    probe.ask("refresh", refresh)
    probe.write(answers)


def open_read_only(path: str) -> Any:
    return create_engine(f"duckdb:///{path}", connect_args={"read_only": True})


if __name__ == "__main__":
    main()
