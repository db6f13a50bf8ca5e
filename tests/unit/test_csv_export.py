"""CSV of a small published file: what a spreadsheet and a reader of CSV make of each cell."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from saldo.csv_export import export_csv
from saldo.errors import InputError, NotPublishedError
from saldo.exported import replacing

FORMULAS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1",
    "\n=1",
    "＝1+1",
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose published file has a table of all kinds of text, and a view."""
    (tmp_path / "warehouse").mkdir()
    monkeypatch.delenv("SALDO_WAREHOUSE", raising=False)
    with duckdb.connect(str(tmp_path / "warehouse" / "saldo.duckdb")) as connection:
        connection.execute("""
            create schema core; create schema bi; create schema audit;
            create table core.label (
                label varchar, "column; =1" varchar, amount decimal(24, 6), day date, n int
            );
            create view bi.label as select label from core.label;
            create table audit.label as select 1 as n;
        """)
    return tmp_path


def put(project: Path, *rows: tuple[object, ...]) -> None:
    with duckdb.connect(str(project / "warehouse" / "saldo.duckdb")) as connection:
        connection.executemany("insert into core.label values (?, ?, ?, ?, ?)", list(rows))


def read(path: Path, delimiter: str = ",") -> Iterator[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.reader(file, delimiter=delimiter)


def labels(project: Path, *texts: str) -> list[str]:
    put(project, *((text, None, None, None, None) for text in texts))
    exported = export_csv(project, None, ["core.label"], ",")
    return [row[0] for row in read(exported.folder / "core" / "label.csv")][1:]


def test_cells_come_back(project: Path) -> None:
    put(
        project,
        ('Ақмола «об-\nласть»; "a",b', "x", "-1.500000", date(2024, 1, 31), -7),
        ("", None, None, None, None),
    )
    exported = export_csv(project, None, [], ";")
    path = exported.folder / "core" / "label.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert list(read(path, ";")) == [
        ["label", "column; =1", "amount", "day", "n"],
        ['Ақмола «об-\nласть»; "a",b', "x", "-1.500000", "2024-01-31", "-7"],
        ["", "", "", "", ""],
    ]
    assert exported.rows == {"audit/label.csv": 1, "bi/label.csv": 2, "core/label.csv": 2}
    assert exported.folder == project / "warehouse" / "export" / "csv"


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_a_formula(project: Path, text: str) -> None:
    (found,) = labels(project, text)
    assert found.startswith("'")
    assert found.replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("sign", [";", ",", "\t"])
@pytest.mark.parametrize("formula", ["=1+1", "@a", "-2+3", "+a"])
def test_nor_a_part_of_it_where_another_delimiter_is_taken(project: Path, sign: str, formula: str) -> None:
    assert labels(project, f"a{sign}{formula}") == [f"a{sign}'{formula}"]


@pytest.mark.parametrize(
    "text", ["-83062", "-83 062", "+7", "-0.57", "0,75", "a-b", "'=1", "a; -1", "— нет", "5=5"]
)
def test_other_texts_stay_as_they_are(project: Path, text: str) -> None:
    assert labels(project, text) == [text]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("label", "name it in full: audit.label or bi.label or core.label"),
        ("core.labels", "did you mean core.label"),
    ],
)
def test_a_table_that_is_not_one(project: Path, name: str, says: str) -> None:
    with pytest.raises(InputError, match=f"--table {name}") as caught:
        export_csv(project, None, [name], ",")
    assert says in caught.value.remedy


def test_without_a_published_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALDO_WAREHOUSE", str(tmp_path))
    with pytest.raises(NotPublishedError, match="no published file"):
        export_csv(tmp_path, None, [], ",")
    assert list(tmp_path.iterdir()) == []


def test_a_broken_published_file(project: Path) -> None:
    (project / "warehouse" / "saldo.duckdb").write_bytes(b"no database")
    with pytest.raises(NotPublishedError, match=r"saldo\.duckdb") as caught:
        export_csv(project, None, [], ",")
    assert "saldo build --full" in caught.value.remedy


def test_an_export_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "label.csv").write_text("before")
    (tmp_path / "notes.txt").write_text("of the user")

    def export(text: str, *, fails: bool) -> None:
        with replacing(tmp_path) as private:
            (private / "core").mkdir()
            (private / "core" / "label.csv").write_text(text)
            if fails:
                raise RuntimeError

    with pytest.raises(RuntimeError):
        export("half", fails=True)
    assert (tmp_path / "core" / "label.csv").read_text() == "before"
    export("after", fails=False)
    assert (tmp_path / "core" / "label.csv").read_text() == "after"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["core", "notes.txt"]
