"""Made-up releases of any size: monthly external migration by region, residence, age, partner and sex.

The codes, labels and validity of regions are those of the seeds; the figures are noise that a seed fixes. A
group of nine rows is one cell of the breakdowns: arrivals, departures and their balance, of women, of men and
of both, so that flows and sexes add up in every release and every vintage. There are no other totals.

    releases = generate.base_and_later(10_000_000)   # of N rows; N/1000 revised and N/1000 new rows
    for release in releases:
        generate.land(landing, release)              # as `saldo ingest` lands one, for benchmarks only
    generate.write_sdmx_csv(releases[0], path)       # or as the file that a publisher sends
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from bench.measure import PROJECT
from saldo.intake.numbers import VALUE_TYPE
from saldo.intake.reference import COUNTRY, LAST, read_reference
from saldo.intake.rows import write_rows
from saldo.intake.schema import ROWS
from saldo.landing import FORMAT_VERSION, Landing

LAYOUT = "sdmx_csv"
FLOWS = ("external_arrivals", "external_departures", "external_balance")
SERIES = ("bns_external_arrivals", "bns_external_departures", "bns_6567_external")
SEXES = ("F", "M", "_T")
AGES = ("Y_LT15", "Y15T19", "Y20T24", "Y25T29", "Y30T39", "Y40T49", "Y50T59", "Y60T69", "Y_GE70")
RESIDENCES = ("U", "R")
PARTNERS = ("RU", "UZ", "CN", "KG", "TM", "TJ", "DE", "TR", "UA", "BY", "MN", "AZ", "US", "IL", "KR")
FIRST_YEAR, YEARS = 2000, 26
GROUP = len(FLOWS) * len(SEXES)
OF_ONE_REGION = len(RESIDENCES) * len(AGES) * len(PARTNERS)
HEADER = (
    "STRUCTURE", "STRUCTURE_ID", "ACTION", "FREQ", "INDICATOR", "REF_AREA", "COUNTERPART_AREA", "SEX", "AGE",
    "URBANISATION", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "UNIT_MEASURE", "UNIT_MULT", "DECIMALS",
)  # fmt: skip
VALUE_COLUMN = HEADER.index("OBS_VALUE") + 1
GROUPS_A_BATCH = 1 << 16
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Release:
    """What one made-up release holds.

    Attributes:
        release_id, file_name: what it is called.
        published_on: after every period.
        seed: of the figures.
        groups: the numbers of its groups of nine rows.
        revised: how many of them, from the first, have other figures than in the release before.
    """

    release_id: str
    file_name: str
    published_on: date
    seed: int
    groups: Numbers
    revised: int = 0

    @property
    def row_count(self) -> int:
        return len(self.groups) * GROUP


def base_and_later(rows: int, *, seed: int = 1, share: float = 0.001) -> tuple[Release, Release]:
    """A release, and one a month later that revises some of its rows and adds others.

    Args:
        rows: of the first one, rounded up to whole groups of nine.
        seed: of the figures.
        share: of revised rows among those of the first, and as many new ones.

    Raises:
        ValueError: more rows than there are months for.
    """
    count, changed = -(-rows // GROUP), -(-int(rows * share) // GROUP)
    if count + changed > _months()[2][-1]:
        raise ValueError(f"{rows} rows; there are months for {_months()[2][-1] * GROUP}")
    revised = np.linspace(0, count - 1, changed, dtype=np.int64)
    new = np.arange(count, count + changed)
    first = _release(date(FIRST_YEAR + YEARS, 1, 31), seed, np.arange(count), 0)
    return first, _release(date(FIRST_YEAR + YEARS, 2, 28), seed, np.concatenate([revised, new]), changed)


def _release(day: date, seed: int, groups: Numbers, revised: int) -> Release:
    release_id = f"made_up_{day:%Y_%m_%d}"
    return Release(release_id, f"made_up_{day.isoformat()}.csv", day, seed, groups, revised)


def batches(release: Release) -> Iterator[pa.RecordBatch]:
    """The canonical rows (saldo/intake/schema.py); texts that repeat as dictionaries."""
    label_set = pa.array(["iso_3166_2"])
    for start in range(0, len(release.groups), GROUPS_A_BATCH):
        cells = _cells(release, start)
        count, row = len(cells.value), np.arange(start * GROUP + 2, start * GROUP + 2 + len(cells.value))
        starts = np.array([month.toordinal() for month in _months()[0]]) - date(1970, 1, 1).toordinal()
        value = pa.array(cells.value)
        whole = {
            "table_name": pa.array([LAYOUT]),
            "cell_kind": pa.array(["fact"]),
            "label_set": label_set,
            "specialty_code": pa.array(["_T"]),
            "unit_code": pa.array(["PS"]),
        }
        zero = pa.array(np.zeros(count, np.int32))
        columns = {
            **{name: pa.DictionaryArray.from_arrays(zero, text) for name, text in whole.items()},
            "row_no": pa.array(row.astype(np.int32)),
            "column_no": pa.array(np.full(count, VALUE_COLUMN, np.int32)),
            "source_ref": pc.binary_join_element_wise(
                f"{release.file_name}, row ", pa.array(row).cast(pa.string()), " (",
                cells.region.cast(pa.string()), f"), column {VALUE_COLUMN} (OBS_VALUE)", "",
            ),
            "indicator_code": cells.flow,
            "source_series": pa.DictionaryArray.from_arrays(cells.flow.indices, pa.array(SERIES)),
            "region_label": cells.region,
            "sex_code": cells.sex,
            "residence_code": cells.residence,
            "age_code": cells.age,
            "partner_code": cells.partner,
            "period_start": pa.array(starts[cells.month].astype(np.int32)).cast(pa.date32()),
            "period_end": pa.array(starts[cells.month + 1].astype(np.int32)).cast(pa.date32()),
            "printed_text": value.cast(pa.string()),
            "value": value.cast(pa.decimal128(19, 0)).cast(VALUE_TYPE),
            "decimals": zero,
            "obs_status": cells.status,
        }  # fmt: skip
        yield pa.RecordBatch.from_pydict({name: columns[name] for name in ROWS.names})


def write_sdmx_csv(release: Release, path: Path) -> None:
    """Writes it as an SDMX-CSV 2.0 data message."""
    months = pa.array([f"{month:%Y-%m}" for month in _months()[0]])
    said = ["dataflow", "SALDO:EXTERNAL_MIGRATION(1.0)", "I", "M"]
    with path.open("wb") as file:
        file.write(",".join(HEADER).encode() + b"\n")
        for start in range(0, len(release.groups), GROUPS_A_BATCH):
            cells = _cells(release, start)
            columns = [
                *(pa.array([text] * len(cells.value)) for text in said),
                *(cells.flow, cells.region, cells.partner, cells.sex, cells.age, cells.residence),
                pa.DictionaryArray.from_arrays(pa.array(cells.month), months),
                pa.array(cells.value),
                cells.status,
                *(pa.array([text] * len(cells.value)) for text in ("PS", "0", "0")),
            ]
            table = pa.table([column.cast(pa.string()) for column in columns], names=list(HEADER))
            options = pa_csv.WriteOptions(include_header=False, quoting_style="none")
            pa_csv.write_csv(table, file, options)


def land(landing: Landing, release: Release) -> dict[str, Any]:
    """Lands it as `saldo ingest` does, but for its original, a line of text; returns the manifest."""
    original = landing.folder / f"{release.file_name}.tmp"
    original.write_text(f"made up by bench/generate.py, seed {release.seed}, {release.release_id}\n")
    manifest = {
        "format_version": FORMAT_VERSION,
        "release_id": release.release_id,
        "publisher": "bench/generate.py",
        "title": "Made-up external migration",
        "published_on": release.published_on.isoformat(),
        "published_on_note": None,
        "sequence_in_day": 1,
        "recorded_at": datetime.now(UTC).isoformat(timespec="microseconds"),
        "file_name": release.file_name,
        "sha256": hashlib.sha256(original.read_bytes()).hexdigest(),
        "size": original.stat().st_size,
        "layout": LAYOUT,
        "label_set": "iso_3166_2",
        "declares_back_cast": False,
        "territory_set": "in_force",
        "source_url": "",
        "terms_of_use": "made up",
        "indicators": sorted(FLOWS),
        "row_count": release.row_count,
        "control_total_count": 0,
        "status": "landed",
        "withdrawn_on": None,
        "withdrawn_reason": None,
    }
    parts = batches(release)
    first = next(parts)
    landing.land(
        manifest, original, ".csv", lambda path: write_rows(path, first.schema, chain([first], parts))
    )
    return manifest


# --- the figures ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Cells:
    """Some rows, column by column; `month` counts from January of FIRST_YEAR."""

    month: npt.NDArray[np.int32]
    region: pa.DictionaryArray
    residence: pa.DictionaryArray
    age: pa.DictionaryArray
    partner: pa.DictionaryArray
    sex: pa.DictionaryArray
    flow: pa.DictionaryArray
    status: pa.DictionaryArray
    value: Numbers


@cache
def _months() -> tuple[list[date], Sequence[Sequence[str]], Numbers]:
    """The first days of all months and of the one after; the regions that exist on each, by their ISO codes;
    the number of the first group of each."""
    days = [date(FIRST_YEAR + number // 12, number % 12 + 1, 1) for number in range(12 * YEARS + 1)]
    reference = read_reference(PROJECT)
    # South Kazakhstan, which ended, is left out: its code is none of ISO's.
    labels = {
        meaning.region: label
        for label, meanings in reference.labels["iso_3166_2"].items()
        for meaning in meanings
        if meaning.region != COUNTRY and reference.regions[meaning.region].end == LAST
    }
    regions = [
        sorted(label for code, label in labels.items() if reference.regions[code].start <= day)
        for day in days[:-1]
    ]
    return days, regions, np.cumsum([0, *(len(each) * OF_ONE_REGION for each in regions)])


def _cells(release: Release, start: int) -> _Cells:
    """The rows of one batch of groups."""
    groups = release.groups[start : start + GROUPS_A_BATCH]
    _, regions, first = _months()
    month = (np.searchsorted(first, groups, "right") - 1).astype(np.int32)
    rest, partner = np.divmod(groups - first[month], len(PARTNERS))
    rest, age = np.divmod(rest, len(AGES))
    region, residence = np.divmod(rest, len(RESIDENCES))
    all_regions = sorted({label for each in regions for label in each})
    size = max(map(len, regions))
    number = np.array(
        [[all_regions.index(label) for label in each] + [0] * (size - len(each)) for each in regions]
    )
    sexes = np.tile(np.repeat(np.arange(len(SEXES)), len(FLOWS)), len(groups))
    flows = np.tile(np.arange(len(FLOWS)), len(groups) * len(SEXES))
    noise = _noise(groups, release.seed)
    return _Cells(
        month=np.repeat(month, GROUP),
        region=_codes(np.repeat(number[month, region], GROUP), all_regions),
        residence=_codes(np.repeat(residence, GROUP), RESIDENCES),
        age=_codes(np.repeat(age, GROUP), AGES),
        partner=_codes(np.repeat(partner, GROUP), PARTNERS),
        sex=_codes(sexes, SEXES),
        flow=_codes(flows, FLOWS),
        status=_codes(np.repeat(noise % 50 == 0, GROUP), ("A", "P")),
        value=_values(release, start, groups).ravel(),
    )


def _values(release: Release, start: int, groups: Numbers) -> npt.NDArray[np.int64]:
    """For each group nine figures; a revision changes all of them."""
    flows = np.empty((len(groups), len(SEXES), len(FLOWS)), np.int64)
    is_revised = np.arange(start, start + len(groups)) < release.revised
    for sex in range(2):
        for flow in range(2):
            noise = _noise(groups, release.seed + 1 + 2 * sex + flow)
            # Most are small and a few are large, up to 15 849.
            flows[:, sex, flow] = 10.0 ** (4.2 * (noise / 2.0**64) ** 2)
            more = (1 + noise % 2 if flow else 3 + noise % 7).astype(np.int64)
            flows[:, sex, flow] += np.where(is_revised, more, 0)
    flows[:, 2, :2] = flows[:, 0, :2] + flows[:, 1, :2]
    flows[:, :, 2] = flows[:, :, 0] - flows[:, :, 1]
    return flows


def _noise(numbers: Numbers, seed: int) -> npt.NDArray[np.uint64]:
    """64 bits for each number, by SplitMix64: the same for a number in whatever release it stands."""
    mixed = numbers.astype(np.uint64) * np.uint64(2) ** 16 + np.uint64(seed)
    mixed = (mixed + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def _codes(numbers: npt.NDArray[Any], texts: Sequence[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32)), pa.array(list(texts)))
