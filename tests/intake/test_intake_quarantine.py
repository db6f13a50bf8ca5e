"""`saldo quarantine`, `saldo settle`, and a refused file that is tried again from its place in quarantine."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from intake import hostile
from intake.support import DATA, EXAMPLES, PROJECT, Query, Take
from project import RunSaldo

from saldo import lock
from saldo.errors import InputError, LockedError
from saldo.intake.ingest import Options, ingest
from saldo.landing import Landing
from saldo.quarantine import Outcome, settle
from saldo.quarantine import quarantine as refuse_by_hand
from saldo.status import as_text, read_status

FILE = EXAMPLES / "external_migration_2025_2026-03-13.csv"
OTHER = EXAMPLES / "external_migration_2017_2018-12-31.csv"
TWICE = DATA / "sdg_1-2-1_v04_2022-02-01_81d77d0c4.csv"
UNEMPLOYMENT = DATA / "sdg_8-5-2_unemployment.csv"
WHY = "ten times its neighbours"


class Killed(BaseException):
    """In the place of a kill."""


@pytest.fixture(autouse=True)
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "warehouse"
    monkeypatch.setenv("SALDO_WAREHOUSE", str(folder))
    return folder


@pytest.fixture
def release(take: Take) -> str:
    return take(FILE).release_id


def kept_version(warehouse: Path, *release_ids: str) -> str:
    """A kept version that was published with these releases, as far as its manifest goes."""
    name = "20261123T220100Z-0a1b2c3d"
    manifest = {
        "version_id": name,
        "sequence": 1,
        "fingerprint": "0a",
        "built_at": "2026-11-24T03:01:00+05:00",
        "seconds": 1,
        "tests": 1,
        "warnings": 0,
        "summary": {},
        "file": {"size": 0, "sha256": ""},
        "releases": [{"release_id": each} for each in release_ids],
    }
    folder = warehouse / "versions" / name
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return name


def quarantine(project: Path, landing: Landing, release_id: str, reason: str | None) -> Outcome:
    return refuse_by_hand(project, landing, release_id, reason, pytest.fail)


def files(landing: Landing) -> set[str]:
    found = {path.relative_to(landing.folder).as_posix() for path in landing.folder.rglob("*")}
    return {name for name in found if (landing.folder / name).is_file() and not name.endswith(".lock")}


# --- by hand ----------------------------------------------------------------------------------------------


def test_a_release_goes_with_all_that_it_had_but_its_original_and_the_reason(
    landing: Landing, take: Take, query: Query, release: str
) -> None:
    take(OTHER)
    before = query("select * from landed where indicator_code = 'external_balance'")
    (manifest,) = [each for each in landing.manifests() if each["release_id"] == release]
    outcome = quarantine(PROJECT, landing, release, " ten times\tits neighbours ")
    assert (outcome.status, outcome.message) == ("quarantined", WHY)
    folder = landing.quarantine / manifest["sha256"]
    assert (folder / "original.csv").read_bytes() == FILE.read_bytes()
    assert (folder / "original.csv").stat().st_mode & 0o777 == 0o444
    (reason,) = landing.quarantined()
    assert (reason["reason"], reason["message"], reason["file_name"]) == (
        "refused_by_hand",
        WHY,
        FILE.name,
    )
    assert (reason["layout"], reason["release_id"]) == ("sdmx_csv", release)
    assert reason["received_at"] >= manifest["recorded_at"]
    assert [each["file_name"] for each in landing.manifests()] == [OTHER.name]
    left = {name for name in files(landing) if manifest["sha256"] in name or release in name}
    assert left == {f"quarantine/{manifest['sha256']}/{name}" for name in ("original.csv", "reason.json")}
    assert 0 < len(query("select * from landed where indicator_code = 'external_balance'")) < len(before)
    again = quarantine(PROJECT, landing, release, "another reason")
    assert (again.status, again.message) == ("already", WHY)


def test_a_kill_at_any_step_leaves_it_landed_or_refused_and_the_next_call_ends_it(
    landing: Landing, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = []
    for last in range(1, 30):
        release = take(FILE).release_id
        whole, count = files(landing), 0

        def step(real: Callable[..., Any], last: int = last) -> Callable[..., Any]:
            def run(*arguments: Any, **options: Any) -> Any:
                nonlocal count
                # Only what is moved or removed counts; a temporary file may stay after a real kill.
                count += 1
                if count == last:
                    raise Killed
                return real(*arguments, **options)

            return run

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", step(os.replace))
            patch.setattr(Path, "unlink", step(Path.unlink))
            try:
                quarantine(PROJECT, landing, release, WHY)
                killed = False
            except Killed:
                killed = True
        landed = [each["release_id"] for each in landing.manifests()]
        steps.append(bool(landed))
        if landed:
            assert whole <= files(landing)
        else:
            (reason,) = landing.quarantined()
            assert (landing.quarantine / reason["sha256"] / "original.csv").is_file()
        assert quarantine(PROJECT, landing, release, WHY).status in ("quarantined", "already")
        sha256 = landing.quarantined()[0]["sha256"]
        left = {name for name in files(landing) if not name.rpartition("/")[2].startswith(".")}
        assert left == {f"quarantine/{sha256}/{name}" for name in ("original.csv", "reason.json")}
        if not killed:
            break
    else:
        pytest.fail("it never came to its end")
    # Landed, up to the step at which it ends, and never again after it.
    assert steps == sorted(steps, reverse=True)
    assert {True, False} == set(steps)


def test_a_release_that_was_published_is_withdrawn_instead(
    landing: Landing, warehouse: Path, release: str
) -> None:
    name = kept_version(warehouse, "article_2025_5", release)
    before = files(landing)
    with pytest.raises(InputError, match=f"version {name} was published with it") as caught:
        quarantine(PROJECT, landing, release, WHY)
    assert f"`saldo withdraw {release} --on DATE --reason TEXT`" in caught.value.remedy
    assert files(landing) == before


def test_a_version_without_it_is_no_obstacle(landing: Landing, warehouse: Path, release: str) -> None:
    kept_version(warehouse, "article_2025_5")
    assert quarantine(PROJECT, landing, release, None).status == "quarantined"


def test_the_same_bytes_under_another_day_stay(landing: Landing, take: Take) -> None:
    first = take(UNEMPLOYMENT, published_on=date.fromisoformat("2024-09-20")).release_id
    second = take(UNEMPLOYMENT, published_on=date.fromisoformat("2025-01-10")).release_id
    quarantine(PROJECT, landing, second, WHY)
    assert [each["release_id"] for each in landing.manifests()] == [first]
    (original,) = landing.originals.iterdir()
    assert original.read_bytes() == UNEMPLOYMENT.read_bytes()
    assert [each["release_id"] for each in landing.quarantined()] == [second]


@pytest.mark.parametrize("name", ["no_such_release", "../releases/x", "article_2025_5"])
def test_a_release_that_has_not_landed(landing: Landing, release: str, name: str) -> None:
    with pytest.raises(InputError, match="of the seeds" if name == "article_2025_5" else "no such release"):
        quarantine(PROJECT, landing, name, WHY)
    assert [each["release_id"] for each in landing.manifests()] == [release]


def test_a_blank_reason(landing: Landing, release: str) -> None:
    with pytest.raises(InputError, match="no reason"):
        quarantine(PROJECT, landing, release, " ")


@pytest.mark.parametrize("where", ["landing", "warehouse"])
def test_nothing_moves_while_another_process_writes_or_builds(
    landing: Landing, warehouse: Path, release: str, where: str
) -> None:
    warehouse.mkdir()
    path = landing.lock if where == "landing" else warehouse / "saldo.lock"
    with lock.held(path, "saldo build"), pytest.raises(LockedError):
        quarantine(PROJECT, landing, release, WHY)
    assert [each["release_id"] for each in landing.manifests()] == [release]


# --- tried again ------------------------------------------------------------------------------------------


def place(landing: Landing) -> Path:
    """The only original in quarantine."""
    (original,) = landing.quarantine.glob("*/original*")
    return original


def test_a_release_refused_by_hand_can_come_back_as_it_was(landing: Landing, take: Take) -> None:
    release = take(UNEMPLOYMENT, published_on=date.fromisoformat("2024-09-20")).release_id
    (before,) = landing.manifests()
    quarantine(PROJECT, landing, release, WHY)
    assert take(place(landing)).status == "landed"
    (after,) = landing.manifests()
    assert {**after, "recorded_at": None} == {**before, "recorded_at": None}
    assert landing.quarantined() == []


@pytest.mark.parametrize("layout", [None, "sdg_1_2_1"])
def test_a_refused_file_keeps_name_day_and_true_reason(
    landing: Landing, take: Take, layout: str | None
) -> None:
    take(TWICE)
    (before,) = landing.quarantined()
    outcome = take(place(landing), layout=layout)
    assert outcome.refusal is not None
    assert outcome.refusal.code == "duplicate_key"  # not published_on_missing: the day stands in its name
    (after,) = landing.quarantined()
    assert {**after, "received_at": None} == {**before, "received_at": None}
    assert place(landing).read_bytes() == TWICE.read_bytes()


def test_what_an_option_told_is_remembered(landing: Landing, take: Take, tmp_path: Path) -> None:
    """Of a file that says neither its day nor what it measures; an option that is given now comes first."""
    path = tmp_path / "income.json"
    record = {"text": "РЕСПУБЛИКА КАЗАХСТАН", "y122024": "200000", "122024": "1"}
    path.write_text(json.dumps([record]), encoding="utf-8")
    day = date.fromisoformat("2025-04-01")
    first = take(path, published_on=day, indicator="nominal_income_per_capita")
    (reason,) = landing.quarantined()
    assert reason["told"] == {
        "indicator": "nominal_income_per_capita",
        "published_on": "2025-04-01",
        "published_on_note": None,
    }
    again = take(place(landing))
    assert (first.refusal and first.refusal.code) == (again.refusal and again.refusal.code)
    take(place(landing), published_on=date.fromisoformat("2025-05-01"))
    assert landing.quarantined()[0]["told"]["published_on"] == "2025-05-01"


def test_a_period_that_only_the_name_says_is_found_again(
    landing: Landing, take: Take, tmp_path: Path
) -> None:
    path = tmp_path / hostile.INTERNAL
    path.write_bytes(hostile.edit(hostile.INTERNAL, 6, hostile.put(5, "many"), title="", reason="").content)
    codes = []
    for tried in (path, None):
        outcome = take(tried or place(landing), published_on=None if tried is None else date(2025, 4, 1))
        codes.append(outcome.refusal and outcome.refusal.code)
    assert codes == ["unknown_mark"] * 2
    assert landing.quarantined()[0]["file_name"] == hostile.INTERNAL


def test_that_an_option_is_left_out_is_no_better_reason(landing: Landing, take: Take, tmp_path: Path) -> None:
    path = tmp_path / "without_a_day.csv"
    shutil.copyfile(TWICE, path)
    take(path, published_on=date.fromisoformat("2022-02-01"))
    assert landing.quarantined()[0]["reason"] == "duplicate_key"
    outcome = take(path)
    assert outcome.refusal is not None
    assert outcome.refusal.code == "published_on_missing"
    (reason,) = landing.quarantined()
    assert (reason["reason"], reason["told"]["published_on"]) == ("duplicate_key", "2022-02-01")
    assert place(landing).is_file()


def test_names_in_quarantine_lead_nowhere(landing: Landing, take: Take, tmp_path: Path) -> None:
    take(TWICE)
    original = place(landing)
    path = original.with_name("reason.json")
    reason = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(reason | {"file_name": "../../../x_2022-02-01_.csv"}), encoding="utf-8")
    take(original)
    assert landing.quarantined()[0]["file_name"] == "x_2022-02-01_.csv"
    # Other bytes beside it are no original of quarantine, whatever they are called.
    stranger = original.with_name("original.json")
    shutil.copyfile(FILE, stranger)
    outcome = take(stranger)
    assert outcome.refusal is not None
    assert outcome.refusal.code == "published_on_missing"
    assert not (tmp_path / "x_2022-02-01_.csv").exists()


# --- settled ----------------------------------------------------------------------------------------------


def test_a_settled_refusal_is_listed_and_rouses_nobody(landing: Landing, take: Take) -> None:
    sha256 = take(TWICE).sha256
    before = place(landing).read_bytes()
    assert [each["sha256"] for each in read_status(PROJECT).quarantined] == [sha256]
    assert f"`saldo settle {sha256[:8]}`" in as_text(read_status(PROJECT))
    assert settle(landing, sha256[:8]).status == "settled"
    assert settle(landing, sha256).status == "already"
    status = read_status(PROJECT)
    assert (status.quarantined, [each["sha256"] for each in status.settled]) == ([], [sha256])
    assert f"Settled     {TWICE.name}, on {status.settled[0]['settled_on']}: " in as_text(status)
    assert place(landing).read_bytes() == before
    assert take(TWICE).status == "refused"  # for the same reason: it stays settled
    assert read_status(PROJECT).quarantined == []


def test_another_reason_is_not_settled(landing: Landing, take: Take, tmp_path: Path) -> None:
    path = tmp_path / "without_a_day.csv"
    shutil.copyfile(TWICE, path)
    sha256 = take(path).sha256
    assert landing.quarantined()[0]["reason"] == "published_on_missing"
    settle(landing, sha256)
    take(path, published_on=date.fromisoformat("2022-02-01"))
    assert [each["reason"] for each in read_status(PROJECT).quarantined] == ["duplicate_key"]


@pytest.mark.parametrize("name", ["", "81d7", "../../x", "0" * 64, "ABCDEF12", "*" * 8])
def test_what_names_no_refused_file(landing: Landing, take: Take, name: str) -> None:
    take(TWICE)
    with pytest.raises(InputError):
        settle(landing, name)
    assert landing.quarantined()[0].get("settled_on") is None


# --- the commands -----------------------------------------------------------------------------------------


@pytest.fixture
def env(landing: Landing, warehouse: Path) -> dict[str, str]:
    return {"SALDO_LANDING": str(landing.folder), "SALDO_WAREHOUSE": str(warehouse)}


def test_the_command_lines(landing: Landing, release: str, run_saldo: RunSaldo, env: dict[str, str]) -> None:
    said = run_saldo(PROJECT, "quarantine", release, "--reason", WHY, env=env)
    assert (said.returncode, said.stderr) == (0, "")
    (reason,) = landing.quarantined()
    first, _, last = said.stdout.splitlines()
    assert first.startswith(f"quarantined {release} ({FILE.name}): {WHY}; it is kept in ")
    assert f"`saldo settle {reason['sha256'][:8]}`" in last
    settled = run_saldo(PROJECT, "settle", reason["sha256"][:8], "--json", env=env)
    answer = json.loads(settled.stdout)
    assert (settled.returncode, answer["status"], answer["release_id"]) == (0, "settled", release)
    assert run_saldo(PROJECT, "quarantine", env=env).returncode == 2
    failed = run_saldo(PROJECT, "quarantine", "other", "--json", env=env)
    assert (failed.returncode, json.loads(failed.stdout)["status"]) == (3, "failed")
    assert run_saldo(PROJECT, "settle", "00000000", env=env).returncode == 3


# --- where a day comes from -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "options", "note"),
    [
        (UNEMPLOYMENT, {"published_on": "2025-01-01"}, "as given to the command"),
        (DATA / "sdg_8-5-2_v04_2024-09-20_3c725e99b.csv", {}, "day of the commit that published the file"),
        (DATA / "sdg_8-5-2_v04_2024-09-20_3c725e99b.csv", {"published_on": "2025-01-01"}, "as given to"),
        (FILE, {}, "in the file's name"),
        (FILE, {"published_on_note": "Last-Modified"}, "Last-Modified"),
        (DATA / "kazdata_migration_balance_by_region.json", {}, "as the file states it"),
        (DATA / "taldau_income_per_capita_by_region_derived.csv", {"published_on": "2025-01-01"}, "as given"),
    ],
)
def test_the_note_of_a_day_says_where_it_comes_from(
    landing: Landing, file: Path, options: dict[str, str], note: str
) -> None:
    day = date.fromisoformat(options["published_on"]) if "published_on" in options else None
    said = Options(published_on=day, published_on_note=options.get("published_on_note"))
    (outcome,) = ingest(PROJECT, landing, [str(file)], said)
    assert outcome.status == "landed", outcome.refusal
    (manifest,) = landing.manifests()
    assert manifest["published_on_note"].startswith(note)
