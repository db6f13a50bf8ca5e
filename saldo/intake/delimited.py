"""Reads delimited text: strictly, and fast where the text is plain enough to be split without a parser.

Python's csv reader in its strict mode decides what a record is and names the place of what is wrong. Where
no quote can hide a delimiter or a line end, Arrow splits the same text many times faster; a test holds the
two to the same result. Whatever Arrow does not take is read again by the csv reader, which says why.
"""

import array
import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from saldo.intake.reasons import Place, RefusalError
from saldo.intake.table import Integers, Texts

LONGEST_FIELD = 10_000
MOST_ROWS = 20_000_000
MOST_COLUMNS = 1_000
FETCH_AGAIN = "fetch the file again; if it comes so from the publisher, ask there for a whole one"
AS_UTF8 = "save it as UTF-8 and ingest that"


@dataclass(frozen=True)
class Records:
    """The records after the header.

    Attributes:
        header: its fields.
        columns: one for each field of the header.
        rows: the line on which each record starts, from 1.
    """

    header: list[str]
    columns: list[Texts]
    rows: Integers


def read_records(content: bytes, delimiter: str, *, last_line_end: bool) -> Records:
    """Reads all records; each must be as wide as the header.

    Raises:
        RefusalError: names the row.
    """
    if last_line_end and not content.endswith(b"\n"):
        row = content.count(b"\n") + 1
        tail = content[content.rfind(b"\n") + 1 :][-60:].decode("utf-8", "replace")
        raise RefusalError(
            "truncated",
            "the last line does not end: the file may be cut here",
            place=Place(row=row),
            found=tail,
            remedy=f"{FETCH_AGAIN}; if it is whole, end its last line",
        )
    return _split(content, delimiter) or _parse(decode_text(content.removeprefix(codecs.BOM_UTF8)), delimiter)


def first_records(content: bytes, delimiter: str, count: int) -> list[list[str]]:
    """The first records, as far as they can be read; to recognise a layout by."""
    text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8", "ignore")
    found: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            found.append(record)
            if len(found) == count:
                break
    except csv.Error:
        pass
    return found


def _split(content: bytes, delimiter: str) -> Records | None:
    """The records of a text without quotes, or with every field in quotes and no quote inside of one; None if
    it is not such a text, and if anything else is out of the ordinary."""
    if b"\r" in content or b"\0" in content:
        return None
    start = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    is_quoted = _is_quoted(content, start, delimiter)
    if is_quoted is None:
        return None
    try:
        first = content[start : content.find(b"\n")].decode("utf-8")
    except UnicodeDecodeError:
        return None
    header = [field[1:-1] if is_quoted else field for field in first.split(delimiter)]
    if len(set(header)) != len(header) or len(header) > MOST_COLUMNS:
        return None
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(pa.py_buffer(content).slice(start)),
            read_options=pa_csv.ReadOptions(block_size=1 << 22),
            parse_options=pa_csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if is_quoted else False,
                double_quote=False,
                ignore_empty_lines=False,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.dictionary(pa.int32(), pa.string())),
                strings_can_be_null=False,
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return None
    if table.column_names != header or not 0 < table.num_rows <= MOST_ROWS:
        return None
    columns = [Texts.from_arrow(column) for column in table.columns]
    # A field that begins with a delimiter and a quote can pass for two fields when quotes are counted.
    if is_quoted and any('"' in text for column in columns for text in column.distinct):
        return None
    # Arrow takes a blank line for a row of blanks.
    if (is_quoted or all("" in column.distinct for column in columns)) and b"\n\n" in content:
        return None
    if any(len(text) > LONGEST_FIELD for column in columns for text in column.distinct):
        return None
    return Records(header, columns, np.arange(2, table.num_rows + 2, dtype=np.int32))


def _is_quoted(content: bytes, start: int, delimiter: str) -> bool | None:
    """Whether every field stands in quotes (True) or none (False); None if it is neither.

    Every quote is counted: if those between two fields, between two lines and at both ends are all that there
    are, none stands anywhere else.
    """
    quotes = content.count(b'"')
    if not quotes:
        return False
    if not content.startswith(b'"', start) or not content.endswith(b'"\n'):
        return None
    between_fields = content.count(b'"' + delimiter.encode() + b'"')
    between_lines = content.count(b'"\n"')
    return True if quotes == 2 * (between_fields + between_lines) + 2 else None


def decode_text(body: bytes) -> str:
    """The text of UTF-8 bytes without a byte order mark.

    Raises:
        RefusalError: they are not UTF-8; names the row.
    """
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        row = body.count(b"\n", 0, error.start) + 1
        start = body.rfind(b"\n", 0, error.start) + 1
        line = body[start : start + 200].partition(b"\n")[0]
        likely = _likely_encoding(body[error.start : error.start + 2000])
        raise RefusalError(
            "wrong_encoding",
            f"byte {error.start - start + 1} of the line is 0x{body[error.start]:02x}, which UTF-8 does not "
            f"have there{likely}",
            place=Place(row=row),
            found=line.decode("utf-8", "replace"),
            remedy=AS_UTF8,
        ) from None


def _likely_encoding(sample: bytes) -> str:
    letters = sample.decode("cp1251", "replace")
    cyrillic = sum("А" <= letter <= "я" for letter in letters)
    return "; it looks like windows-1251" if cyrillic > 2 else ""


def _parse(text: str, delimiter: str) -> Records:
    records = _records(text, delimiter)
    try:
        _, header = next(records)
    except StopIteration:
        raise RefusalError("empty", "there is no header", remedy=FETCH_AGAIN) from None
    if len(header) > MOST_COLUMNS:
        message = f"{len(header)} columns; intake takes up to {MOST_COLUMNS}"
        raise RefusalError("too_large", message, place=Place(row=1), remedy="ask the publisher what it is")
    distinct: list[dict[str, int]] = [{} for _ in header]
    indexes = [array.array("i") for _ in header]
    rows = array.array("i")
    for row, record in records:
        if len(record) != len(header):
            raise _ragged(row, record, header)
        rows.append(row)
        for field, numbers, index in zip(record, distinct, indexes, strict=True):
            index.append(numbers.setdefault(field, len(numbers)))
        if len(rows) > MOST_ROWS:
            message = f"more than {MOST_ROWS} rows"
            raise RefusalError("too_large", message, place=Place(row=row), remedy="split it by years")
    if not rows:
        raise RefusalError("empty", "a header and nothing below it", remedy=FETCH_AGAIN)
    columns = [
        Texts(list(numbers), np.frombuffer(index, np.int32))
        for numbers, index in zip(distinct, indexes, strict=True)
    ]
    return Records(header, columns, np.frombuffer(rows, np.int32))


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    # A limit of the module, not of the reader; the program reads with no other.
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        row = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _not_a_record(str(error), row, text) from None
        for column, field in enumerate(record, start=1):
            if "\0" in field:
                place = Place(row=row, column=column)
                raise RefusalError("not_text", "a NUL among the text", place=place, remedy=FETCH_AGAIN)
        yield row, record


def _not_a_record(error: str, row: int, text: str) -> RefusalError:
    place = Place(row=row)
    if "field larger than" in error:
        message = f"a field of more than {LONGEST_FIELD} characters, or a quote that is never closed"
        return RefusalError("too_large", message, place=place, remedy=FETCH_AGAIN)
    if "unexpected end" in error:
        message = "a quote that is opened here is never closed: the file may be cut"
        return RefusalError("truncated", message, place=place, remedy=FETCH_AGAIN)
    line = "".join(text.splitlines()[row - 1 : row])
    return RefusalError(
        "bad_quote", f"not a record: {error}", place=place, found=line[:200], remedy=FETCH_AGAIN
    )


def _ragged(row: int, record: list[str], header: list[str]) -> RefusalError:
    found = " | ".join(record)[:200] or "(a blank line)"
    return RefusalError(
        "ragged_row",
        f"{len(record)} fields; the header has {len(header)}",
        place=Place(row=row),
        found=found,
        remedy=f"look for a missing or spare delimiter or quote; {FETCH_AGAIN}",
    )
