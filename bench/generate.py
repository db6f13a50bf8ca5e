"""Made-up releases of any size: monthly external migration by region, residence, age, partner and sex.

    python -m bench.generate --rows 1000000 --format csv|parquet FOLDER

The codes, labels and validity of regions are those of the seeds; the figures are noise that a seed fixes.
All rows of one month, residence, age and partner are a slice: nine rows for each region in force, that is
arrivals, departures and their balance, of women, of men and of both; then the country, the sum of the
regions, which lands as a published control total. A group of nine may lack its figures, and its status says
why; the totals take it for nobody. Flows, sexes and regions add up in every release and every vintage, since
a later release revises, repeats and adds whole slices. Rows are sorted by period; a row group of Parquet
holds few months.

    releases = generate.base_and_later(10_000_000)   # of N rows; N/1000 revised and N/1000 new rows
    for release in releases:
        generate.land(landing, release)              # as `saldo ingest` lands one, for benchmarks only
    generate.write_sdmx_csv(releases[0], path)       # or as the file that a publisher sends

A file of csv cannot say that a row is a total: there the country is a figure like others.
"""

import argparse
import hashlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
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
from saldo.intake.reference import COUNTRY, read_reference
from saldo.intake.rows import write_rows
from saldo.intake.schema import ROWS
from saldo.landing import FORMAT_VERSION, Landing

LAYOUT = "sdmx_csv"
FLOWS = ("external_arrivals", "external_departures", "external_balance")
SERIES = ("bns_external_arrivals", "bns_external_departures", "bns_6567_external")
SEXES = ("F", "M", "_T")
AGES = ("Y_LT15", "Y15T19", "Y20T24", "Y25T29", "Y30T39", "Y40T49", "Y50T59", "Y60T69", "Y_GE70")
RESIDENCES = ("U", "R")
# The first ones are those that people come from and go to most; large releases have more of them.
PARTNERS = (  # noqa: SIM905
    "RU UZ CN KG TM TJ DE TR UA BY MN AZ US IL KR AD AE AF AG AL AM AO AR AT AU BA BB BD BE BF"
    " BG BH BI BJ BN BO BR BS BT BW BZ CA CD CF CG CH CI CL CM CO CR CU CV CY CZ DJ DK DM DO DZ"
    " EC EE EG ER ES ET FI FJ FM FR GA GB GD GE GH GM GN GQ GR GT GW GY HN HR HT HU ID IE IN IQ"
    " IR IS IT JM JO JP KE KH KI KM KN KP KW LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH"
    " MK ML MM MR MT MU MV MW MX MY MZ NA NE NG NI NL NO NP NR NZ OM PA PE PG PH PK PL PS PT PW"
    " PY QA RO RS RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SY SZ TD TG TH TL TN TO TT"
    " TV TZ UG UY VC VE VN VU WS YE ZA ZM ZW"
).split()
FEWEST_PARTNERS = 15
FIRST_YEAR, YEARS = 2000, 26
GROUP = len(FLOWS) * len(SEXES)
MISSING = ("Q", "O")  # suppressed, missing
HEADER = (
    "STRUCTURE", "STRUCTURE_ID", "ACTION", "FREQ", "INDICATOR", "REF_AREA", "COUNTERPART_AREA", "SEX", "AGE",
    "URBANISATION", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "UNIT_MEASURE", "UNIT_MULT", "DECIMALS",
)  # fmt: skip
VALUE_COLUMN = HEADER.index("OBS_VALUE") + 1
SLICES_A_BATCH = 1 << 10  # some 170 000 rows, a row group of Parquet
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Release:
    """What one made-up release holds.

    Attributes:
        release_id, file_name: what it is called.
        published_on: after every period.
        seed: of the figures.
        slices: the numbers of its slices, in order.
        partners: how many partner countries there are.
        revised: those of them that have other figures than in the release before.
        revision: how often they have been revised.
    """

    release_id: str
    file_name: str
    published_on: date
    seed: int
    slices: Numbers
    partners: int = FEWEST_PARTNERS
    revised: Numbers = field(default_factory=lambda: np.arange(0))
    revision: int = 0

    @property
    def row_count(self) -> int:
        return _rows_of(self.slices, self.partners)

    @property
    def control_total_count(self) -> int:
        return len(self.slices) * GROUP


def base_and_later(rows: int, *, seed: int = 1, share: float = 0.001) -> tuple[Release, Release]:
    """A release, and one a month later that revises some of its rows and adds others.

    Args:
        rows: of the first one, rounded up to whole slices of at most 189.
        seed: of the figures.
        share: of revised rows among those of the first, and as many new ones.

    Raises:
        ValueError: more rows than there are months and partners for.
    """
    base, later = editions(rows, later=1, share=share, seed=seed)
    return base, later


def editions(
    rows: int, *, later: int, share: float = 0.001, repeated: float = 0.0, seed: int = 1
) -> list[Release]:
    """A release, and others month by month that revise some of its rows, repeat some and add others.

    Args:
        rows: of the first one, rounded up to whole slices of at most 189.
        later: how many others, at most eleven; each revises the same rows.
        share: of revised rows among those of the first, and as many new ones.
        repeated: share of rows that are given again as they were.
        seed: of the figures.

    Raises:
        ValueError: more rows than there are months and partners for.
    """
    partners = FEWEST_PARTNERS
    while (needed := _slices_needed(rows, later, share, partners)) > _slices(partners):
        if partners == len(PARTNERS):
            raise ValueError(f"{rows} rows; there are months and partners for {_rows_before(partners)[-1]}")
        partners += 1
    count = _slices_for(rows, partners)
    changed, again = (needed - count) // later if later else 0, -int(-count * repeated // 1)
    # Revised ones have even numbers, repeated ones odd ones.
    revised = 2 * np.linspace(0, (count - 1) // 2, changed, dtype=np.int64)
    said_again = 2 * np.linspace(0, max(0, count - 2) // 2, again, dtype=np.int64) + 1
    releases = [_release(0, seed, partners, np.arange(count), revised[:0])]
    for number in range(1, later + 1):
        new = np.arange(count + (number - 1) * changed, count + number * changed)
        slices = np.concatenate([np.unique(np.concatenate([revised, said_again])), new])
        releases.append(_release(number, seed, partners, slices, revised))
    return releases


def _release(number: int, seed: int, partners: int, slices: Numbers, revised: Numbers) -> Release:
    # The last days of the months of the year after all periods.
    day = date(FIRST_YEAR + YEARS + (number + 1) // 12, (number + 1) % 12 + 1, 1) - timedelta(days=1)
    name = f"made_up_{day.isoformat()}"
    return Release(
        name.replace("-", "_"), f"{name}.csv", day, seed, slices, partners, np.unique(revised), number
    )


def batches(release: Release) -> Iterator[pa.RecordBatch]:
    """The canonical rows (saldo/intake/schema.py); texts that repeat as dictionaries."""
    starts = np.array([month.toordinal() for month in _months()[0]]) - date(1970, 1, 1).toordinal()
    first = 2  # of the rows of the file; the first one is the header
    for start in range(0, len(release.slices), SLICES_A_BATCH):
        cells = _cells(release, start)
        count = len(cells.value)
        row, first = np.arange(first, first + count), first + count
        whole = {
            "table_name": LAYOUT,
            "label_set": "iso_3166_2",
            "specialty_code": "_T",
            "unit_code": "PS",
        }
        zero = np.zeros(count, np.int32)
        columns = {
            **{name: _codes(zero, [text]) for name, text in whole.items()},
            "row_no": pa.array(row.astype(np.int32)),
            "column_no": pa.array(np.full(count, VALUE_COLUMN, np.int32)),
            "source_ref": pc.binary_join_element_wise(
                f"{release.file_name}, row ", pa.array(row).cast(pa.string()), " (",
                cells.region.cast(pa.string()), f"), column {VALUE_COLUMN} (OBS_VALUE)", "",
            ),
            "cell_kind": cells.kind,
            "indicator_code": cells.flow,
            "source_series": pa.DictionaryArray.from_arrays(cells.flow.indices, pa.array(SERIES)),
            "region_label": cells.region,
            "sex_code": cells.sex,
            "residence_code": cells.residence,
            "age_code": cells.age,
            "partner_code": cells.partner,
            "period_start": pa.array(starts[cells.month].astype(np.int32)).cast(pa.date32()),
            "period_end": pa.array(starts[cells.month + 1].astype(np.int32)).cast(pa.date32()),
            "printed_text": cells.value.cast(pa.string()).fill_null(""),
            "value": cells.value.cast(pa.decimal128(19, 0)).cast(VALUE_TYPE),
            "decimals": pc.if_else(cells.value.is_valid(), pa.array(zero), None),
            "obs_status": cells.status,
        }  # fmt: skip
        yield pa.RecordBatch.from_pydict({name: columns[name] for name in ROWS.names})


def write_sdmx_csv(release: Release, path: Path) -> None:
    """Writes it as an SDMX-CSV 2.0 data message."""
    months = pa.array([f"{month:%Y-%m}" for month in _months()[0]])
    said = ["dataflow", "SALDO:EXTERNAL_MIGRATION(1.0)", "I", "M"]
    with path.open("wb") as file:
        file.write(",".join(HEADER).encode() + b"\n")
        for start in range(0, len(release.slices), SLICES_A_BATCH):
            cells = _cells(release, start)
            same = np.zeros(len(cells.value), np.int32)
            columns = [
                *(_codes(same, [text]) for text in said),
                *(cells.flow, cells.region, cells.partner, cells.sex, cells.age, cells.residence),
                pa.DictionaryArray.from_arrays(pa.array(cells.month), months),
                cells.value,
                cells.status,
                *(_codes(same, [text]) for text in ("PS", "0", "0")),
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
        "control_total_count": release.control_total_count,
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


def new_landing(folder: Path) -> Landing:
    """A landing without releases."""
    landing = Landing(folder)
    for place in (landing.originals, landing.rows, landing.releases):
        place.mkdir(parents=True)
    return landing


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes releases as the options say; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.generate", description="Writes made-up releases.")
    parser.add_argument("--rows", type=int, required=True, help="of the first release")
    parser.add_argument("--later", type=int, default=1, help="how many later ones; by default 1")
    parser.add_argument(
        "--share", type=float, default=0.001, help="revised and new rows of each; by default 0.001"
    )
    parser.add_argument("--repeated", type=float, default=0.0, help="rows given again; by default none")
    parser.add_argument("--seed", type=int, default=1, help="of the figures")
    parser.add_argument(
        "--format",
        choices=("csv", "parquet"),
        required=True,
        help="a file of SDMX-CSV each, or a landing as `saldo ingest` makes it (SALDO_LANDING)",
    )
    parser.add_argument("folder", type=Path, help="to write in; must not be there yet")
    options = parser.parse_args(arguments)
    try:
        releases = editions(
            options.rows,
            later=options.later,
            share=options.share,
            repeated=options.repeated,
            seed=options.seed,
        )
        options.folder.mkdir(parents=True)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    landing = new_landing(options.folder) if options.format == "parquet" else None
    for release in releases:
        path = options.folder / release.file_name
        if landing:
            land(landing, release)
            path = landing.rows / f"{release.release_id}.parquet"
        else:
            write_sdmx_csv(release, path)
        print(f"{path}  {release.row_count} rows, {path.stat().st_size / 1e6:.1f} MB", flush=True)
    return 0


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
    kind: pa.DictionaryArray
    status: pa.DictionaryArray
    value: pa.Array


@cache
def _months() -> tuple[list[date], list[list[str]], list[str]]:
    """The first days of all months and of the one after; of each month the regions that there are on its
    first day, by their codes of ISO 3166-2, and last the country; all of them, the country last."""
    days = [date(FIRST_YEAR + number // 12, number % 12 + 1, 1) for number in range(12 * YEARS + 1)]
    reference = read_reference(PROJECT)
    labels = {
        label: reference.regions[meaning.region]
        for label, meanings in sorted(reference.labels["iso_3166_2"].items())
        for meaning in meanings
    }
    places = [label for label, region in labels.items() if region.code != COUNTRY]
    country = [label for label, region in labels.items() if region.code == COUNTRY]
    in_force = [[each for each in places if labels[each].start <= day < labels[each].end] for day in days]
    return days, [each + country for each in in_force[:-1]], places + country


def _slices(partners: int) -> int:
    return len(_months()[1]) * _slices_a_month(partners)


def _slices_needed(rows: int, later: int, share: float, partners: int) -> int:
    """Those of a release of so many rows and of what later ones add; none are enough for too many."""
    if rows > _rows_before(partners)[-1]:
        return sys.maxsize
    count = _slices_for(rows, partners)
    return count + later * -int(-count * share // 1)


def _slices_a_month(partners: int) -> int:
    return len(RESIDENCES) * len(AGES) * partners


def _rows_of(slices: Numbers, partners: int) -> int:
    sizes = np.array([len(each) for each in _months()[1]])
    return int(sizes[slices // _slices_a_month(partners)].sum()) * GROUP


def _rows_before(partners: int) -> Numbers:
    """How many rows stand before each month, and in all."""
    sizes = [len(each) * GROUP * _slices_a_month(partners) for each in _months()[1]]
    return np.cumsum([0, *sizes])


def _slices_for(rows: int, partners: int) -> int:
    """How many slices, from the first, hold so many rows."""
    before = _rows_before(partners)
    month = min(int(np.searchsorted(before, rows, "right")) - 1, len(before) - 2)
    of_one = len(_months()[1][month]) * GROUP
    return int(month * _slices_a_month(partners) - (before[month] - rows) // of_one)


def _cells(release: Release, start: int) -> _Cells:
    """The rows of one batch of slices."""
    slices = release.slices[start : start + SLICES_A_BATCH]
    _, regions, everywhere = _months()
    month, rest = np.divmod(slices, _slices_a_month(release.partners))
    rest, partner = np.divmod(rest, release.partners)
    residence, age = np.divmod(rest, len(AGES))
    # The groups: of each slice one for each region, and for the country.
    numbers = [np.array([everywhere.index(label) for label in each]) for each in regions]
    region = np.concatenate([numbers[each] for each in month])
    sizes = np.array([len(numbers[each]) for each in month])
    slice_of = np.repeat(np.arange(len(slices)), sizes)
    noise = _noise(slices[slice_of] * 64 + region, release.seed)
    is_revised = np.isin(slices, release.revised)[slice_of]
    is_country = region == len(everywhere) - 1
    # What is revised has its figure by then.
    is_missing = (noise % 200 == 7) & ~is_revised & ~is_country
    flows = _flows(slices[slice_of] * 64 + region, release.seed, release.revision * is_revised)
    flows[is_missing | is_country] = 0
    flows[is_country] = np.add.reduceat(flows, np.cumsum(sizes) - sizes, axis=0)
    status = np.where(is_missing, 2 + noise // 200 % 2, noise % 50 == 0)
    each = np.repeat(slice_of, GROUP)
    count = len(region)
    return _Cells(
        month=month[each].astype(np.int32),
        region=_codes(np.repeat(region, GROUP), everywhere),
        residence=_codes(residence[each], RESIDENCES),
        age=_codes(age[each], AGES),
        partner=_codes(partner[each], PARTNERS),
        sex=_codes(np.tile(np.repeat(np.arange(len(SEXES)), len(FLOWS)), count), SEXES),
        flow=_codes(np.tile(np.arange(len(FLOWS)), count * len(SEXES)), FLOWS),
        kind=_codes(np.repeat(is_country, GROUP), ("fact", "column_total")),
        status=_codes(np.repeat(status, GROUP), ("A", "P", *MISSING)),
        value=pa.array(flows.ravel(), mask=np.repeat(is_missing, GROUP)),
    )


def _flows(groups: Numbers, seed: int, revision: Numbers) -> Numbers:
    """For each group arrivals, departures and balance of women, men and both; a revision changes all."""
    flows = np.empty((len(groups), len(SEXES), len(FLOWS)), np.int64)
    for sex in range(2):
        for flow in range(2):
            noise = _noise(groups, seed + 1 + 2 * sex + flow)
            # Most are small and a few are large, up to 15 849.
            flows[:, sex, flow] = 10.0 ** (4.2 * (noise / 2.0**64) ** 2)
            flows[:, sex, flow] += revision * (1 + noise % 2 if flow else 3 + noise % 7).astype(np.int64)
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


if __name__ == "__main__":
    sys.exit(main())
