"""The clients that are installed, and that each check finds what it is there for.

The others, each in an environment of its own, are asked by `make clients`.
"""

import re
import shutil
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.clients import clients, page
from tests.clients import findings as judged
from tests.clients.clients import Client, Scene, Told
from tests.clients.expected import Answers, expected
from tests.clients.findings import findings
from tests.clients.page import Outcome
from tests.clients.probes.answers import digest

PYTHON, SHELL, PANDAS = clients.installed()


@pytest.fixture(scope="module")
def version(built_project: Path) -> Path:
    return built_project / "warehouse" / "latest"


@pytest.fixture(scope="module")
def right(version: Path) -> Answers:
    return expected(version)


@pytest.fixture
def scene(version: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(clients, "FOLDER", tmp_path)
    return clients.scene(version, tmp_path / "files")


@pytest.fixture
def broken(scene: Scene, tmp_path: Path) -> Scene:
    """A version whose file a test may break; its manifest and exports stay whole."""
    copy = shutil.copytree(scene.version.resolve(), tmp_path / "broken")
    (copy / "saldo.duckdb").chmod(0o644)
    return Scene(copy, scene.before, scene.after)


@pytest.mark.parametrize("client", [PYTHON, SHELL, PANDAS], ids=lambda client: client.name)
def test_a_client_sees_what_it_must(client: Client, scene: Scene, right: Answers) -> None:
    told = client.ask(scene)
    assert findings(told, right) == {}
    assert len(told.answers) == (3 if client is PANDAS else 9)


# Changes of one file, and what the check that each concerns says.
CHANGED = {
    "tables": ("create table core.stray as select 1 as one", "not expected core.stray"),
    "rows": ("delete from audit.cross_table_balance", r"audit\.cross_table_balance: \[0, "),
    "columns": (
        "alter table core.fct_control_total add column more integer",
        r"core\.fct_control_total: ",
    ),
    "comments": ("comment on column core.about.version is null", r"core\.about\.version: None, not "),
    "keys": ("create or replace table core.dim_release as from core.dim_release", r"core\.dim_release: None"),
    "as of": (
        "delete from core.fct_revision where known_from < timestamp '2024-06-30'",
        r"2024-06-30: \[0, ",
    ),
}
REMOVED = {
    "tables": ("drop view bi.claim", "missing bi.claim"),
    "as of": ("drop macro table core.observation_as_of", "observation_as_of"),
}
ELSEWHERE = {
    "rows": ("attach ':memory:' as gone; create table gone.release as select 1 as one", "gone"),
    "renamed": ("create or replace view bi.release as from gone.main.release", "gone"),
}


@pytest.mark.parametrize(
    ("client", "changes"),
    [(PYTHON, CHANGED), (SHELL, CHANGED), (PYTHON, REMOVED), (PYTHON, ELSEWHERE)],
    ids=["changed, Python", "changed, shell", "removed", "a view of another file"],
)
def test_what_is_broken_is_found(
    client: Client, broken: Scene, right: Answers, changes: dict[str, tuple[str, str]]
) -> None:
    with duckdb.connect(str(broken.file)) as connection:
        for change, _ in changes.values():
            connection.execute(change)
    broken.file.chmod(0o444)
    found = findings(client.ask(broken), right)
    for check, (_, message) in changes.items():
        assert re.search(message, found[check]), (check, found[check])


@pytest.mark.parametrize("client", [PYTHON, SHELL], ids=lambda client: client.name)
def test_a_new_connection_that_sees_the_old_file_is_found(
    client: Client, scene: Scene, right: Answers
) -> None:
    same = Scene(scene.version, scene.before, scene.before)
    found = findings(client.ask(same), right)
    assert found == {"refresh": "reopened: the version before, not the version after"}


def test_an_export_that_lost_rows_is_found(broken: Scene, right: Answers) -> None:
    file = broken.version / "parquet" / "bi" / "region.parquet"
    table = pq.read_table(file)
    file.unlink()  # a name of its own: it may be linked
    pq.write_table(table.slice(1), file)
    found = findings(PANDAS.ask(broken), right)
    assert list(found) == ["rows"]
    assert found["rows"].startswith("bi.region: [19, ")


def test_a_write_that_goes_through_is_found(right: Answers) -> None:
    assert findings(Told({}, {"read only": "written"}), right) == {"read only": "written, not refused"}


def test_no_answer_is_no_success(right: Answers) -> None:
    assert findings(Told({}), right) == {"read only": "nothing was asked"}


def test_the_error_of_a_client_is_its_finding(right: Answers) -> None:
    assert findings(Told({}, {}, {"keys": "no such thing"}), right) == {"keys": "no such thing"}


def test_only_the_known_message_of_the_known_client_is_excused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judged, "LIMITS", ((r"^SQLAlchemy 2\.0 on DuckDB 1\.3$", "keys", "pg_collation"),))
    assert judged.limit("SQLAlchemy 2.0 on DuckDB 1.3", "keys", "Catalog Error: pg_collation")
    assert not judged.limit("SQLAlchemy 2.0 on DuckDB 1.3", "keys", "another")
    assert not judged.limit("SQLAlchemy 2.0 on DuckDB 1.3", "rows", "pg_collation")
    assert not judged.limit("SQLAlchemy 2.0 on DuckDB 2.0", "keys", "pg_collation")


def test_rows_as_text_do_not_depend_on_the_client() -> None:
    of_python = [(Decimal("1.500000"), date(2024, 1, 1), None, True, "а", 3)]
    of_json = [(1.5, "2024-01-01", float("nan"), True, "а", 3.0)]
    assert digest(of_python) == digest(of_json)
    for other in [(1.5, "2024-01-01", "", True, "а", 3), (1.5, "2024-01-02", None, True, "а", 3)]:
        assert digest(of_python) != digest([other])
    assert digest([(datetime(2024, 1, 1, 2, 3, 4, 500000),)]) == digest([("2024-01-01 02:03:04.5",)])
    assert digest([]) != digest([(None,)])


def test_the_page_says_what_failed_and_with_which_message() -> None:
    good = Outcome(PYTHON, {"duckdb": "2.0.0"}, ("tables", "rows"), {}, "")
    bad = Outcome(SHELL, {"duckdb shell": "1.5.6"}, ("tables",), {"tables": "missing bi.claim"}, "")
    absent = Outcome(PANDAS, {}, (), {}, "no such version")
    lines = page.lines([good, bad, absent], date(2026, 11, 28))
    (of_good,) = (line for line in lines if line.startswith(f"| {PYTHON.name} "))
    (of_bad,) = (line for line in lines if line.startswith(f"| {SHELL.name} "))
    (of_absent,) = (line for line in lines if line.startswith(f"| {PANDAS.name} "))
    assert "2.0.0" in of_good
    assert of_good.count("| yes ") == 2
    assert "no (1)" in of_bad
    assert "not installed (2)" in of_absent
    assert "1. `missing bi.claim`" in lines


def test_the_page_in_docs_is_of_these_clients() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    for client in (*clients.installed(), *clients.from_index()):
        assert f"| {client.name} " in text, client.title
