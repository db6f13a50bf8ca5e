"""The number parser: what it reads comes back as it was written, and nothing else is a number."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from saldo.intake.numbers import (
    SPACES,
    VALUE_TYPE,
    Number,
    NumberError,
    NumberFormat,
    TooManyDecimalsError,
    parse_native,
    round_half_up,
)

WHOLE = NumberFormat()
BNS = NumberFormat(thousands=True)
COMMA = NumberFormat(decimal=",", thousands=True)
POINT = NumberFormat(decimal=".")
FOOTED = NumberFormat(decimal=",", footnotes=("15)", "5)"), fixed_decimals=1, outer_spaces=True)
FORMATS = [WHOLE, BNS, COMMA, POINT, FOOTED, NumberFormat(decimal=".", zero_decimals=True)]

values = st.decimals(-(10**17), 10**17, places=6, allow_nan=False, allow_infinity=False)


def written(value: Decimal, decimals: int, sign: str, space: str, minus: str) -> str:
    """A number as a publisher writes it."""
    text = f"{value:,.{decimals}f}".replace(",", "\0").replace(".", sign).replace("\0", space)
    return text.replace("-", minus)


@given(values, st.integers(0, 6), st.sampled_from([*SPACES, ""]), st.sampled_from("-\u2212"))
def test_round_trip(value: Decimal, decimals: int, space: str, minus: str) -> None:
    rounded = round(value, decimals)
    number = COMMA.parse(written(rounded, decimals, ",", space, minus))
    assert (number.value, number.decimals, number.footnote) == (rounded, decimals, "")


@given(
    st.lists(st.text(alphabet=[*"0123456789-\u2212.,)e+ \u00a0\u202f٣x…\n"], max_size=12)),
    st.sampled_from(FORMATS),
)
def test_many_at_once_are_read_as_one_by_one(texts: list[str], form: NumberFormat) -> None:
    value, decimals = form.parse_many(pa.array(texts, pa.string()))
    for text, many, count in zip(texts, value.to_pylist(), decimals.tolist(), strict=True):
        try:
            number = form.parse(text)
        except NumberError:
            assert many is None
            continue
        if number.footnote:
            assert many is None  # these are left to be read one by one
        else:
            assert (many, count) == (number.value, number.decimals)


@given(st.text(max_size=8), st.sampled_from(FORMATS))
def test_whatever_is_read_was_written_in_ascii_digits(text: str, form: NumberFormat) -> None:
    try:
        number = form.parse(text)
    except NumberError:
        return
    digits = "".join(sign for sign in text.split(")")[0] if sign in "0123456789")
    assert digits
    assert set(text) <= set("0123456789)-\u2212.," + SPACES)
    assert number.value.is_finite()


@pytest.mark.parametrize(
    ("text", "value", "decimals", "footnote"),
    [
        ("5,115)", "5.1", 1, "15)"),  # 5.1 note 15, not 5.115 or 5.11 note 5
        ("454,215)", "454.2", 1, "15)"),
        ("0,45)", "0.4", 1, "5)"),
        (" -5,1 ", "-5.1", 1, ""),
        ("-0", "0", 0, ""),
    ],
)
def test_footnotes_fused_to_a_number(text: str, value: str, decimals: int, footnote: str) -> None:
    assert FOOTED.parse(text) == Number(Decimal(value), decimals, footnote)


@pytest.mark.parametrize(
    "text", ["89,1,015)", "5,116)", "51115)", "5,1 15)", "5,1)", "15)", "5,115", "5,1515)"]
)
def test_other_footnotes_are_not_guessed(text: str) -> None:
    if text == "5,115":
        assert FOOTED.parse(text).decimals == 3  # a plain number; too many decimals for the indicator
        return
    with pytest.raises(NumberError):
        FOOTED.parse(text)


@pytest.mark.parametrize(
    ("text", "value", "decimals"),
    [
        ("78.799999999999997", "78.8", 1),  # how Excel stores 78.8
        ("0.1", "0.1", 1),
        ("1E-2", "0.01", 2),
        ("1117", "1117", 0),
        ("-21618.0", "-21618", 0),
        ("39014.0713415945", "39014.0713415945", 10),
        ("1.8220741113E+12", "1822074111300", 0),
    ],
)
def test_numbers_of_spreadsheets(text: str, value: str, decimals: int) -> None:
    number = parse_native(text)
    assert (number.value, number.decimals) == (Decimal(value), decimals)


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 12))
def test_a_number_of_15_digits_survives_a_spreadsheet(digits: int, places: int) -> None:
    """Written by a program that stores binary floats, with 17 digits as Excel does, and read back."""
    number = Decimal(digits).scaleb(-places)
    assert parse_native(f"{float(number):.17g}").value == number


@pytest.mark.parametrize("text", ["", "INF", "nan", "1e999", "0x1", "1e300", "１", "1 2", "."])
def test_what_a_spreadsheet_does_not_hold(text: str) -> None:
    with pytest.raises(NumberError):
        parse_native(text)


def test_rounding_is_half_away_from_zero() -> None:
    """As a spreadsheet shows a cell; Python's own rounding would give 2 and -2."""
    assert round_half_up(Number(Decimal("2.5"), 1), 0).value == 3
    assert round_half_up(Number(Decimal("-2.5"), 1), 0).value == -3


def test_more_than_can_be_kept() -> None:
    with pytest.raises(TooManyDecimalsError):
        POINT.parse("1.1234567")
    with pytest.raises(NumberError):
        WHOLE.parse("1" * 19)
    value, _ = POINT.parse_many(pa.array(["1.1234567", "1" * 19, "1" * 18]))
    assert value.to_pylist() == [None, None, Decimal("1" * 18)]
    assert value.type == VALUE_TYPE
