"""dbt of this project on made-up releases, in private files: what benchmarks of the models share."""

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from bench import generate, measure
from bench.generate import Release
from bench.measure import PROJECT, BenchmarkError, Pairs, Run
from saldo.dbt_run import storage_settings
from saldo.landing import Landing

DBT = Path(sys.executable).with_name("dbt")
# Of each of the two later releases: revised, new and repeated rows.
SHARE = 0.01
IN_ALL = 1 + 2 * 3 * SHARE
# All models but those that check: the tables of the audit and the identities.
ALONE = ("--exclude", "path:models/audit+", "int_identity_*")
# What leads to the public tables that grow with the figures. No mart reads the identities, they check.
MARTS = (
    "--select", "+fct_revision", "+fct_observation", "+fct_control_total", "+figure_revision",
    "+revision_summary", "--exclude", "int_identity_*",
)  # fmt: skip


def land(folder: Path, rows: int) -> tuple[Landing, int]:
    """A landing of three made-up releases, a large one and two that revise, repeat and add some rows.

    Args:
        folder: of the landing, which is made.
        rows: of all releases; 0 for a landing without any.

    Returns:
        The landing, and how many rows there are.
    """
    landing = generate.new_landing(folder)
    releases: Sequence[Release] = ()
    if rows:
        releases = generate.editions(round(rows / IN_ALL), later=2, share=SHARE, repeated=SHARE)
    for release in releases:
        generate.land(landing, release)
    return landing, sum(release.row_count for release in releases)


class Models:
    """The databases of one landing, which each run makes anew from the seeds.

    Attributes:
        database: the file that would be published.
        work: the file of what users do not see.
    """

    def __init__(self, folder: Path, landing: Path, memory_limit: str = "") -> None:
        """Loads the seeds.

        Args:
            folder: for the databases and for what dbt writes; is made.
            landing: what dbt reads.
            memory_limit: of DuckDB, such as 4GB; without it what the profile says.

        Raises:
            BenchmarkError: dbt fails.
        """
        self.folder, self.landing = folder, landing
        self._storage = storage_settings(Landing(landing).row_count())
        self.database, self.work = folder / "saldo.duckdb", folder / "work.duckdb"
        self._profiles = folder / "profiles"
        self._profiles.mkdir(parents=True)
        profile = yaml.safe_load((PROJECT / "profiles.yml").read_text(encoding="utf-8"))
        if memory_limit:
            profile["saldo"]["outputs"]["duckdb"].setdefault("settings", {})["memory_limit"] = memory_limit
        (self._profiles / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
        self.dbt("seed")
        for file in self._files():
            shutil.move(file, folder / f"seeded_{file.name}")

    def put_back(self) -> None:
        """Leaves the databases as they were after the seeds."""
        for file in self._files():
            file.unlink()
        for seeded in self.folder.glob("seeded_*"):
            shutil.copyfile(seeded, self.folder / seeded.name.removeprefix("seeded_"))
        os.sync()  # what is still to be written of the copies is not timed

    def dbt(self, *arguments: str) -> Run:
        """Runs dbt on the databases as they are.

        Raises:
            BenchmarkError: it fails.
        """
        places = ["--profiles-dir", str(self._profiles), "--project-dir", "."]
        places += ["--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs")]
        command = [str(DBT), "--quiet", "--no-version-check", *arguments, *places]
        environment = {
            "SALDO_DB": str(self.database),
            "SALDO_WORK": str(self.work),
            "SALDO_LANDING": str(self.landing),
            **self._storage,
            "GX_ANALYTICS_ENABLED": "false",
        }
        return measure.run(command, environment)

    def _files(self) -> list[Path]:
        return [*self.folder.glob("saldo.duckdb*"), *self.folder.glob("work.duckdb*")]


@dataclass(frozen=True)
class Rounds:
    """What was run round by round, without the one to warm up.

    Attributes:
        fixed: the work on an empty landing.
        whole: the work as it is.
        pairs: the work less the fixed part of its round, and the peer.
    """

    fixed: list[Run]
    whole: list[Run]
    pairs: Pairs

    def details(self) -> dict[str, Any]:
        """What a result says of the fixed part beside the ratio."""
        ratios = [run.seconds / peer.seconds for run, peer in zip(self.whole, self.pairs.peer, strict=True)]
        return {
            "seconds_on_an_empty_landing": [round(run.seconds, 2) for run in self.fixed],
            "seconds_in_all": [round(run.seconds, 2) for run in self.whole],
            "ratios_in_all": [round(ratio, 3) for ratio in ratios],
            "cpu_ratios": [
                round(run.cpu_seconds / max(peer.cpu_seconds, 0.01), 3)
                for run, peer in zip(self.pairs.work, self.pairs.peer, strict=True)
            ],
        }


def less(whole: Run, fixed: Run, *, is_counted: bool = True) -> Run:
    """The work without its fixed part.

    Raises:
        BenchmarkError: it counts, and takes no longer than its fixed part.
    """
    seconds = whole.seconds - fixed.seconds
    if is_counted and seconds <= 0:
        raise BenchmarkError("the work takes no longer than on an empty landing: measure more rows")
    return replace(whole, seconds=max(seconds, 0.0), cpu_seconds=whole.cpu_seconds - fixed.cpu_seconds)


def rounds(
    fixed: Callable[[], Run],
    work: Callable[[], Run],
    peer: Callable[[], Run],
    check: Callable[[], None],
    runs: int,
    *,
    warm_up: bool = True,
) -> Rounds:
    """The fixed part, the work and its peer in turn, after a round to warm up; `check` compares each time.

    Raises:
        BenchmarkError: one fails, the two differ, or the work takes no longer than its fixed part.
    """
    of_fixed: list[Run] = []
    whole: list[Run] = []

    def less_fixed() -> Run:
        of_fixed.append(fixed())
        whole.append(work())
        return less(whole[-1], of_fixed[-1], is_counted=len(whole) > 1 or not warm_up)

    pairs = measure.in_turn(less_fixed, peer, check, runs, warm_up=warm_up)
    return Rounds(of_fixed[-runs:], whole[-runs:], pairs)
