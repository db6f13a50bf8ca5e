"""Checks a message of SDMX-CSV 2.0 against the structure message beside it, as a receiver would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import duckdb
import sdmx
from sdmx.message import StructureMessage
from sdmx.model import common, v21

from saldo.errors import InputError
from saldo.quoting import identifier, literal
from saldo.sdmx_structure import Flow

LEADING = ("STRUCTURE", "STRUCTURE_ID", "ACTION")
DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
# How values of a type are written, as regular expressions that must match in full.
WRITTEN = {
    "observationalTimePeriod": rf"\d{{4}}(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?|{DAY}(/P\d+[YMD])?",
    "dateTime": rf"{DAY}T\d\d:\d\d:\d\d(\.\d+)?",
    "double": r"-?\d+(\.\d+)?|NaN",
    "integer": r"-?\d+",
    "string": r"(?s).+",
}
MOST_SHOWN = 20
READ = """
    create table message as
    select row_number() over () + 1 as line, *
    from read_csv($1, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"', nullstr = '')
"""


def check_message(message: Path, structure: Path, flow: Flow) -> None:
    """Reads both files anew and compares them.

    Looked for: the columns that the structure has, codes that are not in their code lists, mandatory values
    that are missing, values that are not of their type, keys that stand twice, and rows of another dataflow.

    Raises:
        InputError: names each kind of breach with its first row, column and text.
    """
    read = cast(StructureMessage, sdmx.read_sdmx(structure))
    definition = cast(v21.DataStructureDefinition, read.dataflow[flow.id].structure)
    with duckdb.connect() as connection:
        connection.execute(READ, [str(message)])
        breaches = list(_breaches(connection, definition, flow))
    if breaches:
        more = len(breaches) - MOST_SHOWN
        raise InputError(
            "the figures do not hold to the structure that they would be published with",
            where=message.name,
            details=[*breaches[:MOST_SHOWN], *([f"and {more} more"] if more > 0 else [])],
            remedy="put right the code or figure in the release or seed that it comes from, and build again",
        )


def _breaches(
    connection: duckdb.DuckDBPyConnection, structure: v21.DataStructureDefinition, flow: Flow
) -> Iterator[str]:
    components = {each.id: each for each in _components(structure)}
    columns = [
        name for (name,) in connection.execute("select column_name from (describe message)").fetchall()
    ]
    found = columns[1:]  # without the number of the line
    if found[: len(LEADING)] != list(LEADING):
        yield f"the first columns are {', '.join(found[:3])}, not {', '.join(LEADING)}"
        return
    yield from (f"{name} is no component of {structure.id}" for name in found[3:] if name not in components)
    yield from (f"the column {name} is missing" for name in components if name not in found)
    yield from _first(connection, "STRUCTURE_ID", f"<> {literal(flow.reference)}", f"is not {flow.reference}")
    for name, component in components.items():
        if name in found:
            yield from _of_component(connection, component)
    key = [name for name, each in components.items() if isinstance(each, common.DimensionComponent)]
    if set(key) <= set(found):
        yield from _twice(connection, key)


def _components(structure: v21.DataStructureDefinition) -> list[common.Component]:
    return [
        *structure.dimensions.components,
        *structure.measures.components,
        *structure.attributes.components,
    ]


def _of_component(connection: duckdb.DuckDBPyConnection, component: common.Component) -> Iterator[str]:
    name, representation = str(component.id), component.local_representation
    optional = isinstance(component, common.DataAttribute) and (
        component.usage_status is not common.UsageStatus.mandatory
    )
    if not optional:
        yield from _first(connection, name, "is null", "must have a value")
    if representation is None:
        return
    code_list = representation.enumerated
    if code_list is not None:
        codes = ", ".join(literal(str(code.id)) for code in code_list)
        yield from _first(connection, name, f"not in ({codes})", f"is not in {code_list.id}")
        return
    for facet in representation.non_enumerated:
        kind = facet.value_type.name if facet.value_type else "string"
        pattern = f"regexp_full_match({identifier(name)}, {literal(WRITTEN[kind])})"
        yield from _first(connection, name, f"is not null and not {pattern}", f"is not written as {kind}")


def _first(connection: duckdb.DuckDBPyConnection, name: str, condition: str, says: str) -> Iterator[str]:
    """A line on the first row that meets a condition, and how many do."""
    column = identifier(name)
    ((count, line, text),) = connection.execute(
        f"select count(*), min(line), arg_min(coalesce({column}, ''), line)"  # noqa: S608
        f" from message where {column} {condition}"
    ).fetchall()
    if count:
        yield f"row {line}, {name}: «{text}» {says} ({count} rows)"


def _twice(connection: duckdb.DuckDBPyConnection, key: list[str]) -> Iterator[str]:
    columns = ", ".join(map(identifier, key))
    found = connection.execute(
        f"select min(line), max(line), {columns} from message"  # noqa: S608
        f" group by {columns} having count(*) > 1 order by 1"
    ).fetchall()
    if found:
        first, last, *values = found[0]
        twice = ".".join(map(str, values))
        yield f"rows {first} and {last}: the key {twice} stands twice ({len(found)} keys)"
