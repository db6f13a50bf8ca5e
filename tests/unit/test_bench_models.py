"""Benchmarks of the models and their checks: peers make the same tables and find the same false figure, and
what differs is told. One landing with a false figure is built once; nothing is timed here."""

import contextlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

import bench.__main__ as all_benchmarks
from bench import audit, environment, growth, marts, measure, models, report
from bench.measure import BenchmarkError, Run
from bench.models import Models
from expectations import runner
from saldo import dbt_run
from saldo.landing import Landing

ROWS = 46_000  # of two months, so that there is a month before
# Where its environment has been made: no test downloads one.
needs_polars = pytest.mark.skipif(
    not (environment.ENVIRONMENTS / "polars" / environment.STAMP).is_file(),
    reason="no environment of Polars: python -m bench.marts --peer polars makes it",
)


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Landing:
    made, rows = models.land(tmp_path_factory.mktemp("landing") / "landing", ROWS)
    assert ROWS <= rows < 1.1 * ROWS
    audit.falsify(made)
    return made


@pytest.fixture(scope="module")
def made(landing: Landing, tmp_path_factory: pytest.TempPathFactory) -> Models:
    made = audit.prepared(tmp_path_factory.mktemp("models") / "full", landing.folder)
    made.dbt("run", *audit.TOTALS)
    return made


@pytest.fixture(scope="module")
def peer(landing: Landing, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of the hand-written SQL."""
    folder = tmp_path_factory.mktemp("peer") / "sql"
    marts.peer_of("sql", landing.folder, folder, "1GB")()
    return folder


@pytest.fixture
def copy(made: Models, tmp_path: Path) -> Callable[[str], Path]:
    """A copy of the built file, changed."""

    def changed(sql: str) -> Path:
        file = tmp_path / f"changed_{len(list(tmp_path.iterdir()))}.duckdb"
        shutil.copyfile(made.database, file)
        with duckdb.connect(str(file)) as connection:
            connection.execute(sql)
        return file

    return changed


@pytest.mark.parametrize("name", ["sql", "pandas", pytest.param("polars", marks=needs_polars)])
def test_a_peer_makes_the_marts(
    name: str, made: Models, landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "pandas":  # this project's own: the versions are those of the lock
        monkeypatch.setattr(environment, "python_of", lambda _: Path(sys.executable))
    marts.peer_of(name, landing.folder, tmp_path / "tables", "")()
    assert marts.differences(made.database, tmp_path / "tables") == []
    marts.check(made.database, tmp_path / "tables")


@pytest.mark.parametrize(
    ("change", "table"),
    [
        ("update core.fct_revision set known_to = null", "fct_revision"),
        ("update core.fct_revision set recorded_at = known_from", "fct_revision"),
        (
            "delete from core.fct_revision where source_ref = (select max(source_ref)"
            " from core.fct_revision where release_id like 'made_up_%' and not is_latest)",
            "fct_revision",
        ),
        (
            "update core.fct_revision set is_latest = false where source_ref = (select max(source_ref)"
            " from core.fct_observation where release_id like 'made_up_%')",
            "fct_observation",
        ),
        ("update core.fct_control_total set parts_count = parts_count + 1", "fct_control_total"),
        ("update core.figure_revision set first_value_before = null", "figure_revision"),
        ("update core.revision_summary set n_revised = n_revised + 1", "revision_summary"),
        (
            "update core.revision_summary set mean_revision = 1.00000001 * mean_revision",
            "revision_summary",
        ),
        ("delete from core.figure_revision", "figure_revision"),
    ],
)
def test_marts_that_differ_are_named(
    change: str, table: str, copy: Callable[[str], Path], peer: Path
) -> None:
    (line,) = marts.differences(copy(change), peer)
    assert line.startswith(f"{table}: ")
    with pytest.raises(BenchmarkError, match=table):
        marts.check(copy(change), peer)


def test_no_rows_on_both_sides_are_no_result(copy: Callable[[str], Path], peer: Path, tmp_path: Path) -> None:
    shutil.copytree(peer, tmp_path / "peer")
    with duckdb.connect(str(tmp_path / "peer" / "marts.duckdb")) as connection:
        connection.execute("delete from figure_revision")
    (line,) = marts.differences(copy("delete from core.figure_revision"), tmp_path / "peer")
    assert line.startswith("figure_revision: ")


def test_both_audits_name_the_false_figure(made: Models, landing: Landing, tmp_path: Path) -> None:
    file = tmp_path / "verdicts.json"
    audit.run_peer(landing, file)
    ours, theirs = audit.verdicts(made.database), json.loads(file.read_text())
    audit.check_totals(ours, theirs)
    assert [key.split()[0] for key in ours["breaches"]] == [
        "control_totals",
        "external_flows",
        "regions_in_force",
        "sexes",
    ]
    assert all("made_up_2026_01_31" in key for key in ours["breaches"])
    outcomes = {key.split()[2] for key in ours["counts"]}
    assert outcomes == {"holds", "breach", "not_checkable"}
    with duckdb.connect(str(made.database), read_only=True) as connection:
        failed = {name for (name,) in connection.execute(audit.FAILED).fetchall()}
    assert {"identities_hold", "column_totals_equal_sums"} <= failed


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ("delete from audit.identity_check where outcome = 'not_checkable'", "counts"),
        ("update audit.identity_check set sex_code = 'M' where outcome = 'breach'", "breaches"),
        ("update core.fct_control_total set difference = 0", "counts"),
    ],
)
def test_verdicts_that_differ_are_told(
    change: str, part: str, copy: Callable[[str], Path], made: Models
) -> None:
    with pytest.raises(BenchmarkError, match=f"the two differ: {part}"):
        audit.check_totals(audit.verdicts(copy(change)), audit.verdicts(made.database))


def test_totals_that_hold_reach_expectations_as_their_number(made: Models) -> None:
    with duckdb.connect(str(made.database), read_only=True) as connection:
        totals = connection.table("core.fct_control_total")
        counted = totals.query("totals", runner.CONTROL_TOTALS).set_alias("counted")
        differing = totals.filter("difference is distinct from 0")
        assert len(differing) > 0
        assert len(counted.filter("published_value is distinct from summed_value")) == len(differing)
        assert counted.max("totals_count").fetchall() > [(1000,)]
        assert counted.sum("totals_count").fetchall() == totals.count("*").fetchall()


@pytest.mark.parametrize("status", ["pass", "fail"])
def test_a_figure_that_is_there_twice_is_found(status: str, made: Models, tmp_path: Path) -> None:
    other = Models.__new__(Models)
    other.__dict__ |= made.__dict__
    other.folder = Path(shutil.copytree(made.folder, tmp_path / "models"))
    other.database, other.work = other.folder / "saldo.duckdb", other.folder / "work.duckdb"
    if status == "fail":
        with duckdb.connect(str(other.database)) as connection:
            row = "from core.fct_revision where release_id like 'made_up_%' order by source_ref limit 1"
            connection.execute(f"insert into core.fct_revision {row}")
    with contextlib.nullcontext() if status == "pass" else pytest.raises(BenchmarkError):
        other.dbt("test", "--select", "unique_key_fct_revision*")
    (result,) = [node for node in dbt_run.read_results(other.folder / "target") if node.kind == "test"]
    assert (result.status, result.name[:23]) == (status, "unique_key_fct_revision")


def test_no_totals_are_no_verdict() -> None:
    with pytest.raises(BenchmarkError, match="no total was checked"):
        audit.check_totals({"counts": {}, "breaches": []}, {"counts": {}, "breaches": []})


def test_an_audited_build_has_the_facts_of_the_models_alone(
    made: Models, copy: Callable[[str], Path]
) -> None:
    with pytest.raises(BenchmarkError, match="expectations failed"):
        audit.check_build(made.database, made.database)
    passed = copy("update audit.expectation_result set success = true")
    audit.check_build(passed, made.database)
    other = copy("update core.fct_revision set value = value + 1")
    with pytest.raises(BenchmarkError, match="the two differ"):
        audit.check_build(passed, other)
    without = copy("delete from audit.identity_check; update audit.expectation_result set success = true")
    with pytest.raises(BenchmarkError, match="no audit"):
        audit.check_build(without, made.database)


def test_each_run_begins_with_the_seeds(made: Models, tmp_path: Path) -> None:
    other = Models.__new__(Models)
    other.folder = Path(shutil.copytree(made.folder, tmp_path / "models"))
    other.database, other.work = other.folder / "saldo.duckdb", other.folder / "work.duckdb"
    other.put_back()
    with duckdb.connect(str(other.database), read_only=True) as connection:
        assert connection.execute("select 1 from duckdb_tables()").fetchall() == []
    with duckdb.connect(str(other.work), read_only=True) as connection:
        assert connection.execute("select 1 from reference.region limit 1").fetchall()


def test_the_fixed_part_of_each_round_is_taken_off() -> None:
    seconds = {"fixed": iter([9, 1, 2, 3]), "work": iter([9, 4, 8, 12]), "peer": iter([9, 1, 2, 3])}

    def made_up(name: str) -> Callable[[], Run]:
        return lambda: Run(0, taken := next(seconds[name]), 1, 2 * taken)

    found = models.rounds(made_up("fixed"), made_up("work"), made_up("peer"), lambda: None, 3)
    assert found.pairs.ratios == [3, 3, 3]
    assert found.details()["ratios_in_all"] == [4, 4, 4]
    assert found.details()["cpu_ratios"] == [3, 3, 3]
    assert found.details()["seconds_on_an_empty_landing"] == [1, 2, 3]
    with pytest.raises(BenchmarkError, match="measure more rows"):
        models.rounds(lambda: Run(0, 2, 1), lambda: Run(0, 1, 1), lambda: Run(0, 1, 1), lambda: None, 3)


def test_without_a_warm_up_every_round_counts() -> None:
    fixed, work, peer = (
        [Run(0, seconds, 1) for seconds in each] for each in ([1, 2, 3], [4, 8, 12], [1, 2, 3])
    )
    turns = [iter(each) for each in (fixed, work, peer)]
    found = models.rounds(*(lambda turn=turn: next(turn) for turn in turns), lambda: None, 3, warm_up=False)
    assert (found.fixed, found.whole, found.pairs.peer) == (fixed, work, peer)
    assert found.pairs.ratios == [3, 3, 3]


def test_growth_is_of_the_cost_of_a_row() -> None:
    small, large = (
        growth.Size(rows, [Run(0, 5, 1)] * 3, [Run(0, 5 + seconds, peak) for seconds in each])
        for rows, each, peak in ((1_000_000, [1, 2, 3], 100), (10_000_000, [30, 20, 60], 900))
    )
    result = growth.growth([small, large], "4GB")
    assert (result["ratio"], result["spread"]) == (2, [1, 3])
    assert result["details"]["seconds_on_an_empty_landing"] == 5
    assert result["peak_mb"] == {"work": 900, "peer": 100}
    assert [size["seconds_per_million"] for size in result["details"]["sizes"]] == [2, 3]


def test_growth_needs_two_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        growth.main(["--rows", "1000"])
    assert "two sizes or more" in capsys.readouterr().err


def test_the_limit_of_memory_is_that_of_both(
    made: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Models, "dbt", lambda self, *arguments: Run(0, 1, 1))
    limited = Models(tmp_path / "limited", made.landing, "3GB")
    assert "memory_limit: 3GB" in (limited.folder / "profiles" / "profiles.yml").read_text()
    ran: list[list[str]] = []
    monkeypatch.setattr(measure, "run", lambda command, _: ran.append(command) or Run(0, 1, 1))
    marts.peer_of("sql", made.landing, tmp_path / "sql", "3GB")()
    assert ran[0][-1] == "3GB"


def test_what_is_grouped_of_landed_figures_goes_to_disk(tmp_path: Path) -> None:
    """With 180 MB, where the groups take 220; int_cell_coded says what keeps DuckDB from holding them all."""
    landing, rows = models.land(tmp_path / "landing", 1_000_000)
    many = Models(tmp_path / "models", landing.folder)
    many.put_back()
    many.dbt("run", "--select", "+int_observation")
    columns = ", ".join((*marts.FIGURE, "release_id"))
    limits = {"memory_limit": "180MB", "threads": 2, "preserve_insertion_order": False}
    with duckdb.connect(str(many.database), config=limits) as connection:
        connection.execute(f"attach '{many.work}' as work")
        groups = connection.execute(f"""
            select count(*), sum(n) from (
                select {columns}, sum(value), count(*) as n
                from work.intermediate.int_observation group by {columns}
            )
        """).fetchone()
    assert groups is not None
    assert groups[0] == groups[1] > 0.9 * rows


def test_all_benchmarks_are_run_at_two_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    small, large = (all_benchmarks.steps(large=large) for large in (False, True))
    assert [step for step, _ in small] == [step for step, _ in large]
    assert "100000000" in str(large)
    assert "100000000" not in str(small)
    assert all_benchmarks.main(["--huge"]) == 2
    assert "--large" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("main", "arguments", "names"),
    [
        (marts.main, ["--peer", "polars", "--rows", "3000"], ["marts_polars"]),
        (marts.main, ["--peer", "sql", "--rows", "3000"], ["marts_sql"]),
        (audit.main, ["--rows", "3000"], ["audit_article", "audit_build", "audit_totals"]),
        (growth.main, ["--rows", "3000", "9000"], ["growth"]),
        (growth.main, ["--rows", "3000", "9000", "--sql"], ["growth", "marts_sql"]),
    ],
)
def test_a_command_writes_what_the_report_shows(
    main: Callable[[list[str]], int],
    arguments: list[str],
    names: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    runs = [Run(0, seconds, 100, seconds) for seconds in (2, 3, 4)]
    pairs = measure.Pairs(runs, list(reversed(runs)))
    monkeypatch.setattr(measure, "RESULTS", tmp_path)
    monkeypatch.setattr(marts, "measured", lambda *_, warm_up: models.Rounds(runs, runs, pairs))
    monkeypatch.setattr(audit, "measured_totals", lambda *_: models.Rounds(runs, runs, pairs))
    monkeypatch.setattr(audit, "measured_build", lambda *_: pairs)
    monkeypatch.setattr(audit, "name_false_figure", lambda _: ["sexes"])
    fixed = [Run(0, 1, 100)] * 3
    sizes = [growth.Size(rows, fixed, runs) for rows in (3000, 9000)]
    monkeypatch.setattr(growth, "measured", lambda *_, beside_sql: (sizes, runs if beside_sql else []))
    assert main(arguments) == 0
    assert [line.split()[0] for line in report.table(tmp_path)[1:-1]] == names
    assert "ratio" in capsys.readouterr().out


def test_a_command_that_fails_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise BenchmarkError("the two differ: here")

    monkeypatch.setattr(marts, "measured", fail)
    monkeypatch.setattr(audit, "measured_build", fail)
    monkeypatch.setattr(growth, "measured", fail)
    for main, arguments in (
        (marts.main, ["--peer", "pandas", "--rows", "3000"]),
        (audit.main, ["--part", "build", "--rows", "3000"]),
        (growth.main, ["--rows", "3000", "9000"]),
    ):
        assert main(arguments) == 1
        assert "error: the two differ: here" in capsys.readouterr().err
