"""What dbt is told when `saldo build` starts it."""

from pathlib import Path

import pytest

from saldo import dbt_run
from saldo.warehouse import Warehouse


def told(project: Path) -> dict[str, str]:
    return dbt_run._environment(project, Warehouse(project / "warehouse"), "20261125T033000Z-3f9ac01b")


def test_paths_in_the_project_are_relative_so_that_it_may_move(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SALDO_LANDING", raising=False)
    found = told(tmp_path)
    assert found["SALDO_DB"] == "warehouse/.build/saldo.duckdb"
    assert found["SALDO_LANDING"] == "landing"
    assert found["SALDO_VERSION_ID"] == "20261125T033000Z-3f9ac01b"


def test_a_landing_folder_is_the_one_that_was_named_from_where_the_user_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("SALDO_LANDING", "landed")
    assert told(tmp_path / "project")["SALDO_LANDING"] == str(tmp_path / "elsewhere/landed")


def test_settings_of_a_users_own_dbt_are_not_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_TARGET_PATH", "mine")
    monkeypatch.setenv("OTHER", "kept")
    found = told(tmp_path)
    assert "DBT_TARGET_PATH" not in found
    assert found["OTHER"] == "kept"


@pytest.mark.parametrize(
    ("rows", "size", "order"), [(999_999, "16384", "true"), (1_000_000, "262144", "false")]
)
def test_a_file_of_millions_of_rows_gets_larger_blocks_and_no_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, size: str, order: str
) -> None:
    monkeypatch.setattr(
        "saldo.landing.Landing.manifests", lambda _: [{"row_count": 1}, {"row_count": rows - 1}]
    )
    found = told(tmp_path)
    assert (found["SALDO_BLOCK_SIZE"], found["SALDO_KEEP_ORDER"]) == (size, order)
