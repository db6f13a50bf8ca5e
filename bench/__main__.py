"""Runs every benchmark, then prints the table: `python -m bench [--large]`, or `make bench`.

--large: the refresh, the growth and the comparison with hand-written SQL at 100 million rows, not 10 million.
"""

import sys
from collections.abc import Callable, Sequence

from bench import audit, bi, growth, ingest, marts, refresh, report, sqlmesh_build, warm_build

Main = Callable[[Sequence[str]], int]


def steps(*, large: bool) -> list[tuple[Main, list[str]]]:
    """The benchmarks with their options, in the order in which they run."""
    most = ["100000000"] if large else ["10000000"]
    return [
        (warm_build.main, []),
        (sqlmesh_build.main, []),
        (ingest.main, []),
        (bi.main, []),
        (refresh.main, ["--rows", *most]),
        (marts.main, ["--peer", "polars"]),
        (marts.main, ["--peer", "pandas"]),
        (audit.main, []),
        (growth.main, ["--sql", "--rows", "1000000", "10000000", *(most if large else [])]),
    ]


def main(arguments: Sequence[str]) -> int:
    """Returns the exit status: 0 if all have measured something."""
    if set(arguments) - {"--large"}:
        print("usage: python -m bench [--large]", file=sys.stderr)
        return 2
    failed = [step for step, options in steps(large="--large" in arguments) if step(options)]
    return report.main() or int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
