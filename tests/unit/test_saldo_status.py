"""`saldo status`, beside `dbt source freshness` over the same landing."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from project import RunSaldo, copy_project

from saldo.disk import file_sha256
from saldo.errors import InputError
from saldo.fingerprint import fingerprint
from saldo.intake.ingest import Options, ingest
from saldo.landing import FORMAT_VERSION, Landing, open_landing
from saldo.sources import RELEASES, read_sources
from saldo.status import as_json, as_text, read_status

PROJECT = Path(__file__).parents[2]
SOURCES = {source.name: source for source in read_sources(PROJECT)}
AS_DBT_SAYS = {"fresh": "pass", "due": "warn", "none": "warn", "late": "error"}
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


def refused(landing: Landing, **properties: Any) -> None:
    """Puts a refused file into quarantine, as far as its reason goes."""
    folder = landing.quarantine / properties.get("sha256", REASON["sha256"])
    folder.mkdir()
    (folder / "reason.json").write_text(json.dumps(REASON | properties), encoding="utf-8")


def does_not_answer(landing: Landing, source: str, days: int) -> None:
    """Records that a source has failed each night, beside what was fetched before."""
    failing = {
        "since": (NOW - timedelta(days=days)).isoformat(),
        "last_at": NOW.isoformat(),
        "times": days + 1,
        "message": "the bureau, https://host/path: the server answered 500",
        "remedy": "try later",
    }
    landing.fetched.mkdir(exist_ok=True)
    landing.record_fetched(source, {"asked_at": "2026-11-20T03:00:00+00:00", "failing": failing})


def all_is_well(landing: Landing) -> None:
    for name in SOURCES:
        lands(landing, name, NOW.date())
    publishes(landing)


# --- freshness, as dbt has it -----------------------------------------------------------------------------


# One process: dbt takes longer to parse the project than to ask for the freshness of its sources.
ASKS = """
import os, shutil, sys
from dbt.cli.main import dbtRunner

def ask(runner, folder, *command):
    return runner.invoke(["--quiet", "--log-path", folder, *command, "--target-path", folder])

parsed = ask(dbtRunner(), sys.argv[1], "parse")
for folder in sys.argv[1:]:
    os.environ["SALDO_LANDING"] = os.path.join(folder, "landing")
    shutil.copy(os.path.join(folder, "release.csv"), "seeds/reference/release.csv")
    ask(dbtRunner(manifest=parsed.result), folder, "source", "freshness")
"""


def freshness_of_dbt(project: Path, *folders: Path) -> tuple[list[dict[str, dict[str, Any]]], str]:
    """What dbt says of the sources, by folder with a landing and the releases of the seeds; its errors."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
    env = kept | {"SALDO_DB": str(folders[0] / "dev.duckdb"), "SALDO_WORK": str(folders[0] / "work.duckdb")}
    command = [sys.executable, "-c", ASKS, *folders]
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True)
    files = [folder / "sources.json" for folder in folders]
    assert all(file.is_file() for file in files), done.stdout + done.stderr
    results = [json.loads(file.read_text(encoding="utf-8"))["results"] for file in files]
    found = [{one["unique_id"].split(".", 2)[2]: one for one in of_folder} for of_folder in results]
    return found, done.stdout


def releases_of_seeds(folder: Path, **published_on: date) -> None:
    """The releases of the seeds, with these days; of the others, those of declared sources came long ago."""
    with (PROJECT / RELEASES).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    seeded = {release_id for source in SOURCES.values() for release_id in source.seeded}
    for row in rows:
        if row["release_id"] in seeded:
            row["published_on"] = published_on.get(row["release_id"], date(2001, 1, 1)).isoformat()
    with (folder / "release.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, whose seeds are changed."""
    return copy_project(tmp_path_factory.mktemp("clone") / "saldo")


def test_dbt_and_status_call_the_same_sources_due_and_late(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each source at the days before and after each of its thresholds, by what landed and by the seeds."""
    today, day = datetime.now(UTC).date(), timedelta(days=1)
    due = {name: today - source.due_after for name, source in SOURCES.items()}
    late = {name: today - source.late_after for name, source in SOURCES.items() if source.late_after}
    folders = [tmp_path / name for name in ("landed", "seeded", "nothing", "none")]
    landings = []
    for folder in folders:
        folder.mkdir()
        releases_of_seeds(folder)
        monkeypatch.setenv("SALDO_LANDING", str(folder / "landing"))
        landings.append(open_landing(PROJECT))
    landed, seeded, _, none = landings
    lands(landed, "bns.population", due["bns.population"] + day)
    lands(landed, "bns.migration_balance", due["bns.migration_balance"])
    lands(landed, "bns.income", late["bns.income"] + day)
    # Late, but for a release that was withdrawn; due, but for one of another indicator by the same layout.
    lands(landed, "bns.unemployment", late["bns.unemployment"])
    lands(landed, "bns.unemployment", today, withdrawn_on=today.isoformat(), status="withdrawn")
    lands(landed, "taldau.income", due["taldau.income"] - 1000 * day)
    lands(landed, "taldau.income", today, indicators=["real_income_index"])
    releases_of_seeds(
        folders[1],
        bns_population_2023_07_21=late["bns.population"],
        bns_population_2026_08_11=late["bns.population"] + day,
        bns_all_flows_2026_09_25=due["bns.migration_balance"] + day,
        bns_income_2026_09_30=late["bns.income"],
        bns_unemployment_2026_09_30=late["bns.unemployment"],
    )
    lands(seeded, "bns.income", due["bns.income"])
    # What dbt would find if the declaration named a release that the seeds do not have.
    text = (folders[3] / "release.csv").read_text(encoding="utf-8")
    (folders[3] / "release.csv").write_text(
        text.replace("bns_income_2026_09_30", "bns_income"), encoding="utf-8"
    )
    lands(none, "bns.income", today)

    expected = [
        ("fresh", "due", "due", "late", "due"),
        ("due", "fresh", "due", "late", "none"),
        ("late", "late", "late", "late", "none"),
    ]
    names = ("bns.population", "bns.migration_balance", "bns.income", "bns.unemployment", "taldau.income")
    (*by_dbt, of_none), errors = freshness_of_dbt(project, *folders)
    for folder, one, freshness in zip(folders[:3], by_dbt, expected, strict=True):
        monkeypatch.setenv("SALDO_LANDING", str(folder / "landing"))
        shutil.copy(folder / "release.csv", project / RELEASES)
        for name, wanted in zip(names, freshness, strict=True):
            # At the moment at which dbt asked: it may have been after midnight, by which the days were made.
            now = datetime.fromisoformat(one[name]["snapshotted_at"])
            (ours,) = [each for each in read_status(project, now).sources if each.source == name]
            assert AS_DBT_SAYS[ours.freshness] == one[name]["status"], (folder, name)
            assert ours.freshness == wanted or now.date() != today, (folder, name)
            if ours.published_on is not None:
                assert one[name]["max_loaded_at"].startswith(f"{ours.published_on}T00:00:00"), name
            for threshold, age in (("warn_after", "due_after"), ("error_after", "late_after")):
                declared = one[name]["criteria"][threshold]
                ours_after = getattr(SOURCES[name], age)
                if ours_after is None:
                    assert declared is None or declared["count"] is None
                else:
                    assert timedelta(**{f"{declared['period']}s": declared["count"]}) == ours_after
    assert of_none.keys() == set(names) - {"bns.income"}
    assert "bns_income_2026_09_30 of seeded_releases is no release of" in errors
    shutil.copy(folders[3] / "release.csv", project / RELEASES)
    with pytest.raises(InputError, match="bns_income_2026_09_30 is no release of"):
        read_status(project)


def test_what_a_fresh_build_holds_is_counted(landing: Landing) -> None:
    """From the seeds: nothing has landed; and nothing is late that no other source brings."""
    publishes(landing)
    status = read_status(PROJECT, NOW)
    assert {one.source: (one.freshness, one.release_id) for one in status.sources} == {
        "bns.migration_balance": ("fresh", "bns_all_flows_2026_09_25"),
        "bns.population": ("fresh", "bns_population_2026_08_11"),
        "bns.income": ("fresh", "bns_income_2026_09_30"),
        "bns.unemployment": ("fresh", "bns_unemployment_2026_09_30"),
        "taldau.income": ("none", None),
    }
    assert status.exit_status == 0
    _, *sources = as_text(status).splitlines()
    shown = re.search(r"^Sources .*\n(?: .*\n)+", (PROJECT / "README.md").read_text(encoding="utf-8"), re.M)
    assert shown is not None
    assert shown[0].splitlines() == sources


def test_a_source_of_which_nothing_is_held_is_late_unless_others_bring_the_same(
    project: Path, landing: Landing
) -> None:
    path = project / "models" / "staging" / "sources.yml"
    text = path.read_text(encoding="utf-8")
    shutil.copy(PROJECT / RELEASES, project / RELEASES)
    path.write_text(text.replace("seeded_releases: [bns_income_2026_09_30]", ""), encoding="utf-8")
    status = read_status(project, NOW)
    path.write_text(text, encoding="utf-8")
    assert (status.sources[2].source, status.sources[2].freshness) == ("bns.income", "late")
    assert "late  bns.income: yearly, no edition seen; nothing of it is held yet" in as_text(status)
    assert "none  taldau.income: yearly, no edition seen; nothing of it is held yet" in as_text(status)


def test_editions_that_landed_are_seen_too(landing: Landing) -> None:
    lands(landing, "bns.population", date(2026, 8, 11))  # the edition of the seeds itself
    (found,) = [one for one in read_status(PROJECT, NOW).sources if one.source == "bns.population"]
    assert found.calendar == "yearly, seen 2023-07-21 and 2026-08-11"
    assert found.release_id == "bns_csv_6584_2026_08_11"
    lands(landing, "bns.population", date(2027, 8, 12))
    (found,) = [one for one in read_status(PROJECT, NOW).sources if one.source == "bns.population"]
    assert found.calendar == "yearly, last seen 2026-08-11 and 2027-08-12"
    assert found.expected_on == date(2028, 8, 12)


@pytest.mark.parametrize(
    ("seconds", "freshness"), [(0, "fresh"), (1, "due"), (30 * 86_400, "due"), (30 * 86_400 + 1, "late")]
)
def test_the_moment_from_which_a_release_is_due_and_late(
    seconds: int, freshness: str, landing: Landing
) -> None:
    """dbt: an age that exceeds the threshold. Unemployment: due after 110 days, late after 140."""
    lands(landing, "bns.unemployment", date(2027, 3, 1))
    now = datetime(2027, 3, 1, tzinfo=UTC) + timedelta(days=110, seconds=seconds)
    (found,) = [one for one in read_status(PROJECT, now).sources if one.source == "bns.unemployment"]
    assert (found.freshness, found.due_on, found.late_on) == (freshness, date(2027, 6, 19), date(2027, 7, 19))


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
    assert sources[1] == (
        f"{'':12}fresh bns.population: yearly, last seen 2026-08-11 and 2026-11-25; "
        "next expected about 2027-11-25, due from 2027-12-30"
    )


def test_a_source_that_is_due_is_still_well(landing: Landing) -> None:
    all_is_well(landing)
    status = read_status(PROJECT, NOW + timedelta(days=120))
    assert status.exit_status == 0
    assert (
        "due   bns.unemployment: quarterly, seen 2026-09-30 and 2026-11-25; due since 2027-03-15, late from"
        " 2027-04-14"
    ) in as_text(status)


def test_a_source_that_others_stand_beside_is_never_late(landing: Landing) -> None:
    all_is_well(landing)
    for name in SOURCES.keys() - {"taldau.income"}:
        lands(landing, name, date(2029, 11, 25))
    publishes(landing)
    status = read_status(PROJECT, datetime(2029, 11, 25, tzinfo=UTC))
    assert "due   taldau.income: yearly, seen 2026-11-25; due since 2027-12-30\n" in as_text(status) + "\n"
    assert status.exit_status == 0


def test_each_trouble_has_its_exit_status_and_the_gravest_counts(landing: Landing) -> None:
    all_is_well(landing)
    file = landing.folder.parent / "warehouse" / "saldo.duckdb"

    publishes(landing, fingerprint="of other inputs")
    status = read_status(PROJECT, NOW)
    assert (status.exit_status, status.published.build_pending) == (10, True)
    assert "Pending     inputs have changed since" in as_text(status)
    publishes(landing, fingerprint="of other inputs", held={fingerprint(PROJECT): "given up by a rollback"})
    status = read_status(PROJECT, NOW)
    assert (status.exit_status, status.published.held) == (0, True)
    assert "Held        what was built after it was given up by `saldo rollback`" in as_text(status)
    publishes(landing)
    assert "Held" not in as_text(read_status(PROJECT, NOW))

    (landing.inbox / "bns.income").mkdir(parents=True)
    (landing.inbox / "bns.income" / "bns_19298_2026-11-25.csv").write_bytes(b"x")
    (landing.inbox / "bns.income" / ".bns.csv.tmp").write_bytes(b"x")
    status = read_status(PROJECT, NOW)
    assert (status.exit_status, status.inbox) == (10, ["bns.income/bns_19298_2026-11-25.csv"])
    assert "Inbox       bns.income/bns_19298_2026-11-25.csv waits" in as_text(status)

    later = NOW + timedelta(days=150)
    assert read_status(PROJECT, later).exit_status == 7
    assert "late  bns.unemployment: quarterly, seen 2026-09-30 and 2026-11-25; late since 2027-04-14" in (
        as_text(read_status(PROJECT, later))
    )

    does_not_answer(landing, "bns.income", days=3)
    assert read_status(PROJECT, NOW).exit_status == 6
    assert read_status(PROJECT, later).exit_status == 7

    refused(landing)
    status = read_status(PROJECT, later)
    assert status.exit_status == 8
    assert "Refused     page.csv: a web page or XML, not data" in as_text(status)
    assert f"it is in {landing.quarantine / REASON['sha256']}" in as_text(status)
    assert "when nothing is left to do: `saldo settle abababab`" in as_text(status)

    landing.settle(REASON["sha256"], NOW.date())
    status = read_status(PROJECT, later)
    assert status.exit_status == 7
    assert "Settled     page.csv, on 2026-11-25: a web page or XML, not data" in as_text(status)
    refused(landing, sha256="cd" * 32)

    file.write_bytes(b"written by another one")
    status = read_status(PROJECT, later)
    assert status.exit_status == 9
    assert "is gone or was changed since it was published" in as_text(status)
    file.unlink()
    assert read_status(PROJECT, later).exit_status == 9


@pytest.mark.parametrize(
    ("source", "days", "exit_status"),
    [("bns.income", 0, 0), ("bns.income", 2, 0), ("bns.income", 3, 6), ("taldau.income", 300, 0)],
)
def test_a_source_that_does_not_answer(source: str, days: int, exit_status: int, landing: Landing) -> None:
    """After a night or two it is told only; nor does one count that others stand beside."""
    all_is_well(landing)
    does_not_answer(landing, source, days)
    status = read_status(PROJECT, NOW)
    assert status.exit_status == exit_status
    (found,) = [one for one in status.sources if one.failing]
    assert (found.source, found.silent, found.asked_at) == (
        source,
        exit_status == 6,
        "2026-11-20T03:00:00+00:00",
    )
    times = f", {days + 1} times in a row" if days else ""
    assert (
        f"{'':12}      did not answer since {NOW - timedelta(days=days):%Y-%m-%d} 03:00{times}: the bureau,"
        " https://host/path: the server answered 500"
    ) in as_text(status).splitlines()


@pytest.mark.parametrize(
    ("how", "exit_status", "text"),
    [
        ({"status": "published", "exit_status": 0}, 0, "published"),
        ({"status": "up_to_date", "exit_status": 6}, 0, "found nothing new to publish, exit status 6"),
        ({"status": "held", "exit_status": 0}, 0, "published nothing, after a rollback"),
        (
            {"status": "failed", "exit_status": 1, "error": "error: a\n  b"},
            10,
            "failed, exit status 1: error: a",
        ),
        ({"status": "stopped", "exit_status": 143, "error": "stopped by SIGTERM"}, 10, "was stopped, exit"),
        ({"status": "cut_off"}, 10, "was cut off"),
        ({"status": "running"}, 0, "is running"),
        ({"status": "running", "process": 2**22 + 1}, 10, "was cut off"),
    ],
)
def test_how_the_last_refresh_ended(
    how: dict[str, Any], exit_status: int, text: str, landing: Landing
) -> None:
    all_is_well(landing)
    assert "Last run" not in as_text(read_status(PROJECT, NOW))
    run = {"started_at": "2026-11-25T03:15:00.123+00:00", "ended_at": None, "process": os.getpid()}
    landing.write_run(run | {"run_id": "20261124T031500Z", "status": "failed"})
    landing.write_run(run | {"run_id": "20261125T031500Z"} | how)
    status = read_status(PROJECT, NOW)
    assert status.exit_status == exit_status
    assert f"Last run    refresh of 2026-11-25 03:15 {text}" in as_text(status)
    assert ("Pending     the last run did not come to its end" in as_text(status)) == (exit_status == 10)
    assert json.loads(as_json(status))["last_run"]["run_id"] == "20261125T031500Z"


def test_files_that_never_enter_are_known_and_no_trouble(landing: Landing) -> None:
    """By intake itself, so that what it writes down is what is looked for."""
    all_is_well(landing)
    file = PROJECT / "tests" / "intake" / "data" / "bns_decent_work_indicators.xlsx"
    (outcome,) = ingest(PROJECT, landing, [str(file)], Options())
    assert (outcome.status, outcome.layout) == ("refused", "refused_decent_work")
    publishes(landing)
    status = read_status(PROJECT, NOW)
    assert (status.exit_status, status.quarantined) == (0, [])
    assert [one["file_name"] for one in status.never_enter] == [file.name]
    assert f"Known       {file.name} never enters: decent-work indicators: unemp" in as_text(status)
    # Like such a file, but refused for a reason that no declaration settles.
    refused(landing, layout="refused_decent_work", reason="truncated")
    status = read_status(PROJECT, NOW)
    assert (status.exit_status, len(status.quarantined), len(status.never_enter)) == (8, 1, 1)


def test_it_changes_nothing_and_starts_no_database(
    run_saldo: RunSaldo, tmp_path: Path, landing: Landing
) -> None:
    env = {"SALDO_LANDING": str(tmp_path / "none"), "SALDO_WAREHOUSE": str(tmp_path / "nowhere")}
    done = run_saldo(PROJECT, "status", "--json", env=env | {"PYTHONPROFILEIMPORTTIME": "1"})
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["exit_status"]) == (9, 9)
    assert answer["published"]["whole"] is False
    assert [one["source"] for one in answer["sources"]] == list(SOURCES)
    assert [answer[key] for key in ("last_run", "inbox", "quarantined", "never_enter")] == [None, [], [], []]
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
