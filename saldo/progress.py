"""Shows how far dbt has come: one rewritten line on a terminal, else a plain line for each kind."""

import re
from collections import Counter
from typing import TextIO

# dbt's names of the kinds of node and ours, in the order in which they are shown.
KINDS = {"seed": "seeds", "model": "models", "test": "tests"}
OUTCOMES = ("done", "skipped", "failed")
TOTALS = re.compile(r"(\d+) (?:data )?(seed|model|test)s?\b")


class Progress:
    """Follows the events of one dbt run and writes to `stream`."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._rewrites = stream.isatty()
        self._total: dict[str, int] = {}
        self._seen: Counter[tuple[str, str]] = Counter()  # by kind and outcome

    def say(self, text: str) -> None:
        """Writes one line that stays."""
        self._write(f"{text}\n")

    def follow(self, event: dict[str, dict[str, object]]) -> None:
        """Takes one event of dbt's JSON log."""
        name, data = str(event["info"]["name"]), event["data"]
        if name == "FoundStats":
            for count, kind in TOTALS.findall(str(data["stat_line"])):
                self._total[kind] = int(count)
        elif name == "SkippingDetails":
            self._count(data, "skipped")
        elif name.startswith("Log") and name.endswith("Result"):
            self._count(data, "failed" if event["info"].get("level") == "error" else "done")

    def close(self) -> None:
        """Clears the line that is rewritten."""
        if self._rewrites:
            self._write("\r\033[K")

    def _count(self, data: dict[str, object], outcome: str) -> None:
        node = data.get("node_info")
        kind = str(node.get("resource_type")) if isinstance(node, dict) else ""
        if kind not in self._total:
            return
        self._seen[kind, outcome] += 1
        if self._rewrites:
            parts = (self._part(kind) for kind in KINDS if kind in self._total)
            self._write(f"\r\033[K{'  '.join(parts)}")
        elif sum(self._seen[kind, each] for each in OUTCOMES) == self._total[kind]:
            self.say(self._part(kind))

    def _part(self, kind: str) -> str:
        amiss = [f"{self._seen[kind, each]} {each}" for each in OUTCOMES[1:] if self._seen[kind, each]]
        return ", ".join([f"{KINDS[kind]} {self._seen[kind, OUTCOMES[0]]}/{self._total[kind]}", *amiss])

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
