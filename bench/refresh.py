"""A release of 0.1 % new and 0.1 % revised rows into 10 M landed ones, beside a raw full rebuild by DuckDB.

    python -m bench.refresh [--rows N] [--runs N]

The base is landed and built once, and copies of landing and warehouse are kept. Each run puts them back,
lands the later release and times `saldo build`, which goes on from the build before; no network is used.
The same later release on an empty landing, just before, tells what a build costs whatever has landed: the
ratio is the time of the refresh less that, by the time of the peer just after. The peer makes a table of all
vintages and a view of the latest figures from the landed Parquet by hand-written SQL into a file, rows in any
order as in the project, without codes of seeds, corrections, tests or audit. After each round both must hold
the same vintages and latest figures of the made-up releases.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from bench import generate, measure, models
from bench.generate import Release
from bench.measure import BenchmarkError, Run
from bench.models import Rounds
from saldo.intake.reference import read_reference
from saldo.landing import Landing

NAME = "refresh"
WORK = "saldo build of 0.1 % new and 0.1 % revised rows"
PEER = "raw DuckDB full rebuild"
GOAL, GOAL_WHEN_LARGE = 0.25, 0.1
ROWS = 10_000_000
KEY = (
    "indicator_code, {region}, specialty_code, sex_code, residence_code, age_code, partner_code,"
    " period_start, period_end"
)
SAID = "value, unit_code, decimals, obs_status, source_series, release_id, source_ref"
# The process of the peer. Regions keep their ISO codes; a check translates them.
REBUILD = """
import duckdb, sys
landing, file, key, said = sys.argv[1:]
with duckdb.connect(file, config={'preserve_insertion_order': False}) as connection:
    connection.execute(f'''
        create table revision as
        with release as (
            select release_id, cast(published_on as timestamp) + interval 1 second as known_from, recorded_at
            from read_json('{landing}/releases/*.json', columns = {{
                release_id: 'varchar', published_on: 'date', recorded_at: 'varchar'
            }})
        ),
        compared as (
            select
                *,
                row_number() over figure as vintage_no,
                lag(value) over figure as previous_value,
                lag(obs_status) over figure as previous_status
            from (
                select *, parse_filename(filename, true) as release_id
                from read_parquet('{landing}/rows/*.parquet', filename = true)
                where cell_kind = 'fact'
            )
            inner join release using (release_id)
            window figure as (partition by {key}, source_series order by known_from)
        )
        select
            {key}, {said}, known_from,
            lead(known_from) over (partition by {key}, source_series order by known_from) as known_to,
            recorded_at
        from compared
        where
            vintage_no = 1 or value is distinct from previous_value
            or obs_status is distinct from previous_status;
        create view observation as select {key}, {said} from revision where known_to is null;
    ''')
"""
CONTENT = "select count(*), sum(hash({columns})) from {rows}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the result; returns the exit status."""
    parser = measure.parser(NAME, WORK, 3)
    parser.add_argument("--rows", type=int, default=ROWS, help="of the base")
    options = parser.parse_args(arguments)
    base, later = generate.base_and_later(options.rows)
    print(f"{WORK} into {base.row_count} beside a {PEER}, {options.runs} runs each, in turn", flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="saldo-bench-") as folder:
            alone = _Copies(Path(folder) / "alone", None)
            copies = _Copies(Path(folder) / "base", base)
            print(f"  first build of the base {copies.first.seconds:.2f} s", flush=True)
            rounds = measured(alone, copies, later, options.runs, warm_up=options.rows < measure.LARGE)
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    details: dict[str, Any] = {
        "rows": base.row_count,
        "rows_of_the_later_release": later.row_count,
        **rounds.details(),
        "seconds_of_the_first_build": round(copies.first.seconds, 2),
    }
    is_large = options.rows >= measure.LARGE
    goal, details["goal_rows"] = (GOAL_WHEN_LARGE, measure.LARGE) if is_large else (GOAL, ROWS)
    result = measure.result(WORK, PEER, rounds.pairs, goal=goal, details=details)
    measure.save(f"{NAME}_100m" if is_large else NAME, result)
    for name, runs in (
        ("saldo build", rounds.whole),
        ("the same on an empty landing", rounds.fixed),
        (PEER, rounds.pairs.peer),
    ):
        print(f"{name:<36} {median(run.seconds for run in runs):6.2f} s")
    print(f"{'peak, work and peer':<36} {result['peak_mb']['work']} MB, {result['peak_mb']['peer']} MB")
    low, high = result["spread"]
    print(f"{'ratio':<36} {result['ratio']:6.2f}   ({low:.2f}-{high:.2f}), goal at most {goal:.2f}")
    return 0


class _Copies:
    """A landing and a warehouse built from it, which can be put back."""

    def __init__(self, folder: Path, base: Release | None) -> None:
        self.folder, self.kept = folder, folder.with_name(f"{folder.name}_kept")
        landing = generate.new_landing(self.landing.folder)
        if base:
            generate.land(landing, base)
        self.first = self._build()
        _copy(folder, self.kept)

    @property
    def landing(self) -> Landing:
        return Landing(self.folder / "landing")

    @property
    def published(self) -> Path:
        return self.folder / "warehouse" / "saldo.duckdb"

    def refresh(self, later: Release) -> Run:
        """The build that takes in the later release, from what was kept."""
        _copy(self.kept, self.folder)
        generate.land(self.landing, later)
        return self._build()

    def _build(self) -> Run:
        return measure.run([sys.executable, "-m", "saldo", "build"], self._environment())

    def _environment(self) -> Mapping[str, str]:
        return {
            "SALDO_WAREHOUSE": str(self.folder / "warehouse"),
            "SALDO_LANDING": str(self.folder / "landing"),
        }


def _copy(source: Path, target: Path) -> None:
    """Puts a copy in the place of `target`; times of change stay, and two names of one file."""
    shutil.rmtree(target, ignore_errors=True)
    # Not shutil.copytree, which makes two files of one that has two names, as the published one has.
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)  # noqa: S607
    os.sync()  # what is still to be written of the copy is not timed


def measured(alone: _Copies, copies: _Copies, later: Release, runs: int, *, warm_up: bool) -> Rounds:
    """The fixed part, the refresh and the rebuild of the same releases, in turn.

    Raises:
        BenchmarkError: one fails, or they differ.
    """
    rebuilt = copies.folder.with_name("rebuilt.duckdb")
    fixed: list[Run] = []
    refreshes: list[Run] = []

    def work() -> Run:
        fixed.append(alone.refresh(later))
        refreshes.append(copies.refresh(later))
        return models.less(refreshes[-1], fixed[-1], is_counted=False)

    def peer() -> Run:
        rebuilt.unlink(missing_ok=True)
        arguments = [str(copies.folder / "landing"), str(rebuilt), KEY.format(region="region_label"), SAID]
        return measure.run([sys.executable, "-c", REBUILD, *arguments], {})

    def check() -> None:
        if found := differences(copies.published, rebuilt):
            raise BenchmarkError(f"the two differ: {found}")

    pairs = measure.in_turn(work, peer, check, runs, warm_up=warm_up)
    return Rounds(fixed[-runs:], refreshes[-runs:], pairs)


def differences(published: Path, rebuilt: Path) -> str:
    """What differs between the made-up figures of both files by number and hash of rows; empty if nothing."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published}' as ours (read_only)")
        connection.execute(f"attach '{rebuilt}' as peer (read_only)")
        labels = [
            (label, meaning.region)
            for label, meanings in read_reference(measure.PROJECT).labels["iso_3166_2"].items()
            for meaning in meanings
        ]
        connection.execute("create table label (region_label varchar, region_code varchar)")
        connection.executemany("insert into label values (?, ?)", labels)
        for ours, peer, more in (
            ("fct_revision", "revision", ", known_from, known_to"),
            ("fct_observation", "observation", ""),
        ):
            columns = f"{KEY.format(region='region_code')}, {SAID}{more}"
            rows = {
                f"core.{ours}": f"ours.core.{ours} where release_id like 'made_up_%'",
                f"the {peer} of the peer": f"peer.{peer} inner join label using (region_label)",
            }
            found = {
                name: connection.execute(CONTENT.format(columns=columns, rows=each)).fetchall()
                for name, each in rows.items()
            }
            if len({str(each) for each in found.values()}) > 1:
                return f"{found}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
