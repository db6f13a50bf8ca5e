"""Whether a client saw what it must: its answers beside those of expected.py."""

import re
from typing import Any

from tests.clients.clients import Told
from tests.clients.expected import Answers

# What is known not to work, and is no fault of the file: client and version, check, message.
LIMITS: tuple[tuple[str, str, str], ...] = ()


def findings(told: Told, expected: Answers) -> dict[str, str]:
    """The checks that came out wrong, each with the client's message or the first difference."""
    found = dict(told.errors)
    for check, answer in told.answers.items():
        if difference := _difference(answer, expected[check]):
            found[check] = difference
    if not told.answers and not found:
        found["read only"] = "nothing was asked"
    return found


def limit(title: str, check: str, message: str) -> bool:
    """Whether it is known that this client fails in this check with this message."""
    return any(
        re.search(client, title) and check == of and re.search(pattern, message)
        for client, of, pattern in LIMITS
    )


def _difference(found: Any, right: Any) -> str:
    if found == right:
        return ""
    if isinstance(found, list) and isinstance(right, list):
        missing = [each for each in right if each not in found]
        more = [each for each in found if each not in right]
        parts = [f"missing {missing[0]}"] * bool(missing) + [f"not expected {more[0]}"] * bool(more)
        return ", ".join(parts) or "in another order"
    if isinstance(found, dict) and isinstance(right, dict):
        for name in sorted(right.keys() | found.keys()):
            if found.get(name) != right.get(name):
                return f"{name}: {_short(found.get(name))}, not {_short(right.get(name))}"
    return f"{_short(found)}, not {_short(right)}"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
