"""Whether a client saw what it must: its answers beside those of expected.py."""

import re
from typing import Any

from tests.clients.clients import Told
from tests.clients.expected import Answers

MOST = 5  # differences told of one check
# What is known not to work, and is no fault of the file: client and version, check, message.
LIMITS = (
    # duckdb-engine 0.17 looks for keys where PostgreSQL has them.
    (r"^SQLAlchemy", "keys", "tells of no key|REGCLASS does not exist"),
    # SQLAlchemy asks for collations since 2.0.45; duckdb has that table since 1.5.3, but not as 2.1 names it.
    (r"^SQLAlchemy (2\.0 on DuckDB 1\.[134]$|2\.1 )", "column names", "pg_collation"),
    (r"^SQLAlchemy 2\.[01] ", "reflection", "pg_collation|REGCLASS does not exist"),
)


def findings(told: Told, expected: Answers) -> dict[str, str]:
    """The checks that came out wrong, each with the client's message or the first differences."""
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
        parts = [f"missing {each}" for each in missing[:1]] + [f"not expected {each}" for each in more[:1]]
        return ", ".join(parts) or "in another order"
    if isinstance(found, dict) and isinstance(right, dict):
        names = [name for name in sorted(right.keys() | found.keys()) if found.get(name) != right.get(name)]
        told = [f"{name}: {_short(found.get(name))}, not {_short(right.get(name))}" for name in names[:MOST]]
        return "; ".join(told + [f"and {len(names) - MOST} more"] * (len(names) > MOST))
    return f"{_short(found)}, not {_short(right)}"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
