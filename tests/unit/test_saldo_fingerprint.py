"""Whatever the published file is made from changes the fingerprint; nothing else does."""

import shutil
import sys
from pathlib import Path

import pytest
import yaml

from saldo import fingerprint

PROJECT = Path(__file__).parents[2]
FILES = [
    "dbt_project.yml",
    "profiles.yml",
    "requirements.lock",
    "seeds/published/table.csv",
    "seeds/reference/region.csv",
    "models/marts/core/dim_region.sql",
    "macros/fail.sql",
    "tests/data/rule.sql",
    "tests/generic/unique_key.sql",
    "analysis_py/correlation.py",
    "expectations/totals.py",
]
OTHER_FILES = ["README.md", "tests/unit/x.py", "models/__pycache__/x.pyc", "models/.x.sql.swp", "target/x"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one")
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_each_kind_of_input_counts(project: Path, name: str) -> None:
    before = fingerprint.fingerprint(project)
    (project / name).write_text("two")
    changed = fingerprint.fingerprint(project)
    (project / name).unlink()
    removed = fingerprint.fingerprint(project)
    assert len({before, changed, removed}) == 3


def test_a_renamed_file_counts(project: Path) -> None:
    before = fingerprint.fingerprint(project)
    (project / "macros/fail.sql").rename(project / "macros/error.sql")
    assert fingerprint.fingerprint(project) != before


@pytest.mark.parametrize("name", OTHER_FILES)
def test_other_files_do_not_count(project: Path, name: str) -> None:
    before = fingerprint.fingerprint(project)
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text("new")
    assert fingerprint.fingerprint(project) == before


def test_the_place_of_the_project_does_not_count(project: Path) -> None:
    moved = shutil.copytree(project, project / "moved" / "проект")
    assert fingerprint.fingerprint(moved) == fingerprint.fingerprint(project)


def test_the_code_of_the_command_counts(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = shutil.copytree(fingerprint.PACKAGE, project / "package")
    before = fingerprint.fingerprint(project)
    monkeypatch.setattr(fingerprint, "PACKAGE", package)
    assert fingerprint.fingerprint(project) == before
    (package / "build.py").write_text("# changed")
    assert fingerprint.fingerprint(project) != before


def test_the_version_of_python_counts(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint.fingerprint(project)
    monkeypatch.setattr(sys, "version_info", (3, 11, 99, "final", 0))
    assert fingerprint.fingerprint(project) != before


def test_every_folder_that_dbt_reads_counts(project: Path) -> None:
    settings = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    folders = {path for name, paths in settings.items() if name.endswith("-paths") for path in paths}
    assert {"models", "seeds", "macros"} <= folders
    for folder in folders:
        before = fingerprint.fingerprint(project)
        (project / folder / "new.sql").write_text("new")
        assert fingerprint.fingerprint(project) != before


def lands(project: Path, name: str, content: str) -> None:
    (project / "landing" / name).parent.mkdir(parents=True, exist_ok=True)
    (project / "landing" / name).write_text(content)


@pytest.mark.parametrize("name", ["releases/r.json", "rows/r.parquet", "quarantine/abc/reason.json"])
def test_what_has_landed_counts_apart_from_the_project(project: Path, name: str) -> None:
    before, inputs = fingerprint.fingerprint(project), fingerprint.project_fingerprint(project)
    lands(project, name, "one")
    assert fingerprint.fingerprint(project) != before
    assert fingerprint.project_fingerprint(project) == inputs


def test_a_release_that_is_withdrawn_counts(project: Path) -> None:
    lands(project, "releases/r.json", '{"status": "landed"}')
    before = fingerprint.fingerprint(project)
    lands(project, "releases/r.json", '{"status": "withdrawn"}')
    assert fingerprint.fingerprint(project) != before


@pytest.mark.parametrize("name", ["runs/x.json", "fetched/x.json", "inbox/bns/x.csv", "ingest.log"])
def test_records_and_files_that_wait_do_not_count(project: Path, name: str) -> None:
    before = fingerprint.fingerprint(project)
    lands(project, name, "new")
    assert fingerprint.fingerprint(project) == before


def test_a_file_refused_once_more_is_nothing_new(project: Path) -> None:
    lands(project, "quarantine/abc/reason.json", "on Monday")
    before = fingerprint.fingerprint(project)
    lands(project, "quarantine/abc/reason.json", "on Tuesday")
    assert fingerprint.fingerprint(project) == before
