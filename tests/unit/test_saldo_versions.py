"""Versions: complete, kept within their limit, brought back; whole after a kill at any step."""

import errno
import json
import os
import resource
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from small_database import make_database, publish_database

from saldo import cli, exports, rollback, versions
from saldo.disk import file_sha256
from saldo.errors import BuildError, InputError, MachineError
from saldo.settings import KEEP_VERSIONS, read_limit
from saldo.versions import Version
from saldo.warehouse import Warehouse

KILLED = 9
NOW = datetime(2026, 11, 25, 3, 30, tzinfo=UTC)
A, B, C = "a" * 64, "b" * 64, "c" * 64


def silent(_: str) -> None:
    pass


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """An empty warehouse in a project of that folder."""
    monkeypatch.delenv("SALDO_WAREHOUSE", raising=False)
    (tmp_path / "dbt_project.yml").touch()
    (tmp_path / "warehouse").mkdir()
    return Warehouse(tmp_path / "warehouse")


def prepare(warehouse: Warehouse, value: int, fingerprint: str, now: datetime = NOW) -> Version:
    """A version in the private folder, all but published; its file is a line of text, which nothing reads."""
    folder = warehouse.private_version
    folder.mkdir(parents=True)
    (folder / "saldo.duckdb").write_text(f"value {value}")
    kept = versions.kept(warehouse)
    manifest = {
        "version_id": versions.new_id(warehouse, fingerprint, now + timedelta(seconds=value)),
        "sequence": 1 + max((version.manifest["sequence"] for version in kept), default=0),
        "replaces": warehouse.read_state().get("version_id"),
        "code_version": "0.1.0",
        "schema_version": 1,
        "built_at": "2026-11-25T03:30:00+00:00",
        "file": {"size": 7, "sha256": file_sha256(folder / "saldo.duckdb")},
        "fingerprint": fingerprint,
        "seconds": 1.5,
        "tests": 3,
        "warnings": 0,
        "summary": {},
        "releases": [],
    }
    return versions.complete(folder, manifest)


def publish_value(
    warehouse: Warehouse, value: int, fingerprint: str | None = None, now: datetime = NOW
) -> str:
    """Publishes a file with this value, as a build would from inputs of this fingerprint; returns its id."""
    version = prepare(warehouse, value, fingerprint or str(value) * 64, now)
    versions.publish(warehouse, version, warehouse.read_state())
    warehouse.private.rmdir()
    return str(version.manifest["version_id"])


def value_in(file: Path) -> int:
    return int(file.read_text().removeprefix("value "))


def back(warehouse: Warehouse, wanted: str | None = None) -> rollback.Outcome:
    return rollback.rollback(warehouse.folder.parent, wanted, silent)


def held(warehouse: Warehouse) -> dict[str, str]:
    return dict(warehouse.read_state().get("held", {}))


def content(folder: Path) -> dict[str, bytes | str]:
    """Each file with its bytes, each link with its target."""
    return {
        str(path.relative_to(folder)): os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if (path.is_symlink() or path.is_file()) and path.name != "saldo.lock"
    }


def assert_settled(warehouse: Warehouse, *values: int) -> None:
    """The file, the link, the record and the folders tell the same, and the file holds one of the values."""
    state = warehouse.read_state()
    assert warehouse.holds(state)
    assert value_in(warehouse.published) in values
    assert os.readlink(warehouse.latest) == f"versions/{state['version_id']}"
    assert sorted(path.name for path in warehouse.versions.iterdir()) == sorted(state["versions"])
    assert state["version_id"] in state["versions"]
    assert not warehouse.private.exists()
    manifest = json.loads((warehouse.latest / "manifest.json").read_text("utf-8"))
    assert manifest["file"]["sha256"] == file_sha256(warehouse.published)


# --- what a version holds -------------------------------------------------------------------------------


def test_a_version_is_found_from_the_file_alone_and_its_hashes_are_true(warehouse: Warehouse) -> None:
    publish_database(warehouse, 1)
    with duckdb.connect(str(warehouse.published), read_only=True) as connection:
        ((name,),) = connection.execute("select version_id from core.about").fetchall()
    folder = warehouse.versions / name
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["file"]["sha256"] == file_sha256(warehouse.published)
    assert manifest["file"]["size"] == warehouse.published.stat().st_size
    assert (manifest["schema_version"], manifest["sequence"], manifest["replaces"]) == (1, 1, None)
    assert manifest["releases"] == [
        {
            "release_id": "article",
            "publisher": "a journal",
            "title": "An article",
            "published_on": "2025-10-31",
            "sha256": "ab12",
        }
    ]
    assert list(manifest["tables"]["core.about"]["export"].values())[:2] == ["parquet/core/about.parquet", 1]
    for table in manifest["tables"].values():
        assert file_sha256(folder / table["export"]["path"]) == table["export"]["sha256"]
    assert all(not path.stat().st_mode & 0o222 for path in folder.rglob("*") if path.is_file())


def test_the_published_file_takes_no_room_twice(warehouse: Warehouse) -> None:
    name = publish_database(warehouse, 1)
    assert warehouse.published.samefile(warehouse.versions / name / "saldo.duckdb")


def test_an_unchanged_table_is_linked_from_the_exports_before(warehouse: Warehouse) -> None:
    first, second = publish_database(warehouse, 1), publish_database(warehouse, 2)

    def shared(table: str) -> bool:
        before, after = (warehouse.versions / name / f"parquet/{table}.parquet" for name in (first, second))
        return before.samefile(after)

    assert shared("core/dim_release")
    assert not shared("core/about")  # another value
    assert not shared("analysis/correlation")  # a floating point figure: equal to 10 digits is not equal


def test_a_damaged_export_is_not_taken_over(warehouse: Warehouse) -> None:
    damaged = warehouse.versions / publish_database(warehouse, 1) / "parquet/core/dim_release.parquet"
    damaged.chmod(0o644)
    damaged.write_bytes(b"damaged")
    publish_database(warehouse, 2)
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select release_id from '{warehouse.latest}/parquet/core/dim_release.parquet'"
        )
        assert found.fetchall() == [("article",)]


@pytest.mark.parametrize(("most", "is_exported"), [(3, False), (4, True)])
def test_a_table_beyond_the_limit_is_described_and_not_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, is_exported: bool
) -> None:
    monkeypatch.setenv("SALDO_PARQUET_MAX_ROWS", str(most))
    database = make_database(tmp_path / "saldo.duckdb", 1, "mine")
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table core.large as select i from range(4) r(i)")
    tables = exports.describe(database, tmp_path, "mine", before=None)["tables"]
    assert tables["core.large"]["rows"] == 4
    assert (tables["core.large"]["export"] is not None) == is_exported
    assert (tmp_path / "parquet/core/large.parquet").exists() == is_exported
    assert all(table["export"] for name, table in tables.items() if name != "core.large")


def test_a_table_that_was_not_exported_is_once_it_may(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_database(warehouse, 1)
    (version,) = versions.kept(warehouse)
    tables = {name: {**table, "export": None} for name, table in version.manifest["tables"].items()}
    before = Version(version.folder, {**version.manifest, "tables": tables})
    again = exports.describe(version.file, warehouse.folder / "again", version.id, before=before)["tables"]
    assert {name: table["export"] for name, table in again.items()} == {
        name: table["export"] for name, table in version.manifest["tables"].items()
    }


def test_a_file_that_bears_another_version_is_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    database = make_database(tmp_path / "saldo.duckdb", 1, "another")
    with pytest.raises(BuildError, match="says version_id another, this is mine"):
        exports.describe(database, tmp_path, "mine", before=None)


def test_a_view_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    database = make_database(tmp_path / "saldo.duckdb", 1, "mine")
    with duckdb.connect(str(database)) as connection:
        connection.execute("create view core.broken as select cast(title as int) n from core.dim_release")
    with pytest.raises(BuildError, match="Could not convert string 'An article'"):
        exports.describe(database, tmp_path, "mine", before=None)


def test_a_full_disk_during_the_exports_is_told(tmp_path: Path) -> None:
    """A limit on the size of files stands for it."""
    database = make_database(tmp_path / "saldo.duckdb", 1, "mine")
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table core.large as select sha256(i::varchar) t from range(50000) r(i)")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(MachineError, match="the disk or a quota is full"):
            exports.describe(database, tmp_path, "mine", before=None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


# --- the hash of a table's content ----------------------------------------------------------------------

ROWS = "(1, 'a', 0.25, 1.5e0), (2, null, -3.00, null), (2, 'c', null, 0.1e0), (3, '', 7.00, 2e0)"
TYPES = {"id": "INTEGER", "name": "VARCHAR", "amount": "DECIMAL(9,2)", "ratio": "DOUBLE"}


def hash_after(*changes: str) -> str:
    with duckdb.connect() as connection:
        columns = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
        connection.execute(f"create table t ({columns}); insert into t values {ROWS}")
        for change in changes:
            connection.execute(change)
        types = {name: kind for name, kind, *_ in connection.execute("describe t").fetchall()}
        return exports.content_hash(connection, "main", "t", types)[1]


@pytest.mark.parametrize(
    "change",
    [
        "create or replace table t as from t order by id desc, name",
        "update t set ratio = ratio * (1 + 1e-14)",
        "create or replace view v as from t",
        "create table u as from t; delete from t; insert into t from u",
    ],
)
def test_equal_rows_have_an_equal_hash(change: str) -> None:
    assert hash_after(change) == hash_after()


@pytest.mark.parametrize(
    "change",
    [
        "update t set amount = amount + 0.01 where id = 3",
        "update t set ratio = ratio * (1 + 1e-8) where id = 1",
        "update t set name = '' where name is null",
        "update t set name = null where name = ''",
        "update t set amount = 0 where amount is null",
        "delete from t where id = 3",
        "insert into t from t where id = 3",
        "insert into t from t",
        "delete from t",
        "update t set id = 4 - id",
        "update t set name = case name when 'a' then 'c' when 'c' then 'a' else name end",
        "alter table t drop ratio",
        "create or replace table t as select id, amount, name, ratio from t",
    ],
)
def test_a_change_changes_the_hash(change: str) -> None:
    assert hash_after(change) != hash_after()


# --- rollback -------------------------------------------------------------------------------------------


def test_back_to_the_one_before_and_forward_again(warehouse: Warehouse) -> None:
    first, second = publish_value(warehouse, 1, A), publish_value(warehouse, 2, B)
    outcome = back(warehouse)
    assert (outcome.version.id, outcome.before) == (first, second)
    assert_settled(warehouse, 1)
    assert warehouse.read_state()["fingerprint"] == A
    assert held(warehouse) == {B: second}
    assert back(warehouse, second).version.id == second
    assert_settled(warehouse, 2)
    assert held(warehouse) == {A: first}
    assert back(warehouse, second).before is None  # nothing to do


def test_two_steps_back_hold_both_that_were_given_up(warehouse: Warehouse) -> None:
    first, second, third = (publish_value(warehouse, value, of) for value, of in ((1, A), (2, B), (3, C)))
    back(warehouse)
    back(warehouse)
    assert_settled(warehouse, 1)
    assert held(warehouse) == {B: second, C: third}
    with pytest.raises(InputError, match=f"no version before {first} is kept"):
        back(warehouse)
    assert_settled(warehouse, 1)


def test_a_new_build_ends_the_hold_and_leads_back_to_what_it_replaced(warehouse: Warehouse) -> None:
    first, second = publish_value(warehouse, 1, A), publish_value(warehouse, 2, B)
    back(warehouse)
    publish_value(warehouse, 3, C)
    assert held(warehouse) == {}
    assert back(warehouse).version.id == first  # not the second, which was given up
    back(warehouse, second)
    assert_settled(warehouse, 2)


def test_a_version_is_named_by_its_first_letters(warehouse: Warehouse) -> None:
    first, second = publish_value(warehouse, 1), publish_value(warehouse, 2)
    with pytest.raises(InputError, match=f"2 versions begin so: {first}, {second}"):
        back(warehouse, "2026")
    with pytest.raises(InputError, match="no such version is kept") as caught:
        back(warehouse, "2025")
    assert "saldo rollback --list" in caught.value.remedy
    assert_settled(warehouse, 2)
    back(warehouse, first[:16])
    assert_settled(warehouse, 1)


def damage(path: Path) -> None:
    path.chmod(0o644)
    changed = bytearray(path.read_bytes())
    changed[len(changed) // 2] ^= 1
    path.write_bytes(changed)


@pytest.mark.parametrize("fault", [damage, Path.unlink])
def test_a_kept_file_that_is_not_what_it_was_is_refused_by_name(
    warehouse: Warehouse, fault: Callable[[Path], None]
) -> None:
    names = [publish_value(warehouse, value) for value in (1, 2, 3)]
    fault(warehouse.versions / names[1] / "saldo.duckdb")
    before = content(warehouse.folder)
    with pytest.raises(InputError, match="not what its manifest says; nothing was changed") as caught:
        back(warehouse)
    assert caught.value.where.endswith(f"versions/{names[1]}/saldo.duckdb")
    assert names[0] in caught.value.remedy
    assert content(warehouse.folder) == before
    assert_settled(warehouse, 3)


def test_a_version_with_a_damaged_manifest_is_refused_by_name(warehouse: Warehouse) -> None:
    first, _ = publish_value(warehouse, 1), publish_value(warehouse, 2)
    manifest = warehouse.versions / first / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="its manifest cannot be read") as caught:
        back(warehouse, first)
    assert caught.value.where.endswith(f"{first}/manifest.json")
    assert value_in(warehouse.published) == 2


def test_the_command_lists_and_rolls_back(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(warehouse.folder.parent)
    assert cli.main(["rollback", "--list"]) == 0
    assert "`saldo build` makes the first" in capsys.readouterr().out
    first, second = publish_value(warehouse, 1), publish_value(warehouse, 2)
    assert cli.main(["rollback", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:28].strip() for line in lines] == [f"* {second}", first, "* is published"]
    assert cli.main(["rollback", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["versions"]
    assert [(each["version_id"], each["published"]) for each in listed] == [(second, True), (first, False)]
    assert cli.main(["rollback", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["status"], told["version_id"], told["before"]) == ("rolled_back", first, second)
    assert told["sha256"] == file_sha256(warehouse.published)
    assert cli.main(["rollback", second]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"warehouse/saldo.duckdb is again version {second}")
    assert cli.main(["rollback", second]) == 0
    assert capsys.readouterr().out.startswith("nothing to do: ")
    assert cli.main(["rollback", "none"]) == 3
    assert capsys.readouterr().err.startswith("error: none: no such version is kept\n")


def test_a_page_of_another_version_is_named(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(warehouse.folder.parent)
    first, second = publish_value(warehouse, 1), publish_value(warehouse, 2)
    page = warehouse.folder / "report.html"
    page.write_text(f'<meta name="saldo-version" content="{second}">', encoding="utf-8")
    assert cli.main(["rollback"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[1:] == ["warehouse/report.html shows another version: `saldo report` writes it anew"]
    assert not back(warehouse, second).page_shows_another
    assert json.loads(back(warehouse, first).as_json())["page_shows_another"] is True


# --- retention ------------------------------------------------------------------------------------------


def prune(warehouse: Warehouse, keep: int) -> list[int]:
    """The values of the versions that are left."""
    versions.prune(warehouse, warehouse.read_state(), keep)
    shutil.rmtree(warehouse.private, ignore_errors=True)
    return [value_in(version.file) for version in versions.kept(warehouse)]


@pytest.mark.parametrize(
    ("keep", "left"), [(1, [4]), (2, [3, 4]), (3, [2, 3, 4]), (4, [1, 2, 3, 4]), (9, [1, 2, 3, 4])]
)
def test_the_oldest_go(warehouse: Warehouse, keep: int, left: list[int]) -> None:
    for value in (1, 2, 3, 4):
        publish_value(warehouse, value)
    assert prune(warehouse, keep) == left
    assert_settled(warehouse, 4)


@pytest.mark.parametrize(("keep", "left"), [(1, [1]), (2, [1, 4]), (3, [1, 3, 4])])
def test_the_published_one_never_goes(warehouse: Warehouse, keep: int, left: list[int]) -> None:
    first, *_ = [publish_value(warehouse, value) for value in (1, 2, 3, 4)]
    back(warehouse, first)
    assert prune(warehouse, keep) == left
    assert_settled(warehouse, 1)


def test_what_saldo_did_not_make_is_left_alone(warehouse: Warehouse) -> None:
    for value in (1, 2):
        publish_value(warehouse, value)
    (warehouse.versions / "mine").mkdir()
    prune(warehouse, 1)
    versions.settle(warehouse, silent)
    assert (warehouse.versions / "mine").is_dir()


@pytest.mark.parametrize("text", ["0", "-1", "2.5", "five", "1e3", "٣"])
def test_a_limit_that_is_no_number_is_refused_by_name(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALDO_KEEP_VERSIONS", text)
    with pytest.raises(InputError, match="is not a whole number from 1 upwards") as caught:
        read_limit(KEEP_VERSIONS)
    assert caught.value.where == "SALDO_KEEP_VERSIONS"


@pytest.mark.parametrize(("text", "value"), [(None, 5), ("", 5), (" 7 ", 7), ("012", 12)])
def test_a_limit_is_read(text: str | None, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SALDO_KEEP_VERSIONS", raising=False)
    if text is not None:
        monkeypatch.setenv("SALDO_KEEP_VERSIONS", text)
    assert read_limit(KEEP_VERSIONS) == value


def test_a_clock_set_back_neither_doubles_a_name_nor_turns_the_order(warehouse: Warehouse) -> None:
    later, earlier = datetime(2026, 11, 25, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
    names = []
    for value, now in ((1, later), (2, earlier), (1, later)):
        names.append(publish_value(warehouse, value, A, now))
    assert names == ["20261125T000001Z-aaaaaaaa", "20250101T000002Z-aaaaaaaa", "20261125T000002Z-aaaaaaaa"]
    assert [version.id for version in versions.kept(warehouse)] == names
    assert prune(warehouse, 2) == [2, 1]


# --- kills ----------------------------------------------------------------------------------------------

STEPS = ("replace", "link", "fsync", "unlink", "symlink", "rename", "rmdir")


def killed_in(step: int, when: str, job: Callable[[], object]) -> bool:
    """Runs `job` in a child that dies, as by a kill, before or after its step of this number.

    Returns:
        Whether it died; it did not if the job has fewer steps.
    """
    child = os.fork()
    if child == 0:
        taken = 0

        def fatal(original: Callable[..., object]) -> Callable[..., object]:
            def run(*arguments: object, **options: object) -> object:
                nonlocal taken
                taken += 1
                if taken == step and when == "before":
                    os._exit(KILLED)
                number = taken
                try:
                    return original(*arguments, **options)
                finally:
                    if number == step:
                        os._exit(KILLED)

            return run

        for name in STEPS:
            setattr(os, name, fatal(getattr(os, name)))
        try:
            job()
        except BaseException:
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, KILLED)
    return status == KILLED


def each_kill(template: Warehouse, tmp_path: Path, job: Callable[[Warehouse], object]) -> list[Warehouse]:
    """Copies of the warehouse, in each of which the job was killed at another of its steps."""
    left: list[Warehouse] = []
    for when in ("before", "after"):
        for step in range(1, 200):
            folder = tmp_path / f"killed {when} {step}/warehouse"
            shutil.copytree(template.folder, folder, symlinks=True)
            (folder.parent / "dbt_project.yml").touch()
            copy = Warehouse(folder)
            if not killed_in(step, when, lambda copy=copy: job(copy)):
                break
            left.append(copy)
    return left


def test_a_kill_at_any_step_of_a_publication(warehouse: Warehouse, tmp_path: Path) -> None:
    for value in (1, 2):
        publish_value(warehouse, value)
    ready = prepare(warehouse, 3, C)

    def job(copy: Warehouse) -> None:
        version = Version(copy.private_version, ready.manifest)
        versions.prune(copy, versions.publish(copy, version, copy.read_state()), keep=2)

    found = set()
    killed = each_kill(warehouse, tmp_path, job)
    assert len(killed) > 20
    for copy in killed:
        value = value_in(copy.published)
        found.add(value)
        assert value in (2, 3)
        state, whole = versions.settle(copy, pytest.fail)
        assert whole
        assert_settled(copy, value)
        assert state["fingerprint"] == (C if value == 3 else "2" * 64)
        assert held(copy) == {}
        publish_value(copy, 4)  # the next run ends well
        versions.prune(copy, copy.read_state(), keep=2)
        shutil.rmtree(copy.private, ignore_errors=True)
        assert_settled(copy, 4)
        assert len(copy.read_state()["versions"]) == 2
    assert found == {2, 3}


def test_a_kill_at_any_step_of_a_rollback(warehouse: Warehouse, tmp_path: Path) -> None:
    first, second = publish_value(warehouse, 1, A), publish_value(warehouse, 2, B)
    found = set()
    for copy in each_kill(warehouse, tmp_path, back):
        value = value_in(copy.published)
        found.add(value)
        versions.settle(copy, pytest.fail)
        assert_settled(copy, value)
        assert sorted(copy.read_state()["versions"]) == sorted([first, second])
        assert held(copy) == ({B: second} if value == 1 else {})
        back(copy, second if value == 1 else first)
        assert_settled(copy, 3 - value)
    assert found == {1, 2}


# --- what is found at the start of a run ----------------------------------------------------------------


@pytest.mark.parametrize("fault", [Path.unlink, lambda path: os.replace(path, path.with_name("away"))])
def test_a_lost_published_file_is_put_back(warehouse: Warehouse, fault: Callable[[Path], None]) -> None:
    name = publish_value(warehouse, 1)
    fault(warehouse.published)
    said: list[str] = []
    _, whole = versions.settle(warehouse, said.append)
    assert whole
    assert said[0].endswith(f"put back from {name}")
    (warehouse.folder / "away").unlink(missing_ok=True)
    assert_settled(warehouse, 1)


def test_a_client_that_wrote_does_not_turn_an_unrecorded_publication_back(warehouse: Warehouse) -> None:
    publish_value(warehouse, 1)
    before = warehouse.state.read_bytes()
    publish_value(warehouse, 2)
    warehouse.state.write_bytes(before)  # as after a kill before the record
    versions.write_ahead_log(warehouse.published).write_bytes(b"left by a client")
    versions.settle(warehouse, silent)
    assert_settled(warehouse, 2)
    assert not versions.write_ahead_log(warehouse.published).exists()


def test_what_was_left_in_the_private_folder_is_never_written_into(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link of a version, left there by a kill, on a file system that has lost its hard links since."""
    first, second = publish_value(warehouse, 1), publish_value(warehouse, 2)
    warehouse.private.mkdir()
    kept, left = warehouse.versions / second / "saldo.duckdb", warehouse.private / "published"
    os.link(kept, left)

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(versions.os, "link", refuse)
    versions.put_in_place(warehouse.versions / first / "saldo.duckdb", warehouse.published, left)
    assert (value_in(warehouse.published), value_in(kept)) == (1, 2)


def test_a_file_damaged_together_with_its_version_is_not_put_back(warehouse: Warehouse) -> None:
    publish_value(warehouse, 1)
    damage(warehouse.published)  # the same file, by the hard link
    _, whole = versions.settle(warehouse, pytest.fail)
    assert not whole


def test_a_lost_record_is_made_anew_from_the_versions(warehouse: Warehouse) -> None:
    first, second = publish_value(warehouse, 1, A), publish_value(warehouse, 2, B)
    before = warehouse.read_state()
    warehouse.state.unlink()
    state, whole = versions.settle(warehouse, pytest.fail)
    assert whole
    assert state == before
    assert state["versions"] == [first, second]
    assert_settled(warehouse, 2)


def test_a_warehouse_from_before_there_were_versions(warehouse: Warehouse) -> None:
    warehouse.published.write_text("value 1")
    record = {"size": warehouse.published.stat().st_size, "sha256": file_sha256(warehouse.published)}
    warehouse.state.write_text(json.dumps({"fingerprint": A, **record}))
    assert versions.settle(warehouse, pytest.fail)[1]
    publish_value(warehouse, 2, B)
    assert held(warehouse) == {}
    assert_settled(warehouse, 2)


@pytest.mark.parametrize("name", ["latest", "versions"])
def test_something_else_in_our_place_is_named_and_left(warehouse: Warehouse, name: str) -> None:
    publish_value(warehouse, 1)
    os.replace(warehouse.folder / name, warehouse.folder / "away")
    if name == "latest":
        shutil.copytree(warehouse.folder / "versions", warehouse.latest)
    else:
        warehouse.versions.write_text("a file")
    before = content(warehouse.folder)
    with pytest.raises(InputError, match="which saldo keeps here") as caught:
        versions.settle(warehouse, pytest.fail)
    assert caught.value.where.endswith(name)
    assert content(warehouse.folder) == before


def test_a_failure_in_the_middle_leaves_the_published_file(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each step in turn; the next run ends well."""
    publish_value(warehouse, 1)
    for name in ("replace", "link", "fsync", "symlink"):
        version = prepare(warehouse, 2, B)
        with monkeypatch.context() as patch:

            def full(*_: object, **__: object) -> None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

            patch.setattr(versions.os, name, full)
            patch.setattr(versions.shutil, "copyfile", full)
            with pytest.raises(OSError, match="No space left"):
                versions.publish(warehouse, version, warehouse.read_state())
        value = value_in(warehouse.published)
        versions.settle(warehouse, pytest.fail)
        assert_settled(warehouse, value)
        assert value == (2 if name == "symlink" else 1)
