"""`saldo ingest` on the command line, and the page that describes the layouts."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from intake.support import DATA, EXAMPLES, PROJECT
from project import RunSaldo

from saldo import refresh
from saldo.intake.layout_file import read_layouts
from saldo.intake.reasons import REASONS
from saldo.landing import Landing

GOOD = EXAMPLES / "external_migration_2025_2026-03-13.csv"
BAD = DATA / "sdg_1-2-1_v04_2022-02-01_81d77d0c4.csv"
PAGE = (PROJECT / "docs" / "reference-layouts.md").read_text(encoding="utf-8")


def test_lines_for_a_person(run_saldo: RunSaldo, tmp_path: Path) -> None:
    env = {"SALDO_LANDING": str(tmp_path)}
    done = run_saldo(PROJECT, "ingest", str(GOOD), str(BAD), env=env)
    assert (done.returncode, done.stderr) == (3, "")
    landed, refused, where, found, first, remedy = done.stdout.splitlines()
    assert re.fullmatch(rf"landed    {GOOD.name} as sdmx_csv_2026_03_13_[0-9a-f]{{8}}: 3 rows", landed)
    assert refused == f"refused   {BAD.name}: duplicate_key"
    assert where.strip().startswith("row 222, column 6 (Value): the same figure stands twice")
    assert "4.3" in first
    assert "5.3" in found
    assert remedy.strip().startswith("what to do: ")
    again = run_saldo(PROJECT, "ingest", str(GOOD), env=env)
    assert again.returncode == 0
    assert "already landed as sdmx_csv_2026_03_13_" in again.stdout


def test_one_object_for_a_machine(run_saldo: RunSaldo, tmp_path: Path) -> None:
    done = run_saldo(
        PROJECT, "ingest", "--json", str(GOOD), str(BAD), "/no/such", env={"SALDO_LANDING": str(tmp_path)}
    )
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["status"]) == (3, "partly")
    assert [file["status"] for file in answer["files"]] == ["landed", "refused", "refused"]
    assert answer["files"][1]["place"]["row"] == 222
    assert answer["files"][2]["reason"] == "not_found"


def test_wrong_usage_and_wrong_options(run_saldo: RunSaldo, tmp_path: Path) -> None:
    env = {"SALDO_LANDING": str(tmp_path)}
    usage = run_saldo(PROJECT, "ingest", str(GOOD), "--published-on", "31.03.2026", env=env)
    assert usage.returncode == 2
    assert "write it as 2026-03-31" in usage.stderr
    option = run_saldo(PROJECT, "ingest", str(GOOD), "--layout", "nothing", env=env)
    assert option.returncode == 3
    assert "no such layout" in option.stderr
    unwritable = run_saldo(PROJECT, "ingest", str(GOOD), env={"SALDO_LANDING": "/proc/landing"})
    assert unwritable.returncode == 5


def test_help_has_an_example_that_exists(run_saldo: RunSaldo) -> None:
    said = run_saldo(PROJECT, "ingest", "--help").stdout
    (example,) = re.findall(r"saldo ingest (examples/\S+)", said)
    assert (PROJECT / example).is_file()


def test_the_page_names_every_layout_reason_and_file() -> None:
    for layout in read_layouts():
        assert f"`{layout.name}`" in PAGE, layout.name
    for code, meaning in REASONS.items():
        assert f"| `{code}` | {meaning} |" in PAGE, code
    for folder in (DATA, EXAMPLES):
        for path in folder.iterdir():
            if path.suffix in {".csv", ".json", ".xls", ".xlsx", ".yml"} and "extract" not in path.name:
                assert f"`{path.name}`" in PAGE, path.name


def marks_on_the_page() -> list[tuple[str, ...]]:
    """The rows of the table «Marks», one for each layout and sign."""
    section = PAGE.partition("### Marks\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return [
        (layout, sign.strip("`"), meaning, status.strip("`"), becomes)
        for layouts, signs, meaning, status, becomes in rows
        for layout in re.findall("`(.+?)`", layouts)
        for sign in re.findall("`.+?`|blank", signs)
    ]


def test_the_page_has_the_marks_of_the_layouts_and_no_others() -> None:
    declared = []
    for layout in read_layouts():
        for sign, mark in layout.marks.items():
            becomes = "a row without a figure" if mark.row else "no row"
            declared.append((layout.name, sign or "blank", mark.meaning, mark.status, becomes))
        for sign, note in layout.footnotes.items():
            declared.append((layout.name, sign, note.meaning, note.status, "the figure before it"))
    assert sorted(marks_on_the_page()) == sorted(declared)


def test_pandas_is_not_imported_and_frames_can_be_had_afterwards(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from saldo import cli\n"
        "assert cli.main(['ingest', sys.argv[1]]) == 0\n"
        "assert 'pandas' not in sys.modules\n"
        "import pyarrow\n"
        "assert pyarrow.table({'a': [1, 2]}).to_pandas()['a'].sum() == 3\n"
        "import pandas\n"
        "assert pyarrow.array(pandas.Series([1.5, None])).null_count == 1\n"
    )
    environment = os.environ | {"SALDO_LANDING": str(tmp_path / "landing")}
    subprocess.run([sys.executable, "-c", script, str(GOOD)], check=True, cwd=PROJECT, env=environment)


def test_what_nothing_keeps_stays_in_the_inbox(landing: Landing) -> None:
    """A file that landed or was quarantined leaves it; a link is neither, and a folder is no file of ours."""
    inbox = landing.inbox / "bns.population"
    (inbox / "a folder").mkdir(parents=True)
    (inbox / "link.csv").symlink_to(DATA / "sdg_8-5-2_unemployment.csv")
    (inbox / "empty_2026-11-20.csv").write_bytes(b"")
    _, files = refresh._ingest_inbox(PROJECT, landing)
    assert {file["file"].rpartition("/")[2]: file["status"] for file in files} == {
        "empty_2026-11-20.csv": "refused",
        "link.csv": "refused",
    }
    assert sorted(path.name for path in inbox.iterdir()) == ["a folder", "link.csv"]
