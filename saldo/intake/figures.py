"""Reads the figures of cells: value, decimals and status; and names the first that is not declared."""

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saldo.intake.layout import STATUS_WITHOUT_FIGURE, STATUSES, Layout, Measure, Range
from saldo.intake.numbers import (
    MINUS,
    MOST_DECIMALS,
    SPACES,
    VALUE_TYPE,
    Number,
    NumberError,
    TooManyDecimalsError,
    as_decimals,
    parse_native,
    round_half_up,
)
from saldo.intake.reasons import Place, RefusalError
from saldo.intake.schema import TEXT
from saldo.intake.table import Booleans, Cells, Integers, Numbers, Texts, used

ASK = "ask the publisher which is meant"
COMPARE = "compare the file with its layout in docs/reference-layouts.md"
MOST_MULTIPLIER = 9
# Beside a figure without a footnote; a blank may be a mark.
NO_MARK = "\0"
FORMULA = re.compile(r"[=@].*", re.DOTALL)


def read_figures(
    cells: Cells, measure: Measure, layout: Layout, plausible: Range
) -> tuple[pa.Array, Integers, Texts]:
    """Value, decimals and status of each cell; an empty status where a mark stands for no row."""
    read = _read_texts(cells, layout)
    if cells.native.any():
        read = _merged(read, _read_native(cells, measure), cells.native)
    value, decimals = _scaled(cells, measure, read.value, read.decimals)
    decimals = _stated_decimals(cells, decimals)
    status = _statuses(cells, layout, read)
    has_value = value.is_valid().to_numpy(zero_copy_only=False)
    too_many = np.flatnonzero(has_value & (decimals > plausible.decimals))
    if len(too_many):
        cell = int(too_many[0])
        raise RefusalError(
            "too_many_decimals",
            f"{decimals[cell]} decimals; {measure.indicator} has {plausible.decimals}: thousands instead of "
            "units, shares for per cent, or a figure that was calculated",
            place=cells.place(cell),
            found=cells.text[cell],
            remedy=ASK,
        )
    return value, np.where(has_value, decimals, -1).astype(np.int32), status


@dataclass(frozen=True)
class _Read:
    """Values, null where there is no figure; their decimals; the mark or footnote of each cell, if any."""

    value: pa.Array
    decimals: Integers
    mark: Texts


def _read_texts(cells: Cells, layout: Layout) -> _Read:
    """Reads the cells that hold text: plain numbers at once, the others one by one."""
    texts = cells.text
    numbers = used(texts.index[~cells.native], len(texts.distinct))
    value, decimals = layout.numbers.parse_many(
        pa.array([texts.distinct[number] for number in numbers], TEXT)
    )
    others: dict[int, Number] = {}
    marks: dict[int, str] = {}
    for position in np.flatnonzero(value.is_null().to_numpy(zero_copy_only=False)).tolist():
        number = int(numbers[position])
        text = texts.distinct[number]
        sign = trim(text) if layout.numbers.outer_spaces else text
        if sign in layout.marks:
            marks[number] = sign
            continue
        try:
            others[position] = layout.numbers.parse(text)
        except NumberError as error:
            first = int(np.argmax((texts.index == number) & ~cells.native))
            raise _not_a_number(error, text, layout, cells.place(first)) from None
        if footnote := others[position].footnote:
            marks[number] = footnote
    if others:
        listed = value.to_pylist()
        for position, each in others.items():
            listed[position], decimals[position] = each.value, each.decimals
        value = as_decimals(listed)
    return _spread(value, decimals, numbers, marks, cells, ~cells.native)


def _read_native(cells: Cells, measure: Measure) -> _Read:
    """Reads the cells that a spreadsheet holds as numbers."""
    texts = cells.text
    distinct_numbers = used(texts.index[cells.native], len(texts.distinct))
    found = []
    for distinct in distinct_numbers.tolist():
        text = texts.distinct[distinct]
        try:
            number = parse_native(text)
            if measure.round_to is not None:
                number = round_half_up(number, measure.round_to)
            if number.decimals > MOST_DECIMALS:
                raise TooManyDecimalsError(f"{number.decimals} decimals, and no rounding is declared")
        except NumberError as error:
            code = "too_many_decimals" if isinstance(error, TooManyDecimalsError) else "not_a_number"
            first = int(np.argmax((texts.index == distinct) & cells.native))
            place = cells.place(first)
            raise RefusalError(code, str(error), place=place, found=text, remedy=ASK) from None
        found.append(number)
    stated = measure.decimals
    decimals = [max(number.decimals, stated or 0) for number in found]
    return _spread(
        as_decimals([number.value for number in found]),
        np.array(decimals, np.int32),
        distinct_numbers,
        {},
        cells,
        cells.native,
    )


def _spread(
    value: pa.Array, decimals: Integers, numbers: Numbers, marks: dict[int, str], cells: Cells, mask: Booleans
) -> _Read:
    """From one result a distinct text to one a cell."""
    count = len(cells.text.distinct)
    mark = np.zeros(count, np.int32)
    mark[list(marks)] = np.arange(1, len(marks) + 1)
    signs = Texts([NO_MARK, *marks.values()], mark[cells.text.index])
    if not len(numbers):
        return _Read(pa.nulls(len(cells), VALUE_TYPE), np.zeros(len(cells), np.int32), signs)
    position = np.zeros(count, np.int64)
    position[numbers] = np.arange(len(numbers))
    index = position[cells.text.index]
    return _Read(value.take(pa.array(index, mask=~mask)), decimals[index], signs)


def _merged(texts: _Read, native: _Read, is_native: Booleans) -> _Read:
    return _Read(
        value=pc.if_else(pa.array(is_native), native.value, texts.value),
        decimals=np.where(is_native, native.decimals, texts.decimals).astype(np.int32),
        mark=Texts(
            [*texts.mark.distinct, NO_MARK], np.where(is_native, len(texts.mark.distinct), texts.mark.index)
        ),
    )


def _not_a_number(error: NumberError, text: str, layout: Layout, place: Place) -> RefusalError:
    stripped = trim(text)
    if FORMULA.fullmatch(stripped) or "formula" in str(error):
        message = "a spreadsheet formula in the place of a figure"
        return RefusalError("formula_in_text", message, place=place, found=text, remedy=ASK)
    if isinstance(error, TooManyDecimalsError):
        return RefusalError("too_many_decimals", str(error), place=place, found=text, remedy=ASK)
    declared = ", ".join(f"«{sign}»" for sign in layout.marks) or "none"
    if not any(sign.isdigit() for sign in stripped):
        message = f"a sign for a missing figure that this layout does not declare (declared: {declared})"
        remedy = "find out what it means and declare it in the layout, or fetch the file again"
        return RefusalError("unknown_mark", message, place=place, found=text, remedy=remedy)
    message = str(error)
    fused = [sign for sign in layout.marks if sign and sign not in MINUS and sign in stripped]
    if fused:
        message = f"«{fused[0]}» stands for a missing figure, and here beside digits"
    return RefusalError("not_a_number", message, place=place, found=text, remedy=ASK)


def _scaled(cells: Cells, measure: Measure, value: pa.Array, decimals: Integers) -> tuple[pa.Array, Integers]:
    """Values times the power of ten in which they are given."""
    powers = np.full(len(cells), measure.multiplier, np.int32)
    stated = cells.said.get("multiplier")
    if stated is not None:
        by_text = np.zeros(len(stated.distinct), np.int32)
        for number in stated.used():
            text = stated.distinct[number] or "0"
            if not (text.isascii() and text.isdigit() and int(text) <= MOST_MULTIPLIER):
                message = f"not a power of ten from 0 to {MOST_MULTIPLIER}"
                raise refuse_text("unknown_code", message, cells, stated, number, "multiplier")
            by_text[number] = int(text)
        powers = by_text[stated.index]
    for power in np.unique(powers[powers > 0]).tolist():
        scaled = pc.multiply(value, pa.scalar(Decimal(10**power), pa.decimal128(power + 1, 0)))
        value = pc.if_else(pa.array(powers == power), scaled.cast(VALUE_TYPE), value)
    return value, np.maximum(decimals - powers, 0).astype(np.int32)


def _stated_decimals(cells: Cells, decimals: Integers) -> Integers:
    """Decimals as the file states them, which may be more than the text shows: 5 for 5.0."""
    stated = cells.said.get("decimals")
    if stated is None:
        return decimals
    by_text = np.zeros(len(stated.distinct), np.int32)
    for number in stated.used():
        text = stated.distinct[number] or "0"
        if not (text.isascii() and text.isdigit() and int(text) <= MOST_DECIMALS):
            message = f"not a number of decimals from 0 to {MOST_DECIMALS}"
            raise refuse_text("unknown_code", message, cells, stated, number, "decimals")
        by_text[number] = int(text)
    return np.maximum(decimals, by_text[stated.index]).astype(np.int32)


def _statuses(cells: Cells, layout: Layout, read: _Read) -> Texts:
    """The status of each cell: of its mark, of its footnote, or as the file states it."""
    by_mark = []
    for sign in read.mark.distinct:
        mark = layout.marks.get(sign)
        footnote = layout.footnotes.get(sign)
        by_mark.append((mark.status if mark.row else "") if mark else footnote.status if footnote else "A")
    status = Texts(by_mark, read.mark.index).map(str)
    stated = cells.said.get("status")
    if stated is None:
        return status
    stated = stated.map(lambda text: text or "A")
    has_value = read.value.is_valid().to_numpy(zero_copy_only=False)
    for number in stated.used():
        text = stated.distinct[number]
        if text not in STATUSES:
            raise refuse_text("unknown_code", "not a code of CL_OBS_STATUS", cells, stated, number, "status")
        wrong = (stated.index == number) & (has_value == (text in STATUS_WITHOUT_FIGURE))
        if wrong.any():
            cell = int(np.argmax(wrong))
            message = f"the status {text} {'with' if has_value[cell] else 'without'} a figure"
            place = cells.place(cell, "status")
            raise RefusalError("status_conflict", message, place=place, found=cells.text[cell], remedy=ASK)
    return stated


def refuse_text(code: str, message: str, cells: Cells, texts: Texts, number: int, role: str) -> RefusalError:
    """The refusal of a distinct text, at the first cell that has it."""
    place = cells.place(texts.first(number), role)
    return RefusalError(code, message, place=place, found=texts.distinct[number], remedy=COMPARE)


def trim(text: str) -> str:
    """Without blanks around it."""
    return text.strip(SPACES)
