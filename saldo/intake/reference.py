"""What intake knows of territories, indicators and series: the seeds of seeds/reference, read only."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from saldo.intake.periods import Period
from saldo.preflight import read_strictly

FIRST, LAST = date.min, date.max
COUNTRY = "00"
# The territory set of a release that counts, in each period, the regions in force in it.
IN_FORCE = "in_force"
# The parts of an identity that sums all that a release gives.
ALL = "all"
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# Letters of the Latin alphabet, and digits, that look like Cyrillic ones.
LOOK_ALIKE = str.maketrans("ABCEHKMOPTXYI03Ё", "АВСЕНКМОРТХУІОЗЕ")


@dataclass(frozen=True)
class Meaning:
    """What a label means for the periods that start in [start, end)."""

    region: str
    start: date
    end: date


@dataclass(frozen=True)
class Region:
    """A territory, when it existed, and the unit of unchanged boundaries that it is part of."""

    code: str
    is_city: bool
    unit: str
    start: date
    end: date

    def is_valid(self, period: Period) -> bool:
        """Whether it existed on some day of a period."""
        return period.start < self.end and period.end > self.start


@dataclass(frozen=True)
class Identity:
    """A sum that must hold within any release; see seeds/reference/identity.csv.

    Attributes:
        kind: `flows`, `zero_sum`, `regions` or `breakdown`.
        over: the dimension that is summed over.
        parts: with their signs, +M +F; `territory_set`, or `all` that the release gives.
        total: code of the right side.
        indicators: of which it is true.
        total_of: the indicator of the right side, where it is another one; else empty.
        tolerance: the largest difference that is no breach.
        severity: `quarantine` if a breach refuses the release, `warn` if it is only told.
    """

    kind: str
    over: str
    parts: str
    total: str
    indicators: tuple[str, ...]
    total_of: str
    tolerance: Decimal
    severity: str


@dataclass(frozen=True)
class Reference:
    """The seeds that intake looks things up in.

    Attributes:
        labels: by label set and label its meanings.
        regions: by code.
        units: by indicator its unit.
        series: by series its indicator.
        specialties: their codes.
        successors: by region the regions that were split from it.
        releases: day of publication and sequence of the releases in the seeds, by release id.
        identities: what must hold within any release.
    """

    labels: Mapping[str, Mapping[str, Sequence[Meaning]]]
    regions: Mapping[str, Region]
    units: Mapping[str, str]
    series: Mapping[str, str]
    specialties: frozenset[str]
    successors: Mapping[str, frozenset[str]]
    releases: Mapping[str, tuple[date, int]]
    identities: tuple[Identity, ...] = ()

    @cached_property
    def boundary_units(self) -> frozenset[str]:
        """The units of unchanged boundaries, which together are the country."""
        return frozenset(region.unit for region in self.regions.values() if region.code != COUNTRY)

    def territory(self, territory_set: str, period: Period) -> frozenset[str]:
        """The regions that add up to the country in a period, by the set that a release declares.

        Of a region that ended in the period those count that it became.
        """
        last = period.end
        if territory_set != IN_FORCE:
            day = date.fromisoformat(territory_set)
            period, last = Period(day, day + timedelta(days=1)), FIRST
        return frozenset(
            code
            for code, region in self.regions.items()
            if code != COUNTRY and region.is_valid(period) and region.end >= last
        )

    def region_of(self, label_set: str, label: str, period: Period) -> str | None:
        """The code of a label at a time; None if it means nothing then."""
        meanings = self.labels.get(label_set, {}).get(label, ())
        return next((each.region for each in meanings if each.start <= period.start < each.end), None)

    def name(self, label_set: str, code: str) -> str:
        """How a label set calls a region, with its code; the code alone if it does not."""
        labels = self.labels.get(label_set, {}).items()
        found = next((label for label, meant in labels if any(each.region == code for each in meant)), "")
        return f"{found} ({code})" if found else code

    def similar(self, label_set: str, label: str) -> str | None:
        """A known label that an unknown one looks like."""
        folded = _fold(label)
        return next((known for known in self.labels.get(label_set, {}) if _fold(known) == folded), None)


def is_territory_set(text: str) -> bool:
    """Whether a text names a territory set: `in_force`, or a day whose regions it is."""
    if text == IN_FORCE:
        return True
    try:
        return bool(DAY.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def read_reference(project: Path) -> Reference:
    """Reads the seeds.

    Raises:
        InputError: a seed is not well formed.
    """
    labels: dict[str, dict[str, list[Meaning]]] = defaultdict(lambda: defaultdict(list))
    for row in _rows(project, "region_label"):
        labels[row["label_set"]][row["label"]].append(
            Meaning(row["region_code"], _day(row["applies_from"], FIRST), _day(row["applies_to"], LAST))
        )
    successors: dict[str, set[str]] = defaultdict(set)
    for row in _rows(project, "boundary_event"):
        if row["relation"] == "split":
            successors[row["predecessor_code"]].add(row["successor_code"])
    return Reference(
        labels=labels,
        regions={
            row["region_code"]: Region(
                row["region_code"],
                row["region_kind"] == "city",
                row["harmonised_unit"],
                _day(row["valid_from"], FIRST),
                _day(row["valid_to"], LAST),
            )
            for row in _rows(project, "region")
        },
        units={row["indicator_code"]: row["unit_code"] for row in _rows(project, "indicator")},
        series={row["source_series"]: row["indicator_code"] for row in _rows(project, "source_series")},
        specialties=frozenset(row["specialty_code"] for row in _rows(project, "specialty")),
        successors={code: frozenset(codes) for code, codes in successors.items()},
        releases={
            row["release_id"]: (date.fromisoformat(row["published_on"]), int(row["sequence_in_day"]))
            for row in _rows(project, "release")
        },
        identities=tuple(
            Identity(
                kind=row["kind"],
                over=row["summed_over"],
                parts=row["left_side"],
                total=row["right_side"],
                indicators=tuple(row["indicator_codes"].split()),
                total_of=row["right_indicator"],
                tolerance=Decimal(row["tolerance"]),
                severity=row["severity"],
            )
            for row in _rows(project, "identity")
        ),
    )


def _rows(project: Path, seed: str) -> list[dict[str, str]]:
    name = f"seeds/reference/{seed}.csv"
    (_, header), *records = read_strictly(project / name, name)
    return [dict(zip(header, record, strict=True)) for _, record in records]


def _day(text: str, default: date) -> date:
    return date.fromisoformat(text) if text else default


def _fold(label: str) -> str:
    """Without what the eye passes over: case, blanks, kinds of hyphen, ё, Latin for Cyrillic letters."""
    joined = "".join(label.split()).upper().translate(LOOK_ALIKE)
    return "".join("-" if sign in "‐‑‒–—−" else sign for sign in joined if sign != "\u200b")
