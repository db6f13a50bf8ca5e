"""The benchmarks: equal marts on both sides, and a table of what was measured. Nothing is timed here."""

import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from bench import compare, generate, measure, plain, refresh, report, warm_build
from bench.measure import BenchmarkError, Pairs, Run
from saldo.intake.reference import read_reference


def test_plain_script_makes_the_marts_of_the_build(built_project: Path, tmp_path: Path) -> None:
    published, database = built_project / "warehouse/saldo.duckdb", tmp_path / "plain.duckdb"
    plain.build(built_project / "seeds", database)
    assert compare.differences(published, database, left_out=warm_build.LEFT_OUT) == []
    with duckdb.connect(str(database)) as connection:
        assert len(compare.tables(connection)) >= 20


@pytest.fixture
def two_files(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("ours", "peer"):
        with duckdb.connect(str(tmp_path / name)) as connection:
            connection.execute(
                "create table mart as select * from (values ('a', 0.3e0, 1), ('b', null, 2)) as t(k, r, n)"
            )
    return tmp_path / "ours", tmp_path / "peer"


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ("update mart set r = 0.1e0 + 0.2e0 where k = 'a'", []),
        ("create or replace table mart as from mart order by n desc", []),
        ("update mart set n = 3 where k = 'b'", ["main.mart: n is 2 and 3 in the row ('b', None, 2)"]),
        (
            "update mart set r = 0.300001 where k = 'a'",
            ["main.mart: r is 0.3 and 0.300001 in the row ('a', 0.3, 1)"],
        ),
        ("update mart set r = 0 where k = 'b'", ["main.mart: r is None and 0.0 in the row ('b', None, 2)"]),
        ("delete from mart where k = 'a'", ["main.mart: 2 rows and 1 rows"]),
        ("alter table mart drop n", ["main.mart: columns differ: [('n', 'INTEGER')]"]),
        (
            "alter table mart alter n type bigint",
            ["main.mart: columns differ: [('n', 'BIGINT'), ('n', 'INTEGER')]"],
        ),
        ("create table other as select 1 as one", ["main.other: columns differ: [('one', 'INTEGER')]"]),
    ],
)
def test_a_difference_is_found(two_files: tuple[Path, Path], change: str, difference: list[str]) -> None:
    ours, peer = two_files
    with duckdb.connect(str(peer)) as connection:
        connection.execute(change)
    assert compare.differences(ours, peer) == difference


def test_left_out_is_not_compared(two_files: tuple[Path, Path]) -> None:
    ours, peer = two_files
    with duckdb.connect(str(peer)) as connection:
        connection.execute("update mart set n = n + 1; create table other as select 1 as one")
    assert compare.differences(ours, peer, left_out={"main.mart.n", "main.other"}) == []


def test_memory_is_that_of_the_largest_process_and_settings_are_not_passed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SALDO_WAREHOUSE", "the user's own")
    child = "import os; assert 'SALDO_WAREHOUSE' not in os.environ; bytearray(int(os.environ['SIZE']))"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    compared = bytearray(1_200_000_000)  # by the benchmark itself, which is no part of it
    found = measure.run([sys.executable, "-c", parent], {"SIZE": "600_000_000"})
    assert 600 < found.peak_mb < 1000 < len(compared) / 1e6
    assert 0 < found.seconds < 60
    assert 0 < found.cpu_seconds < 60


def test_a_command_that_fails_is_told_with_its_output() -> None:
    with pytest.raises(BenchmarkError, match=r"ended with 3:\nno such seed"):
        measure.run([sys.executable, "-c", "import sys; print('no such seed'); sys.exit(3)"], {})


def test_runs_in_turn_after_a_warm_up(capsys: pytest.CaptureFixture[str]) -> None:
    order: list[str] = []
    seconds = {"work": iter([99, 4, 9, 5]), "peer": iter([99, 2, 3, 1])}

    def made(name: str) -> Run:
        order.append(name)
        return Run(0, next(seconds[name]), peak_mb=10, cpu_seconds=1.5)

    pairs = measure.in_turn(lambda: made("work"), lambda: made("peer"), lambda: order.append("check"), runs=3)
    assert order == ["work", "peer", "check"] * 4
    assert pairs.ratios == [2, 3, 5]
    result = measure.result("a", "b", pairs, goal=None, details={"note": 1})
    assert (result["ratio"], result["spread"], result["peak_mb"]) == (3, [2, 5], {"work": 10, "peer": 10})
    assert result["details"]["seconds"] == {"work": [4, 9, 5], "peer": [2, 3, 1]}
    assert result["details"]["cpu_seconds"] == {"work": [1.5] * 3, "peer": [1.5] * 3}
    assert result["details"]["note"] == 1


def test_nothing_is_warmed_up_where_a_run_takes_minutes() -> None:
    order: list[str] = []

    def run() -> Run:
        order.append("run")
        return Run(0, 1, 1)

    pairs = measure.in_turn(run, run, lambda: order.append("check"), runs=3, warm_up=False)
    assert order == ["run", "run", "check"] * 3
    assert len(pairs.work) == len(pairs.peer) == 3


def test_parts_of_a_build_sum_to_the_whole(tmp_path: Path) -> None:
    def node(unique_id: str, second: int, execution_time: float) -> dict[str, object]:
        timing = [{"name": "execute", "started_at": f"2026-01-01T00:00:{second:02}Z"}]
        return {"unique_id": unique_id, "execution_time": execution_time, "timing": timing}

    nodes = [
        node("seed.saldo.region", 3, 0.25),
        node("model.saldo.dim_region", 4, 0.5),
        node("model.saldo.py_correlation", 5, 1.5),
        node("model.saldo.py_expectation", 7, 2),
        node("test.saldo.unique_dim_region", 9, 0.125),
        node("operation.saldo.saldo-on-run-end-0", 10, 0.0625),
    ]
    languages = {"dim_region": "sql", "py_correlation": "python", "py_expectation": "python"}
    manifest = {
        "nodes": {f"model.saldo.{name}": {"language": language} for name, language in languages.items()}
    }
    results = {"metadata": {"generated_at": "2026-01-01T00:00:11Z"}, "results": nodes}
    (tmp_path / "run_results.json").write_text(json.dumps(results))
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    started = datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC).timestamp()
    parts = warm_build.seconds_by_part(Run(started, 12, peak_mb=0), tmp_path)
    assert parts == {
        "start of Python and dbt": 2,
        "seeds": 0.25,
        "SQL models": 0.5,
        "Python models": 1.5,
        "Great Expectations": 2,
        "data tests": 0.125,
        "dbt between the nodes": 8 - 4.375,
        "end of dbt, publish": 2,
    }


@pytest.fixture
def results(tmp_path: Path) -> Path:
    details: dict[str, Any] = {"rows": 99_000_000, "goal_rows": 100_000_000}
    for name, seconds, goal, more in [
        ("a", 3.0, None, {"ratios_in_all": [4.1, 4.2, 4.4]}),
        ("b", 3.0, 3.0, {}),
        ("c", 3.5, 3.0, {}),
        ("d", 3.0, 3.0, details),
        ("e", 3.0, 3.0, details | {"rows": 10_000_000}),
        ("f", 3.0, 3.0, details | {"peak_goal_mb": 400}),
        ("g", 3.0, 3.0, details | {"peak_goal_mb": 399}),
    ]:
        pairs = Pairs([Run(0, seconds, 400)], [Run(0, 1.0, 200)])
        result = measure.result(f"work {name}", "the peer", pairs, goal=goal, details=more)
        (tmp_path / f"{name}.json").write_text(json.dumps(result))
    return tmp_path


def test_report_has_a_row_for_each_result(results: Path) -> None:
    header, *rows, absent = report.table(results)
    assert header.split() == [
        "benchmark",
        "work",
        "peer",
        "ratio",
        "spread",
        "in",
        "all",
        "goal",
        "peak",
        "MB",
        "measured",
    ]
    assert [row.split("  ")[0] for row in rows] == list("abcdefg")
    assert "3.00   3.00-3.00  4.20    reported " in rows[0]
    assert "400 / 200" in rows[0]
    assert "at most 3.00: met " in rows[1]
    assert "at most 3.00: not met " in rows[2]
    assert "at most 3.00: met " in rows[3]
    assert "at most 3.00, for 100 M rows " in rows[4]
    assert "at most 3.00 and 400 MB: met " in rows[5]
    assert "at most 3.00 and 399 MB: not met " in rows[6]
    assert absent.startswith("not measured: audit_article, audit_build, ")


def test_where_all_is_measured_nothing_is_named(results: Path) -> None:
    for name in report.ALL:
        shutil.copyfile(results / "a.json", results / f"{name}.json")
    assert "not measured" not in report.table(results)[-1]


@pytest.mark.parametrize(
    "text", ["", "[]", "null", '{"ratio": 1}', '{"ratio": 1, "goal": null, "spread": [1]}']
)
def test_a_file_that_is_no_result_is_named(results: Path, text: str) -> None:
    (results / "b.json").write_text(text)
    with pytest.raises(ValueError, match=r"b\.json is not a result"):
        report.table(results)


def test_no_results_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="run `make bench`"):
        report.table(tmp_path)


@pytest.fixture
def refreshed(tmp_path: Path) -> tuple[Path, Path]:
    """What a refresh of two made-up releases must give, and the peer's own tables of them."""
    landing = generate.new_landing(tmp_path / "landing")
    for release in generate.base_and_later(9000):
        generate.land(landing, release)
    ours, peer = tmp_path / "saldo.duckdb", tmp_path / "rebuilt.duckdb"
    key = refresh.KEY.format(region="region_label")
    arguments = [str(landing.folder), str(peer), key, refresh.SAID]
    measure.run([sys.executable, "-c", refresh.REBUILD, *arguments], {})
    labels = read_reference(measure.PROJECT).labels["iso_3166_2"]
    with duckdb.connect(str(ours)) as connection:
        connection.execute(f"attach '{peer}' as peer (read_only)")
        connection.execute(
            "create schema core; create table label (region_label varchar, region_code varchar)"
        )
        for label, (meaning, *_) in labels.items():
            connection.execute("insert into label values (?, ?)", [label, meaning.region])
        for name, of in (("fct_revision", "revision"), ("fct_observation", "observation")):
            connection.execute(
                f"create table core.{name} as from peer.{of} inner join label using (region_label)"
            )
    return ours, peer


def test_the_peer_of_a_refresh_gives_each_vintage(refreshed: tuple[Path, Path]) -> None:
    ours, peer = refreshed
    assert refresh.differences(ours, peer) == ""
    with duckdb.connect(str(peer)) as connection:
        found = connection.execute(
            "select (select count(*) from revision), count(*),"
            " (select count(*) from revision where known_to is not null) from observation"
        ).fetchall()
    base, later = generate.base_and_later(9000)
    ((revisions, latest, ended),) = found
    # by its ordinary rows alone, without totals
    of_a_slice = base.row_count // len(base.slices) - generate.GROUP
    assert latest == len(np.union1d(base.slices, later.slices)) * of_a_slice
    assert revisions == latest + ended
    assert ended == len(later.revised) * of_a_slice


@pytest.mark.parametrize(
    ("change", "table"),
    [
        ("update core.fct_revision set value = value + 1 where known_to is not null", "core.fct_revision"),
        ("update core.fct_revision set known_to = null", "core.fct_revision"),
        ("delete from core.fct_observation where release_id = 'made_up_2026_02_28'", "core.fct_observation"),
    ],
)
def test_a_refresh_that_differs_is_found(refreshed: tuple[Path, Path], change: str, table: str) -> None:
    ours, peer = refreshed
    with duckdb.connect(str(ours)) as connection:
        connection.execute(change)
    assert table in refresh.differences(ours, peer)
