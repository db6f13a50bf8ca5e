"""How the cost of the models grows with the figures: seconds for each million rows, and memory.

    python -m bench.growth [--rows 1000000 10000000 100000000] [--memory-limit 4GB] [--runs N]

The models alone, as in `bench/marts.py`, on made-up landings of each size, smallest first; the time on an
empty landing, just before each, is taken off. The ratio is the time for a row at the largest size by that at
the smallest one.
"""

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from bench import marts, measure, models
from bench.measure import BenchmarkError, Pairs, Run
from bench.models import Models

NAME = "growth"
ROWS = (1_000_000, 10_000_000, 100_000_000)
GOAL = 1.1


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the result; returns the exit status."""
    parser = measure.parser(NAME, "Cost of the models by number of landed rows.", 3)
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS, help="landed, two sizes or more")
    parser.add_argument("--memory-limit", default="", help="of DuckDB, such as 4GB")
    options = parser.parse_args(arguments)
    sizes = sorted(set(options.rows))
    if len(sizes) < 2:
        parser.error("--rows: growth needs two sizes or more")
    print(f"the models alone at {len(sizes)} sizes, {options.runs} runs each, in turn", flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="saldo-bench-") as folder:
            rows, fixed, found = measured(Path(folder), sizes, options.memory_limit, options.runs)
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    result = growth(rows, fixed, found, options.memory_limit)
    measure.save(NAME, result)
    for size in result["details"]["sizes"]:
        print(
            f"{size['rows']:>12} rows  {size['seconds']:8.2f} s,"
            f" {size['seconds_per_million']:6.2f} s a million, peak {size['peak_mb']} MB"
        )
    low, high = result["spread"]
    print(f"{'ratio':<17} {result['ratio']:9.2f}   ({low:.2f}-{high:.2f}), goal at most {GOAL:.2f}")
    return 0


def measured(
    folder: Path, sizes: Sequence[int], memory_limit: str, runs: int
) -> tuple[list[int], list[Run], list[list[Run]]]:
    """Runs the models at each size in turn, after a round to warm up.

    Args:
        folder: for landings and databases.
        sizes: landed rows, about.
        memory_limit: of DuckDB; empty for none.
        runs: of each size.

    Returns:
        The landed rows of each size, the runs on an empty landing, and for each size its runs, less those.

    Raises:
        BenchmarkError: dbt fails, or a size takes no longer than nothing.
    """
    empty, _ = models.land(folder / "empty", 0)
    alone = Models(folder / "alone", empty.folder, memory_limit)
    rows, made = [], []
    for number, size in enumerate(sizes):
        landing, landed = models.land(folder / f"landing_{number}", size)
        rows.append(landed)
        made.append(Models(folder / f"size_{number}", landing.folder, memory_limit))
    fixed: list[Run] = []
    found: list[list[Run]] = [[] for _ in sizes]
    for number in range(runs + 1):
        line = []
        for of_size, each in zip(found, made, strict=True):
            nothing, whole = marts.run_models(alone), marts.run_models(each)
            if number and whole.seconds <= nothing.seconds:
                raise BenchmarkError("no longer than on an empty landing: measure more rows")
            line.append(f"{whole.seconds:8.2f} s")
            if number:
                fixed.append(nothing)
                seconds = whole.seconds - nothing.seconds
                of_size.append(
                    replace(whole, seconds=seconds, cpu_seconds=whole.cpu_seconds - nothing.cpu_seconds)
                )
            each.put_back()  # what a size has made takes no room while another one is measured
        print(f"  {number or 'warm-up':>7}  {'  '.join(line)}", flush=True)
    return rows, fixed, found


def growth(
    rows: Sequence[int], fixed: Sequence[Run], found: Sequence[Sequence[Run]], memory_limit: str
) -> dict[str, Any]:
    """What is written down: `work` is the largest size and `peer` the smallest, in seconds a million rows."""

    def a_million(number: int) -> list[Run]:
        scale = 1e6 / rows[number]
        return [
            replace(run, seconds=run.seconds * scale, cpu_seconds=run.cpu_seconds * scale)
            for run in found[number]
        ]

    sizes = [
        {
            "rows": of_size,
            "seconds": round(median(run.seconds for run in runs), 2),
            "seconds_per_million": round(median(run.seconds for run in runs) / of_size * 1e6, 2),
            "cpu_seconds_per_million": round(median(run.cpu_seconds for run in runs) / of_size * 1e6, 2),
            "peak_mb": round(max(run.peak_mb for run in runs)),
        }
        for of_size, runs in zip(rows, found, strict=True)
    ]
    details = {
        "sizes": sizes,
        "memory_limit": memory_limit,
        "seconds_on_an_empty_landing": round(median(run.seconds for run in fixed), 2),
    }
    work, peer = (f"models alone, a row of {rows[number] / 1e6:.3g} M" for number in (-1, 0))
    pairs = Pairs(a_million(len(rows) - 1), a_million(0))
    return measure.result(work, peer, pairs, goal=GOAL, details=details)


if __name__ == "__main__":
    sys.exit(main())
