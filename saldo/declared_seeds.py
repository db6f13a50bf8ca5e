"""Compares each seed with what seeds/**/*.yml declares: it is there, with these columns, of these types.

dbt would say that a model depends on nothing, and DuckDB that it guessed a type; here the cell is named.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from saldo.errors import InputError
from saldo.preflight import missing, read_strictly, restore


class Declared(NamedTuple):
    """One seed as a .yml file declares it."""

    path: Path
    name: str  # how messages call its file
    declared_in: str
    column_types: dict[str, str]


class Type(NamedTuple):
    """What the text of a cell may be."""

    expected: str
    pattern: re.Pattern[str]
    parse: Callable[[str], object] = str


def _integer(text: str) -> int:
    if not -(2**31) <= int(text) < 2**31:
        raise ValueError
    return int(text)


TYPES = {
    "integer": Type("an integer of 32 bits such as 12", re.compile(r"[+-]?\d+", re.ASCII), _integer),
    "date": Type(
        "a day of the calendar such as 2018-06-19",
        re.compile(r"\d{4}-\d\d-\d\d", re.ASCII),
        date.fromisoformat,
    ),
    "timestamp": Type(
        "a time such as 2018-06-19 09:30:00",
        re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?(Z|[+-]\d\d:\d\d)?", re.ASCII),
        datetime.fromisoformat,
    ),
    "boolean": Type("true or false", re.compile("true|false", re.IGNORECASE)),
}


def check(project: Path) -> None:
    """Compares the seeds with their declarations. A cell may be empty whatever its type.

    Raises:
        InputError: a seed is missing, its header differs, or a cell is not of its column's type; names the
            file, line and column, what was found and what was expected.
    """
    for seed in _declared(project):
        if not seed.path.is_file():
            raise missing(seed.name, f"{seed.declared_in} declares it")
        (_, header), *rows = read_strictly(seed.path, seed.name)
        if not seed.column_types:
            continue
        if sorted(header) != sorted(seed.column_types):
            raise _other_header(seed, header)
        for line, row in rows:
            for name, text in zip(header, row, strict=True):
                _check_cell(seed, line, name, text)


def _declared(project: Path) -> Iterator[Declared]:
    import yaml  # comes with dbt; loaded only when there is work

    for path in sorted((project / "seeds").rglob("*.yml")):
        declared_in = path.relative_to(project).as_posix()
        try:
            declared = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            details = [line.strip() for line in str(error).splitlines()]
            remedy = restore(declared_in)
            raise InputError("not YAML", where=declared_in, details=details, remedy=remedy) from None
        for seed in declared.get("seeds") or []:
            file = path.with_name(f"{seed['name']}.csv")
            file = next((project / "seeds").rglob(file.name), file)
            types = (seed.get("config") or {}).get("column_types") or {}
            yield Declared(file, file.relative_to(project).as_posix(), declared_in, types)


def _other_header(seed: Declared, header: list[str]) -> InputError:
    return InputError(
        "the header is not what is declared",
        where=f"{seed.name}, line 1",
        details=[
            f"found:    {','.join(header)}",
            f"expected: {','.join(seed.column_types)} ({seed.declared_in})",
        ],
        remedy=f"{restore(seed.name)}; a column that is meant is declared in {seed.declared_in}",
    )


def _check_cell(seed: Declared, line: int, name: str, text: str) -> None:
    kind = TYPES.get(seed.column_types[name].lower())
    if not text or kind is None:
        return
    try:
        if kind.pattern.fullmatch(text):
            kind.parse(text)
            return
    except ValueError:  # the form of a number or a day, but there is none such
        pass
    raise InputError(
        f"«{text}» is not of the type {seed.column_types[name]}",
        where=f"{seed.name}, line {line}, column {name}",
        details=[f"expected: {kind.expected} ({seed.declared_in} declares the column)"],
        remedy=f"put the cell right, or {restore(seed.name)}",
    )
