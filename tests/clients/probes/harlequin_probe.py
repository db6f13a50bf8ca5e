"""Harlequin in a terminal without a screen: `python harlequin_probe.py FILE FOLDER ANSWERS`.

Types a query into its editor, runs it by the key that people press, and looks at what stands in the table.
FOLDER gets `harlequin.svg`, a picture of the terminal.
"""

import asyncio
from importlib.metadata import version
from pathlib import Path
from typing import Any

from answers import Probe, arguments, digest
from harlequin import Harlequin
from harlequin_duckdb import DuckDbAdapter

CHART = "select region_code, name_kk, migration_balance_persons from bi.region"
SHOWN = """
    select name_en, name_ru, name_kk, migration_balance_persons, role_en
    from bi.region order by migration_balance_persons limit 8
"""
WRITE = "create table core.written as select 1 as one"
PATIENCE = 200  # tenths of a second


def main() -> None:
    published, folder, answers = arguments()
    probe = Probe({"harlequin": version("harlequin"), "duckdb": version("duckdb")})
    probe.ask("chart", lambda: digest(asyncio.run(typed(published, CHART))))
    probe.ask("read only", lambda: asyncio.run(refused(published)))
    probe.ask("tables", lambda: asyncio.run(catalogue(published)))
    asyncio.run(typed(published, SHOWN, picture=folder / "harlequin.svg"))
    probe.write(answers)


def app(published: str) -> Harlequin:
    return Harlequin(DuckDbAdapter([published], read_only=True, no_init=True), connection_hash="saldo")


async def typed(published: str, query: str, picture: Path | None = None) -> list[tuple[Any, ...]]:
    """The rows that Harlequin shows for a query."""
    harlequin = app(published)
    async with harlequin.run_test(size=(132, 36)) as pilot:
        await until(pilot, lambda: harlequin.editor is not None)
        harlequin.editor.text = query
        await pilot.press("ctrl+j")
        await until(pilot, lambda: table(harlequin) is not None)
        await pilot.pause(0.5)
        if picture:
            harlequin.save_screenshot(picture.name, str(picture.parent))
        return list(zip(*(column.to_pylist() for column in table(harlequin).columns), strict=True))


async def refused(published: str) -> str:
    harlequin = app(published)
    async with harlequin.run_test(size=(132, 36)) as pilot:
        await until(pilot, lambda: harlequin.editor is not None)
        harlequin.editor.text = WRITE
        await pilot.press("ctrl+j")
        await until(pilot, lambda: len(harlequin.screen_stack) > 1)
        await pilot.pause(1)  # until what it shows is there
        said = str(getattr(harlequin.screen, "error", harlequin.screen))
        return "refused" if "read-only" in said else said


async def catalogue(published: str) -> list[str]:
    """What its tree of tables lists."""
    harlequin = app(published)
    async with harlequin.run_test(size=(132, 36)) as pilot:
        await until(pilot, lambda: harlequin.editor is not None)
        connection = harlequin.connection
        assert connection is not None
        return sorted(
            f"{schema.label}.{relation.label}"
            for database in connection.get_catalog().items
            for schema in children(database)
            for relation in children(schema)
        )


def children(item: Any) -> list[Any]:
    return list(item.children or item.fetch_children())


def table(harlequin: Harlequin) -> Any:
    """The data of the table of results, as Arrow; None before there is one."""
    shown = harlequin.results_viewer.get_visible_table()
    return shown.backend.data if shown is not None and shown.row_count else None


async def until(pilot: Any, reached: Any) -> None:
    for _ in range(PATIENCE):
        await pilot.pause(0.1)
        if reached():
            return
    raise TimeoutError("Harlequin did not answer")


if __name__ == "__main__":
    main()
