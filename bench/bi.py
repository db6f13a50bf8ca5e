"""Twenty dashboard queries and the views of schema bi, eight readers at once, beside SQLite and Parquet.

    python -m bench.bi [--rows N] [--runs N] [--published FILE]

Measured twice: on the published file as it is, and on a copy with 10 M figures in the table
`core.headline_observation`. These are made up, daily figures of internal migration by region, specialty and
age: the pipeline would take an hour to make as many, and what readers wait for depends only on what stands in
that table. The peers hold the same figures:

- Parquet: DuckDB without a database file, over Parquet files written as `saldo build` writes its exports;
- SQLite: one file with indexes for these queries.

Both peers are favoured: they hold every view of bi as ready rows, but for `bi.observation`, which grows with
the figures and is in both the same view over the fact and its dimensions, with the published file's own SQL.

Each reader is a process with one open connection, as a session of a BI tool; it asks every query once a
round, in an order of its own. After each round all readers of all three must have had equal answers. `ratio`
is the time of a round by that of the peer. The goal is a 95th percentile of at most 100 ms at the article's
size.
"""

import argparse
import hashlib
import multiprocessing
import random
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import quantiles
from typing import Any

import duckdb

from bench import measure
from bench.bi_queries import QUERIES, whole_views
from bench.measure import MAXRSS_PER_MB, PROJECT, BenchmarkError, Pairs, Run

NAME = "bi"
WORK = "20 dashboard queries and the bi views, 8 readers at once"
READERS = 8
ROWS = 10_000_000
GOAL_MS = 100
PUBLISHED, PARQUET, SQLITE = "published file", "DuckDB on Parquet", "SQLite"
FACT = "headline_observation"
DIMENSIONS = {
    "dim_indicator": "indicator_code",
    "dim_region": "region_code",
    "dim_specialty": "specialty_code",
    "dim_code": "code_list, code",
}
MORE = """
    insert into core.headline_observation by name
    select
        indicator.indicator_code, region.region_code, specialty.specialty_code, age.age_code,
        cast(date '2001-01-01' + cast(day.number as integer) as date) as period_start,
        cast(date '2001-01-01' + cast(day.number + 1 as integer) as date) as period_end,
        cast(cast(hash(indicator_code, region_code, specialty_code, age_code, day.number) % 2001 as integer)
            - 1000 as decimal(24, 6)) as value,
        'PS' as unit_code, 0 as decimals, 'A' as obs_status, 'made_up' as source_series,
        (select min(release_id) from core.dim_release) as release_id,
        concat('made up, row ', day.number) as source_ref
    from (
        values ('internal_arrivals'), ('internal_departures'), ('internal_balance')
    ) as indicator(indicator_code)
    cross join (
        select region_code from core.dim_region where valid_to is null and region_code <> '00'
    ) as region
    cross join (
        select specialty_code from core.dim_specialty union all select '_T'
    ) as specialty(specialty_code)
    cross join (values ('_T'), ('Y_GT15')) as age(age_code)
    cross join range(0, $days) as day(number)
    order by 1, 2, 3, 4, 5
"""
NO_PROGRESS = "set enable_progress_bar = false"  # of queries that take seconds
SERIES = 3 * 20 * 10 * 2  # indicators, regions, specialties and all, ages


@dataclass(frozen=True)
class Files:
    """The same content three times."""

    published: Path
    parquet: Path
    sqlite: Path
    figures: int


@dataclass(frozen=True)
class Round:
    """What eight readers measured in one round.

    Attributes:
        run: from the first question to the last answer, and the memory of the largest reader.
        seconds: query -> of each reader.
        answers: query -> digests of the rows that the readers had.
    """

    run: Run
    seconds: dict[str, list[float]]
    answers: dict[str, set[str]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the results; returns the exit status."""
    parser = measure.parser(NAME, WORK, 3)
    parser.add_argument("--rows", type=int, default=ROWS, help="figures of the large file")
    parser.add_argument("--published", type=Path, default=PROJECT / "warehouse" / "saldo.duckdb")
    parser.add_argument("--skip-large", action="store_true", help="the published file only")
    options = parser.parse_args(arguments)
    try:
        if not options.published.is_file():
            raise BenchmarkError(f"{options.published} is not there: run `make build`")
        with tempfile.TemporaryDirectory(prefix="saldo-bench-") as folder:
            _measure_size(options, Path(folder) / "small", 0)
            if not options.skip_large:
                _measure_size(options, Path(folder) / "large", options.rows)
    except BenchmarkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _measure_size(options: argparse.Namespace, folder: Path, rows: int) -> None:
    folder.mkdir()
    files = prepare(options.published, folder, rows)
    print(f"{WORK}: {files.figures} figures, {options.runs} rounds after a warm-up, in turn", flush=True)
    rounds = measured(files, options.runs)
    report(rounds, files, "" if not rows else f"_{rows // 1_000_000}m" if rows >= 1_000_000 else f"_{rows}")


# --- the three files ------------------------------------------------------------------------------------


def prepare(published: Path, folder: Path, rows: int) -> Files:
    """Copies of the published file, as Parquet and as SQLite, with at least so many figures.

    Args:
        published: a file that `saldo build` published.
        folder: to write in.
        rows: figures in `core.headline_observation`; 0 for those that are there.
    """
    file, parquet, sqlite = folder / "saldo.duckdb", folder / "parquet", folder / "saldo.sqlite"
    shutil.copyfile(published, file)
    with duckdb.connect(str(file)) as connection:
        if rows:
            connection.execute(MORE, {"days": -(-rows // SERIES)})
            connection.execute("checkpoint")
        ((figures,),) = connection.execute(f"select count(*) from core.{FACT}").fetchall()  # noqa: S608
        views = [name for name in _views(connection) if name != "observation"]
        for schema, names in (("bi", views), ("core", [FACT, *DIMENSIONS])):
            (parquet / schema).mkdir(parents=True)
            for name in names:
                target = parquet / schema / f"{name}.parquet"
                connection.execute(
                    f"copy (from {schema}.{name}) to '{target}' (format parquet, compression zstd)"
                )
        _write_sqlite(connection, sqlite, views)
    file.chmod(0o444)
    return Files(file, parquet, sqlite, figures)


def _views(connection: duckdb.DuckDBPyConnection) -> list[str]:
    query = "select view_name from duckdb_views() where schema_name = 'bi' order by view_name"
    names = [name for (name,) in connection.execute(query).fetchall()]
    if "observation" not in names:
        raise BenchmarkError("the file has no bi.observation: it was published by an older saldo")
    return names


def _definition(connection: duckdb.DuckDBPyConnection) -> str:
    """The select of bi.observation as DuckDB stores it."""
    query = "select sql from duckdb_views() where schema_name = 'bi' and view_name = 'observation'"
    ((sql,),) = connection.execute(query).fetchall()
    return str(sql)[str(sql).index(" AS ") + 4 :].rstrip().rstrip(";")


def _write_sqlite(connection: duckdb.DuckDBPyConnection, path: Path, views: Iterable[str]) -> None:
    target = sqlite3.connect(path)
    target.execute("pragma journal_mode = off")
    target.execute("pragma synchronous = off")
    for schema, name in [
        *(("bi", view) for view in views),
        *(("core", each) for each in (FACT, *DIMENSIONS)),
    ]:
        described = connection.execute(f"describe {schema}.{name}").fetchall()
        # SQLite has neither decimals nor days: numbers and ISO 8601 texts stand for them.
        columns = [
            f'cast("{column}" as double)'
            if kind.startswith("DECIMAL")
            else f'cast("{column}" as varchar)'
            if kind in ("DATE", "TIMESTAMP")
            else f'"{column}"'
            for column, kind, *_ in described
        ]
        table = name if schema == "bi" else f"core_{name}"
        key = f", primary key ({DIMENSIONS[name]})" if schema == "core" and name in DIMENSIONS else ""
        names = ", ".join(f'"{column}"' for column, *_ in described)
        target.execute(f"create table {table} ({names}{key})")
        rows = connection.execute(f"select {', '.join(columns)} from {schema}.{name}")  # noqa: S608
        marks = ", ".join("?" * len(columns))
        while batch := rows.fetchmany(100_000):
            target.executemany(f"insert into {table} values ({marks})", batch)  # noqa: S608
    target.execute(f"create index figure on core_{FACT} (indicator_code, region_code, period_start)")
    translated = _definition(connection).replace("core.", "core_")
    translated = translated.replace(
        '"year"(fact.period_start)', "cast(substr(fact.period_start, 1, 4) as int)"
    )
    target.execute(f"create view observation as {translated}")
    target.execute("analyze")
    target.commit()
    target.close()


# --- the readers ----------------------------------------------------------------------------------------


def _open_published(files: Files) -> Any:
    connection = duckdb.connect(str(files.published), read_only=True)
    connection.execute(NO_PROGRESS)
    return connection


def _open_parquet(files: Files) -> Any:
    with duckdb.connect(str(files.published), read_only=True) as published:
        definition = _definition(published)
    connection = duckdb.connect()
    connection.execute(NO_PROGRESS)
    for schema in ("core", "bi"):
        connection.execute(f"create schema {schema}")
        for file in sorted((files.parquet / schema).glob("*.parquet")):
            connection.execute(f"create view {schema}.{file.stem} as from read_parquet('{file}')")
    connection.execute(f"create view bi.observation as {definition}")
    return connection


def _open_sqlite(files: Files) -> Any:
    connection = sqlite3.connect(":memory:", uri=True)
    connection.execute(f"attach 'file:{files.sqlite}?mode=ro' as bi")
    return connection


ENGINES: dict[str, Callable[[Files], Any]] = {
    PUBLISHED: _open_published,
    PARQUET: _open_parquet,
    SQLITE: _open_sqlite,
}


def _read(engine: str, files: Files, queries: dict[str, str], number: int, pipe: Connection) -> None:
    """A reader: for each round asked for, answers with the time and the digest of each query."""
    try:
        connection = ENGINES[engine](files)
        order = random.Random(number)  # noqa: S311  (no secret)
        while pipe.recv():
            names = list(queries)
            order.shuffle(names)
            told = {}
            for name in names:
                started = time.perf_counter()
                rows = connection.execute(queries[name]).fetchall()
                seconds = time.perf_counter() - started
                told[name] = (seconds, digest(rows))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MAXRSS_PER_MB
            pipe.send((told, peak))
    except EOFError:  # the parent has ended
        return
    except Exception as error:  # told to the parent, which ends
        pipe.send(f"{engine}: {error}")


class Readers:
    """Eight processes that read one of the files, until `end`."""

    def __init__(self, engine: str, files: Files, queries: dict[str, str]) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.engine, self._pipes, self._processes = engine, [], []
        for number in range(READERS):
            ours, theirs = spawn.Pipe()
            process = spawn.Process(target=_read, args=(engine, files, queries, number, theirs), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)

    def round(self) -> Round:
        """Has all of them ask everything once.

        Raises:
            BenchmarkError: a reader failed.
        """
        started, clock = time.time(), time.perf_counter()
        for pipe in self._pipes:
            pipe.send(True)
        told = [pipe.recv() for pipe in self._pipes]
        elapsed = time.perf_counter() - clock
        if failed := [each for each in told if isinstance(each, str)]:
            raise BenchmarkError(failed[0])
        seconds: dict[str, list[float]] = {}
        answers: dict[str, set[str]] = {}
        for each, _ in told:
            for name, (duration, found) in each.items():
                seconds.setdefault(name, []).append(duration)
                answers.setdefault(name, set()).add(found)
        return Round(Run(started, elapsed, max(peak for _, peak in told)), seconds, answers)

    def end(self) -> None:
        for pipe, process in zip(self._pipes, self._processes, strict=True):
            pipe.close()
            process.terminate()
            process.join()


def digest(rows: Iterable[Sequence[Any]]) -> str:
    """Number of rows and hash, whatever their order; numbers with 7 digits, for sums differ in the last ones.

    Truth values of SQLite are numbers, its days texts.
    """
    lines = sorted("\x1f".join(map(_text, row)) for row in rows)
    content = hashlib.sha256("\x1e".join(lines).encode()).hexdigest()
    return f"{len(lines)} rows {content[:16]}"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    try:
        return f"{float(value):.7g}"
    except TypeError:
        return str(value)


def measured(files: Files, runs: int) -> dict[str, list[Round]]:
    """Rounds of each engine, in turn, after one to warm up.

    Raises:
        BenchmarkError: a reader failed, a query gave no row, or answers differ.
    """
    with duckdb.connect(str(files.published), read_only=True) as connection:
        queries = QUERIES | whole_views(_views(connection))
    rounds: dict[str, list[Round]] = {engine: [] for engine in ENGINES}
    readers: list[Readers] = []
    try:
        readers.extend(Readers(engine, files, queries) for engine in ENGINES)
        for number in range(runs + 1):
            now = {each.engine: each.round() for each in readers}
            check(now)
            seconds = "  ".join(f"{engine} {each.run.seconds:6.2f} s" for engine, each in now.items())
            print(f"  {number or 'warm-up':>7}  {seconds}", flush=True)
            if number:
                for engine, each in now.items():
                    rounds[engine].append(each)
    finally:
        for group in readers:
            group.end()
    return rounds


def check(rounds: dict[str, Round]) -> None:
    """Whether all readers of all engines had the same rows, and any at all.

    Raises:
        BenchmarkError: which query differs.
    """
    for name in rounds[PUBLISHED].answers:
        found = {engine: each.answers[name] for engine, each in rounds.items()}
        if len(set().union(*found.values())) > 1:
            raise BenchmarkError(f"answers to '{name}' differ: {found}")
        if found[PUBLISHED] == {digest([])}:
            raise BenchmarkError(f"'{name}' gives no rows")


# --- what came out --------------------------------------------------------------------------------------


def milliseconds(rounds: Sequence[Round]) -> tuple[float, float]:
    """Median and 95th percentile of the time of a query, over all queries, readers and rounds."""
    each = [1000 * second for one in rounds for seconds in one.seconds.values() for second in seconds]
    cuts = quantiles(each, n=100, method="inclusive")
    return cuts[49], cuts[94]


def report(rounds: dict[str, list[Round]], files: Files, suffix: str) -> None:
    """Prints the percentiles, the ratios and the slowest queries, and writes a result beside each peer."""
    percentiles = {engine: milliseconds(each) for engine, each in rounds.items()}
    for engine, (half, most) in percentiles.items():
        print(f"{engine:<20} p50 {half:8.1f} ms   p95 {most:8.1f} ms")
    p95 = percentiles[PUBLISHED][1]
    if not suffix:
        verdict = "met" if p95 <= GOAL_MS else "not met"
        print(f"{'goal':<20} p95 at most {GOAL_MS} ms: {verdict}")
    slowest = sorted(
        ((milliseconds_of(rounds[PUBLISHED], name), name) for name in rounds[PUBLISHED][0].seconds),
        reverse=True,
    )[:5]
    print(f"{'slowest':<20} {', '.join(f'{name} {most:.0f} ms' for most, name in slowest)} (p95)")
    for peer, name in ((PARQUET, f"{NAME}{suffix}"), (SQLITE, f"{NAME}{suffix}_sqlite")):
        pairs = Pairs([each.run for each in rounds[PUBLISHED]], [each.run for each in rounds[peer]])
        details = {
            "figures": files.figures,
            "readers": READERS,
            "queries": len(rounds[PUBLISHED][0].seconds),
            "p50_ms": {engine: round(percentiles[engine][0], 1) for engine in percentiles},
            "p95_ms": {engine: round(percentiles[engine][1], 1) for engine in percentiles},
            "p95_goal_ms": None if suffix else GOAL_MS,
            "p95_ms_of_queries": {
                query: round(milliseconds_of(rounds[PUBLISHED], query), 1)
                for query in rounds[PUBLISHED][0].seconds
            },
            "p95_ratio": round(p95 / percentiles[peer][1], 2),
        }
        result = measure.result(f"{WORK}, {files.figures} figures", peer, pairs, goal=None, details=details)
        measure.save(name, result)
        low, high = result["spread"]
        ratio, of_p95 = result["ratio"], details["p95_ratio"]
        print(f"ratio to {peer:<18} {ratio:6.2f}   ({low:.2f}-{high:.2f}), of p95 {of_p95:.2f}")


def milliseconds_of(rounds: Sequence[Round], query: str) -> float:
    """The 95th percentile of one query."""
    each = [1000 * second for one in rounds for second in one.seconds[query]]
    return quantiles(each, n=100, method="inclusive")[94]


if __name__ == "__main__":
    sys.exit(main())
