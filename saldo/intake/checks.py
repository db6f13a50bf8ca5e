"""What must hold among the figures of one file, before any of them enters."""

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from saldo.intake.decode import Figures
from saldo.intake.layout import (
    BREAKDOWNS,
    NOTHING_TO_OBSERVE,
    STATUS_WITHOUT_FIGURE,
    Complete,
    Layout,
    Range,
    Sum,
)
from saldo.intake.layout_file import plausible_ranges
from saldo.intake.periods import Period
from saldo.intake.reasons import RefusalError, quote
from saldo.intake.reference import ALL, COUNTRY, IN_FORCE, LAST, Identity, Reference
from saldo.intake.table import Booleans, Texts, distinct_pairs

KEY = ("indicator", "series", "region", *BREAKDOWNS)
# What totals share that should have parts alike.
KIND_OF_TOTAL = ("indicator", *BREAKDOWNS)
ASK = "ask the publisher which of the two holds"
FETCH_AGAIN = "fetch the file again; if it comes so from the publisher, ask there"
MOST_TICKED = 32_000_000
Keys = npt.NDArray[np.int64]
# Figures as whole multiples of their last decimal; Python's integers where 64 bits are too few.
Units = npt.NDArray[np.int64] | npt.NDArray[np.object_]


def with_validity(figures: Figures, layout: Layout, reference: Reference) -> Figures:
    """Marks figures of territories before they existed as estimates, if the release declares back-casts.

    One that is marked as an estimate declares itself one. A row that says that there is nothing to observe
    (status M) may speak of any time.

    Raises:
        RefusalError: it does not, a territory had ended, or a figure is said to be missing or suppressed
            where none can be.
    """
    region, status = figures.codes["region"], figures.codes["status"]
    pairs, _, inverse = distinct_pairs(region, figures.period, len(figures.periods))
    outside, early = np.zeros(len(pairs), np.bool_), np.zeros(len(pairs), np.bool_)
    for number, (code, period_number) in enumerate(pairs):
        territory, period = reference.regions[region.distinct[code]], figures.periods[period_number]
        outside[number] = not territory.is_valid(period)
        early[number] = period.end <= territory.start
    if not outside.any():
        return figures
    declared = layout.declares_back_cast | status.is_in("E")
    estimated = early[inverse] & ~status.is_in(*STATUS_WITHOUT_FIGURE) & declared
    wrong = outside[inverse] & ~estimated & ~status.is_in(NOTHING_TO_OBSERVE)
    if wrong.any():
        raise _not_valid(figures, int(np.argmax(wrong)), reference)
    normal = estimated & status.is_in("A")
    distinct = [*status.distinct, "E"]
    changed = Texts(distinct, np.where(normal, len(distinct) - 1, status.index).astype(np.int32))
    return replace(figures, codes={**figures.codes, "status": changed.map(str)})


def _not_valid(figures: Figures, figure: int, reference: Reference) -> RefusalError:
    period, code = figures.periods[figures.period[figure]], figures.codes["region"][figure]
    early = period.end <= reference.regions[code].start
    status = figures.codes["status"][figure]
    message = (
        f"territory {code} {'did not exist yet' if early else 'had ended'} in the period from {period.start} "
        f"to {period.end}"
    )
    remedy = "ask the publisher which territory is meant"
    if status in STATUS_WITHOUT_FIGURE:
        message += f", and «{quote(figures.cells.text[figure])}» says that there was something to observe"
        remedy = "ask the publisher what is meant"
    elif early:
        remedy = "if it is an estimate, its status is E, or the layout says declares_back_cast = true"
    return RefusalError(
        "region_not_valid", message, place=figures.place(figure), found=figures.label[figure], remedy=remedy
    )


def check(figures: Figures, layout: Layout, reference: Reference, published_on: date) -> tuple[str, ...]:
    """Checks all that can be checked inside one file.

    Returns:
        What does not hold of what may only warn, and which sums could not be checked for want of a figure.

    Raises:
        RefusalError: names the first figure that cannot be right, and why.
    """
    _check_publication(figures, published_on)
    _check_lengths(figures)
    _check_duplicates(figures)
    _check_sizes(figures)
    table = _Additions(figures, reference, layout)
    notes: list[str] = []
    for addition in layout.checks.sums:
        stated = [each.indicators for each in reference.identities if each.over == addition.over]
        if others := table.indicators.difference(*stated):
            table.check_sum(addition, of=sorted(others))
    for identity in reference.identities:
        with _severity(identity.severity, notes):
            _check_identity(table, identity)
    for complete in layout.checks.complete:
        _check_complete(figures, complete, reference, layout.territory_set)
    if layout.checks.least_share is not None:
        _check_rows_of_periods(figures, layout.checks.least_share)
    return (*notes, *table.not_checked())


def _check_identity(table: "_Additions", identity: Identity) -> None:
    """What seeds/reference/identity.csv says of any release."""
    parts = tuple(part.lstrip("+-") for part in identity.parts.split())
    addition = Sum(identity.over, identity.total, parts, identity.tolerance)
    if identity.kind == "flows":
        table.check_flows(addition)
    elif identity.kind == "zero_sum":
        for indicator in identity.indicators:
            table.check_zero_sum(indicator, identity.tolerance)
    elif identity.kind == "regions" or identity.parts == ALL:
        table.check_open_sum(addition, of=identity.indicators, total_of=identity.total_of)
    else:
        table.check_sum(addition, of=identity.indicators)


@contextlib.contextmanager
def _severity(severity: str, notes: list[str]) -> Iterator[None]:
    """Makes a refusal a note, where the identity only warns; its first breach is told."""
    try:
        yield
    except RefusalError as refusal:
        if severity != "warn":
            raise
        said = "not checked" if refusal.code == "incomplete" else "does not hold"
        notes.append(f"{said}: {refusal.place}: {refusal.message}")


def _check_publication(figures: Figures, published_on: date) -> None:
    late = np.array([period.end - timedelta(days=1) > published_on for period in figures.periods])
    after = late[figures.period]
    if after.any():
        figure = int(np.argmax(after))
        last = figures.periods[figures.period[figure]].end - timedelta(days=1)
        raise RefusalError(
            "period_after_publication",
            f"a figure up to {last}, published on {published_on}",
            place=figures.place(figure),
            found=figures.cells.text[figure],
            remedy="look at the day of publication (--published-on) and at the period",
        )


def _check_lengths(figures: Figures) -> None:
    """Whether what is counted on a day is of a day, and all else of a period of the calendar."""
    indicators = figures.codes["indicator"]
    pairs, first, _ = distinct_pairs(indicators, figures.period, len(figures.periods))
    for (number, period_number), figure in sorted(
        zip(pairs, first.tolist(), strict=True), key=lambda each: each[1]
    ):
        indicator, period = indicators.distinct[number], figures.periods[period_number]
        of_a_day = plausible_ranges()[indicator].of_a_day
        if period.has_frequency("D") if of_a_day else period.is_of_calendar():
            continue
        wanted = "on a day" if of_a_day else "over a month, a quarter, a half-year or years of the calendar"
        raise RefusalError(
            "period_conflict",
            f"{indicator} is counted {wanted}, and here from {period.start} up to, but without, {period.end}",
            place=figures.place(figure),
            found=figures.cells.text[figure],
            remedy="look at the period: a stock is of one day, a flow of the days that it was counted over",
        )


def _check_duplicates(figures: Figures) -> None:
    keys = _keys(figures, KEY)
    # Most releases have few enough combinations of codes to tick each off; only a sort finds the first.
    if (space := int(keys.max(initial=0)) + 1) <= MOST_TICKED:
        ticked = np.zeros(space, np.bool_)
        ticked[keys] = True
        if np.count_nonzero(ticked) == len(keys):
            return
    order = np.argsort(keys, kind="stable")
    again = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    if not len(again):
        return
    second = int(order[again + 1].min())
    first = int(order[np.searchsorted(keys[order], keys[second])])
    one, other = figures.cells.text[first], figures.cells.text[second]
    period = figures.periods[figures.period[second]]
    raise RefusalError(
        "duplicate_key",
        f"the same figure stands twice: {_describe(figures, second)} from {period.start} to {period.end} is "
        f"«{quote(one)}» in {figures.place(first)} and «{quote(other)}» here",
        place=figures.place(second),
        found=other,
        remedy=ASK,
        details=(f"first: {figures.place(first)}: «{quote(one)}»",),
    )


def _describe(figures: Figures, figure: int) -> str:
    codes = {role: figures.codes[role][figure] for role in ("indicator", "region", *BREAKDOWNS)}
    return ", ".join(f"{role} {code}" for role, code in codes.items() if code != "_T")


def _check_sizes(figures: Figures) -> None:
    country = figures.codes["region"].is_in(COUNTRY)
    headline = np.ones(len(figures), np.bool_)
    for role in BREAKDOWNS:
        headline &= figures.codes[role].is_in("_T")
    indicators = figures.codes["indicator"]
    for number in indicators.used():
        indicator = indicators.distinct[number]
        plausible = plausible_ranges()[indicator]
        of_indicator = indicators.index == number
        for where, (least, most) in (
            (of_indicator & headline & country, plausible.country),
            (of_indicator & headline & ~country, plausible.region),
            (of_indicator & ~headline, _of_breakdowns(plausible)),
        ):
            _check_range(figures, where, least, most, indicator)
        largest = pc.max(pc.abs(figures.value.filter(pa.array(of_indicator)))).as_py()
        if largest is not None and largest < plausible.least_largest:
            raise RefusalError(
                "wrong_scale",
                f"the largest figure of {indicator} is {largest.normalize():f}; each release has one of "
                f"{plausible.least_largest} or more: thousands instead of units, or shares for per cent",
                place=figures.place(int(np.argmax(of_indicator))),
                remedy="find out the unit of the file; figures in thousands need a layout that says so",
            )


def _of_breakdowns(plausible: Range) -> tuple[Decimal, Decimal]:
    """A part may be as small as nothing, and no larger than the whole can be."""
    least = min(plausible.country[0], plausible.region[0], Decimal(0))
    return least, max(plausible.country[1], plausible.region[1])


def _check_range(figures: Figures, where: Booleans, least: Decimal, most: Decimal, indicator: str) -> None:
    chosen = np.flatnonzero(where)
    values = figures.value.take(pa.array(chosen))
    bounds = pc.min_max(values).as_py()
    if bounds["min"] is None or (least <= bounds["min"] and bounds["max"] <= most):
        return
    listed = values.to_pylist()
    figure = int(
        chosen[next(n for n, value in enumerate(listed) if value is not None and not least <= value <= most)]
    )
    raise RefusalError(
        "wrong_scale",
        f"{indicator} is between {least} and {most} here: thousands and units are mixed, or a digit is wrong",
        place=figures.place(figure),
        found=figures.cells.text[figure],
        remedy="compare it with an earlier release; if it is right, widen the range in plausible.toml",
    )


def _keys(figures: Figures, roles: Sequence[str], *, by_period: bool = True) -> Keys:
    """One number for each combination of codes of these roles and the period."""
    distinct = {
        period: number if by_period else 0 for number, period in enumerate(dict.fromkeys(figures.periods))
    }
    periods = np.array([distinct[period] for period in figures.periods])
    keys = periods[figures.period].astype(np.int64)
    size = len(distinct)
    for role in roles:
        texts = figures.codes[role]
        if len(texts.distinct) == 1:
            continue
        if size * len(texts.distinct) >= 2**62:
            _, keys = np.unique(keys, return_inverse=True)
            size = len(keys)
        keys = keys * len(texts.distinct) + texts.index
        size *= len(texts.distinct)
    return keys


@dataclass(frozen=True)
class _Slice:
    """Some figures, sorted by their keys."""

    keys: Keys
    figures: npt.NDArray[np.int64]

    @classmethod
    def of(cls, keys: Keys, where: Booleans) -> "_Slice":
        figures = np.flatnonzero(where)
        order = np.argsort(keys[figures], kind="stable")
        return cls(keys[figures][order], figures[order])

    def find(self, wanted: Keys) -> npt.NDArray[np.int64]:
        """The figure of each key; -1 where there is none."""
        if not len(self.keys):
            return np.full(len(wanted), -1)
        position = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[position] == wanted, self.figures[position], -1)

    def all_of(self, key: int) -> npt.NDArray[np.int64]:
        """All figures of one key."""
        return self.figures[np.searchsorted(self.keys, key) : np.searchsorted(self.keys, key, "right")]


class _Additions:
    """Exact sums over the figures of a file.

    A sum of which a part has no figure is neither right nor wrong: it is not checked, and `not_checked`
    says so. A total beside which a part is not there at all refuses the file if it looks as if something was
    cut off: most of its parts are there, or most totals like it have theirs. Otherwise, and if the layout
    says that releases may be partial, it is not checked either.
    """

    def __init__(self, figures: Figures, reference: Reference, layout: Layout) -> None:
        self._figures = figures
        self._reference = reference
        self._territory_set = layout.territory_set
        self._label_set = layout.label_set
        self._may_be_partial = layout.checks.may_be_partial
        self._decimals = int(figures.decimals.max(initial=0))
        self._has_value = figures.value.is_valid().to_numpy(zero_copy_only=False)
        self._units = self._as_units()
        self._not_checked: dict[str, list[int]] = {}
        self._lacking: dict[str, list[int]] = {}
        indicator = figures.codes["indicator"]
        self.indicators = frozenset(indicator.distinct[number] for number in indicator.used())

    def not_checked(self) -> list[str]:
        """A line for each kind of sum of which some could not be checked, and for want of what."""
        return [
            f"not checked for want of {want}: {len(totals)} of the sums by {what}, the first at "
            f"{self._figures.place(min(totals))}"
            for want, lists in (("a figure", self._not_checked), ("a part", self._lacking))
            for what, totals in lists.items()
        ]

    def check_sum(self, addition: Sum, of: Sequence[str]) -> None:
        """The parts of a breakdown sum to its total, wherever all of them are there; of these indicators."""
        codes = self._figures.codes[addition.over]
        if self.indicators.isdisjoint(of) or not codes.is_in(*addition.parts).any():
            return
        keys = _keys(self._figures, [role for role in KEY if role != addition.over])
        totals = self._slice(keys, codes, addition.total, of)
        found = [_Slice.of(keys, codes.is_in(part)).find(totals.keys) for part in addition.parts]
        self._check_all_there(addition.over, totals.figures, found, addition.parts)
        complete = self._complete(totals.figures, found, addition.over)
        summed = sum(self._units[part] for part in found)
        difference = summed - self._units[totals.figures]
        self._refuse_first(
            totals.figures, complete & self._exceeds(difference, addition.tolerance), found, addition.over
        )

    def check_open_sum(self, addition: Sum, of: Sequence[str], total_of: str = "") -> None:
        """Sums whose parts depend on the file: the regions of its territory set, or all that it gives.

        Args:
            addition: its parts are `territory_set`, checked wherever they cover the country, or `all`.
            of: the indicators of the parts.
            total_of: the indicator of the total, where it is another one.
        """
        codes, indicator = self._figures.codes[addition.over], self._figures.codes["indicator"]
        if self.indicators.isdisjoint(of) or not codes.is_in(addition.total).any():
            return
        summed = {addition.over, "indicator", "series"} if total_of else {addition.over}
        keys = _keys(self._figures, [role for role in KEY if role not in summed])
        totals = self._slice(keys, codes, addition.total, (total_of,) if total_of else of)
        parts = _Slice.of(keys, ~codes.is_in(addition.total, COUNTRY, "_T") & indicator.is_in(*of))
        wrong: dict[int, list[int]] = {}
        whole: list[int] = []
        lacking: dict[int, tuple[list[str], int]] = {}
        for key, total in zip(totals.keys.tolist(), totals.figures.tolist(), strict=True):
            of_key = self._that_count(parts.all_of(key), addition.over)
            if not len(of_key):
                continue
            chosen = of_key if addition.parts == (ALL,) else self._that_add_up(of_key)
            if chosen is None:
                lacking[total] = self._lacking_regions(of_key)
                continue
            whole.append(total)
            if not self._has_value[chosen].all():
                self._not_checked.setdefault(addition.over, []).append(total)
                continue
            difference = np.array([self._units[chosen].sum() - self._units[total]])
            if self._exceeds(difference, addition.tolerance)[0]:
                wrong[total] = chosen.tolist()
        self._check_lacking(addition.over, np.array(whole, np.int64), lacking)
        if wrong:
            first = min(wrong)
            what = "regions" if addition.over == "region" else addition.over
            raise self._mismatch(first, wrong[first], what)

    def check_flows(self, flows: Sum) -> None:
        """Arrivals less departures, the parts, are the balance, the total."""
        if flows.total not in self.indicators:
            return
        keys = _keys(self._figures, [role for role in KEY if role not in {"indicator", "series"}])
        indicator = self._figures.codes["indicator"]
        balance = self._slice(keys, indicator, flows.total)
        arrivals, departures = (
            _Slice.of(keys, indicator.is_in(part)).find(balance.keys) for part in flows.parts
        )
        self._check_all_there("flows", balance.figures, [arrivals, departures], flows.parts)
        difference = self._units[arrivals] - self._units[departures] - self._units[balance.figures]
        complete = self._complete(balance.figures, [arrivals, departures], "flows")
        wrong = complete & self._exceeds(difference, flows.tolerance)
        self._refuse_first(balance.figures, wrong, [arrivals, departures], "flows")

    def check_zero_sum(self, indicator: str, tolerance: Decimal) -> None:
        """What leaves one region arrives in another."""
        if indicator not in self.indicators:
            return
        keys = _keys(self._figures, [role for role in KEY if role != "region"])
        is_region = ~self._figures.codes["region"].is_in(COUNTRY)
        wanted = self._figures.codes["indicator"].is_in(indicator)
        parts = _Slice.of(keys, is_region & wanted)
        for key in np.unique(parts.keys).tolist():
            chosen = self._that_add_up(self._that_count(parts.all_of(key), "region"))
            if chosen is None:
                continue
            if not self._has_value[chosen].all():
                self._not_checked.setdefault(indicator, []).append(int(chosen[0]))
                continue
            total = self._units[chosen].sum()
            if self._exceeds(np.array([total]), tolerance)[0]:
                shown = Decimal(int(total)).scaleb(-self._decimals)
                raise RefusalError(
                    "total_mismatch",
                    f"{indicator} of the {len(chosen)} regions sums to {shown}, not to nothing",
                    place=self._figures.place(int(chosen[0])),
                    remedy=FETCH_AGAIN,
                )

    def _that_count(self, figures: npt.NDArray[np.int64], over: str) -> npt.NDArray[np.int64]:
        """Of the parts of one key those that count.

        Without a figure, a territory outside of its validity is no part of the country, unless the release
        declares it, and a city no part of its villages.
        """
        if over != "region" or self._has_value[figures].all():
            return figures
        region, residence = self._figures.codes["region"], self._figures.codes["residence"]
        counts = []
        for figure in figures.tolist():
            known, period = self._reference.regions[region[figure]], self._figures.period[figure]
            is_no_part = self._territory_set == IN_FORCE and not known.is_valid(self._figures.periods[period])
            is_no_part |= residence[figure] == "R" and known.is_city
            counts.append(self._has_value[figure] or not is_no_part)
        return figures[np.array(counts, np.bool_)]

    def _that_add_up(self, figures: npt.NDArray[np.int64]) -> npt.NDArray[np.int64] | None:
        """Of the figures of one key those whose regions make up the country; None if they do not cover it."""
        if not len(figures):
            return None
        region = self._figures.codes["region"]
        period = self._figures.periods[self._figures.period[figures[0]]]
        residence = self._figures.codes["residence"][int(figures[0])]
        by_code = {region[figure]: figure for figure in figures.tolist()}
        codes = regions_that_add_up(
            frozenset(by_code), self._territory_set, period, residence, self._reference
        )
        return None if codes is None else np.array([by_code[code] for code in sorted(codes)])

    def _check_all_there(
        self,
        what: str,
        totals: npt.NDArray[np.int64],
        found: Sequence[npt.NDArray[np.int64]],
        names: Sequence[str],
    ) -> None:
        """Whether no total has but some of its parts beside it; a city needs no villages."""
        there = np.array([part >= 0 for part in found])
        any_there = there.any(axis=0)
        if what == "residence" and "R" in names:
            regions = self._figures.codes["region"]
            is_city = np.array([self._reference.regions[code].is_city for code in regions.distinct])
            there[list(names).index("R")] |= is_city[regions.index[totals]]
        some = np.flatnonzero(any_there & ~there.all(axis=0))
        lacking = {
            int(totals[number]): (
                [names[part] for part in np.flatnonzero(~there[:, number]).tolist()],
                len(names),
            )
            for number in some.tolist()
        }
        self._check_lacking(what, totals[any_there & there.all(axis=0)], lacking)

    def _lacking_regions(self, figures: npt.NDArray[np.int64]) -> tuple[list[str], int]:
        """What the country has beside the regions of the figures of one key, and of how many.

        A city that has a figure for its towns is there: they are all of it.
        """
        codes, first = self._figures.codes, int(figures[0])
        period = self._figures.period[first]
        residence = codes["residence"][first]
        needed = needed_regions(
            self._territory_set, self._figures.periods[period], residence, self._reference
        )
        given = {codes["region"][figure] for figure in figures.tolist()}
        if self._territory_set == IN_FORCE:
            given = {self._reference.regions[code].unit for code in given}
        if residence == "_T":
            given |= {code for code, of_city in self._cities_as_towns if of_city == period}
        return sorted(needed - given), len(needed)

    @cached_property
    def _cities_as_towns(self) -> frozenset[tuple[str, int]]:
        """Cities with a figure for their towns, and its period."""
        region, residence = self._figures.codes["region"], self._figures.codes["residence"]
        cities = [code for code in region.distinct if self._reference.regions[code].is_city]
        chosen = residence.is_in("U") & region.is_in(*cities)
        pairs, _, _ = distinct_pairs(
            region.take(chosen), self._figures.period[chosen], len(self._figures.periods)
        )
        return frozenset((region.distinct[code], period) for code, period in pairs)

    def _check_lacking(
        self, what: str, whole: npt.NDArray[np.int64], lacking: Mapping[int, tuple[list[str], int]]
    ) -> None:
        """Refuses totals that parts were cut off from.

        Args:
            what: the dimension that is summed over, or `flows`.
            whole: totals that have all their parts.
            lacking: for each other total that has some, the parts that it lacks, and of how many.
        """
        if not lacking:
            return
        groups = _keys(self._figures, [role for role in KIND_OF_TOTAL if role != what], by_period=False)
        totals = np.array(list(lacking), np.int64)
        balance = Counter(groups[whole].tolist())
        balance.subtract(groups[totals].tolist())
        for total, group in sorted(zip(totals.tolist(), groups[totals].tolist(), strict=True)):
            missing, count = lacking[total]
            if self._may_be_partial or not missing or (2 * len(missing) >= count and balance[group] <= 0):
                continue
            if what == "region":
                missing = [self._reference.name(self._label_set, code) for code in missing]
            text = self._figures.cells.text[total]
            raise RefusalError(
                "incomplete",
                f"{_describe(self._figures, total)} is «{quote(text)}»; of its {count} parts by {what} "
                f"{count - len(missing)} stand beside it. Missing: {', '.join(missing)}",
                place=self._figures.place(total),
                found=text,
                remedy=f"{FETCH_AGAIN}; for parts that are never published: may_be_partial in the layout",
            )
        self._lacking.setdefault(what, []).extend(lacking)

    def _as_units(self) -> Units:
        factor = pa.scalar(Decimal(10**self._decimals), pa.decimal128(self._decimals + 1, 0))
        filled = pc.fill_null(self._figures.value, Decimal(0))
        try:
            units: Units = pc.multiply(filled, factor).cast(pa.int64()).to_numpy(zero_copy_only=False)
            limit = 2**62 // max(len(units), 1)
            if not len(units) or int(np.abs(units).max()) < limit:
                return units
        except pa.ArrowInvalid:
            pass
        return np.array([int(value.scaleb(self._decimals)) for value in filled.to_pylist()], object)

    def _slice(self, keys: Keys, texts: Texts, code: str, of: Sequence[str] = ()) -> _Slice:
        where = self._has_value & texts.is_in(code)
        return _Slice.of(keys, where & self._figures.codes["indicator"].is_in(*of) if of else where)

    def _complete(
        self, totals: npt.NDArray[np.int64], parts: Sequence[npt.NDArray[np.int64]], what: str
    ) -> Booleans:
        """For each total whether all its parts have figures."""
        there: Booleans = np.all([part >= 0 for part in parts], axis=0)
        with_figures: Booleans = there & np.all([self._has_value[part] for part in parts], axis=0)
        if lacking := totals[there & ~with_figures].tolist():
            self._not_checked.setdefault(what, []).extend(lacking)
        return with_figures

    def _exceeds(self, difference: Units, tolerance: Decimal) -> Booleans:
        exceeds: Booleans = np.abs(difference) > int(tolerance.scaleb(self._decimals))
        return exceeds.astype(np.bool_)

    def _refuse_first(
        self,
        totals: npt.NDArray[np.int64],
        wrong: Booleans,
        parts: Sequence[npt.NDArray[np.int64]],
        what: str,
    ) -> None:
        if not wrong.any():
            return
        positions = np.flatnonzero(wrong)
        first = int(positions[np.argmin(totals[positions])])
        raise self._mismatch(int(totals[first]), [int(part[first]) for part in parts], what)

    def _mismatch(self, total: int, parts: Sequence[int], what: str) -> RefusalError:
        figures = self._figures
        summed = sum(int(self._units[part]) for part in parts)
        if what == "flows":
            summed = int(self._units[parts[0]]) - int(self._units[parts[1]])
        shown = Decimal(summed).scaleb(-self._decimals)
        not_there = self._not_there(total, parts) if what == "regions" else ()
        return RefusalError(
            "total_mismatch",
            f"{_describe(figures, total)} is «{quote(figures.cells.text[total])}»; "
            f"{'arrivals less departures are' if what == 'flows' else f'its parts by {what} sum to'} {shown}",
            place=figures.place(total),
            found=figures.cells.text[total],
            remedy=FETCH_AGAIN,
            details=not_there
            + tuple(
                f"part: {figures.place(part)}: «{quote(figures.cells.text[part])}»" for part in parts[:25]
            ),
        )

    def _not_there(self, total: int, parts: Sequence[int]) -> tuple[str, ...]:
        """A line on the regions in force that a sum over the whole country lacks: those split off others."""
        codes, period = self._figures.codes, self._figures.periods[self._figures.period[total]]
        lacking = self._reference.territory(IN_FORCE, period) - {codes["region"][part] for part in parts}
        if codes["residence"][total] == "R":
            lacking -= {code for code in lacking if self._reference.regions[code].is_city}
        names = [self._reference.name(self._label_set, code) for code in sorted(lacking)]
        return (f"not there, and in force then: {', '.join(names)}",) if names else ()


def regions_that_add_up(
    codes: frozenset[str], territory_set: str, period: Period, residence: str, reference: Reference
) -> frozenset[str] | None:
    """The regions among `codes` that add up to the country in a period; None if they do not cover it.

    By the set of a day, those in force on that day, each of them. By default, those that the release gives,
    as long as they cover the country: a back-cast of some years is among them as the publisher counts it.
    A region that was split up and abolished, and what it was split into, are never counted together: before
    its end it counts, afterwards they do. One from which others were split off lives on without them, so all
    count. The cities have no rural figures.
    """
    needed = needed_regions(territory_set, period, residence, reference)
    if territory_set != IN_FORCE:
        return codes & reference.territory(territory_set, period) if needed <= codes else None
    kept = set(codes)
    for code in codes:
        successors = reference.successors.get(code, frozenset()) & codes
        end = reference.regions[code].end
        if successors and end != LAST:
            kept -= {code} if end <= period.end else successors
    return frozenset(kept) if needed <= {reference.regions[code].unit for code in kept} else None


def needed_regions(
    territory_set: str, period: Period, residence: str, reference: Reference
) -> frozenset[str]:
    """What adds up to the country: the regions of a day or, by default, the units of unchanged boundaries."""
    in_force = territory_set == IN_FORCE
    needed = reference.boundary_units if in_force else reference.territory(territory_set, period)
    if residence != "R":
        return needed
    regions = reference.regions.values()
    return needed - {
        each.code for each in regions if each.is_city and (not in_force or each.unit == each.code)
    }


def _check_complete(figures: Figures, complete: Complete, reference: Reference, territory_set: str) -> None:
    where = np.ones(len(figures), np.bool_)
    for role, wanted in complete.when.items():
        where &= figures.codes[role].is_in(*wanted)
    keys = _keys(figures, [role for role in KEY if role not in {complete.over, "indicator", "series"}])
    codes = figures.codes[complete.over]
    everything = _Slice.of(keys, where)
    territories = [reference.territory(territory_set, period) for period in figures.periods]
    for code in complete.codes or sorted(reference.regions):
        lacking = _Slice.of(keys, where & codes.is_in(code)).find(everything.keys) < 0
        if not complete.codes:
            needed = np.array([code in territory for territory in territories], np.bool_)
            lacking &= needed[figures.period[everything.figures]]
        if lacking.any():
            figure = int(everything.figures[lacking].min())
            period = figures.periods[figures.period[figure]]
            raise RefusalError(
                "incomplete",
                f"that for {complete.over} {code} from {period.start} to {period.end} is missing beside it",
                place=figures.place(figure),
                found=figures.cells.text[figure],
                remedy=FETCH_AGAIN,
            )


def _check_rows_of_periods(figures: Figures, least: Decimal) -> None:
    counts: Mapping[Period, int] = {}
    numbers, rows = np.unique(figures.period, return_counts=True)
    counts = dict(
        sorted((figures.periods[number], int(count)) for number, count in zip(numbers, rows, strict=True))
    )
    before: tuple[Period, int] | None = None
    for period, count in counts.items():
        if before and count < least * before[1]:
            figure = int(
                np.flatnonzero(np.array([each == period for each in figures.periods])[figures.period])[-1]
            )
            raise RefusalError(
                "incomplete",
                f"{count} figures from {period.start} to {period.end}, {before[1]} in the period before: "
                "the file may be cut",
                place=figures.place(figure),
                remedy=FETCH_AGAIN,
            )
        before = (period, count)
