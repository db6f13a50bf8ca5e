"""The records of runs of `saldo refresh`."""

import io
from pathlib import Path

import pytest

from saldo import refresh, runs
from saldo.build import Outcome
from saldo.fetch import Fetched
from saldo.landing import Landing
from saldo.progress import Progress

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path)


def put(landing: Landing, run_id: str, status: str = "published") -> None:
    landing.write_run({"run_id": run_id, "started_at": "2026-11-24T03:00:00.000+00:00", "status": status})


def test_a_run_that_never_ended_was_cut_off(landing: Landing) -> None:
    first = runs.begin(landing)
    runs.end(landing, runs.begin(landing), {"status": "published", "exit_status": 0})
    assert [run["status"] for run in landing.read_runs()] == ["cut_off", "published"]
    assert landing.read_runs()[0]["run_id"] == first["run_id"]
    assert first["ended_at"] is None


def test_two_runs_of_one_second_have_two_records(landing: Landing) -> None:
    names = {runs.begin(landing)["run_id"] for _ in range(3)}
    assert len(names) == 3


def test_the_oldest_records_go(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "KEPT", 2)
    for name in ("20200101T000000Z", "20200102T000000Z", "20200103T000000Z"):
        put(landing, name)
    ended = runs.end(landing, runs.begin(landing), {"status": "up_to_date", "exit_status": 0})
    assert [run["run_id"] for run in landing.read_runs()] == ["20200103T000000Z", ended["run_id"]]


def test_under_a_clock_set_back_the_record_of_this_run_stays(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "KEPT", 2)
    for name in ("29990101T000000Z", "29990102T000000Z"):
        put(landing, name)
    ended = runs.end(landing, runs.begin(landing), {"status": "up_to_date", "exit_status": 0})
    assert landing.read_runs()[0]["run_id"] == ended["run_id"]


def test_the_last_run_as_it_stands(landing: Landing) -> None:
    assert runs.last(landing) is None
    put(landing, "20200101T000000Z", "failed")
    run = runs.begin(landing)
    assert runs.last(landing) == run
    landing.write_run(run | {"process": 2**22 + 1})  # a number that Linux gives to no process
    found = runs.last(landing)
    assert found is not None
    assert (found["run_id"], found["status"]) == (run["run_id"], "cut_off")
    runs.end(landing, run, {"status": "published", "exit_status": 0})
    found = runs.last(landing)
    assert found is not None
    assert found["status"] == "published"


@pytest.mark.parametrize(
    ("source", "exit_status"),
    [("bns.income", 6), ("taldau.income", 0)],
    ids=["needed", "others stand beside"],
)
def test_who_does_not_answer(
    source: str, exit_status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that may do without error_after rouses nobody, night after night."""
    failed = Fetched(source, "failed", None, "", None, None, "no answer", "try later")
    outcome = Outcome(tmp_path / "saldo.duckdb", {"version_id": "v"}, None)
    monkeypatch.setenv("SALDO_LANDING", str(tmp_path / "landing"))
    monkeypatch.setenv("SALDO_WAREHOUSE", str(tmp_path / "warehouse"))
    monkeypatch.setattr("saldo.fetch.fetch", lambda *arguments: [failed])
    monkeypatch.setattr("saldo.refresh.build", lambda *arguments, **options: outcome)
    monkeypatch.setattr("saldo.refresh._report", lambda *arguments: {"status": "up_to_date"})
    refreshed = refresh.refresh(PROJECT, progress=Progress(io.StringIO()))
    assert (refreshed.exit_status, refreshed.record["sources_failed"]) == (exit_status, 1)
    assert [one["source"] for one in refreshed.record["sources"]] == [source]
