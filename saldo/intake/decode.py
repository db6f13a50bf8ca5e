"""From what a file says to codes, days and decimals: figures that can be checked and landed.

Looks labels and codes up to find out what is unknown; what lands is the label as it stands there.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from saldo.intake.figures import ASK, COMPARE, FORMULA, read_figures, refuse_text, trim
from saldo.intake.layout import BREAKDOWNS, CHECK, Layout, Measure, Range
from saldo.intake.layout_file import plausible_ranges
from saldo.intake.periods import EARLIEST, Period, read_period
from saldo.intake.reasons import Place, RefusalError, quote
from saldo.intake.reference import COUNTRY, Reference
from saldo.intake.table import Booleans, Cells, Integers, Texts, distinct_pairs

# How a period is written that a layout or a file name gives.
CONSTANT = ("year", "span")
# Stands in a layout for the period that a file name gives.
NAMED = "{period}"
# What is read figure by figure; all else is decoded for all measures at once.
OF_A_FIGURE = frozenset({"series", "unit", "kind", "status", "decimals", "multiplier"})
LABELS = "seeds/reference/region_label.csv"
AGE = re.compile(r"_T|Y\d{1,3}(?:T\d{1,3})?|Y_(?:GE|LT|LE|GT)\d{1,3}", re.ASCII)
PARTNER = re.compile(r"_T|[A-Z][A-Z0-9_]{1,9}", re.ASCII)
# CL_SEX and CL_URBANISATION of SDMX; CL_AGE by its pattern.
SEX = frozenset({"_T", "F", "M"})
RESIDENCE = frozenset({"_T", "U", "R"})


@dataclass(frozen=True)
class Figures:
    """Figures with their codes, in the order in which they stand in the file.

    Attributes:
        cells: where each stands and what stands there.
        label: the territory as it stands there, trimmed.
        codes: by role (`region`, `indicator`, `series`, `unit`, `kind`, `status` and the breakdowns).
        periods: distinct periods; `period` says which one is each figure's.
        value: decimals, null where there is no figure.
        decimals: how many each was published with.
    """

    cells: Cells
    label: Texts
    codes: Mapping[str, Texts]
    periods: Sequence[Period]
    period: Integers
    value: pa.Array
    decimals: Integers

    def __len__(self) -> int:
        return len(self.cells)

    def landing(self) -> "Figures":
        """Without those that are only there to check others against."""
        kept = ~self.codes["kind"].is_in(CHECK)
        if kept.all():
            return self
        return replace(
            self,
            cells=self.cells.take(kept),
            label=self.label.take(kept),
            codes={role: texts.take(kept) for role, texts in self.codes.items()},
            period=self.period[kept],
            value=self.value.filter(pa.array(kept)),
            decimals=self.decimals[kept],
        )

    def place(self, figure: int) -> Place:
        """Where a figure stands."""
        return self.cells.place(figure)


def decode(
    cells: Cells, layout: Layout, reference: Reference, *, file_name: str, indicator: str | None
) -> Figures:
    """Decodes the cells of one file.

    Args:
        cells: as read.
        layout: by which they were read.
        reference: what is known.
        file_name: for layouts whose period or index stands there.
        indicator: the option, for layouts that need it.

    Raises:
        RefusalError: names the first cell that is unknown.
    """
    cells = _kept(_with_constants(cells, layout, file_name), layout, reference)
    measures = choose_measures(layout, reference, file_name, indicator)
    periods = _periods(cells, layout)
    period = cells.said["period"].index
    region = _regions(cells, layout, reference, periods)
    codes = {"region": region, **{role: _codes(cells, layout, reference, role) for role in BREAKDOWNS}}
    parts = [
        _figures_of(measure, chosen, cells, layout, reference)
        for measure, chosen in _chosen(measures, cells, codes)
        if chosen.any()
    ]
    if not parts:
        raise RefusalError("empty", "no figure that the layout takes", remedy=COMPARE)
    taken = np.concatenate([part.taken for part in parts])
    if not len(taken):
        raise RefusalError("empty", "no figure that the layout takes", remedy=COMPARE)
    own = {name: Texts.joined([part.codes[name] for part in parts]) for name in parts[0].codes}
    value = pa.concat_arrays([part.value for part in parts])
    decimals = np.concatenate([part.decimals for part in parts])
    if len(parts) > 1:  # back into the order of the file
        order = np.argsort(taken, kind="stable")
        taken, decimals = taken[order], decimals[order]
        own = {name: texts.take(order) for name, texts in own.items()}
        value = value.take(pa.array(order))
    if len(taken) < len(cells) or (np.diff(taken) != 1).any():  # a cell may be of no measure, or of two
        cells, period = cells.take(taken), period[taken]
        codes = {role: texts.take(taken) for role, texts in codes.items()}
    on_first_day = own.pop("time").is_in("first_day")
    return Figures(
        cells=cells,
        label=cells.said["region"],
        codes={**codes, **own},
        periods=[*periods, *(each.first_day() for each in periods)],
        period=period + len(periods) * on_first_day.astype(np.int32),
        value=value,
        decimals=decimals,
    )


def choose_measures(
    layout: Layout, reference: Reference, file_name: str, indicator: str | None
) -> tuple[Measure, ...]:
    """The measures of a layout; where the file does not say what it measures, the option does.

    Raises:
        RefusalError: the option is missing, unknown, or not what the file or its name says.
    """
    if indicator is not None and indicator not in reference.units:
        message = f"«{indicator}» is not an indicator"
        remedy = "see seeds/reference/indicator.csv for the codes"
        raise RefusalError("unknown_indicator", message, found=indicator, remedy=remedy)
    named = _named_in_file_name(layout, file_name)
    if named and indicator not in (None, named):
        message = f"the file name says {named}, the option {indicator}"
        raise RefusalError("indicator_conflict", message, found=file_name, remedy="leave --indicator out")
    wanted = indicator or named
    known = [measure.indicator for measure in layout.measures]
    if wanted is None and layout.indicator_from_option:
        message = "files of this layout do not say what they measure"
        remedy = f"say it with --indicator, as --indicator {known[0]}"
        raise RefusalError("indicator_missing", message, remedy=remedy)
    if wanted is not None and wanted not in known:
        message = f"this layout holds {', '.join(dict.fromkeys(known))}, not {wanted}"
        remedy = "leave --indicator out" if not layout.indicator_from_option else "declare it in the layout"
        raise RefusalError("indicator_conflict", message, remedy=remedy)
    if wanted is None or not layout.indicator_from_option:
        return layout.measures
    return tuple(measure for measure in layout.measures if measure.indicator == wanted)


def check_measure(indicator: str, series: str, reference: Reference, place: Place) -> Range:
    """The plausible range of an indicator.

    Raises:
        RefusalError: the indicator or the series is unknown, or the series is another indicator's.
    """
    if indicator not in reference.units or indicator not in plausible_ranges():
        message = f"«{indicator}» is not an indicator of this warehouse"
        remedy = "see seeds/reference/indicator.csv for the codes"
        raise RefusalError("unknown_indicator", message, place=place, found=indicator, remedy=remedy)
    if reference.series.get(series) != indicator:
        message = f"«{series}» is not a series of {indicator}"
        remedy = "see seeds/reference/source_series.csv; a new series is a row there"
        raise RefusalError("unknown_series", message, place=place, found=series, remedy=remedy)
    return plausible_ranges()[indicator]


@dataclass(frozen=True)
class _Part:
    """The figures of one measure; `taken` are the numbers of their cells."""

    taken: npt.NDArray[np.int64]
    codes: Mapping[str, Texts]
    value: pa.Array
    decimals: Integers


# --- what is said about each cell -----------------------------------------------------------------------


def _with_constants(cells: Cells, layout: Layout, file_name: str) -> Cells:
    """Adds what the layout says of all figures, and trims the labels of territories."""
    said = dict(cells.said)
    for role, constant in layout.set.items():
        blank = said.get(role, Texts.constant("", len(cells)))
        said[role] = blank.map(lambda text, constant=constant: text or constant)  # type: ignore[misc]
    if layout.period_in_file_name:
        found = layout.period_in_file_name.search(file_name)
        if not found:
            raise RefusalError(
                "period_unreadable",
                "the period stands in the names of these files, and not in this one",
                found=file_name,
                remedy=f"find out which period it is, and name the file like «{layout.file_name_example}»",
            )
        named, blank = found[1], Texts.constant("", len(cells))
        said["period"] = said.get("period", blank).map(lambda text: (text or NAMED).replace(NAMED, named))
    column = layout.column("region")
    stand_ins = column.codes if column else {}
    said["region"] = said["region"].map(lambda text: stand_ins.get(trim(text), trim(text)))
    return replace(cells, said=said)


def _kept(cells: Cells, layout: Layout, reference: Reference) -> Cells:
    """Without what the layout leaves out; a label of a territory that is known is never left out."""
    known = reference.labels.get(layout.label_set, {})
    left_out = np.zeros(len(cells), np.bool_)
    for column in layout.columns:
        if not column.leave_out or column.role not in cells.said:
            continue
        texts = cells.said[column.role]
        out = [
            any(pattern.fullmatch(text) for pattern in column.leave_out)
            and not (column.role == "region" and text in known)
            for text in texts.distinct
        ]
        left_out |= np.array(out, np.bool_)[texts.index]
    return cells.take(~left_out) if left_out.any() else cells


def _periods(cells: Cells, layout: Layout) -> list[Period]:
    """The period of each distinct text; one that no cell has any more counts as the longest."""
    texts, formats = cells.said["period"], _period_formats(layout)
    used = set(texts.used())
    periods = [Period(date.min, date.max)] * len(texts.distinct)
    for number in used:
        text = texts.distinct[number]
        period = read_period(trim(text), formats)
        if period is None:
            message = f"not a period as this layout writes them: {', '.join(formats)}"
            raise refuse_text("period_unreadable", message, cells, texts, number, "period")
        if period.start < EARLIEST:
            message = f"no figure of {period.start.year} is known"
            raise refuse_text("period_out_of_range", message, cells, texts, number, "period")
        periods[number] = period
    return periods


def _period_formats(layout: Layout) -> tuple[str, ...]:
    if column := layout.column("period"):
        return column.formats
    if layout.tree:
        return layout.tree.period_formats
    return tuple(dict.fromkeys(name for sheet in layout.sheets for name in sheet.period_formats)) or CONSTANT


def _regions(cells: Cells, layout: Layout, reference: Reference, periods: Sequence[Period]) -> Texts:
    labels, texts = cells.said["region"], cells.said["period"]
    pairs, first, inverse = distinct_pairs(labels, texts.index, len(periods))
    codes = []
    for (label_number, period), cell in zip(pairs, first.tolist(), strict=True):
        label = labels.distinct[label_number]
        code = reference.region_of(layout.label_set, label, periods[period])
        if code is None:
            raise unknown_label(label, layout.label_set, reference, cells.place(cell, "region"))
        codes.append(code)
    by_pair = Texts.of(codes)
    return Texts(by_pair.distinct, by_pair.index[inverse])


def unknown_label(label: str, labels: str, reference: Reference, place: Place) -> RefusalError:
    """The refusal of a label that the set `labels` does not hold, or not for this time."""
    label_set = f"label set «{labels}»"
    if FORMULA.fullmatch(label):
        message = "a spreadsheet formula in the place of a territory"
        return RefusalError("formula_in_text", message, place=place, found=label, remedy=ASK)
    if label in reference.labels.get(labels, {}):
        message = f"«{quote(label)}» means no territory at this time"
        remedy = f"see {LABELS}, {label_set}: for which periods it applies"
        return RefusalError("unknown_label", message, place=place, found=label, remedy=remedy)
    if similar := reference.similar(labels, label):
        signs = [f"U+{ord(sign):04X}" for sign in label if sign not in similar and not sign.isspace()]
        differs = f" by {', '.join(dict.fromkeys(signs))}" if signs else " in case, blanks or hyphens"
        message = f"looks like «{similar}» and differs from it{differs}"
        remedy = f"if the publisher writes it so, add it to {LABELS}, {label_set}; if not, fetch again"
        return RefusalError("look_alike_label", message, place=place, found=label, remedy=remedy)
    message = "not a known territory, and not one of those that the layout leaves out"
    remedy = f"if it is a new spelling of a territory, add it to {LABELS}, {label_set}"
    return RefusalError("unknown_label", message, place=place, found=label, remedy=remedy)


def _codes(cells: Cells, layout: Layout, reference: Reference, role: str) -> Texts:
    """The codes of a breakdown: from the map of its column or, where it has none, as they stand."""
    texts = cells.said.get(role)
    if texts is None:
        return Texts.constant("_T", len(cells))
    column = layout.column(role)
    known = column.codes if column else {}
    codes = ["_T"] * len(texts.distinct)
    for number in texts.used():
        text = texts.distinct[number]
        code = known.get(trim(text)) if known else text or "_T"
        if code is None or not is_code(role, code, reference):
            stated = ", ".join(f"«{each}»" for each in known)
            message = f"the layout declares {stated} here" if known else f"not a code of {role}"
            raise refuse_text("unknown_code", message, cells, texts, number, role)
        codes[number] = code
    return Texts(codes, texts.index).map(str)


def is_code(role: str, code: str, reference: Reference) -> bool:
    """Whether a code belongs to the list of a breakdown."""
    if role == "sex":
        return code in SEX
    if role == "residence":
        return code in RESIDENCE
    if role == "specialty":
        return code == "_T" or code in reference.specialties
    return bool((AGE if role == "age" else PARTNER).fullmatch(code))


# --- the figures of each measure ------------------------------------------------------------------------


def _chosen(
    measures: Iterable[Measure], cells: Cells, codes: Mapping[str, Texts]
) -> list[tuple[Measure, Booleans]]:
    """The cells of each measure.

    Raises:
        RefusalError: a cell belongs to none.
    """
    chosen = []
    covered = np.zeros(len(cells), np.bool_)
    for measure in measures:
        mask = np.ones(len(cells), np.bool_)
        for role, wanted in (("measure", measure.id), ("indicator", measure.indicator)):
            if role in cells.said:
                mask &= cells.said[role].is_in(wanted)
        for role, wanted_codes in measure.when.items():
            mask &= _is_wanted(codes[role], wanted_codes)
        covered |= mask
        chosen.append((measure, mask))
    if not covered.all():
        cell = int(np.argmin(covered))
        said = cells.said.get("indicator")
        if said is not None and said[cell] not in [measure.indicator for measure in measures]:
            message, remedy = "the layout declares no such indicator", "declare it as a measure of the layout"
            place = cells.place(cell, "indicator")
            raise RefusalError("unknown_indicator", message, place=place, found=said[cell], remedy=remedy)
        message = "the layout declares no measure for a figure with these codes"
        raise RefusalError("unknown_code", message, place=cells.place(cell), remedy=COMPARE)
    return chosen


def _is_wanted(codes: Texts, wanted: Sequence[str]) -> Booleans:
    """`country` and `regions` stand for the code of the country and for all others."""
    country = codes.is_in(COUNTRY)
    mask = codes.is_in(*wanted)
    return mask | country if "country" in wanted else mask | ~country if "regions" in wanted else mask


def _figures_of(
    measure: Measure, chosen: Booleans, cells: Cells, layout: Layout, reference: Reference
) -> _Part:
    taken = np.flatnonzero(chosen)
    said = {role: texts for role, texts in cells.said.items() if role in OF_A_FIGURE}
    cells = replace(cells, said=said).take(chosen)
    count = len(cells)
    series = cells.said.get("series")
    if series is None or not measure.series:
        series = series or Texts.constant(measure.series, count)
    series = series.map(lambda text: text or measure.series)
    plausible = check_measure(measure.indicator, measure.series, reference, Place())
    for number in series.used():
        place = cells.place(series.first(number), "series")
        check_measure(measure.indicator, series.distinct[number], reference, place)
    _check_units(cells, layout, reference.units[measure.indicator])
    kind = cells.said.get("kind", Texts.constant("", count)).map(lambda text: text or measure.kind)
    value, decimals, status = read_figures(cells, measure, layout, plausible)
    kept = np.flatnonzero(~status.is_in(""))
    return _Part(
        taken=taken[kept],
        codes={
            "indicator": Texts.constant(measure.indicator, len(kept)),
            "series": series.take(kept),
            "unit": Texts.constant(reference.units[measure.indicator], len(kept)),
            "time": Texts.constant(measure.time, len(kept)),
            "kind": kind.take(kept),
            "status": status.take(kept),
        },
        value=value.take(pa.array(kept)),
        decimals=decimals[kept],
    )


def _check_units(cells: Cells, layout: Layout, unit: str) -> None:
    texts, column = cells.said.get("unit"), layout.column("unit")
    if texts is None:
        return
    for number in texts.used():
        text = texts.distinct[number]
        if not text and column and column.optional:
            continue  # not stated, as where the column is not there
        if ((column.codes if column else {}).get(text, text)) != unit:
            message = f"the unit is «{quote(text)}»; that of the indicator is {unit}"
            raise refuse_text("wrong_unit", message, cells, texts, number, "unit")


def _named_in_file_name(layout: Layout, file_name: str) -> str | None:
    """The indicator of the publisher's index number in the name of the file."""
    found = layout.index_in_file_name.search(file_name) if layout.index_in_file_name else None
    if not found:
        return None
    if found[1] not in layout.indexes:
        known = ", ".join(f"{number} ({indicator})" for number, indicator in layout.indexes.items())
        message = f"index {found[1]} is not an indicator of this warehouse; declared: {known}"
        remedy = "none, unless the indicator is wanted: then declare it, and the index in the layout"
        raise RefusalError("indicator_not_declared", message, found=file_name, remedy=remedy)
    return layout.indexes[found[1]]
