"""A build goes on from the one before only if both databases belong together and the project is the same."""

import json
from pathlib import Path

import pytest

from saldo import kept_work
from saldo.warehouse import Warehouse

STATE = {"version_id": "v1"}
PROJECT = "project"


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """A published version `v1` whose working database has been kept; the private folder is empty."""
    warehouse = Warehouse(tmp_path)
    warehouse.published.write_text("published")
    warehouse.published.chmod(0o444)
    warehouse.private.mkdir()
    warehouse.private_work.write_text("work")
    kept_work.keep(warehouse, "v1", PROJECT)
    return warehouse


def starts_from_nothing(warehouse: Warehouse) -> bool:
    return not warehouse.private_database.exists() and not warehouse.private_work.exists()


def test_both_are_taken_up_as_copies_that_can_be_written(warehouse: Warehouse) -> None:
    assert kept_work.take_up(warehouse, STATE, PROJECT)
    for private, text in ((warehouse.private_database, "published"), (warehouse.private_work, "work")):
        assert private.read_text() == text
        private.write_text("changed")
    assert (warehouse.published.read_text(), warehouse.kept_work.read_text()) == ("published", "work")


@pytest.mark.parametrize(
    ("state", "project"),
    [({"version_id": "v0"}, PROJECT), ({}, PROJECT), (STATE, "other code")],
    ids=["rolled back", "no record", "code changed"],
)
def test_of_another_version_or_project_nothing_is_taken(
    warehouse: Warehouse, state: dict[str, str], project: str
) -> None:
    assert not kept_work.take_up(warehouse, state, project)
    assert starts_from_nothing(warehouse)


def test_a_damaged_working_database_is_not_taken(warehouse: Warehouse) -> None:
    warehouse.kept_work.write_text("Work")
    assert not kept_work.take_up(warehouse, STATE, PROJECT)
    assert starts_from_nothing(warehouse)


@pytest.mark.parametrize("record", ["", "[]", "{"])
def test_a_record_that_cannot_be_read_is_none(warehouse: Warehouse, record: str) -> None:
    warehouse.kept_work_record.write_text(record)
    assert not kept_work.take_up(warehouse, STATE, PROJECT)


def test_a_kill_between_database_and_record_leaves_none(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert json.loads(warehouse.kept_work_record.read_text())["version_id"] == "v1"
    warehouse.private_work.write_text("work of v2")

    def killed(path: Path, *_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", killed)
    with pytest.raises(KeyboardInterrupt):
        kept_work.keep(warehouse, "v2", PROJECT)
    monkeypatch.undo()
    for version in ("v1", "v2"):
        assert not kept_work.take_up(warehouse, {"version_id": version}, PROJECT)
