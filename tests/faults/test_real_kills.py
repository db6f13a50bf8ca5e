"""A few kills of the whole command with dbt; apart from the others, so that they run at the same time."""

import re
import subprocess
from collections.abc import Callable

Inject = Callable[..., subprocess.CompletedProcess[str]]


def test_kills_of_the_whole_command_harm_nothing(inject: Inject) -> None:
    outcome = inject("--only", "real")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert re.search(r"^whole command with dbt, small landing +3 kills \(", outcome.stdout, re.MULTILINE)
    assert "nothing wrong" in outcome.stdout
