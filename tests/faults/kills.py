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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults import stand_in
from tests.faults.scene import PROJECT, BreachError, Content, Scene, bring_later, differences, land_large, say

SECONDS_OF_A_RUN = 600


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

    def check_after_kill(self, scene: Scene) -> None:
        """Whole, and the content before or after: nothing in between."""
        scene.check_whole()
        found = scene.content()
        if found not in (self.before, self.after):
            differing = differences(found, self.after)
            raise BreachError(f"neither the content before nor that after: {', '.join(differing)}")


@dataclass
class Count:
    """What came out of one kind of kill."""

    kind: str
    kills: int
    by_phase: Counter[str]
    breaches: list[str]


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
    shares = [number // workers + (worker < number % workers) for worker in range(workers)]
    count = Count(f"refresh, stand-in for dbt, {template.scene.folder.name} landing", 0, Counter(), [])
    pipes = []
    for worker, share in enumerate(shares):
        reading, writing = os.pipe()
        if not os.fork():
            status = 1
            try:
                os.close(reading)
                with os.fdopen(writing, "w") as told:
                    for line in _kill_some(template, base, share, random.Random(f"{seed} {worker}"), worker):
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
    """Yields `kill<tab>phase` for each kill, `breach<tab>text` for what was wrong after it."""
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
    started = time.monotonic()
    status = refresh(undisturbed, f"{base}/after").wait(SECONDS_OF_A_RUN)
    seconds = time.monotonic() - started
    after = stand_in.in_child(undisturbed.content)
    stand_in.in_child(lambda: undisturbed.check_settled(after))
    say(f"  {name}: an undisturbed refresh takes {seconds:.0f} s and ends with {status}")
    if before == after:
        raise BreachError(f"an undisturbed refresh ended with {status} and published nothing new")
    return Template(scene, before, after, status, {"whole": seconds})


def kill_real(template: Template, base: str, number: int, seed: int) -> Count:
    """Kills of the command with its dbt child, once of the command alone; half of them in its last sixth."""
    chance = random.Random(f"{seed} real")
    count = Count(
        f"whole command with dbt, {template.scene.folder.name.removeprefix('real ')} landing",
        0,
        Counter(),
        [],
    )
    for turn in range(number):
        scene = template.scene.copy(template.scene.folder.with_name("real killed"))
        share = (chance.uniform(0, 0.15), chance.uniform(0.85, 1), chance.random(), chance.uniform(0.85, 1))[
            turn % 4
        ]
        process = refresh(scene, f"{base}/after")
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(share * template.seconds)
        alone = turn == 2
        is_killed = process.poll() is None
        for pid in [process.pid] if alone else [process.pid, *_children(process.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        which = f"{'parent alone' if alone else 'with its children'}, at {share:.0%} of its time"
        try:
            if is_killed:
                count.kills += 1
                count.by_phase[
                    "parent alone"
                    if alone
                    else "first 15 %"
                    if share < 0.15
                    else "last 15 %"
                    if share > 0.85
                    else "between"
                ] += 1
            stand_in.in_child(lambda scene=scene: template.check_after_kill(scene))
            status = refresh(scene, f"{base}/after").wait(SECONDS_OF_A_RUN)
            if status != template.status:
                said = (scene.folder / "said.txt").read_text("utf-8")[-500:]
                raise BreachError(f"the next run ended with {status}: {said}")
            stand_in.in_child(lambda scene=scene: scene.check_settled(template.after))
            say(f"  {'killed' if is_killed else 'had ended'} {which}: whole; the next run ended well")
        except BreachError as breach:
            count.breaches.append(f"{which}: {breach}")
            say(f"  breach: {count.breaches[-1]}")
    return count


def _children(pid: int) -> list[int]:
    table = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    pairs = [tuple(map(int, line.split())) for line in table.splitlines()]
    return [child for child, parent in pairs if parent == pid]
