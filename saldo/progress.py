"""Shows how far dbt has come: one rewritten line on a terminal, else a plain line for each kind."""

import re
from typing import TextIO

# dbt's names of the kinds of node and ours, in the order in which they are shown.
KINDS = {"seed": "seeds", "model": "models", "test": "tests"}
TOTALS = re.compile(r"(\d+) (?:data )?(seed|model|test)s?\b")


class Progress:
    """Follows the events of one dbt run and writes to `stream`."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._rewrites = stream.isatty()
        self._total: dict[str, int] = {}
        self._done: dict[str, int] = {}

    def say(self, text: str) -> None:
        """Writes one line that stays."""
        self._write(f"{text}\n")

    def follow(self, event: dict[str, dict[str, object]]) -> None:
        """Takes one event of dbt's JSON log."""
        name, data = str(event["info"]["name"]), event["data"]
        if name == "FoundStats":
            for count, kind in TOTALS.findall(str(data["stat_line"])):
                self._total[kind] = int(count)
        elif name == "SkippingDetails" or (name.startswith("Log") and name.endswith("Result")):
            node = data.get("node_info")
            kind = str(node.get("resource_type")) if isinstance(node, dict) else ""
            if kind in self._total:
                self._count(kind)

    def close(self) -> None:
        """Clears the line that is rewritten."""
        if self._rewrites:
            self._write("\r\033[K")

    def _count(self, kind: str) -> None:
        self._done[kind] = self._done.get(kind, 0) + 1
        if self._rewrites:
            parts = (self._part(kind) for kind in KINDS if kind in self._total)
            self._write(f"\r\033[K{'  '.join(parts)}")
        elif self._done[kind] == self._total[kind]:
            self.say(self._part(kind))

    def _part(self, kind: str) -> str:
        return f"{KINDS[kind]} {self._done.get(kind, 0)}/{self._total[kind]}"

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
