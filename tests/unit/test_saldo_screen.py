"""What the command shows while it works and when it has ended."""

import io
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from saldo import __version__, cli
from saldo.build import Outcome
from saldo.dbt_run import DbtRun, NodeResult
from saldo.errors import InputError
from saldo.progress import Progress
from saldo.summary import Correlation, GrandTotal, Summary, screen
from saldo.warehouse import display

SUMMARY = Summary(
    rows={"core": {"dim_region": 22, "fct_observation": 1234}, "audit": {"expectation_result": 85}},
    grand_totals=[GrandTotal("article_table_3", -267599, -267599, 184)],
    correlations=[Correlation("income_per_capita", 20, -0.56906, "-0.57")],
    expectations=85,
    warned=[],
)


def event(name: str, kind: str = "", level: str = "info", **data: object) -> dict[str, dict[str, object]]:
    return {"info": {"name": name, "level": level}, "data": {"node_info": {"resource_type": kind}, **data}}


FOUND = event("FoundStats", stat_line="2 models, 1 seed, 1 data test, 1 unit test, 512 macros")
EVENTS = [
    FOUND,
    event("LogSeedResult", "seed"),
    event("LogStartLine", "model"),
    event("LogModelResult", "model"),
    event("LogModelResult", "model"),
    event("LogTestResult", "test", "warn"),
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_plain_progress_is_a_line_for_each_kind() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    for step in EVENTS:
        progress.follow(step)
    progress.close()
    assert stream.getvalue().splitlines() == ["seeds 1/1", "models 2/2", "tests 1/1"]


def test_what_failed_and_what_was_skipped_is_not_counted_as_done() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    for step in [
        event("FoundStats", stat_line="4 models, 1 data test"),
        event("LogModelResult", "model"),
        event("LogModelResult", "model", "error"),
        event("SkippingDetails", "model"),
        event("SkippingDetails", "test"),
        event("SkippingDetails", "model"),
    ]:
        progress.follow(step)
    progress.close()
    assert stream.getvalue().splitlines() == ["tests 0/1, 1 skipped", "models 1/4, 2 skipped, 1 failed"]


def drawn(monkeypatch: pytest.MonkeyPatch, steps: list[dict[str, dict[str, object]]], **settings: str) -> str:
    """What a terminal gets while the steps are followed, and in the end."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"TERM": "xterm-256color", "COLUMNS": "80"} | settings).items():
        monkeypatch.setenv(name, value)
    stream = Terminal()
    progress = Progress(stream)
    for step in steps:
        progress.follow(step)
    progress.close()
    return stream.getvalue()


COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-9][0-9;]*m")
ANY_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def test_progress_on_a_terminal_draws_bars_and_takes_them_away(monkeypatch: pytest.MonkeyPatch) -> None:
    said = drawn(monkeypatch, EVENTS)
    plain = ANY_ESCAPE.sub("", said)
    assert re.search(r"models .* 2/2", plain)
    assert re.search(r"seeds .* 1/1", plain)
    assert COLOUR.search(said)
    assert said.count("\x1b[?25l") == said.count("\x1b[?25h") == 1  # the cursor is hidden and shown again
    assert said.endswith("\x1b[2K")  # the last lines are erased


def test_no_color_leaves_out_colours_and_keeps_the_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    said = drawn(monkeypatch, EVENTS, NO_COLOR="1")
    assert not COLOUR.search(said)
    assert re.search(r"models .* 2/2", ANY_ESCAPE.sub("", said))


def test_a_terminal_that_cannot_go_back_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(monkeypatch, EVENTS, TERM="dumb").splitlines() == ["seeds 1/1", "models 2/2", "tests 1/1"]


def test_bars_tell_what_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    said = drawn(monkeypatch, [FOUND, event("LogModelResult", "model", "error")])
    assert re.search(r"models .* 0/2 .* 1 failed", ANY_ESCAPE.sub("", said))


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_quiet_progress_writes_nothing(stream: io.StringIO) -> None:
    progress = Progress(stream, quiet=True)
    for step in EVENTS:
        progress.follow(step)
    with progress.working("reading"):
        progress.say("a line")
    progress.close()
    assert stream.getvalue() == ""


def test_work_of_unknown_length_shows_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal, piped = Terminal(), io.StringIO()
    for stream in (terminal, piped):
        with Progress(stream).working("reading files"):
            pass
    assert "reading files" in terminal.getvalue()
    assert piped.getvalue() == ""


def test_the_screen_tells_file_rows_total_correlations_checks_and_how_to_open() -> None:
    text = screen(
        SUMMARY,
        path="my file.duckdb",
        size=1_600_000,
        built_at="built now",
        seconds=9.5,
        tests=109,
        warnings=0,
    ).replace("\u00a0", " ")
    assert "my file.duckdb · 1.6 MB · read-only · built now · 9.5 s" in text
    assert "core   dim_region 22 · fct_observation 1 234" in text
    assert "−267 599 persons: the sum of 184 figures of article_table_3; printed there: −267 599" in text
    assert "income_per_capita                     20  −0.5691     −0.57" in text
    assert "109 dbt tests and 85 expectations, all passed" in text
    assert "duckdb -readonly 'my file.duckdb'" in text


def test_tests_that_only_warned_are_told_apart() -> None:
    text = screen(SUMMARY, path="f", size=1, built_at="now", seconds=1, tests=108, warnings=1)
    assert "108 dbt tests and 85 expectations passed\n" in text
    assert "1 dbt test warned" in text
    assert "all passed" not in text


def test_warnings_are_no_passes() -> None:
    statuses = {"a": "pass", "b": "warn", "c": "skipped"}
    nodes = [NodeResult("test", name, status, "") for name, status in statuses.items()]
    run = DbtRun(0, nodes, [], Path("dbt.log"))
    assert (run.tests("pass"), run.tests("warn"), run.skipped(), run.failed()) == (1, 1, 1, [])


def test_tables_of_a_large_schema_are_counted() -> None:
    large = replace(SUMMARY, rows={"analysis": {f"table_{i}": 100 for i in range(17)}, "core": {"dim": 2}})
    text = screen(large, path="w", size=1, built_at="now", seconds=1, tests=3, warnings=0)
    assert "analysis  17 tables, 1\u00a0700 rows\n" in text
    assert "core      dim\u00a02\n" in text


def test_a_warned_identity_is_named() -> None:
    warned = replace(SUMMARY, warned=["identity external_flows does not hold in r_2026: 2 sums"])
    text = screen(warned, path="w", size=1, built_at="now", seconds=1, tests=3, warnings=1)
    line = "identity external_flows does not hold in r_2026: 2 sums (audit.identity_check)"
    assert line in " ".join(text.split())
    assert "does not hold" not in screen(
        SUMMARY, path="w", size=1, built_at="now", seconds=1, tests=3, warnings=0
    )


def test_the_screen_is_one_screen_wide() -> None:
    many = {f"schema_{i}": {f"a_table_of_some_length_{j}": 10**6 for j in range(8)} for i in range(2)}
    text = screen(
        Summary(many, [], [], 0, ["identity external_flows does not hold in a_release_2026_11_26: 12 sums"]),
        path="w/saldo.duckdb",
        size=1,
        built_at="now",
        seconds=1,
        tests=1,
        warnings=1,
    )
    assert max(map(len, text.splitlines())) <= 96


@pytest.mark.parametrize("encoding", ["ascii", "cp1251", "utf-8"])
def test_any_encoding_can_carry_the_screen(encoding: str) -> None:
    carrier = io.BytesIO()
    stream = io.TextIOWrapper(carrier, encoding=encoding)
    cli._print("−267\u00a0599 · сальдо", stream)
    shown = carrier.getvalue().decode(encoding)
    assert shown.startswith("−267\u00a0599 · сальдо" if encoding == "utf-8" else "-267")


@pytest.mark.parametrize(
    ("program", "arguments", "command"),
    [
        (".venv/bin/saldo", [], ".venv/bin/saldo build --full"),
        (str(Path.cwd() / ".venv/bin/saldo"), [], ".venv/bin/saldo build --full"),
        ("/p/saldo/__main__.py", [], f"{display(Path(sys.executable))} -m saldo build --full"),
        ("saldo", ["--project-dir", "."], "saldo build --full --project-dir ."),
    ],
)
def test_nothing_new_is_one_line_with_the_command_that_builds_anyway(
    program: str,
    arguments: list[str],
    command: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    state = {"built_at": "2026-01-02T03:04:05+00:00"}
    outcome = Outcome(Path.cwd() / "warehouse/saldo.duckdb", state, None)
    monkeypatch.setattr(cli, "build", lambda *_, **__: outcome)
    monkeypatch.setattr(sys, "argv", [program])
    assert cli.main(["build", *arguments]) == 0
    assert capsys.readouterr().out == (
        "nothing new: warehouse/saldo.duckdb is up to date (built 2026-01-02 03:04); "
        f"`{command}` builds anyway\n"
    )


def test_a_held_build_says_at_which_version(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state = {"built_at": "2026-01-02T03:04:05+00:00", "version_id": "20260102T030405Z-0a0a0a0a"}
    outcome = Outcome(Path.cwd() / "warehouse/saldo.duckdb", state, None, held=True)
    monkeypatch.setattr(cli, "build", lambda *_, **__: outcome)
    monkeypatch.setattr(sys, "argv", ["saldo"])
    assert cli.main(["build"]) == 0
    assert capsys.readouterr().out == (
        "held at 20260102T030405Z-0a0a0a0a after a rollback: warehouse/saldo.duckdb stays as it is "
        "(built 2026-01-02 03:04); new inputs or `saldo build --full` build anew\n"
    )


def test_an_unexpected_error_of_the_system_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> Outcome:
        raise PermissionError(13, "Permission denied", "warehouse")

    monkeypatch.setattr(cli, "build", fail)
    assert cli.main(["build"]) == 5
    assert capsys.readouterr().err.startswith("error: warehouse: Permission denied\n")


def test_the_project_is_found_from_a_folder_inside_it(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").touch()
    (tmp_path / "models/marts").mkdir(parents=True)
    assert cli.find_project(tmp_path / "models/marts") == tmp_path


def test_a_folder_without_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no dbt_project"):
        cli.find_project(tmp_path)


def test_a_named_folder_that_is_not_there_or_no_project_is_named_with_its_option(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder, what in [
        (tmp_path / "none", "there is no such folder"),
        (tmp_path, "no dbt_project.yml in it"),
    ]:
        assert cli.main(["build", "--project-dir", str(folder)]) == 3
        assert capsys.readouterr().err.startswith(f"error: --project-dir {folder}: {what}\n")


@pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"], ["rollback", "--help"]])
def test_help_has_an_example(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(arguments)
    assert f"Example:\n  saldo {[*arguments, 'build'][len(arguments) == 1]}" in capsys.readouterr().out


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"saldo {__version__}\n"


def test_wrong_usage_has_its_own_status() -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["build", "--no-such-option"])
