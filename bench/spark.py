"""What the models cost on Spark by number of figures, beside the same models on DuckDB.

    python -m bench.spark [--rows N] [--runs N]

Both run `dbt run` of what leads to the public tables that grow with the figures, as in `bench/marts.py`, on
all processors of this machine, and the time on an empty landing, just before, is taken off. After each round
both hold the same rows. How much Spark has read, shuffled and written comes from its event log. Needs
`make spark`.
"""

import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from bench import marts, measure, models
from bench.measure import PROJECT, BenchmarkError, Run
from bench.models import DBT, MARTS, Models
from saldo import spark_preflight
from saldo.errors import SaldoError

NAME = "spark"
PEER = "the same models on DuckDB"
ROWS = 1_000_000
# core.fct_observation is a view of core.fct_revision and has no files of its own.
TABLES = {table: columns for table, columns in marts.COLUMNS.items() if table != "fct_observation"}
# Of Spark's event log: what each task reports at its end.
AMOUNTS = {
    "read": ("Input Metrics", "Bytes Read"),
    "shuffled": ("Shuffle Write Metrics", "Shuffle Bytes Written"),
    "spilled to disk": ("Disk Bytes Spilled",),
    "written": ("Output Metrics", "Bytes Written"),
}


class OnSpark:
    """The tables of one landing, which each run makes anew from the seeds."""

    def __init__(self, folder: Path, landing: Path) -> None:
        """Loads the seeds.

        Raises:
            BenchmarkError: dbt fails.
        """
        self.folder, self.landing = folder, landing
        self._log, self._conf = folder / "events", folder / "conf"
        self._log.mkdir(parents=True)
        self._conf.mkdir()
        settings = {"spark.eventLog.enabled": "true", "spark.eventLog.dir": self._log.as_uri()}
        settings |= {"spark.eventLog.compress": "false", "spark.eventLog.rolling.enabled": "false"}
        settings |= {"spark.driver.memory": "6g", "spark.sql.shuffle.partitions": "16"}
        lines = [f"{name} {value}\n" for name, value in settings.items()]
        (self._conf / "spark-defaults.conf").write_text("".join(lines), encoding="utf-8")
        self._dbt("seed")
        shutil.move(folder / "spark", folder / "seeded")

    def run(self) -> Run:
        """The models on the seeds as they are.

        Raises:
            BenchmarkError: dbt fails.
        """
        shutil.rmtree(self.folder / "spark", ignore_errors=True)
        shutil.copytree(self.folder / "seeded", self.folder / "spark")
        for log in self._log.iterdir():
            shutil.rmtree(log) if log.is_dir() else log.unlink()
        return self._dbt("run", *MARTS)

    def amounts(self) -> dict[str, int]:
        """Bytes read, shuffled, spilled and written by the last run."""
        found: Counter[str] = Counter(dict.fromkeys(AMOUNTS, 0))
        for log in (path for path in self._log.rglob("*") if path.is_file()):
            with log.open(encoding="utf-8") as lines:
                for event in map(json.loads, lines):
                    if event["Event"] == "SparkListenerTaskEnd" and "Task Metrics" in event:
                        for name, keys in AMOUNTS.items():
                            amount = event["Task Metrics"]
                            for key in keys:
                                amount = amount[key]
                            found[name] += amount
        return dict(found)

    def relation(self, table: str) -> str:
        """What DuckDB reads a public table of schema core from."""
        return f"read_parquet('{self.folder}/spark/tables/core.db/{table}/*.parquet')"

    def _dbt(self, *arguments: str) -> Run:
        places = ["--profiles-dir", str(PROJECT), "--project-dir", ".", "--target", "spark"]
        places += ["--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs")]
        environment = {
            "SALDO_SPARK_WAREHOUSE": str(self.folder / "spark"),
            "SALDO_LANDING": str(self.landing),
            "SPARK_CONF_DIR": str(self._conf),
        }
        return measure.run([str(DBT), "--quiet", "--no-version-check", *arguments, *places], environment)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the result; returns the exit status."""
    parser = measure.parser(NAME, "The models on Spark beside DuckDB.", 3)
    parser.add_argument("--rows", type=int, default=ROWS, help="landed, in all")
    options = parser.parse_args(arguments)
    try:
        spark_preflight.check()
        with tempfile.TemporaryDirectory(prefix="saldo-bench-") as folder:
            result = _measured(Path(folder), options.rows, options.runs)
    except (BenchmarkError, SaldoError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    measure.save(NAME, result)
    details, (low, high) = result["details"], result["spread"]
    print(f"{'on an empty landing, Spark':<28} {min(details['seconds_on_an_empty_landing']):8.2f} s")
    for name, seconds in details["seconds"].items():
        print(f"{'Spark' if name == 'work' else 'DuckDB':<28} {min(seconds):8.2f} s")
    for name, amount in details["bytes"].items():
        print(f"{name:<28} {amount / details['rows']:8.0f} bytes a row")
    print(f"{'ratio':<28} {result['ratio']:8.2f}   ({low:.2f}-{high:.2f})")
    return 0


def _measured(folder: Path, rows: int, runs: int) -> dict[str, Any]:
    landing, landed = models.land(folder / "landing", rows)
    empty, _ = models.land(folder / "empty", 0)
    print(f"{landed} landed rows to marts on Spark beside DuckDB, {runs} runs each, in turn", flush=True)
    alone, spark = OnSpark(folder / "alone", empty.folder), OnSpark(folder / "spark", landing.folder)
    peer_alone, peer = Models(folder / "peer_alone", empty.folder), Models(folder / "peer", landing.folder)
    amounts: dict[str, int] = {}

    def on_spark() -> Run:
        run = spark.run()
        amounts.update(spark.amounts())
        return run

    def on_duckdb() -> Run:
        peer_alone.put_back()
        peer.put_back()
        fixed = peer_alone.dbt("run", *MARTS)
        run = peer.dbt("run", *MARTS)
        return replace(run, seconds=max(run.seconds - fixed.seconds, 0.01))

    def check() -> None:
        if found := differences(peer, spark):
            raise BenchmarkError(f"the two differ: {found}")

    rounds = models.rounds(alone.run, on_spark, on_duckdb, check, runs)
    work = f"{landed / 1e6:.3g} M landed rows to marts on Spark"
    details = {"rows": landed, "bytes": amounts, **rounds.details()}
    return measure.result(work, PEER, rounds.pairs, goal=None, details=details)


def differences(peer: Models, spark: OnSpark) -> str:
    """The first table that differs by number and hash of rows, or is empty; an empty text if none."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{peer.database}' as peer (read_only)")
        for table, columns in TABLES.items():
            casts = ", ".join(f"cast({name} as {kind})" for name, kind in columns.items())
            ours, theirs = (
                connection.execute(marts.CONTENT.format(columns=casts, rows=rows)).fetchall()
                for rows in (spark.relation(table), f"peer.core.{table}")
            )
            if ours != theirs or not ours[0][0]:
                return f"core.{table} is {ours} and {theirs}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
