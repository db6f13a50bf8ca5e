"""The command line as a whole: help, examples, exit statuses, options, completion."""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from saldo import cli, errors, fetch, status
from saldo.errors import ExitStatus, SaldoError
from saldo.intake import report

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "reference-commands.md").read_text(encoding="utf-8")
COMMANDS = cli._commands(cli._parser())
# A command that only prints what it is asked for has nothing to be quiet about.
PRINTING = {"query", "explain", "completion"}


def examples(text: str) -> list[str]:
    """The command lines of a help text, without what is said beside them."""
    block = re.search(r"^Example:\n((?:  .*\n)+)", text, re.MULTILINE)
    return [re.split(r" {2,}", line.strip())[0] for line in block[1].splitlines()] if block else []


def called(example: str) -> list[str]:
    """The arguments of `saldo` in a line of a shell."""
    words = shlex.split(example.removeprefix('eval "$(').removesuffix(')"'))
    words = words[words.index("saldo") + 1 :]
    ends = [number for number, word in enumerate(words) if word in ("|", "||", ">")]
    return words[: ends[0]] if ends else words


def parsed(arguments: list[str]) -> argparse.Namespace:
    try:
        return cli._parser().parse_args(arguments)
    except SystemExit:
        pytest.fail(f"`saldo {shlex.join(arguments)}` is no use of the command")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_examples_and_they_parse(name: str) -> None:
    shown = examples(COMMANDS[name].description or "")
    assert shown, f"saldo {name} --help has no example"
    for example in shown:
        assert called(example)[0] == name
        assert parsed(called(example)).run


def test_a_wrong_example_is_caught() -> None:
    (example,) = examples("Example:\n  saldo build --fill     what is not there\n\nOther:\n")
    with pytest.raises(pytest.fail.Exception, match="saldo build --fill"):
        parsed(called(example))


def test_the_first_help_names_each_command() -> None:
    shown = {called(example)[0] for example in examples(cli.DESCRIPTION)}
    assert shown == set(COMMANDS)


def statuses_of_help(name: str) -> set[str]:
    """The statuses that `saldo NAME --help` lists."""
    text = COMMANDS[name].description or ""
    block = text[text.index("\nExit status") :].split("\n", 2)[2]
    return set(re.findall(r"(?:^|  )(128\+n|\d+) (?=\w)", block, re.MULTILINE))


def statuses_of_page(page: str) -> dict[str, set[str]]:
    """Status -> the commands that the page lists beside it."""
    table = page[page.index("## Exit statuses") : page.index("Where several apply")]
    rows = re.findall(r"^\| (128\+n|\d+) \|.*\| ([^|]*) \|$", table, re.MULTILINE)
    return {
        code: set(COMMANDS) if commands == "all" else set(re.findall(r"`(\w+)`", commands))
        for code, commands in rows
    }


def test_the_page_lists_the_statuses_of_the_program() -> None:
    assert set(statuses_of_page(PAGE)) == {str(int(each)) for each in ExitStatus} | {"128+n"}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_and_page_agree_on_the_statuses_of_a_command(name: str) -> None:
    of_page = {code for code, commands in statuses_of_page(PAGE).items() if name in commands}
    assert statuses_of_help(name) == of_page


def test_a_status_that_is_missing_on_the_page_is_caught() -> None:
    without = re.sub(r"^\| 7 \|.*\n", "", PAGE, flags=re.MULTILINE)
    assert "7" not in statuses_of_page(without)
    assert len(statuses_of_page(without)) == len(ExitStatus)


def test_every_error_ends_with_a_listed_status() -> None:
    kinds = [
        each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, SaldoError)
    ]
    assert len(kinds) > 4
    assert all(isinstance(kind.exit_status, ExitStatus) for kind in kinds)
    from saldo import refresh

    assert (fetch.NOT_ANSWERED, refresh.NOT_ANSWERED, refresh.REFUSED) == (
        ExitStatus.NOT_ANSWERED,
        ExitStatus.NOT_ANSWERED,
        ExitStatus.QUARANTINED,
    )
    assert (report.REFUSED, report.FAULT) == (ExitStatus.INPUT, ExitStatus.FAILED)
    assert status.ExitStatus is ExitStatus


@pytest.mark.parametrize("name", COMMANDS)
def test_options_are_the_same_everywhere(name: str) -> None:
    options = {option for action in COMMANDS[name]._actions for option in action.option_strings}
    assert ("--quiet" in options) == (name not in PRINTING)
    if name != "completion":
        assert {"--json", "--project-dir"} <= options


def test_each_command_is_on_the_page() -> None:
    assert set(re.findall(r"^\| `saldo (\w+)` \|", PAGE, re.MULTILINE)) == set(COMMANDS)


def test_the_command_line_imports_the_standard_library_only() -> None:
    """So that a call that has nothing to do ends at once."""
    program = (
        "import sys; before = set(sys.modules); import saldo.cli; saldo.cli._parser();"
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["saldo"]


def test_quiet_says_nothing_unless_somebody_should_look(capsys: pytest.CaptureFixture[str]) -> None:
    options = argparse.Namespace(quiet=True, json=False)
    assert cli._tell(options, "all is well") == 0
    assert capsys.readouterr().out == ""
    assert cli._tell(options, "a source is late", 7) == 7
    assert capsys.readouterr().out == "a source is late\n"
    assert cli._tell(argparse.Namespace(quiet=True, json=True), "{}") == 0
    assert capsys.readouterr().out == "{}\n"


@pytest.fixture(scope="module")
def completion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with some files, and the script for bash beside it; made outside of any project."""
    folder = tmp_path_factory.mktemp("completion")
    command = [sys.executable, "-m", "saldo", "completion", "bash"]
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    outcome = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    (folder / "saldo.bash").write_text(outcome.stdout, encoding="utf-8")
    (folder / "here").mkdir()
    (folder / "here" / "population_2026.csv").touch()
    (folder / "here" / "folder").mkdir()
    return folder


def completed(folder: Path, *words: str) -> set[str]:
    """What bash offers for the last of the words, after `saldo`."""
    line = " ".join(shlex.quote(word) for word in ("saldo", *words))
    program = f"""
        source ../saldo.bash
        complete_saldo=$(complete -p saldo | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        COMP_WORDS=({line}) COMP_CWORD={len(words)}
        $complete_saldo
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    outcome = subprocess.run(
        ["/usr/bin/env", "bash", "--norc", "-c", program],
        cwd=folder / "here",
        capture_output=True,
        text=True,
        check=True,
    )
    return set(outcome.stdout.split())


def test_bash_completes_commands(completion: Path) -> None:
    assert completed(completion, "re") == {"refresh", "report"}
    assert completed(completion, "") >= set(COMMANDS)


def test_bash_completes_options_of_a_command(completion: Path) -> None:
    assert completed(completion, "query", "--c") == {"--csv"}
    assert completed(completion, "build", "--q") == {"--quiet"}
    assert completed(completion, "explain", "--q") == set()


def test_bash_completes_files_folders_and_choices(completion: Path) -> None:
    assert completed(completion, "ingest", "pop") == {"population_2026.csv"}
    assert completed(completion, "build", "--project-dir", "") == {"folder"}
    assert completed(completion, "completion", "z") == {"zsh"}


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed: its script was not read by it")
def test_zsh_reads_its_script(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["completion", "zsh"]) == 0
    script = capsys.readouterr().out
    assert script.startswith("#compdef saldo")
    assert "rollback:'publish an earlier version again'" in script
    subprocess.run(["/usr/bin/env", "zsh", "-n"], input=script, text=True, check=True)
