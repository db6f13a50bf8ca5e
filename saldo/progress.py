"""Shows how far long work has come: bars on a terminal, else a plain line for each kind of step.

rich is imported when there is something to draw, so that a call that has nothing to do ends at once.
"""

import contextlib
import os
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

# dbt's names of the kinds of node and ours, in the order in which they are shown.
KINDS = {"seed": "seeds", "model": "models", "test": "tests"}
OUTCOMES = ("done", "skipped", "failed")
TOTALS = re.compile(r"(\d+) (?:data )?(seed|model|test)s?\b")
# Terminals that cannot go back to a line that is written.
NOT_DRAWN_ON = ("dumb", "unknown")


class Progress:
    """Follows long work and writes to `stream`.

    Args:
        stream: where to; bars are drawn if it is a terminal that can move its cursor. Their colours are left
            out where NO_COLOR is set.
        quiet: write nothing at all.
    """

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        self._stream = stream
        self._quiet = quiet
        self._draws = not quiet and stream.isatty() and os.environ.get("TERM") not in NOT_DRAWN_ON
        self._total: dict[str, int] = {}
        self._seen: Counter[tuple[str, str]] = Counter()  # by kind and outcome
        self._bars: Bars | None = None
        self._bar_of: dict[str, TaskID] = {}

    def say(self, text: str) -> None:
        """Writes one line that stays."""
        if not self._quiet:
            self._stream.write(f"{text}\n")
            self._stream.flush()

    @contextlib.contextmanager
    def working(self, text: str) -> Iterator[None]:
        """Shows on a terminal that work of unknown length is going on."""
        if not self._draws:
            yield
            return
        with self._console().status(text):
            yield

    def follow(self, event: dict[str, dict[str, object]]) -> None:
        """Takes one event of dbt's JSON log."""
        name, data = str(event["info"]["name"]), event["data"]
        if name == "FoundStats":
            for count, kind in TOTALS.findall(str(data["stat_line"])):
                self._total[kind] = int(count)
            if self._draws and not self._bars:
                self._draw()
        elif name == "SkippingDetails":
            self._count(data, "skipped")
        elif name.startswith("Log") and name.endswith("Result"):
            self._count(data, "failed" if event["info"].get("level") == "error" else "done")

    def close(self) -> None:
        """Takes the bars away."""
        if self._bars:
            self._bars.stop()
            self._bars = None

    def _draw(self) -> None:
        from rich import progress

        self._bars = progress.Progress(
            progress.TextColumn("{task.description}", markup=False),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TimeElapsedColumn(),
            progress.TextColumn("{task.fields[amiss]}", markup=False),
            console=self._console(),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        for kind in KINDS:
            if kind in self._total:
                self._bar_of[kind] = self._bars.add_task(KINDS[kind], total=self._total[kind], amiss="")
        self._bars.start()

    def _console(self) -> "Console":
        from rich.console import Console

        return Console(file=self._stream, highlight=False)

    def _count(self, data: dict[str, object], outcome: str) -> None:
        node = data.get("node_info")
        kind = str(node.get("resource_type")) if isinstance(node, dict) else ""
        if kind not in self._total:
            return
        self._seen[kind, outcome] += 1
        if self._bars:
            done, amiss = self._seen[kind, OUTCOMES[0]], ", ".join(self._amiss(kind))
            self._bars.update(self._bar_of[kind], completed=done, amiss=amiss)
        elif sum(self._seen[kind, each] for each in OUTCOMES) == self._total[kind]:
            part = f"{KINDS[kind]} {self._seen[kind, OUTCOMES[0]]}/{self._total[kind]}"
            self.say(", ".join([part, *self._amiss(kind)]))

    def _amiss(self, kind: str) -> list[str]:
        return [f"{self._seen[kind, each]} {each}" for each in OUTCOMES[1:] if self._seen[kind, each]]
