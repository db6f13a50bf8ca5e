"""A failed build is explained in a few lines that name the step, the rows and the remedy."""

import errno
import json
import os
import re
import tempfile
from pathlib import Path

import duckdb
import pytest

from saldo.dbt_run import DbtRun, NodeResult, read_results
from saldo.errors import MachineError, SaldoError, from_os_error
from saldo.failures import condense, explain
from saldo.spark_preflight import UNUSABLE
from saldo.warehouse import Warehouse


def node(
    kind: str, name: str, status: str = "success", message: str = "", sql: str = "", **place: str
) -> NodeResult:
    return NodeResult(kind, name, status, message, sql, **place)


def explained(nodes: list[NodeResult], folder: Path, exit_status: int = 1, error: str = "") -> SaldoError:
    warehouse = Warehouse(folder)
    run = DbtRun(exit_status, nodes, [error] if error else [], warehouse.dbt / "dbt.log")
    return explain(run, warehouse)


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
            ["Invalid Input Error: cannot read a number in row 5", "LINE 3: select"],
        ),
        (
            "Runtime Error in model py_x (models/analysis/py_x.py)\n  Python model failed:\n"
            '  Traceback (most recent call last):\n    File "/p/a.py", line 1, in model\n      f()\n'
            '    File "/p/b.py", line 7, in f\n      raise ValueError("no")\n  ValueError: no\n',
            ['File "/p/b.py", line 7, in f', "ValueError: no"],
        ),
        (
            "Runtime Error in model py_x (models/analysis/py_x.py)\n  Python model failed:\n"
            '  Traceback (most recent call last):\n    File "/v/site-packages/dbt/a.py", line 1, in run\n'
            f'    File "{Path(tempfile.gettempdir(), "tmpab_12.py")}", line 5, in model\n      f()\n'
            '    File "/v/site-packages/pandas/b.py", line 7, in f\n      raise KeyError(1)\n  KeyError: 1',
            ['File "models/analysis/py_x.py", line 5, in model', "KeyError: 1"],
        ),
        (
            "Compilation Error in model x (models/x.sql)\n"
            "  This model has an enforced contract that failed.\n\n"
            "  | column_name | definition_type |\n  | ----------- | --------------- |\n"
            "  | code | INTEGER |\n\n"
            "  > in macro assert_columns_equivalent (macros/x.sql)\n"
            "  > called by macro create_table_as (macros/adapters.sql)\n  > called by model x (models/x.sql)",
            [
                "This model has an enforced contract that failed.",
                "| column_name | definition_type |",
                "| code | INTEGER |",
            ],
        ),
        (
            "Parsing Error\n  Syntax error near line 3\n    ------------------------------\n"
            "    2  |   - name: x\n"
            "    Raw Error:\n    ------------------------------\n    did not find expected '-' indicator",
            [
                "Syntax error near line 3",
                "2  |   - name: x",
                "did not find expected '-' indicator",
            ],
        ),
        ("Got 2 results, configured to fail if != 0", ["Got 2 results, configured to fail if != 0"]),
        ("", []),
    ],
)
def test_a_message_is_condensed_to_what_it_says(message: str, lines: list[str]) -> None:
    assert condense(node("model", "x", "error", message, path="models/analysis/py_x.py")) == lines


@pytest.mark.parametrize(
    ("again", "place"),
    [("", "line 2 of"), ("-- nonsense from a_table_of_a_long", "LINE 9 of the statement around")],
)
def test_the_line_of_duckdb_is_found_in_the_compiled_sql(again: str, place: str) -> None:
    """dbt wraps the SQL in a statement, so that its line 2 is another one to DuckDB."""
    failed = node(
        "model",
        "x",
        "error",
        "Binder Error: no column nonsense\nLINE 9: ...nonsense from a_table_of_a_long...\n   ^",
        sql=f"select\n    1, nonsense from a_table_of_a_long_name\n{again}",
        compiled_path="warehouse/.dbt/compiled/saldo/models/x.sql",
    )
    assert condense(failed)[1] == (
        "at «...nonsense from a_table_of_a_long...»: "
        f"{place} the compiled SQL, warehouse/.dbt/compiled/saldo/models/x.sql"
    )


def test_the_results_know_the_files_of_models_and_tests(tmp_path: Path) -> None:
    manifest = {
        "model.p.x": {"original_file_path": "models/x.sql", "compiled_path": "c/x.sql"},
        "test.p.unique_x_a.12": {
            "original_file_path": "models/x.yml",
            "attached_node": "model.p.x",
            "column_name": "a",
        },
        "test.p.sums": {"original_file_path": "tests/data/sums.sql", "attached_node": None},
    }
    outcome = {"status": "pass", "message": None, "compiled_code": None}
    results = [{"unique_id": name, **outcome} for name in manifest]
    assert read_results(tmp_path) == []
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": manifest}))
    (tmp_path / "run_results.json").write_text(json.dumps({"results": results}))
    assert [(found.name, found.path, found.column) for found in read_results(tmp_path)] == [
        ("x", "models/x.sql", ""),
        ("unique_x_a", "models/x.sql", "a"),
        ("sums", "tests/data/sums.sql", ""),
    ]


def test_a_failed_step_names_its_file_and_column(folder: Path) -> None:
    failed = node("test", "unique_x_a", "error", "no", path="models/x.sql", column="a")
    assert explained([failed], folder).details == ["test unique_x_a (models/x.sql, column a): no"]


def test_the_same_words_are_told_once(folder: Path) -> None:
    nodes = [node("model", f"m{i}", "error", "unknown label «x»", path=f"models/m{i}.sql") for i in range(2)]
    assert explained([*nodes, node("model", "n", "error", "other")], folder).details == [
        "model m0 (models/m0.sql), model m1 (models/m1.sql): unknown label «x»",
        "model n: other",
    ]


@pytest.mark.parametrize(
    ("nodes", "remedy"),
    [
        ([node("seed", "a", "error", "no", path="seeds/a.csv")], "git checkout -- seeds/a.csv"),
        ([node("test", "a", "fail", "Got 1 result", "select 1")], "put right the rows"),
        ([node("model", "a", "error", "no"), node("test", "b", "error")], "put right what is named above"),
    ],
)
def test_the_remedy_is_that_of_the_kind(folder: Path, nodes: list[NodeResult], remedy: str) -> None:
    assert remedy in explained(nodes, folder).remedy


def out_of_memory(setting: dict[str, str], query: str) -> str:
    """What DuckDB says when it has no memory left."""
    with duckdb.connect(config=setting) as connection, pytest.raises(duckdb.OutOfMemoryException) as raised:
        connection.execute(query)
    return str(raised.value)


def test_for_want_of_memory_the_setting_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = out_of_memory({"memory_limit": "20MB"}, "select list(range) from range(20000000)")
    monkeypatch.setenv("SALDO_MEMORY_LIMIT_MB", "700")
    error = explained([node("model", "a", "error", said)], folder)
    assert isinstance(error, MachineError)
    assert [line.split(" (")[0] for line in error.details] == [
        "model a: Out of Memory Error: failed to allocate data of size 16.0 MiB"
    ]
    assert "SALDO_MEMORY_LIMIT_MB=1400" in error.remedy
    assert "saldo quarantine" not in error.remedy


@pytest.mark.parametrize("is_of_a_step", [True, False])
def test_a_cluster_that_cannot_be_used_is_told_alone(folder: Path, is_of_a_step: bool) -> None:
    said = "Runtime Error\n  " + UNUSABLE.format(what="spark://h:1 gave no worker", remedy="start workers")
    nodes = [node("seed", name, "error", said) for name in "ab"] if is_of_a_step else []
    error = explained(nodes, folder, error="" if is_of_a_step else said)
    assert isinstance(error, MachineError)
    first, remedy = str(error).splitlines()
    assert first == "error: cluster of Spark: spark://h:1 gave no worker"
    assert remedy.startswith("  what to do: start workers; dbt's whole log is ")


def test_without_room_for_temporary_files_the_disk_is_full(folder: Path) -> None:
    rows = "create table t as select range::varchar || repeat('x', 99) from range(2000000)"
    said = out_of_memory({"memory_limit": "20MB", "max_temp_directory_size": "0KB"}, rows)
    error = explained([node("model", "a", "error", said)], folder)
    assert error.what == "the disk or a quota is full"


def test_new_releases_are_named_with_the_command_that_takes_them_out(folder: Path) -> None:
    """Those that the failed steps name, by id or by file; else all."""
    unpublished = [{"release_id": f"r_{number}", "file_name": f"file_{number}.csv"} for number in range(1, 8)]
    for said, names in (
        ("53 value=2950000 source_ref=file_2.csv, row 7", ["r_2"]),
        ("unknown label in r_3, row 4; file_5.csv, row 1", ["r_3", "r_5"]),
        ("a fault of the code", ["r_1", "r_2", "r_3", "r_4", "r_5"]),
    ):
        run = DbtRun(1, [node("model", "a", "error", said)], [], folder / "dbt.log")
        remedy = explain(run, Warehouse(folder), unpublished).remedy
        assert re.findall(r"`saldo quarantine (\w+)`", remedy) == names
        assert ("and 2 more" in remedy) == (len(names) == 5)
    assert "saldo quarantine" not in explained([node("model", "a", "error", "no")], folder).remedy


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


ROW = ("row_total", "row 5 (Абай), column 11 (Всего)", -20, -2)
COLUMN = ("column_total", "row 22 (Итого), column 2 (Техническое)", -9, 9)
BOTH = "look first at t, row 5 (Абай), column 2 (Техническое): sum less printed total is -18 for its row and "


@pytest.mark.parametrize(
    ("totals", "lead"),
    [
        ([ROW, COLUMN], [f"{BOTH}-18 for its column"]),
        (
            [ROW, COLUMN, ("column_total", "row 22 (Итого), column 3 (Прочее)", 1, 0)],
            [f"{BOTH}-18 for its column"],
        ),
        ([ROW, (*COLUMN[:2], 10, 9)], [f"{BOTH}+1 for its column"]),
        ([ROW], []),
    ],
)
def test_the_cell_where_a_row_and_a_column_differ_comes_first(
    folder: Path, totals: list[tuple[str, str, int, int]], lead: list[str]
) -> None:
    with duckdb.connect(str(Warehouse(folder).private_database)) as connection:
        connection.execute("""
            create schema core;
            create table core.fct_control_total (
                table_name text, control_kind text, source_ref text,
                summed_value decimal(24, 6), published_value decimal(24, 6)
            )
        """)
        for kind, place, summed, published in totals:
            row = ["t", kind, f"t, {place}", summed, published]
            connection.execute("insert into core.fct_control_total values (?, ?, ?, ?, ?)", row)
    sql = "select * exclude (success) from audit.expectation_result where not success"
    error = explained([node("test", "expectations_hold", "fail", "Got 1 result", sql)], folder)
    assert error.details[: len(lead) + 1] == [*lead, "test expectations_hold: Got 1 result"]
    assert "a misprint of the publisher becomes a row of seeds/reference/correction.csv" in error.remedy


def test_rows_that_cannot_be_shown_do_not_hide_the_failure(tmp_path: Path) -> None:
    lines = explained([node("test", "x", "fail", "Got 1 result", "select 1")], tmp_path).details
    assert lines[0] == "test x: Got 1 result"
    assert lines[1].startswith("  (its rows cannot be shown: ")


def test_many_failures_are_cut_short(folder: Path) -> None:
    lines = explained([node("model", f"m{i}", "error", f"no {i}") for i in range(13)], folder).details
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


def test_a_failed_test_of_a_build_on_spark_shows_its_rows(tmp_path: Path) -> None:
    """Its tables are Parquet files; there is no private DuckDB file yet."""
    warehouse = Warehouse(tmp_path)
    table = warehouse.spark / "tables" / "core.db" / "fct_observation"
    table.mkdir(parents=True)
    duckdb.sql("select '11' as region_code, 7 as value").write_parquet(str(table / "part-0.parquet"))
    sql = "select region_code, value from core.fct_observation where value > 5"
    error = explained([node("test", "small_values", "fail", "Got 1 result", sql)], tmp_path)
    assert "region_code 11, value 7" in str(error)


def test_an_exposure_is_no_failed_step(folder: Path) -> None:
    nodes = [node("exposure", "report", "no-op"), node("model", "a", "error", "no")]
    assert "1 of 2 steps failed" in str(explained(nodes, folder))
