"""Reads delimited text with one row a figure (or a few figures beside each other)."""

import re
from dataclasses import replace

import numpy as np

from saldo.intake import delimited
from saldo.intake.figures import trim
from saldo.intake.layout import CHECKS_OF_PERIODS, ROLES, Column, Layout
from saldo.intake.periods import FORMATS, FREQUENCIES, OTHER_FREQUENCY, Period, read_period
from saldo.intake.reasons import Place, RefusalError, quote
from saldo.intake.source import Source
from saldo.intake.table import Cells, Texts, distinct_pairs

WITH_UNIT = re.compile(r"(.+)\((.+)\)", re.DOTALL)
COMPARE = "compare the file with docs/reference-layouts.md"


def read_long(source: Source, layout: Layout) -> Cells:
    """Reads all rows; constants and columns that say more of the period are checked here.

    Raises:
        RefusalError: a row or a field is not as the layout declares.
    """
    records = delimited.read_records(
        source.content, layout.delimiter, last_line_end=layout.checks.last_line_end
    )
    columns = match_columns(records.header, layout)
    records = _without_names(records, columns, layout)
    by_role: dict[str, tuple[int, Column]] = {}
    values: list[tuple[int, Column]] = []
    for number, column in columns:
        if column.role == "value":
            values.append((number, column))
        elif column.role == "constant":
            _check_constant(records, number, column)
        elif column.role in ROLES:
            by_role[column.role] = (number, column)
    said = {role: records.columns[number - 1] for role, (number, _) in by_role.items()}
    _check_periods(records, columns, by_role)
    count = len(records.rows)
    parts = []
    for number, column in values:
        measure = {"measure": Texts.constant(column.measure, count)} if column.measure else {}
        parts.append(
            Cells(
                text=records.columns[number - 1],
                native=np.zeros(count, np.bool_),
                said={**said, **measure},
                sheet=Texts.constant("", count),
                row=records.rows,
                row_label=said.get("region", Texts.constant("", count)),
                column=np.full(count, number, np.int32),
                column_label=Texts.constant(column.title, count),
                titles={role: (place, column.title) for role, (place, column) in by_role.items()},
            )
        )
    return parts[0] if len(parts) == 1 else _beside(parts)


def match_columns(header: list[str], layout: Layout) -> list[tuple[int, Column]]:
    """The declared column of each field of the header, with its number.

    Raises:
        RefusalError: a field is unknown, missing, twice, or in another place.
    """
    known = {column.title: column for column in layout.columns}
    names = _name_columns(header, layout)
    found: dict[str, int] = {}
    for number, text in enumerate(header, start=1):
        if number in names:
            continue
        place = Place(row=1, column=number)
        title = text if text in known or not layout.names else text.partition(layout.names.separator)[0]
        if title not in known:
            message = f"the layout declares no column «{text}»"
            raise RefusalError("header_differs", message, place=place, found=text, remedy=COMPARE)
        if title in found:
            message = f"the header has «{title}» twice"
            raise RefusalError("header_differs", message, place=place, found=text, remedy=COMPARE)
        found[title] = number
    for column in layout.columns:
        if column.title not in found and not column.optional:
            message = f"the column «{column.title}» is missing"
            raise RefusalError("header_differs", message, place=Place(row=1), remedy=COMPARE)
    return [(number, known[title]) for title, number in found.items()]


def _name_columns(header: list[str], layout: Layout) -> set[int]:
    """The numbers of the columns with names, which are not read.

    Raises:
        RefusalError: a column that the layout reads stands where one with names should.
    """
    if not layout.names or layout.names.column not in header:
        return set()
    known = {column.title for column in layout.columns}
    unnamed = {column.title for column in layout.columns if column.signature} | set(layout.names.unnamed)
    found = {header.index(layout.names.column) + 1}
    for number, title in enumerate(header[1:], start=2):
        before = header[number - 2]
        if number in found or number - 1 in found or before in unnamed or before not in known:
            continue
        if title in known:
            message = f"«{layout.names.column}» says that each code has a name beside it; «{before}» has none"
            place = Place(row=1, column=number)
            remedy = "ask for the message with IDs only: labels=id"
            raise RefusalError("header_differs", message, place=place, found=title, remedy=remedy)
        found.add(number)
    return found


def _without_names(
    records: delimited.Records, columns: list[tuple[int, Column]], layout: Layout
) -> delimited.Records:
    """The records without the names that stand in one text with their codes, which a title then shows."""
    names = layout.names
    if names is None:
        return records
    texts = list(records.columns)
    for number, column in columns:
        if column.role != "value" and records.header[number - 1] != column.title:
            # a name without a code is no blank, which may stand for a total
            texts[number - 1] = texts[number - 1].map(lambda text: text.partition(names.separator)[0] or text)
    return replace(records, columns=texts)


def _check_constant(records: delimited.Records, number: int, column: Column) -> None:
    texts = records.columns[number - 1]
    for distinct in texts.used():
        text = texts.distinct[distinct]
        if text in column.values:
            continue
        place = Place(row=int(records.rows[texts.first(distinct)]), column=number, column_label=column.title)
        if refusal := other_unit(text, column, place):
            raise refusal
        raise RefusalError(
            "constant_differs",
            f"this column says «{'» or «'.join(column.values)}» in every release of this layout",
            place=place,
            found=text,
            remedy=column.remedies.get(text, "this file holds something else: it needs a layout of its own"),
        )


def other_unit(text: str, column: Column, place: Place) -> RefusalError | None:
    """The refusal of what the column always says with another unit in brackets at its end."""
    said = WITH_UNIT.fullmatch(text)
    for value in column.values:
        always = WITH_UNIT.fullmatch(value)
        if said and always and said[1].strip() == always[1].strip() and said[2] != always[2]:
            message = f"the unit is «{quote(said[2])}»; that of this layout is «{always[2]}»"
            remedy = "figures in another unit need a layout that says so"
            return RefusalError("wrong_unit", message, place=place, found=text, remedy=remedy)
    return None


def _check_periods(
    records: delimited.Records, columns: list[tuple[int, Column]], by_role: dict[str, tuple[int, Column]]
) -> None:
    """A column that gives the period in other words, or its frequency, must not contradict it."""
    for number, column in columns:
        if column.role not in CHECKS_OF_PERIODS:
            continue
        period_number, period_column = by_role["period"]
        first, second = records.columns[period_number - 1], records.columns[number - 1]
        periods = [read_period(trim(text), period_column.formats) for text in first.distinct]
        pairs, cells, _ = distinct_pairs(first, second.index, len(second.distinct))
        conflicts = [
            cell
            for (period_text, text), cell in zip(pairs, cells.tolist(), strict=True)
            if not _agrees(column, second.distinct[text], periods[period_text])
        ]
        if not conflicts:
            continue
        cell = min(conflicts)
        one, other = first[cell], second[cell]
        place = Place(row=int(records.rows[cell]), column=number, column_label=column.title)
        if column.role == "frequency" and _frequency(column, other) is None:
            message = f"the layout declares {', '.join(column.codes or FREQUENCIES)} here"
            raise RefusalError("unknown_code", message, place=place, found=other, remedy=COMPARE)
        said = f"«{period_column.title}» says «{one}», «{column.title}» says «{other}»"
        if column.role == "period_check":
            meanings = {period for name in FORMATS if (period := read_period(other, (name,)))}
            if not meanings or periods[first.index[cell]] in meanings:
                message = (
                    f"{said}, which is not a period as the layout declares here: {', '.join(column.formats)}"
                )
                remedy = (
                    "if it publishes such periods, declare how they are written: docs/reference-layouts.md"
                )
                raise RefusalError("period_unreadable", message, place=place, found=other, remedy=remedy)
        if column.role == "frequency":
            said += f", and «{one}» is no period of that frequency"
        raise RefusalError(
            "period_conflict",
            said,
            place=place,
            found=other,
            remedy="ask the publisher which of the two holds",
        )


def _agrees(column: Column, text: str, period: Period | None) -> bool:
    """Whether a text goes with the period beside it; one that is unreadable is named when it is decoded."""
    if column.role == "frequency":
        code = _frequency(column, text)
        return code is not None and (period is None or _has_frequency(period, code))
    return period is None or any(read_period(text, (name,)) == period for name in column.formats)


def _has_frequency(period: Period, code: str) -> bool:
    if code == OTHER_FREQUENCY:
        return not any(map(period.has_frequency, FREQUENCIES))
    return period.has_frequency(code)


def _frequency(column: Column, text: str) -> str | None:
    code = column.codes.get(text) if column.codes else text
    return code if code in (*FREQUENCIES, OTHER_FREQUENCY) else None


def _beside(parts: list[Cells]) -> Cells:
    """Columns of figures beside each other, row by row."""
    order = np.arange(len(parts) * len(parts[0])).reshape(len(parts), -1).T.ravel()

    return Cells(
        text=Texts.joined([part.text for part in parts]),
        native=np.concatenate([part.native for part in parts]),
        said={role: Texts.joined([part.said[role] for part in parts]) for role in parts[0].said},
        sheet=Texts.joined([part.sheet for part in parts]),
        row=np.concatenate([part.row for part in parts]),
        row_label=Texts.joined([part.row_label for part in parts]),
        column=np.concatenate([part.column for part in parts]),
        column_label=Texts.joined([part.column_label for part in parts]),
        titles=parts[0].titles,
    ).take(order)
