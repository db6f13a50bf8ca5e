"""Reads layouts and plausible sizes from their TOML files.

docs/reference-layouts.md describes the keys. What is not a key is an error, so that a misspelt one is seen.
"""

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from saldo.errors import InputError
from saldo.intake.layout import (
    BREAKDOWNS,
    CELL_KINDS,
    CHECK,
    CHECKS_OF_PERIODS,
    KINDS,
    ROLES,
    SHAPES,
    STATUS_WITHOUT_FIGURE,
    STATUSES,
    TIMES,
    Checks,
    Column,
    Complete,
    DeclaredRow,
    Footnote,
    Layout,
    Mark,
    Measure,
    Names,
    PublishedOn,
    Range,
    Refused,
    Section,
    Sheet,
    Sum,
    Tree,
)
from saldo.intake.numbers import NumberFormat
from saldo.intake.periods import FORMATS, FREQUENCIES
from saldo.intake.reasons import REASONS
from saldo.intake.reference import IN_FORCE, is_territory_set

FOLDER = Path(__file__).parents[1] / "layouts"
Typed = TypeVar("Typed")


@cache
def read_layouts(folder: Path = FOLDER) -> tuple[Layout, ...]:
    """All declared layouts, by name.

    Raises:
        InputError: one is not as docs/reference-layouts.md says; names file and key.
    """
    return tuple(read_layout(path) for path in sorted(folder.glob("*.toml")))


def read_layout(path: Path) -> Layout:
    """Reads and checks one layout.

    Raises:
        InputError: names file and key.
    """
    table = _Table(_load(path), path)
    layout = _layout(table, path.stem)
    table.close()
    return layout


@cache
def plausible_ranges() -> Mapping[str, Range]:
    """The plausible sizes of each indicator, saldo/intake/plausible.toml.

    Raises:
        InputError: it is not well formed.
    """
    path = Path(__file__).with_name("plausible.toml")
    ranges = {}
    for indicator, values in _load(path).items():
        table = _Table(values, path, indicator)
        ranges[indicator] = Range(
            country=_pair(table, "country"),
            region=_pair(table, "region"),
            least_largest=Decimal(table.take("least_largest", str)),
            decimals=table.take("decimals", int),
            of_a_day=table.take("of_a_day", bool, False),
        )
        table.close()
    return ranges


class _Table:
    """A TOML table from which each key is taken once; what is left over was misspelt."""

    def __init__(self, table: Mapping[str, Any], path: Path, where: str = "") -> None:
        self._table = dict(table)
        self._path = path
        self._where = where

    def take(self, key: str, kind: type[Typed], default: Typed | None = None) -> Typed:
        if key not in self._table:
            if default is None:
                raise self.error(f"the key «{key}» is missing")
            return default
        value = self._table.pop(key)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.error(f"«{key}» is not of the type {kind.__name__}")
        return value

    def take_optional(self, key: str, kind: type[Typed]) -> Typed | None:
        return self.take(key, kind) if key in self._table else None

    def take_one_of(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self.take(key, str, default)
        if value not in choices and value != default:
            raise self.error(f"«{key}» is «{value}»; it may be {', '.join(choices)}")
        return value

    def take_texts(self, key: str) -> tuple[str, ...]:
        return self._texts(key, self.take(key, list, []))

    def take_map(self, key: str) -> dict[str, str]:
        value = self.take(key, dict, {})
        if not all(isinstance(item, str) for item in value.values()):
            raise self.error(f"a value of «{key}» is not a text")
        return dict(value)

    def take_choices(self, key: str) -> dict[str, tuple[str, ...]]:
        found = self.take(key, dict, {})
        return {
            name: (value,) if isinstance(value, str) else self._texts(key, value)
            for name, value in found.items()
        }

    def take_pattern(self, key: str) -> re.Pattern[str] | None:
        text = self.take_optional(key, str)
        return None if text is None else self._pattern(key, text)

    def take_patterns(self, key: str) -> tuple[re.Pattern[str], ...]:
        return tuple(self._pattern(key, text) for text in self.take_texts(key))

    def take_table(self, key: str) -> "_Table":
        return _Table(self.take(key, dict, {}), self._path, self._inside(key))

    def take_optional_table(self, key: str) -> "_Table | None":
        return self.take_table(key) if key in self._table else None

    def take_tables(self, key: str) -> list["_Table"]:
        tables = self.take(key, list, [])
        if not all(isinstance(table, dict) for table in tables):
            raise self.error(f"«{key}» is not a list of tables")
        return [
            _Table(table, self._path, f"{self._inside(key)}[{number}]")
            for number, table in enumerate(tables, start=1)
        ]

    def take_named_tables(self, key: str) -> list[tuple[str, "_Table"]]:
        tables = self.take(key, dict, {})
        if not all(isinstance(table, dict) for table in tables.values()):
            raise self.error(f"«{key}» holds something that is not a table")
        return [
            (name, _Table(table, self._path, f"{self._inside(key)}.{name}")) for name, table in tables.items()
        ]

    def take_roles(self, key: str) -> dict[str, str]:
        found = self.take_map(key)
        for role in found:
            if role not in ROLES:
                raise self.error(f"«{key}» names «{role}»; it may name {', '.join(ROLES)}")
        return found

    def take_formats(self, key: str) -> tuple[str, ...]:
        formats = self.take_texts(key)
        for name in formats:
            if name not in FORMATS:
                raise self.error(f"«{key}» names «{name}»; known are {', '.join(FORMATS)}")
        return formats

    def close(self) -> None:
        if self._table:
            raise self.error(f"unknown key «{next(iter(self._table))}»")

    def error(self, what: str) -> InputError:
        where = f"{self._path.name}, {self._where}" if self._where else self._path.name
        return InputError(what, where=where, remedy="compare it with docs/reference-layouts.md")

    def _inside(self, key: str) -> str:
        return f"{self._where}.{key}" if self._where else key

    def _texts(self, key: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(f"«{key}» is not a list of texts")
        return tuple(value)

    def _pattern(self, key: str, text: str) -> re.Pattern[str]:
        try:
            return re.compile(text)
        except re.error as error:
            raise self.error(f"«{key}» is no regular expression: {error}") from None


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"not TOML: {error}", where=path.name, remedy="compare it with docs/reference-layouts.md"
        ) from None


def _layout(table: _Table, name: str) -> Layout:
    table.take("description", str)
    kind, shape = table.take_one_of("kind", KINDS), table.take_one_of("shape", SHAPES)
    title = table.take("title", str)
    if shape == "refused":
        return Layout(
            name=name,
            title=title,
            kind=kind,
            shape=shape,
            delimiter=table.take("delimiter", str, ","),
            columns=_columns(table),
            sheets=tuple(_sheet(sheet) for sheet in table.take_tables("sheet")),
            refused=_refused(table.take_table("refused")),
        )
    footnotes = _footnotes(table)
    layout = Layout(
        name=name,
        title=title,
        kind=kind,
        shape=shape,
        publisher=table.take("publisher", str),
        source_url=table.take("source_url", str),
        terms_of_use=table.take("terms_of_use", str),
        label_set=table.take("label_set", str, ""),
        declares_back_cast=table.take("declares_back_cast", bool, False),
        territory_set=_territory_set(table),
        delimiter=table.take("delimiter", str, ","),
        any_order=table.take("any_order", bool, False),
        published_on=_published_on(table.take_table("published_on")),
        period_in_file_name=table.take_pattern("period_in_file_name"),
        file_name_example=table.take("file_name_example", str, ""),
        indicator_from_option=table.take("indicator_from_option", bool, False),
        index_in_file_name=table.take_pattern("index_in_file_name"),
        numbers=_numbers(table.take_table("numbers"), tuple(footnotes)),
        marks=_marks(table),
        footnotes=footnotes,
        columns=_columns(table),
        names=_names(table),
        sheets=tuple(_sheet(sheet) for sheet in table.take_tables("sheet")),
        tree=_tree(table.take_table("tree")) if shape in {"nested", "records"} else None,
        set=table.take_roles("set"),
        measures=_measures(table),
        indexes=table.take_map("indexes"),
        checks=_checks(table.take_table("checks")),
    )
    ids = {measure.id for measure in layout.measures}
    for column in layout.columns:
        if column.measure and column.measure not in ids:
            raise table.error(f"the column «{column.title}» names the measure «{column.measure}»")
    _check_periods(table, layout)
    if len(layout.delimiter) != 1:
        raise table.error("«delimiter» is not one sign")
    if shape != "canonical" and not layout.label_set:
        raise table.error("the key «label_set» is missing")
    return layout


def _check_periods(table: _Table, layout: Layout) -> None:
    """What is said of periods can be compared with one, and one place says each."""
    period, pattern = layout.column("period"), layout.period_in_file_name
    for column in layout.columns:
        if column.role in CHECKS_OF_PERIODS and (period is None or period.optional):
            raise table.error(f"«{column.title}» needs a column of the role period, which is not optional")
        if column.role == "frequency" and not set(column.codes.values()) <= set(FREQUENCIES):
            raise table.error(f"a code of «{column.title}» is none of {', '.join(FREQUENCIES)}")
    if pattern is None:
        return
    in_sheet = any("period" in (sheet.rows, sheet.columns) for sheet in layout.sheets)
    in_tree = layout.tree and (layout.tree.value_key or "period" in layout.tree.levels)
    if period or in_sheet or in_tree:
        raise table.error("«period_in_file_name» stands beside periods of the table")
    found = pattern.search(layout.file_name_example)
    if not (pattern.groups and found and found[1]):
        raise table.error("«period_in_file_name» finds no period in «file_name_example»")


def _territory_set(table: _Table) -> str:
    found = table.take("territory_set", str, IN_FORCE)
    if not is_territory_set(found):
        raise table.error(f"«territory_set» is «{found}»; it may be {IN_FORCE} or a day such as 2022-06-08")
    return found


def _refused(table: _Table) -> Refused:
    refused = Refused(
        code=table.take_one_of("reason", tuple(REASONS)),
        message=table.take("message", str),
        remedy=table.take("remedy", str),
        lines=table.take_pattern("lines"),
    )
    table.close()
    return refused


def _published_on(table: _Table) -> PublishedOn:
    found = PublishedOn(
        file_name=table.take_pattern("file_name"),
        text=table.take_pattern("text"),
        key=table.take("key", str, ""),
        note=table.take("note", str, ""),
    )
    table.close()
    return found


def _numbers(table: _Table, footnotes: tuple[str, ...]) -> NumberFormat:
    found = NumberFormat(
        decimal=table.take("decimal", str, ""),
        thousands=table.take("thousands", bool, False),
        footnotes=footnotes,
        fixed_decimals=table.take_optional("fixed_decimals", int),
        zero_decimals=table.take("zero_decimals", bool, False),
        outer_spaces=table.take("outer_spaces", bool, False),
    )
    table.close()
    return found


def _marks(table: _Table) -> dict[str, Mark]:
    marks = {}
    for sign, mark in table.take_named_tables("marks"):
        marks[sign] = Mark(
            status=mark.take_one_of("status", tuple(sorted(STATUS_WITHOUT_FIGURE))),
            meaning=mark.take("meaning", str),
            row=mark.take("row", bool, True),
        )
        mark.close()
    return marks


def _footnotes(table: _Table) -> dict[str, Footnote]:
    footnotes = {}
    for sign, footnote in table.take_named_tables("footnotes"):
        status = footnote.take_one_of("status", tuple(sorted(STATUSES - STATUS_WITHOUT_FIGURE)))
        footnotes[sign] = Footnote(status=status, meaning=footnote.take("meaning", str))
        footnote.close()
    return footnotes


def _columns(table: _Table) -> tuple[Column, ...]:
    columns = []
    for column in table.take_tables("column"):
        columns.append(
            Column(
                title=column.take("title", str),
                role=column.take_one_of("role", (*ROLES, "value", "constant", *CHECKS_OF_PERIODS, "ignored")),
                codes=column.take_map("codes"),
                values=column.take_texts("values"),
                remedies=column.take_map("remedies"),
                formats=column.take_formats("formats"),
                measure=column.take("measure", str, ""),
                leave_out=column.take_patterns("leave_out"),
                optional=column.take("optional", bool, False),
                signature=column.take("signature", bool, False),
            )
        )
        column.close()
    return tuple(columns)


def _names(table: _Table) -> Names | None:
    names = table.take_optional_table("names")
    if names is None:
        return None
    found = Names(names.take("column", str), names.take_texts("unnamed"), names.take("separator", str))
    names.close()
    return found


def _sheet(table: _Table) -> Sheet:
    sections = []
    for section in table.take_tables("section"):
        sections.append(Section(section.take("label", str), section.take_roles("set")))
        section.close()
    rows = []
    for row in table.take_tables("row"):
        rows.append(DeclaredRow(row.take("label", str), row.take("under", str, ""), row.take_roles("set")))
        row.close()
    headings = []
    for heading in table.take_tables("heading"):
        headings.append((heading.take("title", str), heading.take_roles("set")))
        heading.close()
    sheet = Sheet(
        name=table.take("name", str, ""),
        rows=table.take_one_of("rows", ("region", "period", "declared")),
        columns=table.take_one_of("columns", ("period", "declared")),
        header_cell=table.take("header_cell", str, ""),
        period_formats=table.take_formats("period_formats"),
        ignored_columns=frozenset(table.take("ignored_columns", list, [])),
        set=table.take_roles("set"),
        states=table.take_texts("states"),
        sections=tuple(sections),
        declared_rows=tuple(rows),
        headings=tuple(headings),
        total_rows=table.take_map("total_rows"),
        leave_out=table.take_patterns("leave_out"),
        others_left_out=table.take("others_left_out", bool, False),
    )
    table.close()
    return sheet


def _tree(table: _Table) -> Tree:
    tree = Tree(
        expect=table.take("expect", dict, {}),
        required=table.take_texts("required"),
        ignored=table.take_patterns("ignored"),
        label=table.take("label", str, ""),
        value_key=table.take_pattern("value_key"),
        values=table.take("values", str, ""),
        levels=table.take_texts("levels"),
        periods=table.take("periods", str, ""),
        numbers=table.take_one_of("numbers", ("string", "number")),
        period_formats=table.take_formats("period_formats"),
    )
    table.close()
    return tree


def _measures(table: _Table) -> tuple[Measure, ...]:
    measures = []
    for measure in table.take_tables("measure"):
        indicator = measure.take("indicator", str)
        measures.append(
            Measure(
                id=measure.take("id", str, indicator),
                indicator=indicator,
                series=measure.take("series", str),
                time=measure.take_one_of("time", TIMES, "flow"),
                when=measure.take_choices("when"),
                kind=measure.take_one_of("kind", (*CELL_KINDS, CHECK), "fact"),
                decimals=measure.take_optional("decimals", int),
                round_to=measure.take_optional("round_to", int),
                multiplier=measure.take("multiplier", int, 0),
            )
        )
        measure.close()
    return tuple(measures)


def _checks(table: _Table) -> Checks:
    sums, complete = [], []
    for item in table.take_tables("sum"):
        over = item.take_one_of("over", BREAKDOWNS)
        total, parts = item.take("total", str), item.take_texts("parts")
        if not parts:
            raise item.error("the key «parts» is missing")
        sums.append(Sum(over, total, parts, Decimal(item.take("tolerance", str, "0"))))
        item.close()
    for item in table.take_tables("complete"):
        over, codes = item.take("over", str), item.take_texts("codes")
        if not codes and over != "region":
            raise item.error("the key «codes» is missing")
        complete.append(Complete(over, codes, item.take_choices("when")))
        item.close()
    share = table.take_optional("least_share", str)
    checks = Checks(
        sums=tuple(sums),
        complete=tuple(complete),
        least_share=None if share is None else Decimal(share),
        last_line_end=table.take("last_line_end", bool, True),
        may_be_partial=table.take("may_be_partial", bool, False),
    )
    table.close()
    return checks


def _pair(table: _Table, key: str) -> tuple[Decimal, Decimal]:
    texts = table.take_texts(key)
    if len(texts) != 2:
        raise table.error(f"«{key}» is not a pair of numbers")
    return Decimal(texts[0]), Decimal(texts[1])
