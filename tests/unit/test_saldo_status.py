"""`saldo status`, beside `dbt source freshness` over the same landing."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from project import RunSaldo

from saldo.disk import file_sha256
from saldo.fingerprint import fingerprint
from saldo.landing import FORMAT_VERSION, Landing, open_landing
from saldo.sources import read_sources
from saldo.status import as_text, read_status

PROJECT = Path(__file__).parents[2]
SOURCES = {source.name: source for source in read_sources(PROJECT)}
AS_DBT_SAYS = {"pass": "fresh", "warn": "due", "error": "late"}
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
REASON = {
    "file_name": "page.csv",
    "sha256": "ab" * 32,
    "received_at": "2026-11-24T03:00:00.000000+00:00",
    "reason": "web_page",
    "message": "a web page or XML, not data",
    "remedy": "fetch it again",
    "layout": "",
    "place": {"row": 1},
}


@pytest.fixture
def landing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Landing:
    """An empty landing, beside an empty warehouse."""
    monkeypatch.setenv("SALDO_LANDING", str(tmp_path / "landing"))
    monkeypatch.setenv("SALDO_WAREHOUSE", str(tmp_path / "warehouse"))
    (tmp_path / "warehouse").mkdir()
    return open_landing(PROJECT)


def lands(landing: Landing, source: str, published_on: date, **properties: Any) -> None:
    """Lands a release of a source, as far as a manifest goes."""
    declared = SOURCES[source]
    release_id = f"{declared.layout}_{published_on:%Y_%m_%d}"
    manifest = {
        "format_version": FORMAT_VERSION,
        "release_id": release_id,
        "publisher": declared.publisher,
        "title": declared.description,
        "published_on": published_on.isoformat(),
        "published_on_note": None,
        "sequence_in_day": 1,
        "recorded_at": "2026-11-24T03:00:00.000000+00:00",
        "file_name": declared.file_of(published_on),
        "sha256": f"{abs(hash((source, published_on))):064x}",
        "layout": declared.layout,
        "label_set": "bns_upper",
        "declares_back_cast": False,
        "source_url": declared.address,
        "terms_of_use": declared.licence,
        "indicators": list(declared.indicators)[:1],
        "row_count": 1,
        "control_total_count": 0,
        "status": "landed",
        "withdrawn_on": None,
        "withdrawn_reason": None,
    }
    path = landing.releases / f"{release_id}.json"
    path.write_text(json.dumps(manifest | properties, indent=1), encoding="utf-8")


def publishes(landing: Landing, **properties: Any) -> Path:
    """Puts a file and its record into the warehouse, as a build of the project as it is now does."""
    file = landing.folder.parent / "warehouse" / "saldo.duckdb"
    file.write_bytes(b"a published file")
    state = {
        "fingerprint": fingerprint(PROJECT),
        "version_id": "20261123T220100Z-0a1b2c3d",
        "size": file.stat().st_size,
        "sha256": file_sha256(file),
        "built_at": "2026-11-24T03:01:00+05:00",
        "summary": {"rows": {"core": {"dim_release": 3, "fct_observation": 746}}},
    }
    file.with_name("saldo.state.json").write_text(json.dumps(state | properties), encoding="utf-8")
    return file


def all_is_well(landing: Landing) -> None:
    for name in SOURCES:
        lands(landing, name, NOW.date())
    publishes(landing)


# --- freshness, as dbt has it -----------------------------------------------------------------------------


# One process: dbt takes longer to parse the project than to ask for the freshness of its sources.
ASKS_TWICE = """
import os, sys
from dbt.cli.main import dbtRunner

def ask(runner, folder, *command):
    return runner.invoke(["--quiet", "--log-path", folder, *command, "--target-path", folder])

parsed = ask(dbtRunner(), sys.argv[1], "parse")
for folder in sys.argv[1:]:
    os.environ["SALDO_LANDING"] = os.path.join(folder, "landing")
    ask(dbtRunner(manifest=parsed.result), folder, "source", "freshness")
"""


def freshness_of_dbt(*folders: Path) -> list[dict[str, dict[str, Any]]]:
    """What dbt says of the sources, for each folder with a landing in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
    env = kept | {"SALDO_DB": str(folders[0] / "dev.duckdb"), "SALDO_WORK": str(folders[0] / "work.duckdb")}
    command = [sys.executable, "-c", ASKS_TWICE, *folders]
    done = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True)
    files = [folder / "sources.json" for folder in folders]
    assert all(file.is_file() for file in files), done.stdout + done.stderr
    results = [json.loads(file.read_text(encoding="utf-8"))["results"] for file in files]
    return [{one["unique_id"].split(".", 2)[2]: one for one in of_folder} for of_folder in results]


def test_dbt_and_status_call_the_same_sources_due_and_late(landing: Landing, tmp_path: Path) -> None:
    """Each source at another point of its calendar; and a landing into which nothing has come yet."""
    # A day is over, so that midnight in the middle of this test changes nothing.
    today, day = datetime.now(UTC).date(), timedelta(days=1)
    due = {name: today - source.due_after for name, source in SOURCES.items()}
    late = {name: today - source.late_after for name, source in SOURCES.items()}
    lands(landing, "bns.population", due["bns.population"] + 2 * day)
    lands(landing, "bns.migration_balance", due["bns.migration_balance"] - day)
    lands(landing, "bns.income", late["bns.income"] + 2 * day)
    # Late, but for a release that was withdrawn; due, but for one of another indicator by the same layout.
    lands(landing, "bns.unemployment", late["bns.unemployment"] - day)
    lands(landing, "bns.unemployment", today, withdrawn_on=today.isoformat(), status="withdrawn")
    lands(landing, "taldau.income", due["taldau.income"] - 2 * day)
    lands(landing, "taldau.income", today, indicators=["real_income_index"])
    expected = {
        "bns.population": "fresh",
        "bns.migration_balance": "due",
        "bns.income": "due",
        "bns.unemployment": "late",
        "taldau.income": "due",
    }
    by_dbt, of_nothing = freshness_of_dbt(tmp_path, tmp_path / "empty")
    ours = {one.source: one for one in read_status(PROJECT).sources}
    assert {name: AS_DBT_SAYS[one["status"]] for name, one in by_dbt.items()} == expected
    assert {name: one.freshness for name, one in ours.items()} == expected
    for name, one in ours.items():
        assert by_dbt[name]["max_loaded_at"].startswith(f"{one.published_on}T00:00:00"), name
        for threshold, age in (("warn_after", "due_after"), ("error_after", "late_after")):
            declared = by_dbt[name]["criteria"][threshold]
            assert timedelta(**{f"{declared['period']}s": declared["count"]}) == getattr(SOURCES[name], age)
    assert {name: AS_DBT_SAYS[one["status"]] for name, one in of_nothing.items()} == dict.fromkeys(
        SOURCES, "late"
    )


def test_nothing_has_landed(landing: Landing) -> None:
    """As dbt has it, see above."""
    assert {one.source: one.freshness for one in read_status(PROJECT).sources} == dict.fromkeys(
        SOURCES, "late"
    )


@pytest.mark.parametrize(
    ("seconds", "freshness"), [(0, "fresh"), (1, "due"), (30 * 86_400, "due"), (30 * 86_400 + 1, "late")]
)
def test_the_moment_from_which_a_release_is_due_and_late(
    seconds: int, freshness: str, landing: Landing
) -> None:
    """dbt: an age that exceeds the threshold. Unemployment: due after 110 days, late after 140."""
    lands(landing, "bns.unemployment", date(2026, 3, 1))
    now = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=110, seconds=seconds)
    (found,) = [one for one in read_status(PROJECT, now).sources if one.source == "bns.unemployment"]
    assert (found.freshness, found.due_on, found.late_on) == (freshness, date(2026, 6, 19), date(2026, 7, 19))


# --- the rest ---------------------------------------------------------------------------------------------


def test_all_is_well(landing: Landing) -> None:
    all_is_well(landing)
    status = read_status(PROJECT, NOW)
    assert status.exit_status == 0
    published, *sources = as_text(status).splitlines()
    assert re.search(
        r"saldo\.duckdb · version 20261123T220100Z-0a1b2c3d · built 2026-11-24 03:01 · 3 releases · 749 rows",
        published,
    )
    assert sources[1] == f"{'':12}fresh bns.population: last published 2026-11-25; next due 2027-12-30"


def test_a_source_that_is_due_is_still_well(landing: Landing) -> None:
    all_is_well(landing)
    status = read_status(PROJECT, NOW + timedelta(days=120))
    assert status.exit_status == 0
    assert (
        "due   bns.unemployment: last published 2026-11-25; due since 2027-03-15, late from 2027-04-14"
        in (as_text(status))
    )


def test_each_trouble_has_its_exit_status_and_the_gravest_counts(landing: Landing) -> None:
    all_is_well(landing)
    file = landing.folder.parent / "warehouse" / "saldo.duckdb"

    publishes(landing, fingerprint="of other inputs")
    status = read_status(PROJECT, NOW)
    assert (status.exit_status, status.published.build_pending) == (10, True)
    assert "Pending     inputs have changed since" in as_text(status)
    publishes(landing, fingerprint="of other inputs", held={fingerprint(PROJECT): "given up by a rollback"})
    assert read_status(PROJECT, NOW).exit_status == 0
    publishes(landing)

    (landing.inbox / "bns.income").mkdir(parents=True)
    (landing.inbox / "bns.income" / "bns_19298_2026-11-25.csv").write_bytes(b"x")
    (landing.inbox / "bns.income" / ".bns.csv.tmp").write_bytes(b"x")
    status = read_status(PROJECT, NOW)
    assert (status.exit_status, status.inbox) == (10, ["bns.income/bns_19298_2026-11-25.csv"])
    assert "Inbox       bns.income/bns_19298_2026-11-25.csv waits" in as_text(status)

    later = NOW + timedelta(days=150)
    assert read_status(PROJECT, later).exit_status == 7
    assert "late  bns.unemployment: last published 2026-11-25; late since 2027-04-14" in (
        as_text(read_status(PROJECT, later))
    )

    (landing.quarantine / REASON["sha256"]).mkdir()
    (landing.quarantine / REASON["sha256"] / "reason.json").write_text(json.dumps(REASON), encoding="utf-8")
    status = read_status(PROJECT, later)
    assert status.exit_status == 8
    assert "Refused     page.csv: a web page or XML, not data" in as_text(status)
    assert f"remove {landing.quarantine / REASON['sha256']}" in as_text(status)

    file.write_bytes(b"written by another one")
    status = read_status(PROJECT, later)
    assert status.exit_status == 9
    assert "is gone or was changed since it was published" in as_text(status)
    file.unlink()
    assert read_status(PROJECT, later).exit_status == 9


def test_it_changes_nothing_and_starts_no_database(
    run_saldo: RunSaldo, tmp_path: Path, landing: Landing
) -> None:
    env = {"SALDO_LANDING": str(tmp_path / "none"), "SALDO_WAREHOUSE": str(tmp_path / "nowhere")}
    done = run_saldo(PROJECT, "status", "--json", env=env | {"PYTHONPROFILEIMPORTTIME": "1"})
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["exit_status"]) == (9, 9)
    assert answer["published"]["whole"] is False
    assert [one["freshness"] for one in answer["sources"]] == ["late"] * len(SOURCES)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "saldo" in imported
    assert imported.isdisjoint({"duckdb", "dbt", "pyarrow", "pandas", "numpy", "requests"})
    assert not (tmp_path / "none").exists()
    assert not (tmp_path / "nowhere").exists()


def test_a_manifest_that_cannot_be_read_is_named(run_saldo: RunSaldo, landing: Landing) -> None:
    (landing.releases / "broken.json").write_text("{", encoding="utf-8")
    done = run_saldo(PROJECT, "status", env={"SALDO_LANDING": str(landing.folder)})
    assert done.returncode == 3
    assert "broken.json" in done.stderr
