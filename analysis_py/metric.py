"""Metrics of every vintage: what was computed from the figures known at each moment, and from which cells.

What the metrics are stands in analysis_py.article_metric.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis_py.tables import typed

OK, MISSING, UNDEFINED = "ok", "missing", "undefined"
STATUSES = (OK, MISSING, UNDEFINED)

_DTYPES = {
    "metric": "str",
    "subject": "str",
    "known_from": "datetime64[us]",
    "known_to": "datetime64[us]",
    "value": "float64",
    "method": "str",
    "detail": "str",
    "release_id": "str",
    "source_ref": "str",
    "status": "str",
    "reason": "str",
}
_CELL = re.compile(r"(?P<table>\w+), row \d+ \(.*\), column (?P<column>\d+) \((?P<heading>.*)\)", re.DOTALL)
NAMED_ONE_BY_ONE = 4
TOTAL = "_T"

Row = dict[str, Any]


class Figure(NamedTuple):
    """A published figure, its release, its cell, and its status: B where a series breaks."""

    value: float
    release_id: str
    source_ref: str
    obs_status: str = "A"


# Region, specialty, first and last year of the period; a count on 1 January is of its year.
Key = tuple[str, str, int, int]


class UnknownValueError(Exception):
    """A value that cannot be given, with the status and the reason."""

    def __init__(self, reason: str, status: str = MISSING) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """A value, the figures that it rests on, and what else a reader should see."""

    value: float
    figures: Sequence[Figure]
    detail: str = ""


class Known:
    """The figures known at a moment, and which indicators of them were looked at."""

    def __init__(self, figures: Mapping[str, Mapping[Key, Figure]]) -> None:
        self._figures = figures
        self.used: set[str] = set()

    def of(self, indicator: str) -> Mapping[Key, Figure]:
        """All figures of the indicator."""
        self.used.add(indicator)
        return self._figures.get(indicator, {})

    def find(self, indicator: str, region: str, first: int, last: int | None = None) -> Figure | None:
        """The figure of a region and period, of all specialties; None where there is none."""
        return self.of(indicator).get((region, TOTAL, first, last or first))

    def one(self, indicator: str, region: str, first: int, last: int | None = None) -> Figure:
        """The same. Raises UnknownValueError where there is none."""
        found = self.find(indicator, region, first, last)
        if found is None:
            years = f"{first}-{last}" if last and last > first else f"{first}"
            raise UnknownValueError(f"no figure of {indicator} of region {region} for {years}")
        return found


ORDER = ["indicator_code", "region_code", "specialty_code", "period_start", "known_from", "source_ref"]
# Metric, subject, how it is obtained, and the function that gives the answer or raises UnknownValueError.
Definition = tuple[str, str, str, Callable[[Known], Answer]]


def metric_vintages(revisions: pd.DataFrame, definitions: Sequence[Definition]) -> pd.DataFrame:
    """Every metric at every moment at which it changed.

    `revisions` has the columns of core.fct_revision, of the indicators that the definitions ask for; a row is
    known from `known_from` (inclusive) to `known_to` (exclusive; missing while it stands). Of several series
    of one indicator the one with the lowest series_preference that has a row counts, then the latest.

    Returns a row for each metric, subject and vintage: known_from and known_to (missing for what is known
    now), value in the metric's own unit, method, detail, release_id (all the releases whose figures enter,
    joined by ', '), source_ref (up to four cells, or tables and columns), status, reason. A vintage at which
    nothing changes, figure or cell, is no row. Where a value cannot be given it is missing, and
    status and reason say why: 'missing' (a figure that it needs), 'undefined' (figures without variation, too
    few, a total of zero). Without revisions there are no rows.

    Raises ValueError for an infinite value.
    """
    if np.isinf(revisions["value"].to_numpy(dtype="float64", na_value=np.nan)).any():
        raise ValueError("column 'value' holds an infinite value")
    # A build that goes on from another has its rows in another order: cells and sums are to come out alike.
    revisions = revisions.sort_values(ORDER, ignore_index=True)
    rows: list[Row] = []
    latest: dict[int, Row] = {}
    used: dict[int, set[str]] = {}
    for moment in moments(revisions):
        known = known_at(revisions, moment)
        changed = (revisions["known_from"] == moment) | (revisions["known_to"] == moment)
        changed_indicators = set(revisions.loc[changed, "indicator_code"])
        for number, (metric, subject, method, function) in enumerate(definitions):
            before = latest.get(number)
            if before is not None and not used[number] & changed_indicators:
                continue
            known.used = used[number] = set()
            row = {"metric": metric, "subject": subject, "method": method} | _evaluated(function, known)
            if before is not None:
                if all(before[name] == value for name, value in row.items()):
                    continue
                before["known_to"] = moment
            latest[number] = row | {"known_from": moment}
            rows.append(latest[number])
    return typed(rows, _DTYPES)


def moments(revisions: pd.DataFrame) -> list[pd.Timestamp]:
    """When what is known changed, in order."""
    changes = pd.concat([revisions["known_from"], revisions["known_to"]]).dropna()
    return sorted(pd.Timestamp(moment) for moment in changes.unique())


def known_at(revisions: pd.DataFrame, moment: pd.Timestamp) -> Known:
    """The figures known at a moment: of each key the preferred series' last; one without a value is none."""
    valid = (revisions["known_from"] <= moment) & ~(revisions["known_to"] <= moment)
    columns = ["indicator_code", "region_code", "specialty_code", "period_start", "period_end"]
    shown = (
        revisions[valid]
        .sort_values(["series_preference", "known_from"], ascending=[True, False], kind="stable")
        .drop_duplicates(columns)
        .dropna(subset=["value"])
    )
    last = shown["period_end"] - pd.Timedelta(days=1)
    keys = pd.DataFrame(
        {
            "region": shown["region_code"],
            "specialty": shown["specialty_code"],
            "first": shown["period_start"].dt.year,
            "last": last.dt.year,
        }
    ).itertuples(index=False, name=None)
    cells = zip(*(shown[name].tolist() for name in Figure._fields), strict=True)
    figures: dict[str, dict[Key, Figure]] = {}
    for indicator, key, cell in zip(shown["indicator_code"].tolist(), keys, cells, strict=True):
        figures.setdefault(indicator, {})[key] = Figure(*cell)
    return Known(figures)


def _evaluated(function: Callable[[Known], Answer], known: Known) -> Row:
    try:
        answer = function(known)
        if not np.isfinite(answer.value):
            raise UnknownValueError("the figures are too large to compute with", UNDEFINED)
    except UnknownValueError as unknown:
        nothing = dict.fromkeys(["value", "detail", "release_id", "source_ref"])
        return nothing | {"status": unknown.status, "reason": str(unknown)}
    return {
        "value": float(answer.value),
        "detail": answer.detail or None,
        "release_id": ", ".join(sorted({figure.release_id for figure in answer.figures})) or None,
        "source_ref": places(answer.figures) or None,
        "status": OK,
        "reason": None,
    }


def places(figures: Sequence[Figure]) -> str:
    """Where figures stand: their cells, or the columns of tables or the releases where there are many."""
    unique = {figure.source_ref: figure for figure in figures}
    if len(unique) <= NAMED_ONE_BY_ONE:
        return "; ".join(unique)
    cells = [(_CELL.fullmatch(place), figure.release_id) for place, figure in unique.items()]
    by_column = len({(cell["table"], cell["column"]) for cell, _ in cells if cell}) <= NAMED_ONE_BY_ONE
    counts: Counter[str] = Counter()
    for cell, release_id in cells:
        if cell is None:
            counts[f"release {release_id}"] += 1
        elif by_column:
            counts[f"{cell['table']}, column {cell['column']} ({cell['heading']})"] += 1
        else:
            counts[cell["table"]] += 1
    return "; ".join(
        f"{group}, {count} {'cells' if count > 1 else 'cell'}" for group, count in counts.items()
    )
