"""How the cost of the models grows with the figures: seconds for each million rows, and memory.

    python -m bench.growth [--rows 1000000 10000000 100000000] [--sql] [--memory-limit 3GB] [--runs N]

The models alone, as in `bench/marts.py`, on made-up landings of each size, smallest first; the time on an
empty landing, just before each, is taken off. The ratio is the time for a row at the largest size by that at
the smallest one. With --sql the hand-written SQL runs at the largest size, just after the models, and is
compared with them as `bench.marts --peer sql` does, whose result this writes, too.
"""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from bench import marts, measure, models
from bench.measure import BenchmarkError, Pairs, Run
from bench.models import Models, Rounds

NAME = "growth"
ROWS = (1_000_000, 10_000_000, 100_000_000)
GOAL = 1.1


@dataclass
class Size:
    """What was run on one landing; a run, and that on an empty landing just before, for each round."""

    rows: int
    fixed: list[Run] = field(default_factory=list)
    whole: list[Run] = field(default_factory=list)

    @property
    def runs(self) -> list[Run]:
        """The runs less their fixed part."""
        return [models.less(whole, fixed) for whole, fixed in zip(self.whole, self.fixed, strict=True)]

    @property
    def a_million(self) -> list[Run]:
        """The same for each million rows."""
        scale = 1e6 / self.rows
        return [
            replace(run, seconds=run.seconds * scale, cpu_seconds=run.cpu_seconds * scale)
            for run in self.runs
        ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the results; returns the exit status."""
    parser = measure.parser(NAME, "Cost of the models by number of landed rows.", 3)
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS, help="landed, two sizes or more")
    parser.add_argument("--sql", action="store_true", help="beside hand-written SQL at the largest size")
    parser.add_argument("--memory-limit", default=marts.MEMORY_LIMIT, help="of DuckDB, such as 3GB")
    parser.add_argument("--sql-memory-limit", default=marts.SQL_MEMORY_LIMIT, help="of the hand-written SQL")
    options = parser.parse_args(arguments)
    limits = {"memory_limit": options.memory_limit, "sql_memory_limit": options.sql_memory_limit}
    wanted = sorted(set(options.rows))
    if len(wanted) < 2:
        parser.error("--rows: growth needs two sizes or more")
    print(f"the models alone at {len(wanted)} sizes, {options.runs} runs each, in turn", flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="saldo-bench-") as folder:
            sizes, peer = measured(Path(folder), wanted, limits, options.runs, beside_sql=options.sql)
        result = growth(sizes, options.memory_limit)
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    measure.save(NAME, result)
    for size in result["details"]["sizes"]:
        print(
            f"{size['rows']:>12} rows  {size['seconds']:8.2f} s,"
            f" {size['seconds_per_million']:6.2f} s a million, peak {size['peak_mb']} MB"
        )
    low, high = result["spread"]
    print(f"{'ratio':<17} {result['ratio']:9.2f}   ({low:.2f}-{high:.2f}), goal at most {GOAL:.2f}")
    if peer:
        largest = sizes[-1]
        rounds = Rounds(largest.fixed, largest.whole, Pairs(largest.runs, peer))
        marts.save("sql", largest.rows, limits, rounds)
    return 0


def measured(
    folder: Path, wanted: Sequence[int], limits: Mapping[str, str], runs: int, *, beside_sql: bool
) -> tuple[list[Size], list[Run]]:
    """Runs the models at each size in turn, after a round to warm up if none is large.

    Args:
        folder: for landings and databases.
        wanted: landed rows, about, in ascending order.
        limits: of DuckDB's memory, as for `marts.measured`.
        runs: of each size.
        beside_sql: runs the hand-written SQL, too, on the largest landing.

    Returns:
        The sizes, and the runs of the hand-written SQL.

    Raises:
        BenchmarkError: dbt fails, or the SQL does, or their tables differ.
    """
    empty, _ = models.land(folder / "empty", 0)
    alone = Models(folder / "alone", empty.folder, limits["memory_limit"])
    sizes, made = [], []
    for number, rows in enumerate(wanted):
        landing, landed = models.land(folder / f"landing_{number}", rows)
        sizes.append(Size(landed))
        made.append(Models(folder / f"size_{number}", landing.folder, limits["memory_limit"]))
    largest, theirs = made[-1], folder / "peer"
    sql = marts.peer_of("sql", largest.landing, theirs, limits["sql_memory_limit"])
    peer: list[Run] = []
    for number in range(0 if wanted[-1] < measure.LARGE else 1, runs + 1):
        line = []
        for size, each in zip(sizes, made, strict=True):
            fixed, whole = marts.run_models(alone), marts.run_models(each)
            line.append(f"{whole.seconds:8.2f} s")
            if number:
                size.fixed.append(fixed)
                size.whole.append(whole)
            if beside_sql and each is largest:
                of_peer = sql()
                marts.check(each.database, theirs)
                line.append(f"hand-written {of_peer.seconds:8.2f} s")
                if number:
                    peer.append(of_peer)
            each.put_back()  # what a size has made takes no room while another one is measured
        print(f"  {number or 'warm-up':>7}  {'  '.join(line)}", flush=True)
    return sizes, peer


def growth(sizes: Sequence[Size], memory_limit: str) -> dict[str, Any]:
    """What is written down: `work` is the largest size and `peer` the smallest, in seconds a million rows.

    Raises:
        BenchmarkError: a size takes no longer than nothing.
    """
    details = {
        "sizes": [
            {
                "rows": size.rows,
                "seconds": round(median(run.seconds for run in size.runs), 2),
                "seconds_per_million": round(median(run.seconds for run in size.a_million), 2),
                "cpu_seconds_per_million": round(median(run.cpu_seconds for run in size.a_million), 2),
                "peak_mb": round(max(run.peak_mb for run in size.whole)),
            }
            for size in sizes
        ],
        "rows": sizes[-1].rows,
        "goal_rows": ROWS[-1],
        "memory_limit": memory_limit,
        "seconds_on_an_empty_landing": round(median(run.seconds for size in sizes for run in size.fixed), 2),
    }
    smallest, largest = sizes[0], sizes[-1]
    work, peer = (f"models alone, a row of {size.rows / 1e6:.3g} M" for size in (largest, smallest))
    pairs = Pairs(largest.a_million, smallest.a_million)
    return measure.result(work, peer, pairs, goal=GOAL, details=details)


if __name__ == "__main__":
    sys.exit(main())
