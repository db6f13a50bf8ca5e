"""Reads tables with labels of rows and of columns: sheets of workbooks, and delimited text like them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from saldo.intake.grid import Cell, Grid
from saldo.intake.layout import Layout, Sheet
from saldo.intake.numbers import SPACES
from saldo.intake.periods import read_period
from saldo.intake.reasons import Place, RefusalError
from saldo.intake.source import Source
from saldo.intake.table import Cells, Texts

HEADER_WITHIN = 30
COMPARE = "compare the sheet with docs/reference-layouts.md"


@dataclass(frozen=True)
class Header:
    """The row with the labels of columns: for each column with figures its label and what it says."""

    row: int
    labels: Mapping[int, str]
    said: Mapping[int, Mapping[str, str]]


@dataclass
class _Found:
    """One cell with a figure, or with a sign that stands for one."""

    cell: Cell
    said: dict[str, str]
    place: Place


def read_wide(source: Source, layout: Layout) -> Cells:
    """Reads the declared sheets.

    Raises:
        RefusalError: a part that the layout declares is missing, or something stands where nothing should.
    """
    found: list[_Found] = []
    stated: list[str] = []
    for sheet in layout.sheets:
        grid = _grid(source, layout, sheet)
        header = find_header(grid, sheet)
        if header is None:
            message = "the header is not there"
            raise RefusalError("wrong_shape", message, place=Place(sheet=grid.name), remedy=COMPARE)
        above = [cell.text for row in grid.rows if row < header.row for cell in grid.rows[row].values()]
        stated += above
        _check_stated(above, sheet, grid.name)
        found += _figures(grid, sheet, header)
    if not found:
        message = "the header is there and no figure below it"
        raise RefusalError("empty", message, place=Place(row=1), remedy="fetch the file again")
    return _as_cells(found, stated)


def find_grid(grids: Sequence[Grid], sheet: Sheet) -> Grid | None:
    """The grid whose name the sheet's pattern fits."""
    return next((grid for grid in grids if re.fullmatch(sheet.name, grid.name.strip())), None)


def find_header(grid: Grid, sheet: Sheet) -> Header | None:
    """The first row that says what the layout declares for the columns."""
    for row in sorted(grid.rows)[:HEADER_WITHIN]:
        cells = {
            column: _label(cell.text)
            for column, cell in grid.rows[row].items()
            if column not in sheet.ignored_columns
        }
        if cells.pop(1, "") != sheet.header_cell:
            continue
        labels = {column: text for column, text in cells.items() if text}
        said = _said_by_columns(labels, sheet)
        if said is not None:
            return Header(row, labels, said)
    return None


def _said_by_columns(labels: Mapping[int, str], sheet: Sheet) -> dict[int, Mapping[str, str]] | None:
    if sheet.columns == "declared":
        if list(labels.values()) != [_label(title) for title, _ in sheet.headings]:
            return None
        return {column: said for column, (_, said) in zip(labels, sheet.headings, strict=True)}
    if not labels or not all(read_period(text, sheet.period_formats) for text in labels.values()):
        return None
    return {column: {"period": text} for column, text in labels.items()}


def _grid(source: Source, layout: Layout, sheet: Sheet) -> Grid:
    if layout.kind == "delimited":
        return source.grid_of_text(layout.delimiter, last_line_end=layout.checks.last_line_end)
    grid = find_grid(source.grids, sheet)
    if grid is None:
        names = ", ".join(f"«{grid.name}»" for grid in source.grids)
        message = f"there is no sheet «{sheet.name}»; the workbook has {names}"
        raise RefusalError("wrong_shape", message, remedy=COMPARE)
    return grid


def _check_stated(above: Sequence[str], sheet: Sheet, name: str) -> None:
    texts = [_label(text) for text in above]
    for needed in sheet.states:
        if needed not in texts:
            message = f"«{needed}» does not stand above the header: unit or contents are in doubt"
            raise RefusalError("wrong_unit", message, place=Place(sheet=name), remedy=COMPARE)


def _figures(grid: Grid, sheet: Sheet, header: Header) -> list[_Found]:
    found: list[_Found] = []
    set_by_section: Mapping[str, str] = {}
    heading = ""
    seen: set[tuple[str, str]] = set()
    for row in sorted(row for row in grid.rows if row > header.row):
        cells = {
            column: cell for column, cell in grid.rows[row].items() if column not in sheet.ignored_columns
        }
        label_cell = cells.pop(1, None)
        label = _label(label_cell.text) if label_cell else ""
        place = Place(sheet=grid.name, row=row, row_label=label)
        if label_cell:
            _check_formula(label_cell, place)
        filled = {column: cell for column, cell in cells.items() if cell.text.strip() or cell.missing}
        if not label and not filled:
            continue
        if not filled:
            section = next((item for item in sheet.sections if item.label == label), None)
            if section:
                set_by_section = section.set
                continue
            heading = label
            if sheet.others_left_out or _is_left_out(label, sheet):
                continue
        said = _said_by_row(label, heading, sheet, seen, place)
        if said is None:
            continue
        _check_columns(filled, header, place)
        found += _figures_of_row(cells, header, {**sheet.set, **set_by_section, **said}, place)
    _check_rows(seen, sheet, grid.name)
    return found


def _said_by_row(
    label: str, heading: str, sheet: Sheet, seen: set[tuple[str, str]], place: Place
) -> dict[str, str] | None:
    """What the label of a row with figures says; None if the row is not taken."""
    if kind := sheet.total_rows.get(label):
        return {"region": label, "kind": kind}
    if sheet.rows == "declared":
        row = next(
            (
                row
                for row in sheet.declared_rows
                if row.label == label and (not row.under or row.under == heading)
            ),
            None,
        )
        if row is None:
            if sheet.others_left_out or _is_left_out(label, sheet):
                return None
            message = "the layout declares no such row"
            raise RefusalError("unknown_code", message, place=place, found=label, remedy=COMPARE)
        if (row.label, row.under) in seen:
            message = "this row stands twice"
            raise RefusalError("duplicate_key", message, place=place, remedy="ask the publisher which holds")
        seen.add((row.label, row.under))
        return dict(row.set)
    return {sheet.rows: label}


def _figures_of_row(
    cells: Mapping[int, Cell], header: Header, said: Mapping[str, str], place: Place
) -> Iterator[_Found]:
    for column, label in header.labels.items():
        cell = cells.get(column, Cell(""))
        where = Place(place.sheet, place.row, place.row_label, column, label)
        _check_formula(cell, where)
        by_column = header.said[column]
        if said.get("kind") == "column_total" and by_column.get("kind") == "row_total":
            by_column = {**by_column, "kind": "grand_total"}
        elif "kind" in said:
            by_column = {role: text for role, text in by_column.items() if role != "kind"}
        yield _Found(cell, {**said, **by_column}, where)


def _check_formula(cell: Cell, place: Place) -> None:
    if cell.missing:
        raise RefusalError(
            "formula_without_value",
            "a formula whose value the workbook does not hold",
            place=place,
            remedy="open the workbook where that is safe, let it calculate, save and ingest it",
        )
    if cell.external:
        raise RefusalError(
            "external_link",
            "a formula that takes its value from another workbook, which is not here",
            place=place,
            found=cell.text,
            remedy="ask the publisher for a workbook with the values themselves",
        )


def _check_columns(filled: Mapping[int, Cell], header: Header, place: Place) -> None:
    for column, cell in filled.items():
        if column not in header.labels:
            where = Place(place.sheet, place.row, place.row_label, column)
            message = "a cell that is not blank, in a column without a heading"
            raise RefusalError("wrong_shape", message, place=where, found=cell.text, remedy=COMPARE)


def _check_rows(seen: set[tuple[str, str]], sheet: Sheet, name: str) -> None:
    for row in sheet.declared_rows:
        if (row.label, row.under) not in seen:
            above = f" under «{row.under}»" if row.under else ""
            message = f"the row «{row.label}»{above} is not there"
            raise RefusalError("incomplete", message, place=Place(sheet=name), remedy=COMPARE)


def _is_left_out(label: str, sheet: Sheet) -> bool:
    return any(pattern.fullmatch(label) for pattern in sheet.leave_out)


def _label(text: str) -> str:
    """A label as it reads: line ends and rows of blanks as one, none outside."""
    return " ".join(text.split()).strip(SPACES)


def _as_cells(found: Sequence[_Found], stated: Sequence[str]) -> Cells:
    roles = {role for item in found for role in item.said}
    return Cells(
        text=Texts.of([item.cell.text for item in found]),
        native=np.array([item.cell.native for item in found]),
        said={role: Texts.of([item.said.get(role, "") for item in found]) for role in roles},
        sheet=Texts.of([item.place.sheet for item in found]),
        row=np.array([item.place.row for item in found], np.int32),
        row_label=Texts.of([item.place.row_label for item in found]),
        column=np.array([item.place.column for item in found], np.int32),
        column_label=Texts.of([item.place.column_label for item in found]),
        titles={},
        stated=tuple(stated),
    )
