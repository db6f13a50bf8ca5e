"""A failed build is explained in a few lines that name the step, the rows and the remedy."""

import errno
import os
from pathlib import Path

import duckdb
import pytest

from saldo.dbt_run import DbtRun, NodeResult
from saldo.errors import SaldoError, from_os_error
from saldo.failures import condense, explain
from saldo.warehouse import Warehouse


def node(kind: str, name: str, status: str = "success", message: str = "", sql: str = "") -> NodeResult:
    return NodeResult(kind, name, status, message, sql)


def explained(nodes: list[NodeResult], folder: Path, exit_status: int = 1, error: str = "") -> SaldoError:
    return explain(DbtRun(exit_status, nodes, [error] if error else []), Warehouse(folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A warehouse with the private files of a build whose audit failed."""
    warehouse = Warehouse(tmp_path)
    warehouse.private.mkdir()
    with duckdb.connect(str(warehouse.private_database)) as connection:
        connection.execute(f"attach '{warehouse.private_work}' as work")
        connection.execute("create table work.main.raw as select unnest(range(8)) as line, 'Abay' as label")
        connection.execute("""
            create schema audit;
            create table audit.expectation_result as
            select * from (values
                ('totals', 'grand_total', 'table_3', false, '-267598', '-267599'),
                ('completeness', 'rows', 'table_1', true, '20', '20')
            ) as result (suite, expectation, subject, success, observed, expected)
        """)
    return tmp_path


@pytest.mark.parametrize(
    ("message", "lines"),
    [
        (
            "Runtime Error in model stg_x (models/staging/stg_x.sql)\n"
            "  Invalid Input Error: cannot read a number in row 5\n\n  LINE 3: select\n           ^\n"
            "  compiled code at target/run/x.sql",
            ["Invalid Input Error: cannot read a number in row 5"],
        ),
        (
            "Runtime Error in model py_x (models/analysis/py_x.py)\n  Python model failed:\n"
            '  Traceback (most recent call last):\n    File "/p/a.py", line 1, in model\n      f()\n'
            '    File "/p/b.py", line 7, in f\n      raise ValueError("no")\n  ValueError: no\n',
            ['File "/p/b.py", line 7, in f', "ValueError: no"],
        ),
        ("Got 2 results, configured to fail if != 0", ["Got 2 results, configured to fail if != 0"]),
        ("", []),
    ],
)
def test_a_message_is_condensed_to_what_it_says(message: str, lines: list[str]) -> None:
    assert condense(message) == lines


def test_a_failed_model_is_named_and_what_needed_it_counted(folder: Path) -> None:
    nodes = [
        node("model", "stg_a"),
        node("model", "stg_b", "error", "Runtime Error in model stg_b (b.sql)\n  Conversion Error: «x»"),
        node("model", "mart", "skipped"),
    ]
    error = explained(nodes, folder)
    assert error.exit_status == 1
    assert error.what == "1 of 3 steps failed, 1 that need them were skipped"
    assert error.details == ["model stg_b: Conversion Error: «x»"]
    assert "dbt.log" in error.remedy


def test_a_failed_test_shows_the_first_of_its_rows(folder: Path) -> None:
    found = node("test", "label_known", "fail", "Got 8 results", "select line, label from work.main.raw")
    lines = explained([found], folder).details
    assert lines[:2] == ["test label_known: Got 8 results", "  line 0, label Abay"]
    assert lines[5:] == ["  line 4, label Abay", "  and more"]


def test_the_audit_names_expectation_subject_observed_and_expected(folder: Path) -> None:
    sql = "select * exclude (success) from audit.expectation_result where not success"
    found = node("test", "expectations_hold", "fail", "Got 1 result", sql)
    assert explained([found], folder).details[1:] == [
        "  suite totals, expectation grand_total, subject table_3, observed -267598, expected -267599"
    ]


def test_rows_that_cannot_be_shown_do_not_hide_the_failure(tmp_path: Path) -> None:
    lines = explained([node("test", "x", "fail", "Got 1 result", "select 1")], tmp_path).details
    assert lines[0] == "test x: Got 1 result"
    assert lines[1].startswith("  (its rows cannot be shown: ")


def test_many_failures_are_cut_short(folder: Path) -> None:
    lines = explained([node("model", f"m{i}", "error", "no") for i in range(13)], folder).details
    assert len(lines) == 11
    assert lines[-1] == "and 3 more"


def test_an_error_before_the_first_step_is_told(folder: Path) -> None:
    error = explained([], folder, 2, "Encountered an error:\nCompilation Error\n  Model 'a' depends on 'b'")
    assert error.what == "dbt ended before its first step"
    assert error.details == ["Model 'a' depends on 'b'"]


def test_a_killed_dbt_is_told(folder: Path) -> None:
    assert "signal 9" in explained([], folder, -9).details[0]


def test_a_full_disk_is_told_with_its_own_remedy(folder: Path) -> None:
    message = f"IO Error: Could not write: {os.strerror(errno.ENOSPC)}"
    error = explained([node("model", "m", "error", message)], folder)
    assert error.exit_status == 5
    assert "SALDO_WAREHOUSE" in error.remedy


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.EDQUOT, "free space"), (errno.EROFS, "writable"), (errno.ENOTDIR, "right kind")],
)
def test_errors_of_the_operating_system_have_remedies(number: int, remedy: str) -> None:
    error = from_os_error(OSError(number, os.strerror(number), "warehouse/saldo.lock"))
    assert error.exit_status == 5
    assert str(error).startswith(f"error: warehouse/saldo.lock: {os.strerror(number)}\n  what to do: ")
    assert remedy in error.remedy
