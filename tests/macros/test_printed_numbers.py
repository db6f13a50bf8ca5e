"""The parser of printed numbers (strict_decimal, printed_decimals) against decimal.Decimal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import duckdb
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

PLACE = "article_table_1, row 7 (область Абай), column 4 (Сальдо миграции, человек)"
DIGITS = "0123456789"
PROPERTY = settings(max_examples=200, deadline=None, database=None, derandomize=True)
BATCHES = settings(max_examples=40, deadline=None, database=None, derandomize=True)


def read(text: str) -> Decimal | None:
    """The number by the declared format, or None where the text is none.

    An optional hyphen-minus, 1 to 18 ASCII digits, and perhaps a comma with 1 to 6 digits.
    """
    unsigned = text.removeprefix("-")
    whole, comma, fraction = unsigned.partition(",")
    if not (1 <= len(whole) <= 18 and set(whole) <= set(DIGITS)):
        return None
    if comma and not (1 <= len(fraction) <= 6 and set(fraction) <= set(DIGITS)):
        return None
    return Decimal(text.replace(",", "."))


well_formed = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "-"]),
    st.text(DIGITS, min_size=1, max_size=18),
    st.just("") | st.text(DIGITS, min_size=1, max_size=6).map(",{}".format),
)
# what scans, spreadsheets and other languages put into numbers
foreign = st.sampled_from(
    [".", ",", " ", "\u00a0", "\u202f", "\u2009", "\t", "\n", "-", "\u2212", "\u2013", "\u2011", "+", "e",
     "E", "e-", "'", "_", "٣", "۴", "३", "３", "²", "½", "Ⅳ", "٫", "О", "l", "%", "∞", "*", "x"]
)  # fmt: skip
any_text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    """A well-formed number with a foreign character put in, or written twice, or with one character less."""
    text: str = draw(well_formed)
    position = draw(st.integers(0, len(text)))
    before, after = text[:position], text[position:]
    return draw(st.sampled_from([before + draw(foreign) + after, text + text, before + after[1:]]))


class Parser:
    """The macros on DuckDB."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, sql: Mapping[str, str]) -> None:
        self.connection = connection
        self.sql = sql

    def values(self, texts: Sequence[str | None]) -> list[Decimal | None]:
        """The number in each cell; duckdb.Error if one holds none."""
        cells = {"printed": texts, "place": [PLACE] * len(texts)}
        return [value for (value,) in self.connection.execute(self.sql["strict_decimal"], cells).fetchall()]

    def decimals(self, texts: list[str]) -> list[int]:
        """The number of printed decimals in each cell."""
        cells = {"printed": texts, "place": [PLACE] * len(texts)}
        return [count for (count,) in self.connection.execute(self.sql["printed_decimals"], cells).fetchall()]


@pytest.fixture(scope="module")
def parser(sql: Mapping[str, str]) -> Iterator[Parser]:
    with duckdb.connect(":memory:") as connection:
        yield Parser(connection, sql)


@BATCHES
@given(texts=st.lists(well_formed, min_size=1, max_size=60))
def test_well_formed_numbers_are_read_exactly(parser: Parser, texts: list[str]) -> None:
    assert parser.values(texts) == [read(text) for text in texts]
    assert parser.decimals(texts) == [len(text.partition(",")[2]) for text in texts]


@PROPERTY
@given(text=spoilt() | any_text)
def test_a_text_is_read_or_refused_by_the_format_alone(parser: Parser, text: str) -> None:
    expected = read(text)
    if expected is not None:
        assert parser.values([text]) == [expected]
        return
    with pytest.raises(duckdb.Error) as refused:
        parser.values([text])
    assert PLACE in str(refused.value)
    assert f"«{text}»" in str(refused.value)


@BATCHES
@given(texts=st.lists(well_formed, min_size=1, max_size=20), wrong=spoilt(), position=st.integers(0, 20))
def test_one_wrong_cell_among_good_ones_is_the_one_named(
    parser: Parser, texts: list[str], wrong: str, position: int
) -> None:
    assume(read(wrong) is None)
    with pytest.raises(duckdb.Error) as refused:
        parser.values([*texts[:position], wrong, *texts[position:]])
    assert f"«{wrong}»" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-88162", "-88162"),
        ("12,5", "12.5"),
        ("0,9", "0.9"),
        ("007", "7"),
        ("-0", "0"),
        ("-0,000001", "-0.000001"),
        ("999999999999999999,999999", "999999999999999999.999999"),
    ],
)
def test_numbers_as_releases_print_them(parser: Parser, text: str, value: str) -> None:
    assert parser.values([text]) == [Decimal(value)]


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-", ",", "-,", ",5", "5,", "-,5", "12.5", "1.234,5", "1,2,3", "1 234", "1\u00a0234",
        "1\u202f234", "1'234", "12 ", " 12", "12\n", "\u221212", "\u201312", "+12", "--12", "12-", "- 12",
        "(12)", "1e5", "1E5", "٣", "１２", "1О", "l2", "12*", "½", "NaN", "Infinity", "null", "0x1F", "1_000",
        "Итого", "1,2345678", "1234567890123456789",
    ],
)  # fmt: skip
def test_misprints_are_refused_by_name(parser: Parser, text: str) -> None:
    assert read(text) is None
    with pytest.raises(duckdb.Error) as refused:
        parser.values([text])
    assert f"cannot read a number in {PLACE}: found «{text}»" in str(refused.value)


def test_the_type_keeps_six_decimals(sql: Mapping[str, str], connection: duckdb.DuckDBPyConnection) -> None:
    found = connection.execute(sql["strict_decimal_type"], {"printed": ["1"], "place": [PLACE]}).fetchall()
    assert found == [("DECIMAL(24,6)",)]


def test_a_blank_cell_is_null(parser: Parser) -> None:
    assert parser.values(["1", None]) == [Decimal(1), None]


def test_another_decimal_mark_is_itself_alone(
    sql: Mapping[str, str], connection: duckdb.DuckDBPyConnection
) -> None:
    query = sql["strict_decimal_with_point"]
    assert connection.execute(query, {"printed": "-1.50", "place": PLACE}).fetchone() == (Decimal("-1.5"),)
    for text in ("1,5", "1x5", "1..5"):
        with pytest.raises(duckdb.Error, match=text.replace(".", r"\.")):
            connection.execute(query, {"printed": text, "place": PLACE})


@pytest.mark.parametrize("mark", ["-", "…"])
def test_a_declared_mark_is_no_figure(
    sql: Mapping[str, str], connection: duckdb.DuckDBPyConnection, mark: str
) -> None:
    query = sql["strict_decimal_with_marks"]
    assert connection.execute(query, {"printed": mark, "place": PLACE}).fetchone() == (None,)
    with pytest.raises(duckdb.Error, match=f"«{mark}{mark}»"):
        connection.execute(query, {"printed": mark + mark, "place": PLACE})
