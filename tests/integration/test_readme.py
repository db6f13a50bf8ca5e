"""What README tells a stranger to type, typed: from an empty folder, in a path with Cyrillic letters."""

import re
from pathlib import Path

import pages
import pytest
from pages import typed
from project import PROJECT, copy_project

README = (PROJECT / "README.md").read_text(encoding="utf-8")
NO_NETWORK = re.compile(r"No matching distribution|Connection|Temporary failure|Network is unreachable")


def blocks(language: str) -> list[str]:
    return [block.text for block in pages.blocks(README) if block.language == language]


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A clone in which `make build` was run, with the set-up, and what it printed."""
    folder = copy_project(tmp_path_factory.mktemp("клон проекта") / "saldo 1")
    outcome = typed("make build", folder)
    if outcome.returncode != 0 and NO_NETWORK.search(outcome.stderr):
        pytest.skip("no package index within reach: the set-up from scratch was not tested")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return folder, outcome.stdout


def test_readme_opens_with_the_two_commands() -> None:
    commands = [line.split("#")[0].strip() for line in blocks("sh")[0].splitlines()]
    assert commands == ["make build", "make test"]


def test_readme_shows_what_make_build_prints(stranger: tuple[Path, str]) -> None:
    def settled(text: str) -> list[str]:
        """Without what differs from build to build: the day, the seconds, the size."""
        text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d|\d+\.\d (s|MB)", "*", text)
        return [line.rstrip() for line in text.strip().splitlines()]

    assert settled(stranger[1]) == settled(blocks("text")[0])


def test_a_second_build_has_nothing_to_do(stranger: tuple[Path, str]) -> None:
    outcome = typed("make build", stranger[0])
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.startswith("nothing new")


def test_all_is_well_after_the_first_build(stranger: tuple[Path, str]) -> None:
    """Its first line as the page shows it; the sources are shown as of a day, by test_saldo_status."""
    outcome = typed(".venv/bin/saldo status", stranger[0])
    late = re.findall("^(?:Sources)? +late", outcome.stdout, re.MULTILINE)  # as years go by
    assert outcome.returncode == (7 if late else 0), outcome.stdout + outcome.stderr

    def settled(text: str) -> str:
        return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d|version \S+", "*", text.splitlines()[0])

    assert settled(outcome.stdout) == settled(blocks("text")[1])


@pytest.mark.parametrize("command", [text for text in blocks("sh")[1:] if text.startswith("duckdb")])
def test_duckdb_shell(stranger: tuple[Path, str], command: str) -> None:
    outcome = typed(command, stranger[0])
    assert outcome.returncode == 0, outcome.stderr
    assert "East Kazakhstan" in outcome.stdout
    assert "-57429" in outcome.stdout


@pytest.mark.parametrize("program", blocks("python"))
def test_python(stranger: tuple[Path, str], program: str) -> None:
    (stranger[0] / "warehouse" / "readme.py").write_text(program, encoding="utf-8")
    outcome = typed(".venv/bin/python warehouse/readme.py", stranger[0])
    assert outcome.returncode == 0, outcome.stderr
    assert "income_per_capita" in outcome.stdout


@pytest.mark.parametrize("query", blocks("sql"))
def test_sql_gives_the_rows_that_readme_shows(stranger: tuple[Path, str], query: str) -> None:
    outcome = typed(f'duckdb -readonly -list -noheader warehouse/saldo.duckdb "{query}"', stranger[0])
    assert outcome.returncode == 0, outcome.stderr
    shown = re.findall(r"^-- (.*)$", query, re.MULTILINE)
    assert shown
    assert [re.sub(r"\.0+\|", "|", line) for line in outcome.stdout.splitlines()] == [
        re.sub(r" {2,}", "|", line) for line in shown
    ]


def test_table_macro(stranger: tuple[Path, str]) -> None:
    (macro,) = re.findall(r"`(select \* from core\.observation_as_of[^`]*)`", README)
    outcome = typed(f'duckdb -readonly -csv warehouse/saldo.duckdb "{macro}"', stranger[0])
    assert outcome.returncode == 0, outcome.stderr
    assert len(outcome.stdout.splitlines()) > 300


def test_the_command(stranger: tuple[Path, str]) -> None:
    (command,) = re.findall(r"The command is `([^`]*)`", README)
    outcome = typed(f"{command} rollback --list", stranger[0])
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.count("schema 1") == 1


def test_plain_dbt(stranger: tuple[Path, str]) -> None:
    """Line by line, in the order of the page, beginning without a development file."""
    for command in blocks("sh")[-1].splitlines():
        outcome = typed(command, stranger[0])
        assert outcome.returncode == 0, f"{command}\n{outcome.stdout}{outcome.stderr}"


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (PROJECT / target).exists(), target
