"""What every probe shares: rows as text that does not depend on the client, and a file of answers.

A probe runs inside the environment of one client, so this imports the standard library only.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

PAST_DAY = "2024-06-30"
LATER_DAY = "9999-12-30"
NUMBERS = ("DECIMAL", "BIGINT", "HUGEINT", "INTEGER", "DOUBLE", "SMALLINT", "TINYINT")
ANOTHER_NAME = "другое имя.duckdb"


class Probe:
    """Collects the answers of one client, and the message of each question that it fails on."""

    def __init__(self, versions: dict[str, str]) -> None:
        self.versions, self.answers, self.errors = versions, {}, {}

    def ask(self, check: str, question: Callable[[], Any]) -> None:
        """Keeps the answer under the name of the check, or the first lines of the error."""
        try:
            self.answers[check] = question()
        except Exception as error:  # whatever a client throws is its answer
            self.errors[check] = f"{type(error).__name__}: {error}".strip()[:600]

    def write(self, path: str) -> None:
        told = {"versions": self.versions, "answers": self.answers, "errors": self.errors}
        Path(path).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def arguments() -> tuple[str, Path, str]:
    """The published file, a folder that the probe may write in, and the file for its answers."""
    published, folder, answers = sys.argv[1:4]
    return published, Path(folder), answers


def digest(rows: Iterable[Sequence[Any]]) -> list[Any]:
    """The number of rows, and a hash of them that does not depend on their order."""
    lines = sorted("\x1f".join(map(canonical, row)) for row in rows)
    return [len(lines), hashlib.sha256("\x1e".join(lines).encode()).hexdigest()]


def canonical(value: Any) -> str:
    """A value as text: 10 digits of a number, days and times as ISO 8601, its own mark for null."""
    if isinstance(value, str):
        # One client prints a moment with six digits of a second, another without trailing zeros.
        is_moment = value[19:20] == "." and value[10:11] == " " and value[:4].isdigit()
        return value.rstrip("0").rstrip(".") if is_moment else value
    if value is None or value != value or str(value) == "NaT":
        return "\x00"
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return str(bool(value)).lower()
    if isinstance(value, int | float | Decimal) or type(value).__module__ == "numpy":
        return f"{float(value) + 0.0:.10g}"  # JSON has no negative zero
    if isinstance(value, datetime):
        return canonical(value.isoformat(sep=" "))
    return value.isoformat() if isinstance(value, date) else str(value)


def numbers(row: Iterable[Any], types: Iterable[str]) -> list[Any]:
    """A row that came as JSON, its numbers as numbers: those that JSON cannot hold are texts there."""
    return [
        Decimal(value) if isinstance(value, str) and kind.startswith(NUMBERS) else value
        for value, kind in zip(row, types, strict=True)
    ]
