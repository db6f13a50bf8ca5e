"""Injects faults into refreshes and says what came of it: `make faults`, or a part of it:

python -m tests.faults [--short] [--kills N] [--real N] [--publications N] [--seed N] [--only PART]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tests.faults import conditions, kills, readers, stand_in
from tests.faults.scene import Scene, publisher, say

PARTS = ("conditions", "readers", "kills", "real")
# Kills with the stand-in for dbt, kills of the whole command, publications, whole refreshes beside readers.
LONG, SHORT = (320, 100, 50, 50), (12, 3, 3, 0)
ROWS = {"long": 200_000, "short": 20_000}


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a table; the exit status is 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="as `make test` runs it, in a few minutes")
    parser.add_argument(
        "--kills", type=int, help=f"with a stand-in for dbt; {LONG[0]}, or {SHORT[0]} if short"
    )
    parser.add_argument("--real", type=int, help=f"of the whole command; {LONG[1]}, or {SHORT[1]}")
    parser.add_argument("--publications", type=int, help=f"beside readers; {LONG[2]}, or {SHORT[2]}")
    parser.add_argument("--refreshes", type=int, help=f"whole ones beside readers; {LONG[3]}, or {SHORT[3]}")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the instants")
    parser.add_argument("--only", choices=(*PARTS, *conditions.BY_NAME), help="one part, or condition")
    parser.add_argument("--broken", choices=stand_in.BROKEN, help="a fault put into saldo, to see it found")
    options = parser.parse_args(arguments)
    names = ("kills", "real", "publications", "refreshes")
    for name, number in zip(names, SHORT if options.short else LONG, strict=True):
        if getattr(options, name) is None:
            setattr(options, name, number)
    parts = [options.only] if options.only else PARTS
    started = time.monotonic()
    stand_in.install(options.broken)
    with tempfile.TemporaryDirectory(prefix="saldo-faults-") as folder, publisher() as base:
        lines, breaches = _run(Path(folder), base, parts, options)
    print("\n".join(lines))
    print(f"seed {options.seed}, {time.monotonic() - started:.0f} s: {breaches or 'nothing'} wrong")
    return 1 if breaches else 0


def _run(folder: Path, base: str, parts: Sequence[str], options: argparse.Namespace) -> tuple[list[str], int]:
    lines: list[str] = []
    breaches = 0
    rows = ROWS["short" if options.short else "long"]
    workers = min(2, os.cpu_count() or 1)

    def report(what: str, how: str, wrong: Sequence[str] = ()) -> None:
        nonlocal breaches
        breaches += len(wrong)
        lines.extend([f"{what:<58} {how}", *(f"    WRONG {each}" for each in wrong)])
        say(f"{what}: {how}{'; WRONG' if wrong else ''}")

    if parts != ["real"]:
        small = kills.prepare(folder, base)
    some: Iterable[conditions.Result] = ()
    if "conditions" in parts:
        some = conditions.run_all(small, base, short=options.short)
    elif parts[0] in conditions.BY_NAME:
        some = conditions.run_one(parts[0], small, base)
    for what, result in some:
        is_wrong = result != "ok" and not result.startswith("skipped")
        report(what, "not ok" if is_wrong else result, [result] if is_wrong else [])
    if "readers" in parts:
        scene = small.scene.copy(folder / "readers")
        answers = _read_beside(
            scene, stand_in.start, f"{base}/after", options.publications, small.status, 0.05
        )
        report("readers beside refreshes, stand-in for dbt", _told(answers), answers.breaches)
    if "kills" in parts:
        large = kills.prepare(folder, base, large=rows)
        for template, number in ((small, options.kills // 2), (large, options.kills - options.kills // 2)):
            count = kills.kill_stand_ins(template, base, number, options.seed, workers)
            report(*_counted(count))
    if "real" in parts and (options.real or options.refreshes):
        real = kills.prepare_real(folder, base)
        if options.refreshes:
            scene = real.scene.copy(folder / "real readers")
            answers = _read_beside(scene, kills.refresh, f"{base}/after", options.refreshes, real.status, 0.5)
            report("readers beside whole refreshes with dbt", _told(answers), answers.breaches)
        of_large = 0 if options.short else options.real // 3
        # The short form runs among other tests, which need the other processors.
        workers = 1 if options.short else workers
        if options.real:
            report(*_counted(kills.kill_real(real, base, options.real - of_large, options.seed, workers)))
        if of_large:
            real = kills.prepare_real(folder, base, large=rows, from_=real)
            report(*_counted(kills.kill_real(real, base, of_large, options.seed + 1, workers)))
    return lines, breaches


def _read_beside(
    scene: Scene,
    start: Callable[[Scene, str], stand_in.Child | subprocess.Popen[bytes]],
    address: str,
    publications: int,
    status: int,
    pause: float,
) -> readers.Answers:
    """What readers see while refreshes that `start` begins publish a small release each."""

    def publish(number: int) -> int:
        readers.land_another(scene, number)
        return start(scene, address).wait()

    return readers.read_during(scene, publish, publications, status, pause)


def _told(answers: readers.Answers) -> str:
    return (
        f"{answers.publications} publications, {readers.READERS} readers, {answers.answers} answers of"
        f" {answers.versions} versions; {answers.long_lived} reads of one open connection"
    )


def _counted(count: kills.Count) -> tuple[str, str, list[str]]:
    phases = ", ".join(f"{phase} {number}" for phase, number in count.by_phase.most_common())
    return count.kind, f"{count.kills} kills ({phases})", count.breaches


if __name__ == "__main__":
    sys.exit(main())
