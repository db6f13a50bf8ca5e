"""Where the files are, and the types of the fixtures of conftest.py."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from saldo.intake.ingest import Outcome

PROJECT = Path(__file__).parents[2]
DATA = Path(__file__).parent / "data"
EXAMPLES = PROJECT / "examples" / "releases"

Take = Callable[..., Outcome]
Query = Callable[[str], list[tuple[Any, ...]]]
