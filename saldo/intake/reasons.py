"""Why a file is refused: a code for machines, a place, what was found there and what to do about it."""

from dataclasses import asdict, dataclass, replace
from typing import Any

LONGEST_QUOTE = 80

# Every code that intake can give, with its meaning; docs/reference-layouts.md lists the same.
REASONS = {
    # the file as a thing on disk
    "bad_name": "the name cannot be that of a file",
    "not_found": "there is no such file",
    "not_a_regular_file": "a folder, link, pipe, socket or device, not a file",
    "unreadable": "the operating system does not let it be read",
    "changed_while_read": "somebody wrote into it while it was read",
    "empty": "nothing in it, or nothing but blanks",
    "too_large": "more bytes, rows, columns, sheets or characters than intake takes",
    # what kind of bytes
    "web_page": "a page for a browser instead of data",
    "wrong_encoding": "text, but not UTF-8",
    "not_text": "bytes that no text and no known workbook contains",
    "compressed": "a compressed file or an archive that is no workbook",
    "damaged": "a workbook, JSON or Parquet file that cannot be read to its end",
    "encrypted": "protected by a password",
    "decompression_bomb": "expands to far more than its size",
    "xml_entities": "a workbook whose XML declares a document type or entities",
    "active_content": "a workbook with macros or a DDE link",
    # which layout
    "no_layout": "no declared layout fits",
    "ambiguous_layout": "more than one declared layout fits",
    "layout_does_not_fit": "the layout that was asked for does not fit",
    "wrong_delimiter": "the header of a known layout, with another sign between the fields",
    "header_differs": "nearly the header of a known layout",
    "not_a_release": "a known file that is no release of statistics",
    "other_definition": "a known file whose figures follow another definition",
    "wrong_shape": "a workbook, JSON or Parquet file without the parts that its layout declares",
    # what neither the file nor the options say, or say differently
    "published_on_missing": "neither the file nor an option says when it was published",
    "published_on_to_come": "the day of publication is yet to come",
    "published_on_conflict": "the option and the file give different days of publication",
    "indicator_missing": "neither the file nor an option says what is measured",
    "indicator_conflict": "the option and the file name different indicators",
    "unknown_indicator": "the indicator is not in seeds/reference/indicator.csv",
    "unknown_series": "the series is not in seeds/reference/source_series.csv, or is another indicator's",
    "indicator_not_declared": "measures something that is not an indicator of this warehouse",
    "release_id_taken": "another release has this release id",
    # rows and cells
    "truncated": "the end is missing",
    "ragged_row": "a row with more or fewer fields than the header, or a blank line",
    "bad_quote": "quotes that do not pair",
    "unknown_label": "a territory that seeds/reference/region_label.csv does not know",
    "look_alike_label": "an unknown label that looks like a known one",
    "unknown_code": "a value that the layout does not declare for its column",
    "constant_differs": "a column or key that always says the same says something else",
    "wrong_unit": "another unit than that of the indicator",
    "period_unreadable": "a period that is not written as the layout declares",
    "period_conflict": "two columns give different periods, a period and the frequency of another, or a "
    "period that the indicator is not counted over",
    "period_out_of_range": "a period before statistics of the country begin",
    "period_after_publication": "a period that ends after the day of publication",
    "region_not_valid": "a territory outside of its validity, in a release that declares no back-cast",
    "not_a_number": "a figure that is not written as the layout declares",
    "printed_differs": "a canonical row whose value is not the figure that it gives as printed",
    "unknown_mark": "a sign for a missing figure that the layout does not declare",
    "status_conflict": "a status that does not go with its figure, or with the lack of one",
    "too_many_decimals": "more decimals than the indicator has",
    "formula_in_text": "a spreadsheet formula in the place of a figure or a label",
    "formula_without_value": "a formula whose value the workbook does not hold",
    "external_link": "a figure that a formula takes from another workbook",
    # figures against each other and against what is known
    "duplicate_key": "the same figure stands twice",
    "wrong_scale": "a size that the indicator cannot have: thousands against units, shares against per cent",
    "total_mismatch": "a total that is not the sum of its parts",
    "incomplete": "parts that the layout declares, or that a printed total has, are missing",
    "row_count_implausible": "far fewer rows than the release before it",
    "refused_by_hand": "a person has put the landed release into quarantine: `saldo quarantine`",
    "internal": "a fault of this program; the traceback is in landing/ingest.log",
}


@dataclass(frozen=True)
class Place:
    """Where in a file: counted from 1, as a person counts; labels as they stand there."""

    sheet: str = ""
    row: int | None = None
    row_label: str = ""
    column: int | None = None
    column_label: str = ""

    def __str__(self) -> str:
        parts = [f"sheet «{quote(self.sheet)}»"] if self.sheet else []
        for name, number, label in (
            ("row", self.row, self.row_label),
            ("column", self.column, self.column_label),
        ):
            shown = f" ({quote(label)})" if label else ""
            if number is not None:
                parts.append(f"{name} {number}{shown}")
            elif label:
                parts.append(f"{name}{shown}")
        return ", ".join(parts)


class RefusalError(Exception):
    """Nothing of a file enters.

    Args:
        code: a key of REASONS.
        message: one line for a person.
        place: where in the file.
        found: the text that stands there.
        remedy: what to do next.
        layout: by which layout it was read, if that was known already.
        details: further lines, as the layouts that were looked for.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        place: Place | None = None,
        found: str = "",
        remedy: str,
        layout: str = "",
        details: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        if code not in REASONS:
            raise ValueError(f"unknown reason code {code}")
        self.code = code
        self.message = message
        self.place = place or Place()
        self.found = found
        self.remedy = remedy
        self.layout = layout
        self.details = details

    def on_sheet(self, sheet: str) -> "RefusalError":
        """The same with the name of the sheet, which a reader of one sheet does not know."""
        if sheet and not self.place.sheet:
            self.place = replace(self.place, sheet=sheet)
        return self

    def as_dict(self) -> dict[str, Any]:
        """For reason.json and `--json`."""
        return {
            "reason": self.code,
            "message": self.message,
            "place": asdict(self.place),
            "found": self.found,
            "remedy": self.remedy,
            "layout": self.layout,
            "details": list(self.details),
        }

    def lines(self) -> list[str]:
        """For a person."""
        where = str(self.place)
        lines = [f"{where}: {self.message}" if where else self.message]
        if self.found:
            lines.append(f"found: «{quote(self.found)}»")
        return [*lines, *self.details, f"what to do: {self.remedy}"]


def quote(text: str) -> str:
    """Text from a file or a file name, made safe to print: no control signs, not too long."""
    shown = "".join(sign if sign.isprintable() or sign == "\u00a0" else _escaped(sign) for sign in text)
    return shown if len(shown) <= LONGEST_QUOTE else f"{shown[: LONGEST_QUOTE - 1]}…"


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape", "surrogatepass").decode("ascii")
