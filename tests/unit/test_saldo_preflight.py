"""Each fault of a seed is named with its file, its line and what to do."""

import hashlib
import shutil
import sys
from pathlib import Path

import pytest

from saldo import preflight
from saldo.errors import InputError, MachineError
from saldo.warehouse import Warehouse

TABLE = "row_no,c1\n0,Region\n1,5\n"
SHA256 = hashlib.sha256(TABLE.encode()).hexdigest()


def make_project(folder: Path, table: bytes | None = TABLE.encode(), record: str | None = None) -> Path:
    """A project with one published table and the record of its hash."""
    (folder / "seeds/published").mkdir(parents=True)
    (folder / "seeds/reference").mkdir()
    if table is not None:
        (folder / "seeds/published/table_1.csv").write_bytes(table)
    record = f"release_id,table_name,sha256\narticle,table_1,{SHA256}\n" if record is None else record
    (folder / "seeds/reference/release_table.csv").write_text(record, encoding="utf-8")
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        preflight.check_seeds(folder)
    assert caught.value.exit_status == 3
    return str(caught.value)


def test_a_recorded_table_passes(tmp_path: Path) -> None:
    preflight.check_seeds(make_project(tmp_path))


def test_a_blank_cell_and_a_quoted_comma_pass(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    (project / "seeds/reference/specialty.csv").write_text('code,name\n,"a, b"\nx,"two\nlines"\n')
    preflight.check_seeds(project)


@pytest.mark.parametrize(
    ("content", "place", "found"),
    [
        (b"", "", "the file is empty"),
        (b"a,b\n1,2\n3\n", ", line 3", "1 fields, the header 2"),
        (b"a,b\n1,2,3\n", ", line 2", "3 fields, the header 2"),
        (b"a,b\n1,2\n\n3,4\n", ", line 3", "0 fields, the header 2"),
        (b'a,b\n"x\ny",1\n3\n', ", line 4", "1 fields, the header 2"),
        (b"a;b\n1;2,5\n", ", line 1", "separated by ';', not by commas"),
        (b"a,\n1,2\n", ", line 1, column 2", "blank name"),
        (b"a,b,a\n1,2,3\n", ", line 1, column 3", "«a» twice"),
        (b'a,b\n1,"2\n', ", line 2", "not a CSV record"),
        (b'a,b\n1,"2"3\n', ", line 2", "not a CSV record"),
        (b"a,b\n1,\xc0\n", ", line 2, byte 3", "not UTF-8"),
        (b"\xef\xbb\xbfa,b\n1,2\n", ", line 1", "byte order mark"),
    ],
)
def test_a_faulty_seed_is_named_with_its_line(tmp_path: Path, content: bytes, place: str, found: str) -> None:
    project = make_project(tmp_path)
    (project / "seeds/reference/region.csv").write_bytes(content)
    message = refusal(project)
    assert message.startswith(f"error: seeds/reference/region.csv{place}: ")
    assert found in message
    assert "git checkout -- seeds/reference/region.csv" in message


def test_an_edited_table_is_refused_with_both_hashes(tmp_path: Path) -> None:
    message = refusal(make_project(tmp_path, table=TABLE.replace("5", "6").encode()))
    assert "seeds/published/table_1.csv: the content is not what was recorded" in message
    assert SHA256 in message
    assert hashlib.sha256(TABLE.replace("5", "6").encode()).hexdigest() in message
    assert "release_table.csv, line 2" in message
    assert "correction.csv" in message


def test_a_table_with_other_line_ends_is_refused(tmp_path: Path) -> None:
    assert "not what was recorded" in refusal(make_project(tmp_path, TABLE.replace("\n", "\r\n").encode()))


def test_a_table_without_record_is_refused_and_its_hash_told(tmp_path: Path) -> None:
    message = refusal(make_project(tmp_path, record="release_id,table_name,sha256\n"))
    assert "table_1.csv: this table is not recorded" in message
    assert SHA256 in message


def test_a_recorded_table_that_is_missing_is_named(tmp_path: Path) -> None:
    message = refusal(make_project(tmp_path, table=None))
    assert "seeds/published/table_1.csv: the file is missing" in message
    assert "release_table.csv, line 2, lists it" in message


def test_a_missing_record_of_releases_is_named(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    (project / preflight.RELEASE_TABLE).unlink()
    assert "release_table.csv: the file is missing" in refusal(project)


def test_a_record_without_hashes_is_named(tmp_path: Path) -> None:
    message = refusal(make_project(tmp_path, record="release_id,table_name\narticle,table_1\n"))
    assert "release_table.csv, line 1: the column «sha256» is missing" in message


@pytest.mark.parametrize("name", preflight.REQUIRED)
def test_a_missing_file_of_the_project_is_named(tmp_path: Path, name: str) -> None:
    for required in preflight.REQUIRED:
        if required != name:
            (tmp_path / required).touch()
    with pytest.raises(InputError, match=f"missing|{name}") as caught:
        preflight.check_files(tmp_path)
    assert caught.value.where == name


def test_another_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 12, 1, "final", 0))
    with pytest.raises(MachineError, match=r"this is Python 3\.12\.1; saldo needs 3\.11"):
        preflight.check_python()


def test_packages_that_are_not_installed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    preflight.check_packages()
    monkeypatch.setattr(preflight, "PACKAGES", ("duckdb", "no_such_package.inside", "nor_this"))
    with pytest.raises(MachineError, match=r"not installed: no_such_package\.inside, nor_this") as caught:
        preflight.check_packages()
    assert "make build" in caught.value.remedy


def test_a_full_disk_is_refused_before_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    with pytest.raises(MachineError, match="1 MB free; a build needs 200 MB") as caught:
        preflight.check_free_space(Warehouse(tmp_path), 0)
    assert "SALDO_WAREHOUSE" in caught.value.remedy


def test_the_room_for_the_exports_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=215_000_000))
    warehouse = Warehouse(tmp_path)
    warehouse.published.write_bytes(b"x" * 2_000_000)
    preflight.check_free_space(warehouse, 0)
    (tmp_path / "versions/v/parquet/core").mkdir(parents=True)
    warehouse.latest.symlink_to("versions/v")
    (warehouse.latest / "parquet/core/about.parquet").write_bytes(b"x" * 5_000_000)
    with pytest.raises(MachineError, match="215 MB free; a build needs 216 MB"):
        preflight.check_free_space(warehouse, 0)


def test_the_room_for_a_first_build_of_millions_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000_000))
    preflight.check_free_space(Warehouse(tmp_path), 2_000_000)
    with pytest.raises(MachineError, match="1000 MB free; a build needs 4200 MB"):
        preflight.check_free_space(Warehouse(tmp_path), 10_000_000)
