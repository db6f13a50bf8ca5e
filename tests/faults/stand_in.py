"""A `saldo refresh` that takes a second: all of it is the real code, but for dbt.

In dbt's place, a few statements fill a work database and a published one from landing, increment by increment
like the models: a release that the kept work database already has is not read again. A work database that
does not belong to the published file would therefore leave figures out, and the content would show it.

    python -m tests.faults.stand_in     with the settings of the environment, as `python -m saldo refresh`
"""

import contextlib
import importlib
import io
import os
import pickle
import pkgutil
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

import saldo
from saldo import cli, dbt_run, fetch, kept_work, publish, refresh, runs, versions
from saldo import download as _download  # noqa: F401  (imported once, so that no child need do it)
from saldo import failures as _failures  # noqa: F401
from saldo import summary as _summary  # noqa: F401
from saldo.dbt_run import DbtRun, NodeResult
from saldo.intake import ingest as _ingest  # noqa: F401
from saldo.intake import report as _report  # noqa: F401
from saldo.landing import landing_folder
from saldo.progress import Progress
from saldo.warehouse import Warehouse
from tests.faults.scene import PROJECT, Scene

# The steps of a refresh that tell when they begin, in their order: what is called, and where.
PHASES: dict[str, tuple[Any, str]] = {
    "start": (runs, "begin"),
    "fetch": (fetch, "fetch"),
    "ingest": (refresh, "_ingest_inbox"),
    "settle": (versions, "settle"),
    "models": (dbt_run, "run"),
    "take up kept work": (kept_work, "take_up"),
    "seal": (publish, "seal"),
    "exports": (publish, "make_version"),
    "publish": (versions, "publish"),
    "prune": (versions, "prune"),
    "keep work": (kept_work, "keep"),
    "record": (runs, "end"),
}
BASICS = """
    create table if not exists core.fct_control_total as select
        'table_3' as table_name, 'grand_total' as control_kind, 4 as parts_count,
        cast(-12 as decimal(24, 6)) as published_value, cast(-12 as decimal(24, 6)) as summed_value;
    create table if not exists analysis.correlation as select
        'income' as indicator_code, 'pearson' as method, 'pairwise' as missing_rule,
        'regions_20' as territory_set, 'persons' as measure, 20 as n, cast(-0.5 as double) as r;
    create table if not exists analysis.claim_check as select
        'pearson_r' as metric, 'income' as subject, '-0.50' as printed_value;
    create table if not exists audit.identity_check as select
        'sexes' as identity_id, 'r' as release_id, 'holds' as outcome;
    create table if not exists audit.expectation_result as select true as success;
    create table if not exists core.fct_revision (
        release_id varchar, indicator_code varchar, period_start date, figures bigint, total decimal(38, 6));
"""
RELEASE = (
    "release_id varchar, publisher varchar, title varchar, published_on date, sha256 varchar,"
    " known_from timestamp"
)


def stand_in_for_dbt(
    project: Path,
    warehouse: Warehouse,
    version_id: str,
    descriptor: int,
    progress: Progress,
    prepare: Callable[[], object],
    *_: object,
) -> DbtRun:
    prepare()
    try:
        _models(project, warehouse, version_id)
    except duckdb.Error as error:
        return DbtRun(
            1, [NodeResult("model", "stand_in", "error", str(error))], [], warehouse.dbt / "dbt.log"
        )
    return DbtRun(0, [NodeResult("model", "stand_in", "success", "")], [], warehouse.dbt / "dbt.log")


def _models(project: Path, warehouse: Warehouse, version_id: str) -> None:
    landing = landing_folder(project)
    manifests = [each for each in landing.manifests() if each["status"] == "landed"]
    with duckdb.connect(str(warehouse.private_work)) as work:
        work.execute(
            "create table if not exists cell (release_id varchar, indicator_code varchar,"
            " period_start date, value decimal(38, 6))"
        )
        work.execute("create table if not exists seen (release_id varchar)")
        seen = {name for (name,) in work.execute("select release_id from seen").fetchall()}
        new = [each["release_id"] for each in manifests if each["release_id"] not in seen]
        for name in new:
            rows = landing.rows / f"{name}.parquet"
            work.execute(
                "insert into cell select $1, indicator_code, period_start, value"
                f" from read_parquet('{rows}')",
                [name],
            )
            work.execute("insert into seen values ($1)", [name])
    with duckdb.connect(str(warehouse.private_database)) as connection:
        for schema in ("core", "analysis", "audit"):
            connection.execute(f"create schema if not exists {schema}")
        connection.execute(BASICS)
        connection.execute(f"attach '{warehouse.private_work}' as work (read_only)")
        for name in new:
            connection.execute(
                "insert into core.fct_revision select release_id, indicator_code, period_start, count(*),"
                " sum(value) from work.cell where release_id = $1 group by all",
                [name],
            )
        connection.execute(f"create or replace table core.dim_release ({RELEASE})")
        connection.execute(
            "create or replace table audit.release_log (release_id varchar, status varchar,"
            " rows_new bigint, rows_revised bigint, recorded_at timestamptz)"
        )
        for each in manifests:
            names = ("release_id", "publisher", "title", "published_on", "sha256", "published_on")
            connection.execute(
                "insert into core.dim_release values ($1, $2, $3, $4, $5, $6)", [each[name] for name in names]
            )
            connection.execute(
                "insert into audit.release_log values ($1, 'landed', $2, 0, $3)",
                [each["release_id"], each["row_count"], each["recorded_at"]],
            )
        # The sum over all, written apart from the parts: a mixed file would show here, too.
        connection.execute(
            "create or replace table core.about as select $1 as version_id, 1 as schema_version,"
            " now() as built_at, sum(figures) as figures, sum(total) as total from core.fct_revision",
            [version_id],
        )


def put_in_place_by_copy(file: Path, published: Path, link: Path) -> None:
    """A fault of the program to be found: the published file is written in place."""
    published.unlink(missing_ok=True)
    with published.open("wb") as target:
        content = file.read_bytes()
        for start in range(0, len(content), 4096):
            target.write(content[start : start + 4096])
            target.flush()
            os.fsync(target.fileno())


def take_up_whatever_is_there(warehouse: Warehouse, state: Mapping[str, Any], project_inputs: str) -> bool:
    """A fault of the program to be found: a work database of another version is taken."""
    if not warehouse.kept_work.is_file():
        return False
    for source, copy in (
        (warehouse.published, warehouse.private_database),
        (warehouse.kept_work, warehouse.private_work),
    ):
        copy.write_bytes(source.read_bytes())
    return True


BROKEN: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "swap": (versions, "put_in_place", put_in_place_by_copy),
    "kept-work": (kept_work, "take_up", take_up_whatever_is_there),
}


def no_report(project: Path, outcome: object) -> dict[str, str]:
    """The small file of the stand-in has nothing that a page would show."""
    return {"status": "up_to_date"}


def install(broken: str | None = None) -> None:
    """Puts the stand-in in dbt's place in this process; `broken` names a fault of the program."""
    dbt_run.run = stand_in_for_dbt
    refresh._report = no_report
    if broken:
        module, name, function = BROKEN[broken]
        setattr(module, name, function)


@dataclass
class Child:
    """A refresh in a process, and process group, of its own; it tells when each phase begins."""

    pid: int
    marks: int
    phase: str = "start"
    _rest: bytes = b""
    passed: list[tuple[str, float]] = field(default_factory=list)

    def follow(self, until: str | None = None) -> bool:
        """Reads marks until a phase begins, or the end; returns whether it began."""
        while True:
            while b"\n" in self._rest:
                line, self._rest = self._rest.split(b"\n", 1)
                self.phase, moment = line.decode().split("\t")
                self.passed.append((self.phase, float(moment)))
                if self.phase == until:
                    return True
            read = os.read(self.marks, 4096)
            if not read:
                return False
            self._rest += read

    def reach(self) -> bool:
        """Waits until it stops itself (`stop_here`), and leaves it so; returns False if it never did."""
        # WNOWAIT leaves an exit status to `wait`.
        told = os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        return told is not None and told.si_code == os.CLD_STOPPED

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> bool:
        """Kills its process group; returns whether it was still running."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        status = self.wait()
        return status == -signal.SIGKILL

    def wait(self) -> int:
        self.follow()  # to its end: the child holds the other end of the pipe
        os.close(self.marks)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def start(
    scene: Scene,
    base: str,
    *,
    at: Mapping[str, Callable[[], object]] | None = None,
    clock: timedelta = timedelta(),
) -> Child:
    """Forks a refresh.

    Args:
        scene: its folders.
        base: address of the publisher.
        at: what is done in the child when a phase begins.
        clock: how far its clock is ahead.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        with contextlib.suppress(PermissionError):
            os.setpgid(pid, pid)
        return Child(pid, reading)
    status = 1
    try:
        with contextlib.suppress(PermissionError):
            os.setpgid(0, 0)
        os.close(reading)
        os.environ.clear()
        os.environ.update(scene.environment(base))
        _watch(lambda phase: os.write(writing, f"{phase}\t{time.monotonic()}\n".encode()), at or {})
        if clock:
            _set_clock(clock)
        status = main()
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def main() -> int:
    """Runs the command itself, its words kept from the screen unless it crashes."""
    said, told = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(told):
        status = cli.main(["refresh", "--project-dir", str(PROJECT)])
    if os.environ.get("FAULTS_VERBOSE") or status == 70:
        for text in (said, told):
            text.seek(0)
            print(text.read(), file=sys.stderr, flush=True)
    return status


def _watch(tell: Callable[[str], object], at: Mapping[str, Callable[[], object]]) -> None:
    originals = {phase: getattr(module, name) for phase, (module, name) in PHASES.items()}
    for phase, (module, name) in PHASES.items():

        def watched(
            *arguments: Any,
            phase: str = phase,
            **options: Any,
        ) -> Any:
            tell(phase)
            if phase in at:
                at[phase]()
            return originals[phase](*arguments, **options)

        setattr(module, name, watched)


class _Kind(type):
    """What the true classes have made counts as of the shifted ones, too."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.__mro__[1])


def _set_clock(ahead: timedelta) -> None:
    """Shifts the clock of every module of saldo that can ask for the time; files keep the machine's."""

    class Moment(datetime, metaclass=_Kind):
        @classmethod
        def now(cls, tz: Any = None) -> "Moment":
            return super().now(tz) + ahead  # type: ignore[return-value]

    class Day(date, metaclass=_Kind):
        @classmethod
        def today(cls) -> "Day":
            return super().today() + ahead  # type: ignore[return-value]

    for each in pkgutil.walk_packages(saldo.__path__, "saldo."):
        if each.name != "saldo.__main__":  # which runs the command
            module = vars(importlib.import_module(each.name))
            module |= {
                name: shifted
                for name, true, shifted in (("datetime", datetime, Moment), ("date", date, Day))
                if module.get(name) is true
            }


def stop_here() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def in_child(function: Callable[[], Any]) -> Any:
    """What a function returns, run in a child: this process opens no database, so that it may fork."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        try:
            result = (True, function())
        except Exception as error:
            result = (False, error)
        with os.fdopen(writing, "wb") as file:
            pickle.dump(result, file)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        succeeded, result = pickle.load(file)  # noqa: S301
    os.waitpid(pid, 0)
    if not succeeded:
        raise result
    return result


if __name__ == "__main__":
    install()
    sys.exit(main())
