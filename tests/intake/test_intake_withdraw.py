"""`saldo withdraw`: the mark in the manifest, taken back, and what it refuses."""

import json
import re
from datetime import date, timedelta

import pytest
from intake.support import EXAMPLES, PROJECT, Take
from project import RunSaldo

from saldo import lock
from saldo.errors import InputError, LockedError
from saldo.landing import Landing
from saldo.withdrawal import restore, withdraw

FILE = EXAMPLES / "external_migration_2025_2026-03-13.csv"
DAY = date(2026, 4, 1)


@pytest.fixture
def release(take: Take) -> str:
    return take(FILE).release_id


def marks(landing: Landing) -> tuple[object, ...]:
    (manifest,) = landing.manifests()
    return manifest["status"], manifest["withdrawn_on"], manifest["withdrawn_reason"]


def test_the_mark_and_its_undoing_leave_all_else_as_it_was(landing: Landing, release: str) -> None:
    before = {path: path.read_bytes() for path in landing.folder.rglob("*") if path.is_file()}
    assert withdraw(PROJECT, landing, release, DAY, " taken\tdown ").status == "withdrawn"
    assert marks(landing) == ("withdrawn", "2026-04-01", "taken down")
    assert withdraw(PROJECT, landing, release, DAY, "taken down").status == "already"
    assert restore(PROJECT, landing, release).status == "restored"
    assert restore(PROJECT, landing, release).status == "already"
    after = {path: path.read_bytes() for path in landing.folder.rglob("*") if path.is_file()}
    assert {path: text for path, text in after.items() if path != landing.lock} == {
        path: text for path, text in before.items() if path != landing.lock
    }


@pytest.mark.parametrize(
    ("day", "reason", "says"),
    [
        (DAY, "  ", "no reason"),
        (date.today() + timedelta(days=1), "why", "the day is yet to come"),
        (date(2026, 3, 12), "why", "was published on 2026-03-13, after that day"),
    ],
)
def test_a_day_or_reason_that_cannot_be(
    landing: Landing, release: str, day: date, reason: str, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        withdraw(PROJECT, landing, release, day, reason)
    assert marks(landing) == ("landed", None, None)


def test_another_day_or_reason_asks_for_the_undoing_first(landing: Landing, release: str) -> None:
    withdraw(PROJECT, landing, release, DAY, "taken down")
    for day, reason in ((date(2026, 4, 2), "taken down"), (DAY, "another")):
        with pytest.raises(InputError, match="already withdrawn on 2026-04-01: taken down") as caught:
            withdraw(PROJECT, landing, release, day, reason)
        assert "--undo" in caught.value.remedy
    assert marks(landing) == ("withdrawn", "2026-04-01", "taken down")


@pytest.mark.parametrize("name", ["no_such_release", "../releases/x", "article_2025_5"])
def test_a_release_that_has_not_landed(landing: Landing, release: str, name: str) -> None:
    says = "of the seeds" if name == "article_2025_5" else "no such release"
    with pytest.raises(InputError, match=says):
        withdraw(PROJECT, landing, name, DAY, "why")
    with pytest.raises(InputError, match=says):
        restore(PROJECT, landing, name)
    assert marks(landing) == ("landed", None, None)


def test_nothing_is_marked_while_another_process_writes(landing: Landing, release: str) -> None:
    with lock.held(landing.lock, "saldo ingest"), pytest.raises(LockedError):
        withdraw(PROJECT, landing, release, DAY, "why")
    assert marks(landing) == ("landed", None, None)


def test_the_command_line(landing: Landing, release: str, run_saldo: RunSaldo) -> None:
    env = {"SALDO_LANDING": str(landing.folder)}
    said = run_saldo(PROJECT, "withdraw", release, "--on", "2026-04-01", "--reason", "taken down", env=env)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.splitlines()[0] == f"withdrawn {release}: withdrawn on 2026-04-01: taken down"
    undone = run_saldo(PROJECT, "withdraw", release, "--undo", "--json", env=env)
    answer = {"status": "restored", "release_id": release, "withdrawn_on": None, "reason": None}
    assert json.loads(undone.stdout) == answer
    wrong_usage = (
        ["--on", "2026-04-01"],
        ["--undo", "--reason", "why"],
        ["--on", "1.4.2026", "--reason", "why"],
    )
    for wrong in wrong_usage:
        assert run_saldo(PROJECT, "withdraw", release, *wrong, env=env).returncode == 2
    failed = run_saldo(PROJECT, "withdraw", "other", "--undo", "--json", env=env)
    assert (failed.returncode, json.loads(failed.stdout)["status"]) == (3, "failed")
    assert release in json.loads(failed.stdout)["error"]["remedy"]


def test_help_shows_how(run_saldo: RunSaldo) -> None:
    said = run_saldo(PROJECT, "withdraw", "--help").stdout
    assert re.search(r'saldo withdraw \w+ --on \d{4}-\d\d-\d\d --reason "', said)
    assert re.search(r"saldo withdraw \w+ --undo", said)
