"""kill -9 at random instants of a refresh, and what is found afterwards."""
# ruff: noqa: S311, S607  (the instants are no secret; mount, cp and ps are where the system has them)

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import stand_in
from tests.faults.scene import PROJECT, BreachError, Content, Scene, bring_later, differences, land_large, say

SECONDS_OF_A_RUN = 600
CHAIN = 5  # kills of whole commands between two that run to their end


@dataclass(frozen=True)
class Template:
    """A scene to be copied: published before, with new files waiting at the publisher and in the inbox.

    Attributes:
        before, after: the content before, and that of an undisturbed refresh from the same inputs.
        status: with which the undisturbed one ended.
        phases: of the undisturbed one, with their seconds.
    """

    scene: Scene
    before: Content
    after: Content
    status: int
    phases: dict[str, float]

    @property
    def seconds(self) -> float:
        return sum(self.phases.values())

    def check_after_kill(self, scene: Scene) -> bool:
        """Whole, and the content before or after, nothing in between; returns whether it is that after."""
        scene.check_whole()
        found = scene.content()
        if found not in (self.before, self.after):
            differing = differences(found, self.after)
            raise BreachError(f"neither the content before nor that after: {', '.join(differing)}")
        return found == self.after


@dataclass
class Count:
    """What came out of one kind of kill."""

    kind: str
    kills: int = 0
    by_phase: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)


# --- with the stand-in for dbt --------------------------------------------------------------------------


def prepare(folder: Path, base: str, *, large: int = 0) -> Template:
    """A template with the article's project and one release, or also with a made-up one of so many rows."""
    scene = Scene(folder / ("large" if large else "small"))
    scene.folder.mkdir()
    if large:
        stand_in.in_child(lambda: land_large(scene, large))
    stand_in.start(scene, f"{base}/before").wait()
    before = stand_in.in_child(scene.content)
    bring_later(scene)
    undisturbed = scene.copy(scene.folder.with_name(f"{scene.folder.name} undisturbed"))
    child = stand_in.start(undisturbed, f"{base}/after")
    status = child.wait()
    ended = time.monotonic()
    after = stand_in.in_child(undisturbed.content)
    stand_in.in_child(lambda: undisturbed.check_settled(after))
    begun = [moment for _, moment in child.passed]
    lasted = [later - earlier for earlier, later in zip(begun, [*begun[1:], ended], strict=True)]
    phases = dict(zip((phase for phase, _ in child.passed), lasted, strict=True))
    if before == after or "keep work" not in phases:
        raise BreachError(f"an undisturbed refresh ended with {status} and published nothing new")
    return Template(scene, before, after, status, phases)


def kill_stand_ins(template: Template, base: str, number: int, seed: int, workers: int) -> Count:
    """So many kills, shared out among processes."""
    kind = f"refresh, stand-in for dbt, {template.scene.folder.name} landing"
    return _share_out(
        Count(kind),
        number,
        workers,
        lambda share, worker: _kill_some(template, base, share, random.Random(f"{seed} {worker}"), worker),
    )


def _share_out(count: Count, number: int, workers: int, kill: Callable[[int, int], Iterator[str]]) -> Count:
    """Has processes kill at the same time, each its share, and counts what they tell.

    Args:
        count: to be filled.
        number: of kills, of all of them.
        workers: how many processes.
        kill: of a share and the number of the process, yields `kill<tab>phase` for each kill and
            `breach<tab>text` for what was wrong after it.
    """
    workers = min(workers, number)
    shares = [number // workers + (worker < number % workers) for worker in range(workers)]
    pipes = []
    for worker, share in enumerate(shares):
        reading, writing = os.pipe()
        if not os.fork():
            status = 1
            try:
                os.close(reading)
                with os.fdopen(writing, "w") as told:
                    for line in kill(share, worker):
                        told.write(f"{line}\n")
                        told.flush()
                status = 0
            finally:
                os._exit(status)
        os.close(writing)
        pipes.append(reading)
    for reading in pipes:
        with os.fdopen(reading) as told:
            for line in told:
                what, text = line.rstrip("\n").split("\t", 1)
                if what == "kill":
                    count.kills += 1
                    count.by_phase[text] += 1
                    if count.kills % 20 == 0:
                        say(f"  {count.kills} of {number} kills")
                else:
                    count.breaches.append(text)
                    say(f"  breach: {text}")
    for _ in pipes:
        if os.waitstatus_to_exitcode(os.wait()[1]):
            count.breaches.append("the injector itself failed")
    return count


def _kill_some(
    template: Template, base: str, number: int, chance: random.Random, worker: int
) -> Iterator[str]:
    """Kills, looks, and has the run after it go to its end; yields what `_share_out` counts."""
    place = template.scene.folder.with_name(f"{template.scene.folder.name} {worker}")
    done, turn = 0, worker
    names = list(template.phases)
    while done < number:
        scene = template.scene.copy(place)
        story: list[str] = []
        try:
            # Now and then what recovers from a kill is killed, too.
            for _ in range(min(chance.choice((1, 1, 1, 2, 3)), number - done)):
                turn += 1
                if turn % 3 == 0:
                    child = stand_in.start(scene, f"{base}/after")
                    time.sleep(chance.uniform(0, template.seconds))
                else:
                    # It stops where the phase begins, so that the shortest phases are hit, too.
                    phase = chance.choice(names)
                    child = stand_in.start(scene, f"{base}/after", at={phase: stand_in.stop_here})
                    if child.reach():
                        child.go_on()
                        _sleep_exactly(chance.uniform(0, template.phases[phase]))
                if child.kill():
                    done += 1
                    story.append(child.phase)
                    yield f"kill\t{child.phase}"
                stand_in.in_child(lambda scene=scene: template.check_after_kill(scene))
            status = stand_in.start(scene, f"{base}/after").wait()
            if status != template.status:
                raise BreachError(f"the next run ended with {status}")
            stand_in.in_child(lambda scene=scene: scene.check_settled(template.after))
        except BreachError as breach:
            yield f"breach\tkilled in {', '.join(story)}: {breach}"
            if not story:  # it would go wrong for ever
                return


def _sleep_exactly(seconds: float) -> None:
    until = time.perf_counter() + seconds
    time.sleep(max(seconds - 0.01, 0))
    while time.perf_counter() < until:
        pass


# --- the whole command, with dbt ------------------------------------------------------------------------


def refresh(scene: Scene, address: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "saldo", "refresh", "--json"],
        cwd=PROJECT,
        env=scene.environment(address),
        stdout=subprocess.DEVNULL,
        stderr=(scene.folder / "said.txt").open("ab"),
        start_new_session=True,
    )


def prepare_real(folder: Path, base: str, *, large: int = 0, from_: Template | None = None) -> Template:
    """As `prepare`, by the whole command; `from_`: a template that has no made-up release yet."""
    name = "real large" if large else "real small"
    if from_:
        scene = from_.scene.copy(folder / name)
    else:
        scene = Scene(folder / name)
        scene.folder.mkdir()
    if large:
        stand_in.in_child(lambda: land_large(scene, large))
    refresh(scene, f"{base}/before").wait(SECONDS_OF_A_RUN)
    before = stand_in.in_child(scene.content)
    bring_later(scene)
    undisturbed = scene.copy(scene.folder.with_name(f"{name} undisturbed"))
    begun = time.time()
    process = refresh(undisturbed, f"{base}/after")
    _wait_for(undisturbed.warehouse.private_version, process, begun)
    audited = time.time()
    _wait_for(undisturbed.warehouse.published, process, begun)
    published = time.time()
    status = process.wait(SECONDS_OF_A_RUN)
    phases = {
        "before": audited - begun,
        "exports": published - audited,
        "publication": time.time() - published,
    }
    after = stand_in.in_child(undisturbed.content)
    stand_in.in_child(lambda: undisturbed.check_settled(after))
    parts = ", ".join(f"{phase} {seconds:.1f} s" for phase, seconds in phases.items())
    say(f"  {name}: an undisturbed refresh ends with {status} ({parts})")
    if before == after:
        raise BreachError(f"an undisturbed refresh ended with {status} and published nothing new")
    return Template(scene, before, after, status, phases)


def kill_real(template: Template, base: str, number: int, seed: int, workers: int) -> Count:
    """So many kills of the command with its dbt child, shared out among processes."""
    return _share_out(
        Count(f"whole command with dbt, {template.scene.folder.name.removeprefix('real ')} landing"),
        number,
        workers,
        lambda share, worker: _kill_in_chains(
            template, base, share, random.Random(f"{seed} real {worker}"), worker
        ),
    )


def _kill_in_chains(
    template: Template, base: str, number: int, chance: random.Random, worker: int
) -> Iterator[str]:
    """As `_kill_some`: each run goes on from what the killed one before it has left.

    A run to its end, with a look at the content, comes when something has been published, after CHAIN kills
    and at the end.
    """
    place = template.scene.folder.with_name(f"{template.scene.folder.name} {worker}")
    scene, seconds, done = Scene(place), template.seconds, 0
    story: list[str] = []
    for turn in range(3 * number):
        try:
            if not story:
                template.scene.copy(place)
            begun = time.time()
            process = refresh(scene, f"{base}/after")
            # The end is short: each third kill waits for it, so that it is hit as well.
            if turn % 6 == 1:
                _wait_for(scene.warehouse.private_version, process, begun)
                _wait(process, chance.uniform(0, template.phases["exports"]))
            elif turn % 6 == 4:
                _wait_for(scene.warehouse.published, process, begun)
                _wait(process, chance.uniform(0, template.phases["publication"]))
            else:
                _wait(process, chance.uniform(0, seconds))
            is_alone = chance.random() < 0.1
            is_killed = _kill(process, alone=is_alone)
            if is_killed:
                done += 1
                story.append(_where(scene, process.pid, begun) + (" (alone)" if is_alone else ""))
                yield f"kill\t{story[-1]}"
            is_after = bool(stand_in.in_child(lambda: template.check_after_kill(scene)))
            if not is_killed and process.returncode != template.status:
                raise BreachError(f"the next run ended with {process.returncode}: {_said(scene)}")
            if not is_after and len(story) < CHAIN and done < number:
                continue
            started = time.monotonic()
            status = refresh(scene, f"{base}/after").wait(SECONDS_OF_A_RUN)
            if status != template.status:
                raise BreachError(f"the next run ended with {status}: {_said(scene)}")
            stand_in.in_child(lambda: scene.check_settled(template.after))
            if not is_after:  # under the load of now
                seconds = time.monotonic() - started
            say(f"  killed in {', '.join(story) or 'nothing'}: whole; the next run ended well")
        except BreachError as breach:
            yield f"breach\tkilled in {', '.join(story)}: {breach}"
        if done == number:
            return
        story = []
    yield f"breach\tonly {done} of {number} were killed: the others had ended"


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def _wait_for(path: Path, process: subprocess.Popen[bytes], begun: float) -> None:
    """Until the process, which has begun then, has made this, or has ended."""
    while process.poll() is None and not _is_since(path, begun):
        time.sleep(0.002)


def _kill(process: subprocess.Popen[bytes], *, alone: bool) -> bool:
    """Kills the command, and unless `alone` its children, too; returns whether it was still running."""
    for pid in [process.pid] if alone else [process.pid, *_children(process.pid)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def _where(scene: Scene, process: int, begun: float) -> str:
    """In what a run was killed, by what it has left since `begun`: others may have left things before.

    Publication is all from the rename of the file until the work is kept; dbt is all from an empty private
    folder until the file is sealed.
    """
    warehouse = scene.warehouse
    if _is_since(warehouse.published, begun):
        return "publication" if _is_since(warehouse.private, begun) else "record"
    if all(record.get("process") != process for record in scene.landing.read_runs()):
        return "start"
    if not _is_since(warehouse.private, begun):
        return "fetch and ingest"
    return "exports" if _is_since(warehouse.private_version, begun) else "dbt"


def _is_since(path: Path, begun: float) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_mtime >= begun
    return False


def _said(scene: Scene) -> str:
    return (scene.folder / "said.txt").read_text("utf-8")[-500:]


def _children(pid: int) -> list[int]:
    table = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    pairs = [tuple(map(int, line.split())) for line in table.splitlines()]
    return [child for child, parent in pairs if parent == pid]
