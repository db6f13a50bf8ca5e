"""`saldo ingest` of a csv file of 100 MB beside DuckDB's own `read_csv` of it.

    python -m bench.ingest [--runs N]

The file is an SDMX-CSV release of a million rows, made up by `bench/generate.py`. The peer reads all columns
with the types that DuckDB finds, into a table in memory: it checks nothing, keeps no original and writes
nothing to the disk. Both are timed as whole processes, in turn, after a warm-up; after each pair, what has
landed must have as many rows and the same sums of figures, by indicator, as what the peer read.
"""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import duckdb

from bench import generate, measure
from bench.measure import BenchmarkError, Pairs, Run

NAME = "ingest"
WORK = "saldo ingest of a 100 MB SDMX-CSV"
PEER = "DuckDB read_csv into memory"
GOAL = 2.0
ROWS = 980_000
SUMS = "select {indicator}, count(*), sum({value}) from {rows} group by 1 order by 1"
# The process of the peer: reads the file, and writes down what a check needs.
READ_CSV = f"""
import duckdb, sys
file, sums = sys.argv[1:]
with duckdb.connect() as connection:
    connection.execute("create table release as from read_csv(?)", [file])
    found = connection.execute("{SUMS.format(indicator="INDICATOR", value="OBS_VALUE", rows="release")}")
    open(sums, "w").write(repr([(name, rows, int(total)) for name, rows, total in found.fetchall()]))
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the result; returns the exit status."""
    runs: int = measure.parser(NAME, WORK, 5).parse_args(arguments).runs
    print(f"{WORK} beside {PEER}, {runs} runs each, in turn")
    try:
        with tempfile.TemporaryDirectory(prefix="saldo-bench-") as folder:
            release, _ = generate.base_and_later(ROWS)
            file = Path(folder) / release.file_name
            generate.write_sdmx_csv(release, file)
            megabytes = file.stat().st_size / 1e6
            pairs = measured(file, Path(folder), runs)
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    details = {"megabytes": round(megabytes, 1), "rows": release.row_count}
    result = measure.result(WORK, PEER, pairs, goal=GOAL, details=details)
    measure.save(NAME, result)
    for key, name, each in (("work", WORK, pairs.work), ("peer", PEER, pairs.peer)):
        seconds = median(run.seconds for run in each)
        print(
            f"{name:<36} {seconds:6.2f} s, {megabytes / seconds:4.0f} MB/s, peak {result['peak_mb'][key]} MB"
        )
    low, high = result["spread"]
    print(f"{'ratio':<36} {result['ratio']:6.2f}   ({low:.2f}-{high:.2f}), goal at most {GOAL:.2f}")
    return 0


def measured(file: Path, folder: Path, runs: int) -> Pairs:
    """Both of one file, in turn.

    Args:
        file: an SDMX-CSV release.
        folder: for what they write.
        runs: of each, after the warm-up.

    Raises:
        BenchmarkError: one fails, or they differ.
    """
    landing, sums = folder / "landing", folder / "sums"

    def saldo() -> Run:
        shutil.rmtree(landing, ignore_errors=True)
        command = [sys.executable, "-m", "saldo", "ingest", str(file)]
        return measure.run(command, {"SALDO_LANDING": str(landing)})

    def peer() -> Run:
        return measure.run([sys.executable, "-c", READ_CSV, str(file), str(sums)], {})

    def check() -> None:
        with duckdb.connect() as connection:
            query = SUMS.format(indicator="indicator_code", value="value", rows=f"'{landing}/rows/*.parquet'")
            landed = [(name, rows, int(total)) for name, rows, total in connection.execute(query).fetchall()]
        if repr(landed) != (read := sums.read_text()):
            raise BenchmarkError(f"the two differ: landed {landed}, read {read}")

    return measure.in_turn(saldo, peer, check, runs)


if __name__ == "__main__":
    sys.exit(main())
