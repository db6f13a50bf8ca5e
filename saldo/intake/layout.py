"""Layouts: how files of one shape are read. Each is a TOML file in saldo/layouts; a new one needs no code."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from saldo.intake.numbers import NumberFormat
from saldo.intake.reference import IN_FORCE

KINDS = ("delimited", "json", "parquet", "text", "xls", "xlsx")
SHAPES = ("canonical", "long", "nested", "records", "refused", "wide")
BREAKDOWNS = ("specialty", "sex", "residence", "age", "partner")
# What a column or a heading may say about the figures beside it.
ROLES = (
    "region",
    "period",
    *BREAKDOWNS,
    "measure",
    "indicator",
    "series",
    "unit",
    "status",
    "decimals",
    "multiplier",
    "kind",
)
# Columns that say something of the period beside them, and land nowhere.
CHECKS_OF_PERIODS = ("period_check", "frequency")
STATUS_WITHOUT_FIGURE = frozenset("MOLQHK")
# "Missing value; data cannot exist": the one that says nothing of a figure which somebody could have given.
NOTHING_TO_OBSERVE = "M"
# CL_OBS_STATUS 2.2 of SDMX, as far as it concerns published figures.
STATUSES = frozenset("ABDEFGIJNPSUVW") | STATUS_WITHOUT_FIGURE
CELL_KINDS = ("fact", "row_total", "column_total", "grand_total", "total")
# A figure that is read to check others against and does not land.
CHECK = "check"
TIMES = ("flow", "first_day")


@dataclass(frozen=True)
class Mark:
    """What a sign without a figure means: an SDMX status and, if `row`, a row without a figure."""

    status: str
    meaning: str
    row: bool = True


@dataclass(frozen=True)
class Footnote:
    """What a note fused to a figure means, and the SDMX status that it gives the figure."""

    status: str
    meaning: str


@dataclass(frozen=True)
class Column:
    """A column of a long table, or a heading of a wide one.

    Attributes:
        title: as it stands in the header.
        role: one of ROLES, `value`, `constant`, `period_check`, `frequency`, `ignored`.
        codes: from what stands there to the code; of a frequency to that of SDMX's CL_FREQ.
        values: all that a constant may say.
        remedies: what to do about other things that a constant is known to say.
        formats: how a period is written.
        measure: the id of the measure whose figures stand in a column of values.
        leave_out: patterns of what is not taken, each for the whole text.
        optional: whether the column may be missing.
        signature: whether the first row decides by this column that the layout fits.
    """

    title: str
    role: str
    codes: Mapping[str, str] = field(default_factory=dict)
    values: tuple[str, ...] = ()
    remedies: Mapping[str, str] = field(default_factory=dict)
    formats: tuple[str, ...] = ()
    measure: str = ""
    leave_out: tuple[re.Pattern[str], ...] = ()
    optional: bool = False
    signature: bool = False


@dataclass(frozen=True)
class Names:
    """How a long table writes names beside its codes; they are not read.

    Attributes:
        column: title of a column which says, by being there, that a column with names follows each other one.
        unnamed: titles of columns that none follows, beside those of the signature.
        separator: what stands between a code and its name in one text, in a title or in a field below it.
    """

    column: str
    unnamed: tuple[str, ...]
    separator: str


@dataclass(frozen=True)
class Measure:
    """What some figures measure.

    Attributes:
        id: how columns and rows name it; the indicator if nothing else is given.
        indicator: a code of indicator.csv.
        series: a code of source_series.csv.
        time: `flow` (over the period) or `first_day` (on its first day).
        when: codes of dimensions for which it holds; `country` and `regions` may stand for codes of regions.
        kind: `fact`; `total` for a published total whose parts the release gives; `check` for what the cell
            of another measure says of this one: checked with the others, landed once.
        decimals: how many a figure of a spreadsheet has that does not say so itself.
        round_to: to how many decimals a long float of a spreadsheet is rounded, as its cell shows it.
        multiplier: a power of ten: 3 for figures in thousands.
    """

    id: str
    indicator: str
    series: str
    time: str = "flow"
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kind: str = "fact"
    decimals: int | None = None
    round_to: int | None = None
    multiplier: int = 0


@dataclass(frozen=True)
class Section:
    """A row that says something about the rows below it."""

    label: str
    set: Mapping[str, str]


@dataclass(frozen=True)
class DeclaredRow:
    """A row that is taken: by its label and, where several have the same, by the heading above it."""

    label: str
    under: str
    set: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """A table with labels of rows and of columns.

    Attributes:
        name: of the sheet; empty for text files, which have one.
        rows: what the labels of rows are: `region`, `period` or `declared`.
        columns: what the labels of columns are: `period`, or `declared` by their titles.
        header_cell: what stands in the header above the labels of rows.
        period_formats: how periods are written.
        ignored_columns: numbers of columns that are not read.
        set: what holds for the whole sheet.
        states: texts that must stand above the header, as the unit.
        sections, declared_rows, headings, total_rows: see there.
        leave_out: patterns of labels of rows that are not taken: titles, notes.
        others_left_out: whether rows that are not declared are left out instead of refused.
    """

    name: str
    rows: str
    columns: str
    header_cell: str
    period_formats: tuple[str, ...]
    ignored_columns: frozenset[int]
    set: Mapping[str, str]
    states: tuple[str, ...]
    sections: tuple[Section, ...]
    declared_rows: tuple[DeclaredRow, ...]
    headings: tuple[tuple[str, Mapping[str, str]], ...]
    total_rows: Mapping[str, str]
    leave_out: tuple[re.Pattern[str], ...]
    others_left_out: bool


@dataclass(frozen=True)
class Tree:
    """Where the figures stand in a JSON file.

    Attributes:
        expect: keys of the root (of each record) that must hold these values.
        required: keys that must be there.
        ignored: patterns of keys that are not read.
        label: key of a record with the territory.
        value_key: pattern of the keys with figures; its group is the period.
        values: key of the nested figures.
        levels: what the keys of the nested figures are, outermost first.
        periods: key that lists the periods which must be there.
        numbers: `string` or `number`.
        period_formats: how periods are written.
    """

    expect: Mapping[str, Any]
    required: tuple[str, ...]
    ignored: tuple[re.Pattern[str], ...]
    label: str
    value_key: re.Pattern[str] | None
    values: str
    levels: tuple[str, ...]
    periods: str
    numbers: str
    period_formats: tuple[str, ...]


@dataclass(frozen=True)
class Sum:
    """Codes of a dimension, and the code that they sum to, within a tolerance."""

    over: str
    total: str
    parts: tuple[str, ...]
    tolerance: Decimal


@dataclass(frozen=True)
class Complete:
    """Codes of a dimension that must all be there, for each other key with these codes.

    For `region`, none mean those of the territory set.
    """

    over: str
    codes: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Checks:
    """What must hold inside one file.

    Attributes:
        sums: of breakdowns, for indicators that no identity sums over it (seeds/reference/identity.csv).
        complete: see there.
        least_share: the fewest rows of a period, as a share of those of the period before it.
        last_line_end: whether the last line must end, without which nobody can tell that it is whole.
        may_be_partial: whether a release may be much shorter than the one before it, and may give a total
            without some of its parts.
    """

    sums: tuple[Sum, ...] = ()
    complete: tuple[Complete, ...] = ()
    least_share: Decimal | None = None
    last_line_end: bool = True
    may_be_partial: bool = False


@dataclass(frozen=True)
class PublishedOn:
    """Where the day of publication stands: patterns whose groups are year, month and day, or a JSON key."""

    file_name: re.Pattern[str] | None = None
    text: re.Pattern[str] | None = None
    key: str = ""
    note: str = ""


@dataclass(frozen=True)
class Refused:
    """A known file that never enters, and why."""

    code: str
    message: str
    remedy: str
    lines: re.Pattern[str] | None


@dataclass(frozen=True)
class Layout:
    """One declared layout; see docs/reference-layouts.md."""

    name: str
    title: str
    kind: str
    shape: str
    publisher: str = ""
    source_url: str = ""
    terms_of_use: str = ""
    label_set: str = ""
    declares_back_cast: bool = False
    territory_set: str = IN_FORCE
    delimiter: str = ","
    any_order: bool = False
    published_on: PublishedOn = field(default_factory=PublishedOn)
    period_in_file_name: re.Pattern[str] | None = None
    file_name_example: str = ""
    indicator_from_option: bool = False
    index_in_file_name: re.Pattern[str] | None = None
    numbers: NumberFormat = field(default_factory=NumberFormat)
    marks: Mapping[str, Mark] = field(default_factory=dict)
    footnotes: Mapping[str, Footnote] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    names: Names | None = None
    sheets: tuple[Sheet, ...] = ()
    tree: Tree | None = None
    set: Mapping[str, str] = field(default_factory=dict)
    measures: tuple[Measure, ...] = ()
    indexes: Mapping[str, str] = field(default_factory=dict)
    checks: Checks = field(default_factory=Checks)
    refused: Refused | None = None

    @property
    def states_published_on(self) -> bool:
        """Whether the day of publication stands in the content, so that the same bytes have the same day."""
        return self.shape == "canonical" or bool(self.published_on.text or self.published_on.key)

    def column(self, role: str) -> Column | None:
        """The first column of this role."""
        return next((column for column in self.columns if column.role == role), None)


@dataclass(frozen=True)
class Range:
    """Sizes that an indicator can have: for the country and for a region, and for the largest of a file.

    Attributes:
        country, region, least_largest: see there.
        decimals: the most that a figure has.
        of_a_day: whether it is counted on a day, and not over a period.
    """

    country: tuple[Decimal, Decimal]
    region: tuple[Decimal, Decimal]
    least_largest: Decimal
    decimals: int
    of_a_day: bool = False
