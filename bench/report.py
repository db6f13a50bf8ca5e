"""The results of all benchmarks as one table: `python -m bench.report`."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.measure import RESULTS

HEADER = ("benchmark", "work", "peer", "ratio", "spread", "goal", "peak MB", "measured")


def main() -> int:
    """Prints a row for each file of results; returns the exit status."""
    try:
        print("\n".join(table(RESULTS)))
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def table(folder: Path) -> list[str]:
    """The lines of the table, a row for each `*.json` in `folder`, in order of name.

    Raises:
        ValueError: there are none, or one is not a result.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise ValueError(f"no results in {folder}: run `make bench`")
    rows = [HEADER, *(_row(file) for file in files)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [_line(row, widths) for row in rows]


def _row(file: Path) -> tuple[str, ...]:
    try:
        result: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        ratio, goal, (low, high), peak_mb = (result[key] for key in ("ratio", "goal", "spread", "peak_mb"))
        return (
            file.stem,
            result["work"],
            result["peer"],
            f"{ratio:.2f}",
            f"{low:.2f}-{high:.2f}",
            _goal(ratio, goal),
            f"{peak_mb['work']} / {peak_mb['peer']}",
            result["details"]["measured_on"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{file} is not a result ({error!r}): remove it and run `make bench`") from error


def _goal(ratio: float, goal: float | None) -> str:
    if goal is None:
        return "reported"
    return f"at most {goal:.2f}: {'met' if ratio <= goal else 'not met'}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


if __name__ == "__main__":
    sys.exit(main())
