"""`saldo build` on the real project: what it publishes, and that no failure touches the published file."""

import ctypes
import fcntl
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from project import RunSaldo

HEAVY = re.compile(r"\b(dbt|duckdb|pandas|numpy|great_expectations|yaml)\b")
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1


def published(project: Path) -> Path:
    return project / "warehouse/saldo.duckdb"


@pytest.fixture
def untouched(built_copy: Path) -> Iterator[Path]:
    """A built copy whose published file must be the same after the test, with no litter beside it."""
    before = published(built_copy).read_bytes()
    yield built_copy
    assert published(built_copy).read_bytes() == before
    assert not (built_copy / "warehouse/.build").exists()


def edit(project: Path, table: str, old: str, new: str) -> None:
    """Changes a printed table and records its hash anew, so that what comes after the hash check is seen."""
    path, record = project / f"seeds/published/{table}.csv", project / "seeds/reference/release_table.csv"
    before = path.read_bytes()
    after = before.replace(old.encode(), new.encode(), 1)
    assert after != before
    path.write_bytes(after)
    hashes = (hashlib.sha256(content).hexdigest() for content in (before, after))
    record.write_text(record.read_text(encoding="utf-8").replace(*hashes), encoding="utf-8")


def start(project: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "saldo", *arguments],
        cwd=project,
        env=os.environ | {"PYTHONPATH": "."},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def wait_for(process: subprocess.Popen[str], line: str) -> None:
    assert process.stderr is not None
    for said in process.stderr:
        if said.startswith(line):
            return
    pytest.fail(f"«{line}» was never said")


def test_the_first_build_ends_with_one_screen(first_build: tuple[Path, str]) -> None:
    screen = first_build[1].replace("\u00a0", " ")
    assert "warehouse/saldo.duckdb" in screen
    assert "−267 599 persons: the sum of 184 figures of article_table_3; printed there: −267 599" in screen
    for indicator, here, article in [
        ("income_per_capita", "−0.5691", "−0.57"),
        ("children_per_household", "0.7291", "0.73"),
        ("below_food_basket", "0.1990", "0.20"),
    ]:
        assert re.search(rf"{indicator} +\d+ +{here} +{article}\n", screen)
    assert "region_specialty_balance 184" in screen
    assert re.search(r"\d+ dbt tests and \d+ expectations, all passed", screen)
    assert len(screen.splitlines()) <= 24


def test_the_published_file_is_alone_small_and_open_to_old_clients(built_project: Path) -> None:
    file = published(built_project)
    assert file.stat().st_mode & 0o777 == 0o444
    assert file.stat().st_size < 10_000_000
    assert sorted(path.name for path in file.parent.iterdir() if not path.name.startswith(".")) == [
        "latest",
        "saldo.duckdb",
        "saldo.lock",
        "saldo.state.json",
        "versions",
    ]
    with duckdb.connect(str(file), read_only=True) as connection:
        ((tags,),) = connection.execute(
            "select tags from duckdb_databases() where database_name = 'saldo'"
        ).fetchall()
        ((version,),) = connection.execute("select version from core.about").fetchall()
    assert tags["storage_version"].startswith("v1.0.0")
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)


def test_the_development_files_of_plain_dbt_are_not_written(built_project: Path) -> None:
    assert not [name for name in ("target", "logs") if (built_project / name).exists()]
    assert not list(built_project.glob("warehouse/*dev*"))


def test_a_second_build_says_nothing_new_and_loads_nothing_heavy(built_project: Path) -> None:
    outcome = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "saldo", "build"],
        cwd=built_project,
        env=os.environ | {"PYTHONPATH": "."},
        capture_output=True,
        encoding="utf-8",
    )
    assert outcome.returncode == 0
    line = (
        r"nothing new: warehouse/saldo\.duckdb is up to date \(built .*\); `.* build --full` builds anyway\n"
    )
    assert re.fullmatch(line, outcome.stdout)
    imported = [line for line in outcome.stderr.splitlines() if line.startswith("import time:")]
    assert imported
    assert not [line for line in imported if HEAVY.search(line)]


def test_nothing_new_for_a_machine(built_project: Path, run_saldo: RunSaldo) -> None:
    told = json.loads(run_saldo(built_project, "build", "--json").stdout)
    assert told["status"] == "up_to_date"
    assert told["file"] == str(published(built_project))
    assert told["summary"]["rows"]["regional"]["region_profile"] == 20


def test_a_silent_edit_of_a_printed_table(untouched: Path, run_saldo: RunSaldo) -> None:
    table = untouched / "seeds/published/article_table_3.csv"
    table.write_bytes(table.read_bytes().replace(b"-13913", b"13913"))
    outcome = run_saldo(untouched, "build")
    assert outcome.returncode == 3
    assert outcome.stderr.startswith("error: seeds/published/article_table_3.csv: the content is not what")
    assert "correction.csv" in outcome.stderr


def test_a_broken_row(untouched: Path, run_saldo: RunSaldo) -> None:
    path = untouched / "seeds/reference/specialty.csv"
    path.write_text(path.read_text(encoding="utf-8") + "one,field,too,many,by,far,,,,,,\n", encoding="utf-8")
    last = len(path.read_text(encoding="utf-8").splitlines())
    outcome = run_saldo(untouched, "build", "--json")
    assert outcome.returncode == 3
    assert json.loads(outcome.stdout)["error"]["where"] == f"seeds/reference/specialty.csv, line {last}"


@pytest.mark.parametrize("name", ["seeds/published/article_table_2.csv", "profiles.yml"])
def test_a_missing_file(untouched: Path, run_saldo: RunSaldo, name: str) -> None:
    (untouched / name).unlink()
    outcome = run_saldo(untouched, "build")
    assert outcome.returncode == 3
    assert outcome.stderr.startswith(f"error: {name}: the file is missing")


def test_a_missing_reference_seed(untouched: Path, run_saldo: RunSaldo) -> None:
    (untouched / "seeds/reference/region_label.csv").unlink()
    outcome = run_saldo(untouched, "build")
    assert outcome.returncode == 3
    assert outcome.stderr.startswith("error: seeds/reference/region_label.csv: the file is missing\n")
    assert "git checkout -- seeds/reference/region_label.csv" in outcome.stderr


def test_a_word_where_a_number_should_stand(untouched: Path, run_saldo: RunSaldo) -> None:
    path = untouched / "seeds/reference/specialty.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("\ntechnical,1,", "\ntechnical,one,"), "utf-8")
    outcome = run_saldo(untouched, "build")
    assert outcome.returncode == 3
    assert outcome.stderr.startswith(
        "error: seeds/reference/specialty.csv, line 2, column sort_order: «one» is not of the type integer\n"
    )


def test_an_unknown_label_names_itself(untouched: Path, run_saldo: RunSaldo) -> None:
    edit(untouched, "article_table_1", "Акмолинская область", "Акмолинский район")
    outcome = run_saldo(untouched, "build")
    assert outcome.returncode == 1
    assert "Акмолинский район" in outcome.stderr
    assert len(outcome.stderr.splitlines()) < 24


def test_a_figure_that_breaks_the_totals(untouched: Path, run_saldo: RunSaldo) -> None:
    edit(untouched, "article_table_3", "-13913", "-13931")
    outcome = run_saldo(untouched, "build")
    assert outcome.returncode == 1
    assert "\n  look first at article_table_3, row 19 (Костанайская" in outcome.stderr
    assert "suite totals, expectation " in outcome.stderr
    assert "tests/data/expectations_hold.sql" in outcome.stderr
    assert "seeds/reference/correction.csv" in outcome.stderr
    assert re.search(r"observed .*, expected ", outcome.stderr)
    assert len(outcome.stderr.splitlines()) < 24


def test_another_build_holds_the_lock(untouched: Path, run_saldo: RunSaldo) -> None:
    with (untouched / "warehouse/saldo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(json.dumps({"pid": 7, "host": "elsewhere", "since": "noon", "command": "saldo build"}))
        lock.flush()
        outcome = run_saldo(untouched, "build", "--full")
    assert outcome.returncode == 4
    assert "held by process 7 on elsewhere since noon (saldo build)" in outcome.stderr


def test_a_reader_of_the_published_file_is_no_obstacle(built_project: Path, run_saldo: RunSaldo) -> None:
    with duckdb.connect(str(published(built_project)), read_only=True) as connection:
        assert run_saldo(built_project, "build").returncode == 0
        assert connection.execute("select count(*) from regional.region_profile").fetchall() == [(20,)]


def test_no_room_on_the_disk(untouched: Path, run_saldo: RunSaldo) -> None:
    """A limit on the size of files stands for a full disk: it needs no privilege and hits dbt in mid-work."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    outcome = run_saldo(untouched, "build", "--full", preexec_fn=limit)
    assert outcome.returncode == 5
    assert outcome.stderr.splitlines()[0] == "error: the disk or a quota is full"
    assert "SALDO_WAREHOUSE=DIR" in outcome.stderr


def test_a_folder_that_may_not_be_written(untouched: Path, run_saldo: RunSaldo) -> None:
    def without_privilege() -> None:
        if os.geteuid() == 0:  # root writes everywhere, unless it has given up that capability
            ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)

    if os.geteuid() == 0 and sys.platform != "linux":
        pytest.skip("root writes into any folder")
    warehouse = untouched / "warehouse"
    warehouse.chmod(0o555)
    outcome = run_saldo(untouched, "build", "--full", preexec_fn=without_privilege)
    warehouse.chmod(0o755)
    assert outcome.returncode == 5
    assert "Permission denied" in outcome.stderr.splitlines()[0]
    assert "SALDO_WAREHOUSE=DIR" in outcome.stderr


def test_a_stop_in_mid_build(untouched: Path) -> None:
    process = start(untouched, "build", "--full")
    wait_for(process, "seeds ")
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert said.endswith("stopped by SIGTERM; the published file is whole\n")


def test_the_build_after_kills_at_several_instants(built_copy: Path, run_saldo: RunSaldo) -> None:
    before = published(built_copy).read_bytes()
    private = built_copy / "warehouse/.build"
    for instant in ("", "seeds "):
        process = start(built_copy, "build", "--full")
        if instant:
            wait_for(process, instant)
        else:
            while not private.exists():
                assert process.poll() is None
        process.kill()
        process.communicate()
        assert published(built_copy).read_bytes() == before
        assert private.exists()
    assert run_saldo(built_copy, "build").stdout.startswith("nothing new")
    assert not private.exists()
    with (built_copy / "macros/fail.sql").open("a") as macro:
        macro.write("\n")
    outcome = run_saldo(built_copy, "build", "--json")
    assert outcome.returncode == 0, outcome.stderr
    assert json.loads(outcome.stdout)["status"] == "built"
    assert not private.exists()
    assert published(built_copy).read_bytes() != before


def test_a_damaged_published_file_is_put_back_from_its_version(built_copy: Path, run_saldo: RunSaldo) -> None:
    before = published(built_copy).read_bytes()
    published(built_copy).chmod(0o644)
    published(built_copy).write_bytes(b"damaged")
    outcome = run_saldo(built_copy, "build")
    assert re.match(r"warehouse/saldo\.duckdb was not what .* put back from \d{8}T\d{6}Z-", outcome.stderr)
    assert outcome.stdout.startswith("nothing new")
    assert published(built_copy).read_bytes() == before


def test_a_damaged_file_without_version_is_told_and_built_anew(built_copy: Path, run_saldo: RunSaldo) -> None:
    """A missing seed stops the build after the line, which stands before any step."""
    published(built_copy).chmod(0o644)
    published(built_copy).write_bytes(b"damaged")
    shutil.rmtree(built_copy / "warehouse/versions")
    (built_copy / "seeds/reference/region_label.csv").unlink()
    outcome = run_saldo(built_copy, "build")
    line = "warehouse/saldo.duckdb is not what was published last; it is built anew\n"
    assert outcome.stderr.startswith(line)


def test_the_warehouse_may_stand_elsewhere(built_project: Path, run_saldo: RunSaldo, tmp_path: Path) -> None:
    """Shown with the files of a build already made: they are up to date there, too."""
    elsewhere = tmp_path / "склад"
    elsewhere.mkdir()
    for name in ("saldo.duckdb", "saldo.state.json"):
        (elsewhere / name).write_bytes((built_project / "warehouse" / name).read_bytes())
    outcome = run_saldo(
        tmp_path,
        "build",
        "--project-dir",
        str(built_project),
        env={"SALDO_WAREHOUSE": "склад", "PYTHONPATH": str(built_project)},
    )
    assert outcome.returncode == 0, outcome.stderr
    assert "склад/saldo.duckdb is up to date" in outcome.stdout


def test_a_folder_without_project(tmp_path: Path, built_project: Path, run_saldo: RunSaldo) -> None:
    outcome = run_saldo(tmp_path, "build", env={"PYTHONPATH": str(built_project)})
    assert outcome.returncode == 3
    assert "no dbt_project.yml here or above" in outcome.stderr
