"""Figures as text to exact decimals. The only place of the project that reads numbers of release files.

A number is an optional minus (hyphen or U+2212), digits without leading zeros and, if the layout says so,
thousands set apart by one kind of space in groups of three and a decimal part after the declared sign.
Nothing else is a number: no plus, no exponent, no digits of other scripts, no blank inside, no second sign.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Space, no-break space, thin space, narrow no-break space.
SPACES = " \u00a0\u2009\u202f"
MINUS = "-\u2212"
VALUE_TYPE = pa.decimal128(24, 6)
MOST_INTEGER_DIGITS = 18
MOST_DECIMALS = 6
# A spreadsheet keeps binary floats and shows at most 15 digits: 78.799999999999997 stands for 78.8.
SPREADSHEET = Context(prec=15, rounding=ROUND_HALF_UP)
NATIVE = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)


class NumberError(ValueError):
    """The text is not a number of the declared form; the message says why."""


class TooManyDecimalsError(NumberError):
    """The number has more decimals than can be kept."""


@dataclass(frozen=True)
class Number:
    """A figure, how many decimals it was published with, and the footnote fused to it."""

    value: Decimal
    decimals: int
    footnote: str = ""


@dataclass(frozen=True)
class NumberFormat:
    """How a layout writes its figures.

    Attributes:
        decimal: the decimal sign; empty if figures are whole.
        thousands: whether groups of three may be set apart by a space.
        footnotes: marks that may be fused to a number, as "15)". They need `fixed_decimals`, without which
            nobody can tell where the number ends: 5,115) is 5.1 with note 15 only if there is one decimal.
        fixed_decimals: how many decimals a number with a footnote has.
        zero_decimals: whether a decimal part of zeros is dropped: -7141.0 is -7141.
        outer_spaces: whether blanks around a figure are allowed.
    """

    decimal: str = ""
    thousands: bool = False
    footnotes: tuple[str, ...] = ()
    fixed_decimals: int | None = None
    zero_decimals: bool = False
    outer_spaces: bool = False

    @cached_property
    def whole(self) -> str:
        """The pattern of a whole number, in the syntax that Python and RE2 share."""
        digits = "0|[1-9][0-9]*"
        if self.thousands:
            digits += "".join(f"|[1-9][0-9]{{0,2}}(?:{space}[0-9]{{3}})+" for space in SPACES)
        return f"[{MINUS}]?(?:{digits})"

    @cached_property
    def plain(self) -> str:
        """The pattern of a number without footnote."""
        return self.whole + (f"(?:{re.escape(self.decimal)}[0-9]+)?" if self.decimal else "")

    @cached_property
    def with_footnote(self) -> re.Pattern[str] | None:
        if not self.footnotes or self.fixed_decimals is None:
            return None
        part = f"{re.escape(self.decimal)}[0-9]{{{self.fixed_decimals}}}" if self.fixed_decimals else ""
        notes = "|".join(re.escape(note) for note in self.footnotes)
        return re.compile(f"({self.whole}{part})({notes})")

    def parse(self, text: str) -> Number:
        """Reads one figure.

        Raises:
            NumberError: says why.
        """
        stripped = text.strip(SPACES) if self.outer_spaces else text
        if re.fullmatch(self.plain, stripped):
            return self._number(stripped, "")
        if self.with_footnote and (fused := self.with_footnote.fullmatch(stripped)):
            return self._number(fused[1], fused[2])
        raise NumberError(self._why(stripped))

    def parse_many(self, texts: pa.Array) -> tuple[pa.Array, "np.ndarray[tuple[int], np.dtype[np.int32]]"]:
        """Reads many figures at once, as `parse` does one.

        Args:
            texts: strings without nulls.

        Returns:
            The values as decimals, null where the text is no plain number that can be kept; their decimals.
        """
        if self.outer_spaces:
            texts = pc.utf8_trim(texts, SPACES)
        plain = pc.match_substring_regex(texts, f"^(?:{self.plain})$")
        # The line end is not matched by `$` in RE2 unless asked for, so no text with a line break passes.
        kept = pc.if_else(plain, texts, pa.scalar("0"))
        kept = pc.replace_substring_regex(kept, f"[{SPACES}]", "")
        kept = pc.replace_substring(kept, "\u2212", "-")
        if self.decimal and self.decimal != ".":
            kept = pc.replace_substring(kept, self.decimal, ".")
        if self.zero_decimals:
            kept = pc.replace_substring_regex(kept, r"\.0+$", "")
        lengths, points = pc.utf8_length(kept), pc.find_substring(kept, ".")
        whole = pc.equal(points, -1)
        decimals = pc.if_else(whole, 0, pc.subtract(pc.subtract(lengths, points), 1))
        integers = pc.if_else(whole, lengths, points)
        fits = pc.and_(pc.less_equal(decimals, MOST_DECIMALS), pc.less_equal(integers, MOST_INTEGER_DIGITS))
        kept = pc.if_else(pc.and_(plain, fits), kept, pa.scalar(None, pa.string()))
        return kept.cast(VALUE_TYPE), decimals.to_numpy(zero_copy_only=False).astype(np.int32)

    def _number(self, text: str, footnote: str) -> Number:
        for space in SPACES:
            text = text.replace(space, "")
        text = text.replace("\u2212", "-")
        if self.decimal:
            text = text.replace(self.decimal, ".")
        whole, _, part = text.partition(".")
        if self.zero_decimals and not part.strip("0"):
            part = ""
        if len(part) > MOST_DECIMALS:
            raise TooManyDecimalsError(f"{len(part)} decimals; {MOST_DECIMALS} are kept")
        if len(whole.lstrip("-")) > MOST_INTEGER_DIGITS:
            raise NumberError(f"more than {MOST_INTEGER_DIGITS} digits")
        value = Decimal(f"{whole}.{part}" if part else whole)
        return Number(value if value else abs(value), len(part), footnote)

    def _why(self, text: str) -> str:
        if not text:
            return "the cell is blank"
        if re.fullmatch(r"[=@].*|[+-].*[(|!].*", text, re.DOTALL):
            return "this is a spreadsheet formula"
        if any(sign.isdigit() and not sign.isascii() for sign in text):
            return "digits of another script"
        if re.search(r"[oOоОlI]", text) and re.search(r"\d", text):
            return "letters among the digits"
        if re.fullmatch(rf"[{MINUS}]?[\d{SPACES}.,]+", text):
            separators = sorted({sign for sign in text if not sign.isdigit() and sign not in MINUS})
            named = ", ".join("a space" if sign in SPACES else f"«{sign}»" for sign in separators)
            return f"digits with {named or 'leading zeros'} are not written as this layout declares"
        return "not a number"


def parse_native(text: str) -> Number:
    """Reads the number of a spreadsheet cell, which is stored as a binary float, as the program shows it.

    Raises:
        NumberError: not a finite number, or one that cannot be kept.
    """
    if not NATIVE.fullmatch(text):
        raise NumberError("not a number")
    shown = SPREADSHEET.create_decimal(text)
    plain = f"{shown:f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    whole, _, part = plain.partition(".")
    if len(whole.lstrip("-")) > MOST_INTEGER_DIGITS:
        raise NumberError(f"more than {MOST_INTEGER_DIGITS} digits")
    value = Decimal(plain)
    return Number(value if value else abs(value), len(part))


def round_half_up(number: Number, decimals: int) -> Number:
    """Rounds as a spreadsheet shows a cell: half away from zero, to exactly so many decimals."""
    value = number.value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return Number(value if value else abs(value), decimals, number.footnote)


def as_decimals(values: Sequence[Decimal | None]) -> pa.Array:
    """Decimals, each of at most 6 decimals, as a column of landing's type."""
    return pa.array(values, VALUE_TYPE)
