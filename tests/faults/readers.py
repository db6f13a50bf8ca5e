"""Readers of the published file while it is published anew, again and again."""
# ruff: noqa: S311  (the instants are no secret; mount, cp and ps are where the system has them)

import json
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from bench import generate
from tests.faults import stand_in
from tests.faults.scene import Content, Scene, differences, rows_and_hashes, say, tables_of

READERS = 4


@dataclass
class Answers:
    """What readers saw.

    Attributes:
        answers: of all readers; each is a version and what its tables held.
        versions: how many different ones they saw.
        publications: how often the file was published meanwhile.
        long_lived: reads of the one connection that stayed open.
        breaches: errors, and answers that are not what the manifest of their version says.
    """

    publications: int
    answers: int
    versions: int
    long_lived: int
    breaches: list[str]


def read_during(
    scene: Scene, publish: Callable[[int], int], publications: int, status: int, pause: float
) -> Answers:
    """Has four processes, and a connection that stays open, read during so many publications.

    Args:
        scene: published already.
        publish: publishes once more; returns the exit status.
        publications: how many.
        status: which each must end with.
        pause: the longest, in seconds, twice in each answer; readers that never pause leave a refresh no
            processor.
    """
    stop = scene.folder / "stop"
    stop.unlink(missing_ok=True)
    files = [scene.folder / f"answers {number}.jsonl" for number in range(READERS + 1)]
    manifests = dict([_published(scene)])
    children = []
    for number, file in enumerate(files):
        pid = os.fork()
        if not pid:
            code = 1
            try:
                (_read_on if number < READERS else _stay_open)(
                    scene.warehouse.published, file, stop, number, pause
                )
                code = 0
            finally:
                os._exit(code)
        children.append(pid)
    while not all(file.exists() and file.stat().st_size for file in files):
        time.sleep(0.02)
    breaches = []
    try:
        for number in range(publications):
            if (ended := publish(number)) != status:
                breaches.append(f"publication {number} ended with {ended}")
            manifests.update([_published(scene)])
            _let_all_answer(files[:-1])
            if (number + 1) % 10 == 0:
                say(f"  {number + 1} of {publications} publications")
    finally:
        stop.touch()
        for pid in children:
            if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
                breaches.append("a reader died")
    told = [[json.loads(line) for line in file.read_text("utf-8").splitlines()] for file in files]
    seen = set()
    for version, tables in (answer for answers in told for answer in answers):
        seen.add(version)
        if (breach := _breach(version, tables, manifests)) and breach not in breaches:
            breaches.append(breach)
    if len({json.dumps(answer, sort_keys=True) for answer in told[-1]}) != 1:
        breaches.append("the connection that stayed open saw its snapshot change")
    if len(manifests) != publications + 1:
        breaches.append(f"{len(manifests) - 1} versions were published, not {publications}")
    return Answers(publications, sum(map(len, told[:-1])), len(seen), len(told[-1]), breaches)


def _let_all_answer(files: list[Path]) -> None:
    """Waits until each reader has opened what is published now: its second answer from here."""
    sizes = [len(file.read_bytes().splitlines()) for file in files]
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at and any(
        len(file.read_bytes().splitlines()) < size + 2 for file, size in zip(files, sizes, strict=True)
    ):
        time.sleep(0.05)


def _breach(version: str, tables: Any, manifests: dict[str, Content]) -> str | None:
    if version == "error":
        return f"a reader was told: {tables}"
    if version not in manifests:
        return f"a reader saw a version {version} that was not published"
    found = {name: tuple(table) for name, table in tables.items()}
    differing = differences(found, manifests[version])
    return (
        f"an answer of {version} is not what its manifest says: {', '.join(differing)}" if differing else None
    )


def _published(scene: Scene) -> tuple[str, Content]:
    version = scene.warehouse.read_state()["version_id"]
    return version, rows_and_hashes(scene.manifest(version))


def _read_on(published: Path, file: Path, stop: Path, seed: int, pause: float) -> None:
    chance = random.Random(seed)
    with file.open("w", encoding="utf-8") as told:
        while not stop.exists():
            try:
                with duckdb.connect(str(published), read_only=True) as connection:
                    answer: Any = _answer(connection, lambda: time.sleep(chance.uniform(0, pause)))
            except (duckdb.Error, OSError) as error:
                answer = ["error", f"{type(error).__name__}: {error}"]
            print(json.dumps(answer), file=told, flush=True)


def _stay_open(published: Path, file: Path, stop: Path, _: int, pause: float) -> None:
    with (
        file.open("w", encoding="utf-8") as told,
        duckdb.connect(str(published), read_only=True, config={"threads": 1}) as connection,
    ):
        while not stop.exists():
            print(json.dumps(_answer(connection, lambda: time.sleep(pause))), file=told, flush=True)


def _answer(connection: duckdb.DuckDBPyConnection, wait: Callable[[], None]) -> list[Any]:
    """The version that the file names, and what its tables hold, read in two parts with a pause."""
    ((version,),) = connection.execute("select version_id from core.about").fetchall()
    wait()
    tables = tables_of(connection)
    wait()
    ((again,),) = connection.execute("select version_id from core.about").fetchall()
    return [version, tables] if again == version else ["error", f"{version} became {again}"]


def land_another(scene: Scene, number: int) -> None:
    """Lands a small made-up release, a day after the one before."""
    day = date(2024, 1, 1) + timedelta(days=number)
    name = f"made_up_{day:%Y_%m_%d}"
    release = generate.Release(name, f"{name}.csv", day, number, np.arange(number, number + 2))
    stand_in.in_child(lambda: generate.land(scene.landing, release))
