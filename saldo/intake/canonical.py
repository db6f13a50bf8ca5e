"""Reads Parquet files of the canonical shape (saldo/intake/schema.py), as another landing writes them."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from saldo.intake.checks import with_validity
from saldo.intake.decode import Figures, check_measure, is_code, unknown_label
from saldo.intake.figures import MOST_MULTIPLIER
from saldo.intake.layout import BREAKDOWNS, CELL_KINDS, STATUS_WITHOUT_FIGURE, STATUSES, Layout
from saldo.intake.numbers import SPACES, Number, NumberFormat, round_half_up
from saldo.intake.periods import EARLIEST, Period
from saldo.intake.reasons import Place, RefusalError, quote
from saldo.intake.reference import IN_FORCE, Reference, is_territory_set
from saldo.intake.schema import ROWS
from saldo.intake.table import Cells, Integers, Texts, distinct_pairs

MOST_ROWS = 20_000_000
COMPARE = "compare the file with saldo/intake/schema.py"
# As spreadsheets keep numbers, too: with exponents.
PRINTED = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
MAY_BE_NULL = ("value", "decimals")
# What a file may say of its release, as metadata of the Parquet file.
STATED = ("publisher", "title", "source_url", "terms_of_use", "published_on", "territory_set")
# The columns of the codes that figures carry, by role.
CODES = {
    "indicator": "indicator_code",
    "series": "source_series",
    "unit": "unit_code",
    "kind": "cell_kind",
    "status": "obs_status",
    **{role: f"{role}_code" for role in BREAKDOWNS},
}


@dataclass(frozen=True)
class Canonical:
    """Rows as they land, what is checked of them, their label set, and what the file says of its release."""

    rows: pa.Table
    figures: Figures
    label_set: str
    stated: dict[str, str]


def read_canonical(path: Path, layout: Layout, reference: Reference) -> Canonical:
    """Reads and decodes all rows.

    Raises:
        RefusalError: another schema, an unknown code or label, or a figure at odds with its status.
    """
    table, stated = _read(path)
    texts = {field.name: Texts.from_arrow(table[field.name]) for field in ROWS if field.type == pa.string()}
    label_sets = [texts["label_set"].distinct[number] for number in texts["label_set"].used()]
    if len(label_sets) != 1:
        raise _wrong("label_set", f"one label set a release; here are {', '.join(label_sets)}", 0)
    cells = Cells(
        text=texts["printed_text"],
        native=np.zeros(len(table), np.bool_),
        said={},
        sheet=Texts.constant("", len(table)),
        row=np.arange(1, len(table) + 1, dtype=np.int32),
        row_label=texts["region_label"],
        column=np.full(len(table), ROWS.get_field_index("value") + 1, np.int32),
        column_label=Texts.constant("value", len(table)),
        titles={},
    )
    periods, period = _periods(table)
    region = _regions(texts["region_label"], label_sets[0], periods, period, layout, reference)
    figures = Figures(
        cells=cells,
        label=texts["region_label"],
        codes={"region": region, **{role: texts[column] for role, column in CODES.items()}},
        periods=periods,
        period=period,
        value=table["value"].combine_chunks(),
        decimals=pc.fill_null(table["decimals"], -1).combine_chunks().to_numpy(zero_copy_only=False),
    )
    _check_codes(figures, reference)
    _check_values(figures)
    _check_printed(figures)
    figures = with_validity(figures, layout, reference)
    status = figures.codes["status"].arrow().cast(pa.string())
    rows = table.set_column(ROWS.get_field_index("obs_status"), ROWS.field("obs_status"), status)
    return Canonical(rows, figures, label_sets[0], stated)


def _read(path: Path) -> tuple[pa.Table, dict[str, str]]:
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            _check_schema(schema)
            if file.metadata.num_rows > MOST_ROWS:
                message = f"{file.metadata.num_rows} rows; intake takes up to {MOST_ROWS}"
                raise RefusalError("too_large", message, remedy="split it by years")
            table = file.read()
            table.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        message = f"the Parquet file is damaged or cut: {str(error).splitlines()[0]}"
        raise RefusalError("damaged", message, remedy="fetch the file again") from None
    if not len(table):
        raise RefusalError("empty", "no rows", remedy="fetch the file again")
    for column in ("row_no", "column_no"):
        if (wrong := pc.less(table[column], 1)).index(True).as_py() >= 0:
            raise _wrong(column, "rows and columns count from 1", wrong.index(True).as_py())
    for field in ROWS:
        if field.name not in MAY_BE_NULL and table[field.name].null_count:
            row = table[field.name].is_null().index(True).as_py()
            raise _wrong(field.name, "a null where none may be", row)
    metadata = {
        key.decode("utf-8", "replace"): value.decode("utf-8", "replace")
        for key, value in (schema.metadata or {}).items()
    }
    return table, {key: metadata[key] for key in STATED if key in metadata}


def _check_schema(schema: pa.Schema) -> None:
    names, expected = schema.names, ROWS.names
    for number, (name, wanted) in enumerate(zip(names, expected, strict=False), start=1):
        if name != wanted or schema.field(number - 1).type != ROWS.field(wanted).type:
            found = f"{name} {schema.field(number - 1).type}"
            message = f"looked for the column {wanted} of type {ROWS.field(wanted).type}"
            place = Place(column=number, column_label=name)
            raise RefusalError("wrong_shape", message, place=place, found=found, remedy=COMPARE)
    if len(names) != len(expected):
        message = f"{len(names)} columns; canonical rows have {len(expected)}"
        raise RefusalError("wrong_shape", message, remedy=COMPARE)


def _periods(table: pa.Table) -> tuple[list[Period], Integers]:
    days = [
        table[name].combine_chunks().cast(pa.int32()).to_numpy(zero_copy_only=False).astype(np.int64)
        for name in ("period_start", "period_end")
    ]
    pairs, first, inverse = np.unique(
        days[0] << 32 | (days[1] & 0xFFFFFFFF), return_index=True, return_inverse=True
    )
    periods = []
    for cell in first[: len(pairs)].tolist():
        period = Period(table["period_start"][cell].as_py(), table["period_end"][cell].as_py())
        if period.end <= period.start:
            raise _wrong("period_end", "a period that does not end after its start", cell)
        if period.start < EARLIEST:
            message, place = f"no figure of {period.start.year} is known", Place(row=cell + 1)
            raise RefusalError("period_out_of_range", message, place=place, remedy=COMPARE)
        periods.append(period)
    return periods, inverse.astype(np.int32)


def _regions(
    labels: Texts,
    label_set: str,
    periods: list[Period],
    period: Integers,
    layout: Layout,
    reference: Reference,
) -> Texts:
    pairs, first, inverse = distinct_pairs(labels, period, len(periods))
    codes = []
    for (label_number, number), cell in zip(pairs, first.tolist(), strict=True):
        label = labels.distinct[label_number]
        code = reference.region_of(label_set, label, periods[number])
        if code is None:
            place = Place(row=cell + 1, column_label="region_label")
            raise unknown_label(label, label_set, reference, place)
        codes.append(code)
    by_pair = Texts.of(codes)
    return Texts(by_pair.distinct, by_pair.index[inverse])


def _check_codes(figures: Figures, reference: Reference) -> None:
    codes = figures.codes
    _, measures, _ = distinct_pairs(codes["indicator"], codes["series"].index, len(codes["series"].distinct))
    for cell in measures.tolist():
        indicator = codes["indicator"][cell]
        plausible = check_measure(indicator, codes["series"][cell], reference, figures.place(cell))
        wrong = codes["indicator"].is_in(indicator) & ~codes["unit"].is_in(reference.units[indicator])
        if wrong.any():
            cell = int(np.argmax(wrong))
            message = (
                f"the unit is «{codes['unit'][cell]}»; that of {indicator} is {reference.units[indicator]}"
            )
            raise RefusalError("wrong_unit", message, place=figures.place(cell), remedy=COMPARE)
        many = codes["indicator"].is_in(indicator) & (figures.decimals > plausible.decimals)
        if many.any():
            cell = int(np.argmax(many))
            message = f"{figures.decimals[cell]} decimals; {indicator} has {plausible.decimals}"
            raise RefusalError("too_many_decimals", message, place=figures.place(cell), remedy=COMPARE)
    for role in BREAKDOWNS:
        for number in codes[role].used():
            if not is_code(role, codes[role].distinct[number], reference):
                raise _unknown(figures, role, number, f"not a code of {role}")
    for role, known in (("kind", set(CELL_KINDS)), ("status", STATUSES)):
        for number in codes[role].used():
            if codes[role].distinct[number] not in known:
                raise _unknown(figures, role, number, f"not a {role}")


def _check_values(figures: Figures) -> None:
    has_value = figures.value.is_valid().to_numpy(zero_copy_only=False)
    without = figures.codes["status"].is_in(*STATUS_WITHOUT_FIGURE)
    if (wrong := has_value == without).any():
        cell = int(np.argmax(wrong))
        message = (
            f"the status {figures.codes['status'][cell]} {'with' if has_value[cell] else 'without'} a figure"
        )
        raise RefusalError("status_conflict", message, place=figures.place(cell), remedy=COMPARE)
    if (wrong := has_value != (figures.decimals >= 0)).any():
        raise _wrong("decimals", "decimals go with a figure, and only with one", int(np.argmax(wrong)))
    for decimals in np.unique(figures.decimals[has_value]).tolist():
        chosen = np.flatnonzero(has_value & (figures.decimals == decimals))
        values = figures.value.take(pa.array(chosen))
        wrong = pc.not_equal(pc.round(values, decimals), values).to_numpy(zero_copy_only=False)
        if wrong.any():
            raise _wrong("decimals", "a figure with more decimals than stated", int(chosen[np.argmax(wrong)]))


def _check_printed(figures: Figures) -> None:
    """Whether the values are what is printed, read by any layout: which one it was, the rows do not say.

    Layouts differ in thousands, decimal sign, multiplier and rounding; a text that is no number in any of
    them, as a figure with a footnote, is not compared.
    """
    texts = figures.cells.text
    pointed = pc.replace_substring(pa.array(texts.distinct, pa.string()), ",", ".")
    plain, _ = NumberFormat(decimal=".", thousands=True).parse_many(pointed)
    same = pc.equal(plain.take(pa.array(texts.index)), figures.value)
    others = np.flatnonzero(~pc.fill_null(same, False).to_numpy(zero_copy_only=False))
    values = figures.value.take(pa.array(others)).to_pylist()
    known: dict[tuple[int, Decimal | None, int], bool] = {}
    for cell, value in zip(others.tolist(), values, strict=True):
        key = (int(texts.index[cell]), value, int(figures.decimals[cell]))
        if key not in known:
            known[key] = _may_be(texts[cell], value, key[2])
        if not known[key]:
            shown = "there is no value" if value is None else f"the value is {value.normalize():f}"
            message = f"«{quote(texts[cell])}» is printed, and {shown}"
            place = figures.place(cell)
            raise RefusalError(
                "printed_differs", message, place=place, found=texts[cell], remedy="ask who made the file"
            )


def _may_be(text: str, value: Decimal | None, decimals: int) -> bool:
    for space in SPACES:
        text = text.replace(space, "")
    text = text.replace("\u2212", "-").replace(",", ".")
    if not PRINTED.fullmatch(text):
        return True
    if value is None:
        return False
    printed = Decimal(text)
    scaled = (Number(printed.scaleb(power), 0) for power in range(MOST_MULTIPLIER + 1))
    return any(
        abs(each.value - value) <= 1 and round_half_up(each, decimals).value == value for each in scaled
    )


def _unknown(figures: Figures, role: str, number: int, message: str) -> RefusalError:
    cell = figures.codes[role].first(number)
    place = Place(row=cell + 1, column_label=CODES[role])
    found = figures.codes[role].distinct[number]
    return RefusalError("unknown_code", message, place=place, found=found, remedy=COMPARE)


def _wrong(column: str, message: str, cell: int) -> RefusalError:
    number = ROWS.get_field_index(column) + 1
    place = Place(row=cell + 1, column=number, column_label=column)
    return RefusalError("wrong_shape", message, place=place, remedy=COMPARE)


def territory_set(stated: dict[str, str]) -> str:
    """The territory set that a file states; the regions in force in each period if it states none.

    Raises:
        RefusalError: it is none.
    """
    text = stated.get("territory_set", IN_FORCE)
    if not is_territory_set(text):
        message = f"the metadata «territory_set» is neither {IN_FORCE} nor a day"
        raise RefusalError("wrong_shape", message, found=text, remedy=COMPARE)
    return text


def published_on(stated: dict[str, str]) -> date | None:
    """The day of publication that a file states; None if it states none.

    Raises:
        RefusalError: it is not a day.
    """
    text = stated.get("published_on")
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = "the metadata «published_on» is not a day"
        raise RefusalError("wrong_shape", message, found=text, remedy=COMPARE) from None
