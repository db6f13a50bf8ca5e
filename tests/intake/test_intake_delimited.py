"""Delimited text: splitting it fast gives what Python's strict csv reader gives, or nothing."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saldo.intake import delimited
from saldo.intake.reasons import RefusalError
from saldo.intake.table import Texts, distinct_pairs

fields = st.text(alphabet=[*'ab"\t,;\n\r Ж\u00a0='], max_size=4)
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(fields, min_size=width, max_size=width), min_size=1, max_size=5)
)


def as_text(header: list[str], rows: list[list[str]], quoting: int, end: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=quoting, delimiter="\t", lineterminator=end).writerows([header, *rows])
    return text.getvalue().encode()


def listed(records: delimited.Records) -> list[list[str]]:
    return [[column[row] for column in records.columns] for row in range(len(records.rows))]


@settings(deadline=None)
@given(
    tables,
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_what_was_written_is_read(rows: list[list[str]], quoting: int, end: str, marked: bool) -> None:
    header = [f"c{number}" for number in range(len(rows[0]))]
    if quoting == csv.QUOTE_MINIMAL:  # Python's writer leaves a carriage return bare then
        rows = [[field.replace("\r", "") for field in row] for row in rows]
    content = (b"\xef\xbb\xbf" if marked else b"") + as_text(header, rows, quoting, end)
    records = delimited.read_records(content, "\t", last_line_end=True)
    assert (records.header, listed(records)) == (header, rows)


@settings(deadline=None)
@given(
    st.text(alphabet=[*'ab"\t\n\r '], min_size=1, max_size=30).map(lambda text: f"x\ty\n{text}\n".encode())
)
def test_any_text_is_split_as_it_is_parsed_or_not_at_all(content: bytes) -> None:
    split = delimited._split(content, "\t")
    if split is None:
        return
    parsed = delimited._parse(content.decode(), "\t")
    assert split.header == parsed.header
    assert listed(split) == listed(parsed)
    assert split.rows.tolist() == parsed.rows.tolist()


@pytest.mark.parametrize(
    "text",
    [
        'a\tb\n"1"\t2\n',  # quotes here and there
        '"a"\t"b"\n"1"\t"2""3"\n',
        '"a"\t"b"\n"1"x\t"2"\n',
        '"a"\n"\t"""\n',  # as many quotes as of two fields
        "a\tb\n1\t2\n\n3\t4\n",
        "a\ta\n1\t2\n",
        "a\tb\r\n1\t2\r\n",
    ],
)
def test_doubtful_texts_are_left_to_the_strict_reader(text: str) -> None:
    assert delimited._split(text.encode(), "\t") is None


def test_rows_are_counted_by_lines() -> None:
    content = b'a,b\n1,"two\nlines"\n3,4\n'
    assert delimited.read_records(content, ",", last_line_end=True).rows.tolist() == [2, 4]


def test_the_row_of_a_ragged_record_is_its_line() -> None:
    with pytest.raises(RefusalError) as caught:
        delimited.read_records(b'a,b\n1,"two\nlines"\n3\n', ",", last_line_end=True)
    assert (caught.value.code, caught.value.place.row) == ("ragged_row", 4)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 3)), min_size=1))
def test_distinct_pairs(cells: list[tuple[str, int]]) -> None:
    first = Texts.of([text for text, _ in cells])
    second = np.array([number for _, number in cells], np.int32)
    pairs, cell_of, inverse = distinct_pairs(first, second, 4)
    named = [(first.distinct[text], number) for text, number in pairs]
    assert set(named) == set(cells)
    assert [cells[cell] for cell in cell_of.tolist()] == named
    assert [cells.index(pair) for pair in named] == cell_of.tolist()
    assert [named[number] for number in inverse.tolist()] == cells
