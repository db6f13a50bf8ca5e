"""`saldo query` on a small published file: what it prints, and that it can do nothing else."""

import csv
import io
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from small_database import make_database

from saldo import cli, query
from saldo.disk import file_sha256
from saldo.errors import InputError

PROJECT = Path(__file__).parents[2]
HOSTILE = "\x1b[31mred\x1b[0m [bold]x[/bold] \u202eright"


@pytest.fixture(scope="module")
def small_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a table of 123 rows and one of odd values."""
    file = make_database(tmp_path_factory.mktemp("small") / "saldo.duckdb", 7)
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table core.many as select i, i / 8 as share from range(123) as t (i)")
        connection.execute(
            """
            create table core.odd as select
                cast(-18855.5 as decimal(24, 6)) as exact, cast(null as varchar) as nothing,
                'nan'::double as not_a_number, true as truth, date '2025-01-01' as day,
                [1, 2] as list, 'a, "b"' as text, ? as hostile, 3 as "name of two"
            """,
            [HOSTILE],
        )
    return file


@pytest.fixture
def published(small_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same as the published file; writable, so that the connection alone stands in the way of a write."""
    file = Path(shutil.copy(small_file, tmp_path / "warehouse"))
    monkeypatch.setenv("SALDO_WAREHOUSE", str(file.parent))
    monkeypatch.chdir(PROJECT)
    return file


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> None:
    (tmp_path / "warehouse").mkdir()


def asked(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    """What `saldo query` prints, or its error."""
    assert cli.main(["query", *arguments]) == status
    said = capsys.readouterr()
    assert (said.err == "") == (status == 0)
    return said.err if status and "--json" not in arguments else said.out


@pytest.mark.usefixtures("published")
class TestOutput:
    def test_a_table_says_how_many_rows_there_are(self, capsys: pytest.CaptureFixture[str]) -> None:
        lines = asked(
            capsys, "select i, i % 2 = 0 as even from core.many where i < 2 order by i"
        ).splitlines()
        assert [line.split() for line in lines if "─" not in line] == [
            ["i", "even"],
            ["0", "true"],
            ["1", "false"],
            ["2", "rows"],
        ]

    def test_a_table_is_cut_and_says_of_how_many(self, capsys: pytest.CaptureFixture[str]) -> None:
        lines = asked(capsys, "select i from core.many order by i desc").splitlines()
        assert [line.strip() for line in lines[2:4]] == ["122", "121"]
        assert len(lines) == 2 + 50 + 1
        assert lines[-1].startswith("50 of 123 rows")
        assert asked(capsys, "--limit", "123", "from core.many").splitlines()[-1] == "123 rows"
        assert asked(capsys, "from core.many where i < 0").splitlines()[-1] == "0 rows"

    def test_exact_decimals_and_text_of_strangers(self, capsys: pytest.CaptureFixture[str]) -> None:
        said = asked(capsys, "select exact, hostile from core.odd")
        assert "-18855.5 " in said
        assert "-18855.50" not in said
        assert "\x1b" not in said
        assert r"\x1b[31mred\x1b[0m [bold]x[/bold] \u202eright" in said

    def test_csv_is_whole_and_reads_back(self, capsys: pytest.CaptureFixture[str]) -> None:
        rows = list(csv.reader(io.StringIO(asked(capsys, "--csv", "from core.many order by i"))))
        assert rows[0] == ["i", "share"]
        assert [row[0] for row in rows[1:]] == [str(i) for i in range(123)]
        assert len(asked(capsys, "--csv", "--limit", "3", "from core.many").splitlines()) == 4
        (row,) = csv.DictReader(io.StringIO(asked(capsys, "--csv", "from core.odd")))
        assert (row["text"], row["nothing"], row["truth"]) == ('a, "b"', "", "true")
        assert (row["day"], row["exact"], row["hostile"]) == ("2025-01-01", "-18855.500000", HOSTILE)

    def test_json_has_columns_types_rows_and_their_number(self, capsys: pytest.CaptureFixture[str]) -> None:
        found = json.loads(asked(capsys, "--json", "from core.odd"), parse_constant=pytest.fail)
        row = dict(zip(found["columns"], found["rows"][0], strict=True))
        assert row == {
            "exact": -18855.5,
            "nothing": None,
            "not_a_number": "NaN",
            "truth": True,
            "day": "2025-01-01",
            "list": [1, 2],
            "text": 'a, "b"',
            "hostile": HOSTILE,
            "name of two": 3,
        }
        assert found["types"][0] == "DECIMAL(24,6)"
        cut = json.loads(asked(capsys, "--json", "--limit", "2", "from core.many"))
        assert (len(cut["rows"]), cut["row_count"]) == (2, 123)
        assert json.loads(asked(capsys, "--json", "from core.many where i < 0"))["rows"] == []

    def test_more_than_one_batch(self, capsys: pytest.CaptureFixture[str]) -> None:
        found = json.loads(asked(capsys, "--json", "from range(25_000)"))
        assert [row[0] for row in found["rows"]] == list(range(25_000))

    @pytest.mark.parametrize(
        "sql",
        [
            "show all tables",
            "describe core.about",
            "summarize core.many",
            "pivot core.many on i % 2 using count(*)",
        ],
    )
    def test_what_tells_of_the_file_is_a_query(self, sql: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert json.loads(asked(capsys, "--json", sql))["rows"]

    def test_sql_from_standard_input(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("select 42 as answer;\n"))
        assert asked(capsys, "--csv", "-") == "answer\n42\n"


@pytest.mark.usefixtures("published")
class TestErrors:
    def test_an_error_of_the_sql_is_one_line_with_its_place(self, capsys: pytest.CaptureFixture[str]) -> None:
        said = asked(capsys, "select *\nfrom core.abuot", status=3).splitlines()
        assert said[0].startswith(
            "error: query, line 2: Catalog Error: Table with name abuot does not exist!"
        )
        assert said[0].endswith('Did you mean "about"?')
        assert said[1].startswith("  what to do:")
        assert len(said) == 2

    @pytest.mark.parametrize(
        ("sql", "told"),
        [
            ("selct 1", "Parser Error"),
            ("select missing from core.about", "Binder Error"),
            ("", "there is no statement"),
            ("select 1; select 2", "2 statements"),
            ("select cast('x' as integer)", "Conversion Error"),
            ("select ?", "parameter"),
        ],
    )
    def test_what_is_wrong_is_told(self, sql: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
        said = asked(capsys, sql, status=3)
        assert told in said.splitlines()[0]
        assert "Traceback" not in said

    def test_json_has_the_error(self, capsys: pytest.CaptureFixture[str]) -> None:
        found = json.loads(asked(capsys, "--json", "selct 1", status=3))
        assert found["status"] == "failed"
        assert "Parser Error" in found["error"]["what"]


def test_without_a_published_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SALDO_WAREHOUSE", str(tmp_path / "warehouse"))
    monkeypatch.chdir(PROJECT)
    assert "there is no published file" in asked(capsys, "select 1", status=9)
    (tmp_path / "warehouse" / "saldo.duckdb").write_text("no database")
    assert "not a valid DuckDB" in asked(capsys, "select 1", status=9)


WRITES = {
    "a table": "create table core.mine as select 1",
    "a temporary table": "create temp table mine as select 1",
    "rows": "insert into core.many values (1, 2)",
    "a change": "update core.many set i = 0",
    "a deletion": "delete from core.many",
    "a file": "copy core.many to '{folder}/out.csv'",
    "the published file": "copy core.many to '{file}'",
    "its log": "copy core.many to '{file}.wal'",
    "an export": "export database '{folder}/out'",
    "a database": "attach '{folder}/other.duckdb' as other",
    "a copy": "copy from database saldo to memory",
    "an extension": "install httpfs",
    "a loaded extension": "load httpfs",
    "a secret": "create persistent secret s (type s3)",
    "a setting": "set enable_external_access = true",
    "a lock": "set lock_configuration = false",
    "a profile": "pragma profiling_output = '{folder}/profile.json'",
    "an executed copy": "explain analyze copy core.many to '{folder}/out.csv'",
    "an executed copy over the file": "explain analyze copy core.many to '{file}'",
    "an executed copy over its log": "explain analyze copy core.many to '{file}.wal'",
    "a checkpoint": "checkpoint",
    "two statements": "select 1; create table core.mine as select 1",
}
READS = {
    "a text": "from read_text('{folder}/secret.txt')",
    "a csv": "from read_csv('{folder}/secret.txt')",
    "a file by its name": "from '{folder}/secret.csv'",
    "a sniffed file": "from sniff_csv('{folder}/secret.csv')",
    "the bytes of the file": "from read_blob('{file}')",
    "a folder": "from glob('{folder}/*')",
    "the web": "from read_csv('https://example.org/x.csv')",
    "a variable of the program": "from LOCKED",
}


@pytest.mark.parametrize("sql", [*WRITES.values(), *READS.values()], ids=[*WRITES, *READS])
def test_the_query_touches_nothing_else(
    sql: str, published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("secret.txt", "secret.csv"):
        (tmp_path / name).write_text("a,b\n1,swordfish\n")
    before = file_sha256(published), sorted(tmp_path.rglob("*"))
    said = asked(capsys, sql.format(folder=tmp_path, file=published), status=3)
    assert said.startswith("error: query")
    assert "swordfish" not in said
    assert (file_sha256(published), sorted(tmp_path.rglob("*"))) == before


# Beneath the check of the kind of statement, which only words the error: what the connection itself refuses.
@pytest.mark.parametrize(
    "sql",
    [
        sql
        for name, sql in WRITES.items()
        if name not in ("a temporary table", "two statements", "a checkpoint")
    ],
)
def test_the_connection_itself_refuses(sql: str, published: Path, tmp_path: Path) -> None:
    before = file_sha256(published), sorted(tmp_path.rglob("*"))
    with query.published(PROJECT) as connection, pytest.raises(duckdb.Error):
        connection.execute(sql.format(folder=tmp_path, file=published)).fetchall()
    assert (file_sha256(published), sorted(tmp_path.rglob("*"))) == before


def test_without_the_settings_a_file_is_written(published: Path, tmp_path: Path) -> None:
    """So the test above can fail."""
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute(f"copy core.many to '{tmp_path}/out.csv'")
    assert (tmp_path / "out.csv").exists()


def test_nothing_is_spilled(published: Path) -> None:
    with query.published(PROJECT) as connection:
        (directory,) = connection.execute("select current_setting('temp_directory')").fetchone() or ("?",)
    assert directory == ""
    assert [path.name for path in published.parent.iterdir()] == ["saldo.duckdb"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_a_long_query(number: signal.Signals, published: Path) -> None:
    endless = "select sum(hash(a.range + b.range) % 7) from range(1_000_000) as a, range(1_000_000) as b"
    child = subprocess.Popen(
        [sys.executable, "-m", "saldo", "query", endless],
        cwd=PROJECT,
        env=os.environ | {"SALDO_WAREHOUSE": str(published.parent)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        time.sleep(3)
        child.send_signal(number)
        _, said = child.communicate(timeout=30)
    finally:
        child.kill()
    assert child.returncode == 128 + number
    assert said == f"stopped by {number.name}; the published file is whole\n"


def test_a_reader_that_has_enough_is_no_error(published: Path) -> None:
    program = f"{shlex.quote(sys.executable)} -m saldo query --csv 'from range(200_000)' | head -n 2"
    outcome = subprocess.run(
        ["/usr/bin/env", "bash", "-c", f"set -o pipefail; {program}"],
        cwd=PROJECT,
        env=os.environ | {"SALDO_WAREHOUSE": str(published.parent)},
        capture_output=True,
        text=True,
    )
    assert (outcome.stdout, outcome.stderr) == ("range\n0\n", "")
    assert outcome.returncode == 0


def test_error_lines() -> None:
    message = (
        'Catalog Error: Table x does not exist!\nDid you mean "y"?\n\nLINE 1: select * from x\n            ^'
    )
    assert query.one_line(ValueError(message)) == 'Catalog Error: Table x does not exist! Did you mean "y"?'
    with pytest.raises(InputError, match="x does not exist"), query._errors():
        raise duckdb.CatalogException(message)
