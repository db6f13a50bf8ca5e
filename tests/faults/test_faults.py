"""The short form of `make faults`, and that it finds faults put into the program."""

import re
import subprocess
from collections.abc import Callable

import pytest

Inject = Callable[..., subprocess.CompletedProcess[str]]


def test_no_fault_of_the_machine_harms_what_is_published(inject: Inject) -> None:
    outcome = inject("--real", "0", "--refreshes", "0")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    kills = re.findall(r"stand-in for dbt, (\w+) landing +(\d+) kills", outcome.stdout)
    assert [kind for kind, _ in kills] == ["small", "large"]
    assert all(int(number) >= 6 for _, number in kills)
    assert re.search(r"3 publications, 4 readers, \d+ answers of [2-4] versions", outcome.stdout)
    assert len(re.findall(r" ok$", outcome.stdout, re.MULTILINE)) >= 5
    assert "nothing wrong" in outcome.stdout


@pytest.mark.parametrize(
    ("broken", "options", "found"),
    [
        (
            "swap",
            ("--only", "readers", "--publications", "2"),
            "a reader was told|is not what its manifest says",
        ),
        ("kept-work", ("--only", "kept-work"), "not the content of an undisturbed run: .*core.fct_revision"),
    ],
)
def test_a_fault_of_the_program_is_found(
    inject: Inject, broken: str, options: tuple[str, ...], found: str
) -> None:
    outcome = inject("--broken", broken, *options)
    assert outcome.returncode == 1, outcome.stdout + outcome.stderr
    assert re.search(found, outcome.stdout), outcome.stdout
