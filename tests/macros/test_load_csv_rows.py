"""The loader of seeds: nothing guessed, no row shifted, an error that names the line."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from jinja2 import Environment

PROJECT = Path(__file__).parents[2]
MACRO = PROJECT / "macros/load_csv_rows.sql"
HEADER = "row_no,c1,c2\n"

Load = Callable[[str | bytes], list[tuple[str | None, ...]]]


def copy_statement(path: Path) -> str:
    """The statement that the macro sends for a seed in this file."""
    sent: list[str] = []
    template = Environment(extensions=["jinja2.ext.do"], autoescape=False).from_string(  # noqa: S701
        MACRO.read_text(encoding="utf-8")
    )
    adapter = SimpleNamespace(
        get_seed_file_path=lambda model: str(path), add_query=lambda sql, **options: sent.append(sql)
    )
    this = SimpleNamespace(render=lambda: "seed")
    names = {"adapter": adapter, "this": this, "return": lambda sql: sql}
    template.make_module(names).duckdb__load_csv_rows(None, None)  # type: ignore[attr-defined]
    (statement,) = sent
    return statement


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """Rows of a file with these contents, loaded into a table of text columns."""
    with duckdb.connect(":memory:") as connection:

        def rows(content: str | bytes) -> list[tuple[str | None, ...]]:
            path = tmp_path / "seed.csv"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            connection.execute("create or replace table seed (row_no varchar, c1 varchar, c2 varchar)")
            connection.execute(copy_statement(path))
            return connection.execute("from seed").fetchall()

        yield rows


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ('1,"12,5",x', ("1", "12,5", "x")),
        ('1,"say ""no""",x', ("1", 'say "no"', "x")),
        ('1,"two\nlines",x', ("1", "two\nlines", "x")),
        ("1,it's,x", ("1", "it's", "x")),
        ("01,007,+7", ("01", "007", "+7")),
        ("1,null,NULL", ("1", "null", "NULL")),
        ("1,NA,None", ("1", "NA", "None")),
        ("1,true,2024-01-01", ("1", "true", "2024-01-01")),
        ("1, padded ,x", ("1", " padded ", "x")),
        ("1,,", ("1", None, None)),
        ('1,"",x', ("1", None, "x")),
        ("1,Жамбылская об- ласть,Ұлытау", ("1", "Жамбылская об- ласть", "Ұлытау")),
        ("1,a;b,c\td", ("1", "a;b", "c\td")),
        ("#1,x,y", ("#1", "x", "y")),
    ],
)
def test_a_field_is_text_as_it_stands(load: Load, line: str, row: tuple[str | None, ...]) -> None:
    assert load(f"{HEADER}0,a,b\n{line}\n") == [("0", "a", "b"), row]


def test_line_ends_of_windows(load: Load) -> None:
    assert load("row_no,c1,c2\r\n0,a,b\r\n1,c,d\r\n") == [("0", "a", "b"), ("1", "c", "d")]


def test_a_header_alone_is_an_empty_table(load: Load) -> None:
    assert load(HEADER) == []


@pytest.mark.parametrize(
    "line",
    ["1,short", "1", "1,one,too,many", '1,"open,x', '1,"a"b,c'],
    ids=["short", "shortest", "ragged", "open quote", "text after a quote"],
)
@pytest.mark.parametrize("is_only_row", [True, False])
def test_a_row_of_another_width_stops_the_seed(load: Load, line: str, is_only_row: bool) -> None:
    before = "" if is_only_row else "0,a,b\n"
    with pytest.raises(duckdb.Error, match="Line: 2" if is_only_row else "Line: 3"):
        load(f"{HEADER}{before}{line}\n")


@pytest.mark.parametrize("content", ["Итого".encode("cp1251"), b"\xd0", b"\xff\xfe1"])
def test_a_file_that_is_not_utf_8_stops_the_seed(load: Load, content: bytes) -> None:
    with pytest.raises(duckdb.Error, match=r"(?i)utf-?8|unicode"):
        load(HEADER.encode() + b"0,a,b\n1," + content + b",x\n")


# --- through dbt ------------------------------------------------------------------------------------------

SEED_PROJECT = """
name: tiny
profile: tiny
seed-paths: [seeds]
macro-paths: [macros]
seeds: {tiny: {+column_types: {row_no: string, c1: string, c2: string}}}
"""
SEED_PROFILE = """
tiny: {target: duckdb, outputs: {duckdb: {type: duckdb, path: tiny.duckdb, threads: 1}}}
"""


def test_dbt_seed_uses_it(tmp_path: Path, dbt_environment: Mapping[str, str], dbt: Path) -> None:
    """In a folder with an apostrophe, a space and Cyrillic letters."""
    project = tmp_path / "it's сальдо"
    texts = {
        "dbt_project.yml": SEED_PROJECT,
        "profiles.yml": SEED_PROFILE,
        "macros/load_csv_rows.sql": MACRO.read_text(encoding="utf-8"),
        "seeds/good.csv": HEADER + '01,"12,5",null\n02,,Ұлытау\n',
        "seeds/short.csv": HEADER + "1,short\n",
        "seeds/ragged.csv": HEADER + "1,a,b\n2,one,too,many\n",
    }
    for name, text in texts.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")

    outcome = subprocess.run(
        [dbt, "--quiet", "seed", "--target-path", "target"],
        cwd=project,
        env=dbt_environment,
        capture_output=True,
        encoding="utf-8",
    )

    assert outcome.returncode == 1, outcome.stdout + outcome.stderr
    results = json.loads((project / "target/run_results.json").read_text(encoding="utf-8"))["results"]
    found = {result["unique_id"].split(".")[-1]: (result["status"], result["message"]) for result in results}
    assert {name: status for name, (status, _) in found.items()} == {
        "good": "success",
        "short": "error",
        "ragged": "error",
    }
    assert "Line: 2" in found["short"][1]
    assert "4 values" in found["ragged"][1], "dbt's own reader sees a row that is too long first"
    with duckdb.connect(os.fspath(project / "tiny.duckdb"), read_only=True) as connection:
        assert connection.execute("from good").fetchall() == [("01", "12,5", "null"), ("02", None, "Ұлытау")]
