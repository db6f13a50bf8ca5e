"""The published file is always whole: the old one or the new one."""

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from small_database import make_database, value_in

from saldo import publish, versions
from saldo.disk import file_sha256
from saldo.errors import BuildError
from saldo.warehouse import Warehouse, write_ahead_log

KILLED_AT = """
import os, signal, sys
from pathlib import Path
from saldo import versions
step, when, database, published = sys.argv[1:]
original = getattr(os, step)
def fatal(*arguments):
    if when == "after":
        original(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(os, step, fatal)
versions.put_in_place(Path(database), Path(published), Path(database).with_name("link"))
"""


def put(new: Path, old: Path) -> None:
    versions.put_in_place(new, old, new.with_name("link"))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = make_database(tmp_path / "saldo.duckdb", 1)
    path.chmod(versions.READ_ONLY)
    return path


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """As a build leaves it, before it is sealed."""
    (tmp_path / ".build").mkdir()
    return make_database(tmp_path / ".build/saldo.duckdb", 2)


@pytest.fixture
def new(built: Path) -> Path:
    built.chmod(versions.READ_ONLY)
    return built


def test_a_sealed_file_says_what_it_holds(built: Path) -> None:
    summary = publish.seal(built)
    assert summary.rows["core"] == {"about": 1, "dim_release": 1, "fct_control_total": 1}
    assert summary.grand_totals[0].summed == -12
    assert summary.correlations[0].printed == "-0.50"
    assert not write_ahead_log(built).exists()


@pytest.mark.parametrize(("printed", "shown"), [("-0.50", "-0.50"), ("-0.49", "-0.49 / -0.50")])
def test_a_correlation_that_two_languages_state_is_told_once(built: Path, printed: str, shown: str) -> None:
    with duckdb.connect(str(built)) as connection:
        connection.execute(f"insert into analysis.claim_check values ('pearson_r', 'income', '{printed}')")
    assert [found.printed for found in publish.seal(built).correlations] == [shown]


def test_what_stands_in_the_log_is_written_into_the_file(built: Path) -> None:
    """A process that dies with an open database leaves a write-ahead log."""
    script = (
        "import duckdb, os, sys\n"
        "c = duckdb.connect(sys.argv[1])\n"
        "c.execute('update core.about set value = 3')\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(built)], check=True)
    assert write_ahead_log(built).exists()
    publish.seal(built)
    assert not write_ahead_log(built).exists()
    assert value_in(built) == 3


def test_a_view_of_another_file_is_refused(built: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(built)) as connection:
        connection.execute(f"attach '{tmp_path / 'work.duckdb'}' as work")
        connection.execute("create table work.main.raw as select 1 as a")
        connection.execute("create view core.peek as select * from work.main.raw")
    with pytest.raises(BuildError, match=r"work\.main\.raw") as caught:
        publish.seal(built)
    assert "\n" not in caught.value.what


def test_a_reader_keeps_the_whole_old_file_and_the_next_one_sees_the_new(new: Path, old: Path) -> None:
    reader = (
        "import duckdb, sys\n"
        "c = duckdb.connect(sys.argv[1], read_only=True)\n"
        "print('open', flush=True)\n"
        "sys.stdin.read()\n"
        "print(c.execute('select value from core.about').fetchone()[0])\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", reader, str(old)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        put(new, old)
        assert value_in(old) == 2
        assert process.communicate()[0] == "1\n"


def test_the_published_file_is_read_only_and_alone(new: Path, old: Path) -> None:
    put(new, old)
    assert stat.S_IMODE(old.stat().st_mode) == 0o444
    assert sorted(path.name for path in old.parent.iterdir()) == [".build", "saldo.duckdb"]
    assert sorted(path.name for path in new.parent.iterdir()) == ["saldo.duckdb"]


def test_without_hard_links_it_is_a_copy(new: Path, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(versions.os, "link", refuse)
    put(new, old)
    assert old.read_bytes() == new.read_bytes()
    assert not old.samefile(new)
    assert stat.S_IMODE(old.stat().st_mode) == 0o444


def test_the_log_of_a_client_that_wrote_does_not_spoil_the_new_file(new: Path, old: Path) -> None:
    write_ahead_log(old).write_bytes(b"left by a client")
    put(new, old)
    assert value_in(old) == 2


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_before_the_rename_leaves_the_old_file(
    new: Path, old: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(versions.os, step, fail)
    before = old.read_bytes()
    with pytest.raises(OSError, match="No space left"):
        put(new, old)
    assert old.read_bytes() == before


@pytest.mark.parametrize(
    ("step", "when", "value"),
    [("fsync", "before", 1), ("unlink", "after", 1), ("replace", "before", 1), ("replace", "after", 2)],
)
def test_a_kill_leaves_a_whole_file(new: Path, old: Path, step: str, when: str, value: int) -> None:
    write_ahead_log(old).touch()
    process = subprocess.run(
        [sys.executable, "-c", KILLED_AT, step, when, str(new), str(old)], cwd=Path(__file__).parents[2]
    )
    assert process.returncode == -signal.SIGKILL
    assert value_in(old) == value


def test_the_record_holds_for_the_very_file_that_was_published(old: Path) -> None:
    warehouse = Warehouse(old.parent)
    record = {"size": old.stat().st_size, "sha256": file_sha256(old)}
    assert warehouse.holds(record)
    write_ahead_log(old).touch()
    assert not warehouse.holds(record)
    write_ahead_log(old).unlink()
    old.chmod(0o644)
    changed = bytearray(old.read_bytes())
    changed[-1] ^= 1
    old.write_bytes(changed)
    assert not warehouse.holds(record)
    old.unlink()
    assert not warehouse.holds(record)


@pytest.mark.parametrize("text", [None, "", "[]", "{half"])
def test_a_record_that_cannot_be_read_counts_as_none(tmp_path: Path, text: str | None) -> None:
    warehouse = Warehouse(tmp_path)
    if text is not None:
        warehouse.state.write_text(text)
    assert warehouse.read_state() == {}
    assert not warehouse.holds({})
