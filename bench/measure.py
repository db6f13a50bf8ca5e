"""What benchmarks share: running a command and its peer in turn, and writing down how they compare."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

PROJECT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"
# Rows from which a run takes minutes, and a round to warm up changes nothing but the hour.
LARGE = 100_000_000
PACKAGES = (
    "saldo",
    "dbt-core",
    "dbt-duckdb",
    "duckdb",
    "great-expectations",
    "pandas",
    "scikit-learn",
    "scipy",
)
# Kibibytes on Linux, bytes on macOS.
MAXRSS_PER_MB = 1e6 if sys.platform == "darwin" else 1e6 / 1024


class BenchmarkError(Exception):
    """A benchmark that says nothing: a command failed, or the two results differ."""


@dataclass(frozen=True)
class Run:
    """One run of a command."""

    started: float  # seconds since 1970
    seconds: float
    peak_mb: float  # resident memory of the largest of its processes
    cpu_seconds: float = 0.0  # of all of its processes; other programs disturb it less than `seconds`


@dataclass(frozen=True)
class Pairs:
    """Runs of the work and of its peer, taken in turn."""

    work: list[Run]
    peer: list[Run]

    @property
    def ratios(self) -> list[float]:
        return [work.seconds / peer.seconds for work, peer in zip(self.work, self.peer, strict=True)]


def parser(name: str, work: str, runs: int) -> argparse.ArgumentParser:
    """The arguments of the benchmark `name` of `work`: how often each side runs."""
    arguments = argparse.ArgumentParser(prog=f"python -m bench.{name}", description=work)
    arguments.add_argument(
        "--runs",
        type=_run_count,
        default=runs,
        help="runs of each, after the warm-up (none from 100 million rows on); at least 3",
    )
    return arguments


def _run_count(text: str) -> int:
    if int(text) < 3:
        raise argparse.ArgumentTypeError("fewer than 3 runs show no spread")
    return int(text)


def run(command: Sequence[str], environment: Mapping[str, str]) -> Run:
    """Runs a command in the project's folder.

    Args:
        command: the program and its arguments.
        environment: added to that of this process, from which settings of saldo and dbt are removed, and the
            one by which Python compiles the project's modules anew in each process.

    Raises:
        BenchmarkError: its exit status is not 0; the message holds the end of its output.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SALDO_", "DBT_"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.time()
    with tempfile.TemporaryFile() as output, tempfile.NamedTemporaryFile("r+", encoding="utf-8") as told:
        subprocess.run(
            [sys.executable, "-S", Path(__file__).with_name("child.py"), told.name, *command],
            cwd=PROJECT,
            env=kept | dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        used = json.loads(told.read() or '{"exit_status": "nothing"}')
        if used["exit_status"] != 0:
            output.seek(0)
            end = output.read().decode("utf-8", "replace")[-2000:]
            raise BenchmarkError(f"{' '.join(command)} ended with {used['exit_status']}:\n{end}")
    return Run(started, used["seconds"], used["peak"] / MAXRSS_PER_MB, used["cpu_seconds"])


def in_turn(
    work: Callable[[], Run],
    peer: Callable[[], Run],
    check: Callable[[], None],
    runs: int,
    *,
    warm_up: bool = True,
) -> Pairs:
    """Runs both in turn `runs` times, after once to warm up; `check` compares what they made each time."""
    pairs = Pairs([], [])
    for number in range(0 if warm_up else 1, runs + 1):
        of_work, of_peer = work(), peer()
        check()
        seconds = f"work {of_work.seconds:6.2f} s  peer {of_peer.seconds:6.2f} s"
        print(f"  {number or 'warm-up':>7}  {seconds}", flush=True)
        if number:
            pairs.work.append(of_work)
            pairs.peer.append(of_peer)
    return pairs


def result(
    work: str, peer: str, pairs: Pairs, *, goal: float | None, details: Mapping[str, Any]
) -> dict[str, Any]:
    """What is written down of a benchmark.

    Args:
        work: what was measured, in words.
        peer: what it was measured against.
        pairs: the runs.
        goal: the ratio is to be at most this; None where it is only reported.
        details: what else explains the figures.

    Returns:
        work, peer, goal; ratio: the median of the ratios, work by peer, of each pair of runs; spread: the
        smallest and the largest of them; peak_mb of work and peer; details, with seconds of each run, also of
        the processor, day and machine.
    """
    both = {"work": pairs.work, "peer": pairs.peer}
    return {
        "work": work,
        "peer": peer,
        "ratio": round(median(pairs.ratios), 2),
        "goal": goal,
        "spread": [round(min(pairs.ratios), 2), round(max(pairs.ratios), 2)],
        "peak_mb": {name: round(max(run.peak_mb for run in runs)) for name, runs in both.items()},
        "details": {
            **details,
            "seconds": {name: [round(run.seconds, 2) for run in runs] for name, runs in both.items()},
            "cpu_seconds": {name: [round(run.cpu_seconds, 2) for run in runs] for name, runs in both.items()},
            "measured_on": datetime.now().astimezone().date().isoformat(),
            "machine": machine(),
        },
    }


def machine() -> dict[str, Any]:
    """Cores, memory, system and versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def save(name: str, content: Mapping[str, Any]) -> Path:
    """Writes a result to `results/<name>.json` and returns the file."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{name}.json"
    file.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return file
