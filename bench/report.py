"""The results of all benchmarks as one table: `python -m bench.report`.

A goal is for a number of rows: of fewer the table only says what the goal is. What has not been measured is
named below it.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.measure import RESULTS

HEADER = ("benchmark", "work", "peer", "ratio", "spread", "in all", "goal", "peak MB", "measured")
# What `make bench LARGE=--large` writes, but for what bi has of other sizes and peers.
ALL = (
    "audit_article", "audit_build", "audit_totals", "bi", "growth", "ingest", "marts_pandas", "marts_polars",
    "marts_sql", "refresh_100m", "sqlmesh_build", "warm_build",
)  # fmt: skip
# Landed rows are made in whole slices, so some more or fewer than wanted.
NEARLY = 0.98


def main() -> int:
    """Prints a row for each file of results; returns the exit status."""
    try:
        print("\n".join(table(RESULTS)))
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def table(folder: Path) -> list[str]:
    """The lines of the table, a row for each `*.json` in `folder`, in order of name, and of ALL what lacks.

    Raises:
        ValueError: there are none, or one is not a result.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise ValueError(f"no results in {folder}: run `make bench`")
    rows = [HEADER, *(_row(file) for file in files)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    absent = [name for name in ALL if name not in {file.stem for file in files}]
    note = [f"not measured: {', '.join(absent)} (`make bench LARGE=--large` measures all)"] if absent else []
    return [*(_line(row, widths) for row in rows), *note]


def _row(file: Path) -> tuple[str, ...]:
    try:
        result: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        ratio, (low, high), peak_mb = (result[key] for key in ("ratio", "spread", "peak_mb"))
        in_all = result["details"].get("ratios_in_all")
        return (
            file.stem,
            result["work"],
            result["peer"],
            f"{ratio:.2f}",
            f"{low:.2f}-{high:.2f}",
            f"{median(in_all):.2f}" if in_all else "",
            _goal(result),
            f"{peak_mb['work']} / {peak_mb['peer']}",
            result["details"]["measured_on"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{file} is not a result ({error!r}): remove it and run `make bench`") from error


def _goal(result: Mapping[str, Any]) -> str:
    goal, details = result["goal"], result["details"]
    if goal is None:
        return "reported"
    goal_rows, peak_goal = details.get("goal_rows", 0), details.get("peak_goal_mb")
    words = f"at most {goal:.2f}" + (f" and {peak_goal} MB" if peak_goal else "")
    if details.get("rows", 0) < NEARLY * goal_rows:
        return f"{words}, for {goal_rows / 1e6:.0f} M rows"
    is_met = result["ratio"] <= goal and (peak_goal is None or result["peak_mb"]["work"] <= peak_goal)
    return f"{words}: {'met' if is_met else 'not met'}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


if __name__ == "__main__":
    sys.exit(main())
