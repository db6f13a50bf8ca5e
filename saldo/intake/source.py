"""A received file, read as far as somebody asks: its text, its sheets, its JSON tree."""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from saldo.intake import delimited
from saldo.intake.files import HEAD, Received
from saldo.intake.grid import Cell, Grid
from saldo.intake.reasons import Place, RefusalError

FETCH_AGAIN = "fetch the file again"


class JsonNumber(str):
    """A number of a JSON file, as its text: never a float."""


class Source:
    """What a layout is recognised by and read from."""

    def __init__(self, received: Received, kind: str) -> None:
        self.received = received
        self.kind = kind

    @cached_property
    def content(self) -> bytes:
        """All bytes."""
        return self.received.path.read_bytes()

    @cached_property
    def head(self) -> bytes:
        """The first bytes, enough for the first records of any delimited file."""
        with self.received.path.open("rb") as file:
            return file.read(HEAD)

    @cached_property
    def grids(self) -> list[Grid]:
        """The sheets of a workbook.

        Raises:
            RefusalError: it cannot be read.
        """
        from saldo.intake import workbook  # takes a tenth of a second that other files need not wait for

        if self.kind == "xlsx":
            return workbook.read_xlsx(self.received.path)
        return workbook.read_xls(self.content)

    @cached_property
    def root(self) -> Any:
        """The value that a JSON file holds, its numbers as texts.

        Raises:
            RefusalError: not JSON, too deep, or with a key twice in one object.
        """
        try:
            text = self.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            row = self.content.count(b"\n", 0, error.start) + 1
            message = f"byte {error.start + 1} of the file is not UTF-8"
            raise RefusalError(
                "wrong_encoding", message, place=Place(row=row), remedy=delimited.AS_UTF8
            ) from None
        try:
            return json.loads(
                text,
                parse_float=JsonNumber,
                parse_int=JsonNumber,
                parse_constant=_refuse_constant,
                object_pairs_hook=_object,
            )
        except RecursionError:
            message = "JSON nested deeper than any release"
            raise RefusalError("too_large", message, remedy="ask the publisher what this file is") from None
        except json.JSONDecodeError as error:
            cut = error.pos >= len(text.rstrip()) or "Unterminated" in error.msg
            raise RefusalError(
                "truncated" if cut else "damaged",
                f"the JSON {'ends too early' if cut else 'is not well formed'}: {error.msg}",
                place=Place(row=error.lineno, column=error.colno),
                remedy=FETCH_AGAIN,
            ) from None

    def records(self, delimiter: str, count: int = 2) -> list[list[str]]:
        """The first records of a text."""
        return delimited.first_records(self.head, delimiter, count)

    def grid_of_text(self, delimiter: str, *, last_line_end: bool) -> Grid:
        """A delimited text as a sheet without a name.

        Raises:
            RefusalError: a record is not as wide as the header, or the text is damaged.
        """
        records = delimited.read_records(self.content, delimiter, last_line_end=last_line_end)
        rows = {1: _cells(records.header)}
        for number, row in enumerate(records.rows.tolist()):
            rows[row] = _cells([column[number] for column in records.columns])
        return Grid("", rows)


def _cells(fields: Sequence[str]) -> dict[int, Cell]:
    return {column: Cell(text) for column, text in enumerate(fields, start=1)}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for number, key in enumerate(keys) if key in keys[:number])
        raise RefusalError(
            "duplicate_key",
            f"the key «{twice}» stands twice in one object",
            place=Place(column_label=twice),
            remedy="ask the publisher which of the two holds",
        )
    return found


def _refuse_constant(text: str) -> Any:
    raise RefusalError("not_a_number", f"{text} is not a number of JSON", found=text, remedy=FETCH_AGAIN)
