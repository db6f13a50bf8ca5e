"""SDMX of a small published file: periods, structure, and messages that do not hold to it."""

import csv
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
import sdmx
from hypothesis import given
from hypothesis import strategies as st

from saldo.errors import InputError
from saldo.intake.periods import EARLIEST, Period
from saldo.intake.periods import sdmx as read_period
from saldo.sdmx_check import check_message
from saldo.sdmx_export import export_sdmx, time_period
from saldo.sdmx_structure import OBSERVATION

ROW = {
    "indicator_code": "population",
    "region_code": "51",
    "specialty_code": "_T",
    "sex_code": "F",
    "residence_code": "U",
    "age_code": "Y15T24",
    "partner_code": "_T",
    "period_start": "2018-01-01",
    "period_end": "2018-01-02",
    "value": "12.5",
    "unit_code": "PS",
    "decimals": "1",
    "obs_status": "E",
    "source_series": "bns_6584",
    "release_id": "article",
    "source_ref": "table, row 1",
    "correction_id": None,
}


# --- periods ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "frequency", "text"),
    [
        ("2024-01-01", "2025-01-01", "A", "2024"),
        ("2024-07-01", "2025-01-01", "S", "2024-S2"),
        ("2024-10-01", "2025-01-01", "Q", "2024-Q4"),
        ("2024-12-01", "2025-01-01", "M", "2024-12"),
        ("2024-01-01", "2024-01-02", "D", "2024-01-01"),
        ("2000-01-01", "2025-01-01", "_O", "2000-01-01/P25Y"),
        ("2024-07-01", "2025-07-01", "_O", "2024-07-01/P1Y"),
        ("2024-02-01", "2024-04-01", "_O", "2024-02-01/P2M"),
        ("2024-02-28", "2024-03-02", "_O", "2024-02-28/P3D"),
    ],
)
def test_a_period_as_sdmx_writes_it(start: str, end: str, frequency: str, text: str) -> None:
    assert time_period(Period(date.fromisoformat(start), date.fromisoformat(end))) == (frequency, text)


@given(st.dates(EARLIEST, date(2100, 1, 1)), st.integers(1, 40_000))
def test_every_period_comes_back(start: date, days: int) -> None:
    period = Period(start, start + timedelta(days=days))
    assert read_period(time_period(period)[1]) == period


# --- the small published file -----------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose published file has one figure, of women in towns of South Kazakhstan."""
    monkeypatch.delenv("SALDO_WAREHOUSE", raising=False)
    (tmp_path / "warehouse").mkdir()
    columns = ", ".join(f"{name} varchar" for name in ROW if name not in TYPES)
    typed = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
    with duckdb.connect(str(tmp_path / "warehouse" / "saldo.duckdb")) as connection:
        connection.execute(f"""
            create schema core;
            create table core.about as select timestamp '2026-11-25 03:30:00' as built_at;
            create table core.dim_indicator as select 'population' as indicator_code, 'Population' as name_en,
                'Население' as name_ru, 'Халық' as name_kk, 'On a day.' as definition;
            create table core.dim_region as
                select * from (values
                    ('00', 'KZ', null, 'Kazakhstan', 'Казахстан', 'Қазақстан', null, null),
                    ('51', null, '510000000', 'South Kazakhstan', 'ЮКО', 'ОҚО', null, date '2018-06-19')
                ) as region (
                    region_code, iso_code, kato_code, name_en, name_ru, name_kk, valid_from, valid_to
                );
            create table core.dim_specialty as select 'legal' as specialty_code, 1 as sort_order,
                'Legal' as name_en, 'Ю' as name_ru, 'З' as name_kk;
            create table core.dim_code as
                select * from (values
                    ('unit', 'PS', 1, 'persons', 'человек', 'адам'), ('obs_status', 'E', 1, 'Est.', 'О', 'Б')
                ) as code (code_list, code, sort_order, name_en, name_ru, name_kk);
            create table core.dim_release as select 'article' as release_id, 'An article' as title,
                'Статья' as title_ru, null as title_kk,
                'a journal' as publisher, date '2025-10-31' as published_on, 'https://x' as source_url,
                'none stated' as terms_of_use, timestamp '2025-10-31' as known_from;
            create table core.dim_correction as
                select 'c1' as correction_id, 'printed so' as reason, 'seen' as evidence;
            create table core.fct_observation ({columns}, {typed});
            create table core.fct_revision ({columns}, {typed}, series_preference int,
                known_from timestamp, known_to timestamp, recorded_at timestamp);
        """)
    put(tmp_path)
    return tmp_path


TYPES = {"period_start": "date", "period_end": "date", "value": "decimal(24, 6)", "decimals": "int"}


def put(project: Path, table: str = "fct_observation", **changed: object) -> None:
    row = ROW | changed
    with duckdb.connect(str(project / "warehouse" / "saldo.duckdb")) as connection:
        places = ", ".join("?" for _ in row)
        connection.execute(
            f"insert into core.{table} ({', '.join(row)}) values ({places})", list(row.values())
        )


def exported_rows(project: Path, file: str = "observation.csv") -> list[dict[str, str]]:
    exported = export_sdmx(project, None, [], revisions=file == "revision.csv")
    with (exported.folder / file).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert exported.rows[file] == len(rows)
    return rows


def test_a_figure_as_sdmx_csv(project: Path) -> None:
    assert exported_rows(project) == [
        {
            "STRUCTURE": "dataflow",
            "STRUCTURE_ID": "SALDO:OBSERVATION(1.0.0)",
            "ACTION": "I",
            "FREQ": "D",
            "INDICATOR": "population",
            "REF_AREA": "KZ-51",
            "SPECIALTY": "_T",
            "SEX": "F",
            "AGE": "Y15T24",
            "URBANISATION": "U",
            "COUNTERPART_AREA": "_T",
            "TIME_PERIOD": "2018-01-01",
            "OBS_VALUE": "12.5",
            "OBS_STATUS": "E",
            "UNIT_MEASURE": "PS",
            "DECIMALS": "1",
            "SOURCE": "article",
            "COMMENT_OBS": "table, row 1",
            "CORRECTION": "",
            "SOURCE_SERIES": "bns_6584",
        }
    ]


def test_values_are_written_without_loss(project: Path) -> None:
    values = ["0", "-18855", "100", "0.000001", "-123456789012345678.5", None]
    for number, value in enumerate(values):
        day = date(2000 + number, 1, 1)
        status = "A" if value else "O"
        put(project, period_start=day, period_end=date(2001 + number, 1, 1), value=value, obs_status=status)
    found = {row["TIME_PERIOD"]: row["OBS_VALUE"] for row in exported_rows(project)}
    assert [found[str(2000 + number)] for number in range(len(values))] == [*values[:-1], "NaN"]


def test_an_edition_has_its_series_and_time_in_the_key(project: Path) -> None:
    for known_from in ("2025-10-31 00:00:00", "2025-10-31 00:00:01"):
        put(
            project,
            "fct_revision",
            series_preference=1,
            known_from=known_from,
            recorded_at="2026-11-23 00:00:00",
        )
    rows = exported_rows(project, "revision.csv")
    assert [row["KNOWN_FROM"] for row in rows] == ["2025-10-31T00:00:00", "2025-10-31T00:00:01"]
    assert {row["KNOWN_TO"] for row in rows} == {""}


def test_code_lists_have_three_languages(project: Path) -> None:
    exported = export_sdmx(project, None, [], revisions=True)
    message = sdmx.read_sdmx(exported.folder / "structure.xml")
    assert message.codelist["CL_INDICATOR"]["population"].name.localizations == {
        "en": "Population", "ru": "Население", "kk": "Халық"
    }  # fmt: skip
    area = message.codelist["CL_AREA"]["KZ-51"]
    assert {note.type: note.title for note in area.annotations} == {
        "REGION_CODE": "51", "KATO_CODE": "510000000", "VALID_TO": "2018-06-19"
    }  # fmt: skip
    assert area.parent.id == "KZ"
    assert message.codelist["CL_OBS_STATUS"]["E"].name.localizations["en"] == "Est."
    assert set(message.dataflow) == {"OBSERVATION", "REVISION"}
    assert [each.id for each in message.structure["REVISION"].dimensions][-3:] == [
        "SOURCE_SERIES", "KNOWN_FROM", "TIME_PERIOD"
    ]  # fmt: skip


def test_equal_files_give_equal_messages(project: Path) -> None:
    def all_bytes() -> list[bytes]:
        folder = export_sdmx(project, None, [], revisions=True).folder
        return [path.read_bytes() for path in sorted(folder.iterdir())]

    assert all_bytes() == all_bytes()


def test_only_the_indicators_that_are_wanted(project: Path) -> None:
    with duckdb.connect(str(project / "warehouse" / "saldo.duckdb")) as connection:
        connection.execute("insert into core.dim_indicator values ('other', 'Other', null, null, null)")
    put(project, indicator_code="other")
    exported = export_sdmx(project, None, ["other"], revisions=False)
    assert exported.rows == {"structure.xml": None, "observation.csv": 1}
    with pytest.raises(InputError, match="--indicator populations") as caught:
        export_sdmx(project, None, ["populations"], revisions=False)
    assert "population" in caught.value.remedy


# --- what does not hold to the structure -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"region_code": "99"}, "REF_AREA: «99» is not in CL_AREA (1 rows)"),
        ({"indicator_code": "populatoin"}, "INDICATOR: «populatoin» is not in CL_INDICATOR"),
        ({"specialty_code": "alchemy"}, "SPECIALTY: «alchemy» is not in CL_SPECIALTY"),
        ({"sex_code": "X"}, "SEX: «X» is not in CL_SEX"),
        ({"age_code": "young"}, "AGE: «young» is not in CL_AGE"),
        ({"residence_code": "town"}, "URBANISATION: «town» is not in CL_URBANISATION"),
        ({"partner_code": "russia"}, "COUNTERPART_AREA: «russia» is not in CL_COUNTERPART_AREA"),
        ({"obs_status": "Z"}, "OBS_STATUS: «Z» is not in CL_OBS_STATUS"),
        ({"unit_code": "KG"}, "UNIT_MEASURE: «KG» is not in CL_UNIT_MEASURE"),
        ({"release_id": "lost"}, "SOURCE: «lost» is not in CL_RELEASE"),
        ({"correction_id": "c2"}, "CORRECTION: «c2» is not in CL_CORRECTION"),
        ({"obs_status": None}, "OBS_STATUS: «» must have a value"),
        ({"source_ref": None}, "COMMENT_OBS: «» must have a value"),
        (
            {"source_series": "other"},
            "the key D.population.KZ-51._T.F.Y15T24.U._T.2018-01-01 stands twice (1 keys)",
        ),
    ],
)
def test_a_figure_that_the_structure_does_not_allow(
    project: Path, changed: dict[str, object], says: str
) -> None:
    folder = export_sdmx(project, None, [], revisions=False).folder
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    put(project, **changed)
    with pytest.raises(InputError, match=r"observation\.csv") as caught:
        export_sdmx(project, None, [], revisions=False)
    assert any(says in detail for detail in caught.value.details), caught.value.details
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def _column_renamed(lines: list[str]) -> None:
    lines[0] = lines[0].replace("REF_AREA", "REGION")


def _other_flow(lines: list[str]) -> None:
    lines[1] = lines[1].replace("OBSERVATION(1.0.0)", "OBSERVATION(2.0.0)")


def _comma_for_point(lines: list[str]) -> None:
    lines[1] = lines[1].replace("12.5", '"12,5"')


def _no_month(lines: list[str]) -> None:
    lines[1] = lines[1].replace("2018-01-01", "2018-13-01")


def _no_structure(lines: list[str]) -> None:
    lines[0] = lines[0].replace("STRUCTURE,", "DATAFLOW,")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_column_renamed, "the column REF_AREA is missing"),
        (_column_renamed, "REGION is no component of OBSERVATION"),
        (_other_flow, "STRUCTURE_ID: «SALDO:OBSERVATION(2.0.0)» is not SALDO:OBSERVATION(1.0.0)"),
        (_comma_for_point, "OBS_VALUE: «12,5» is not written as double"),
        (_no_month, "TIME_PERIOD: «2018-13-01» is not written as observationalTimePeriod"),
        (_no_structure, "the first columns are DATAFLOW, STRUCTURE_ID, ACTION"),
    ],
)
def test_a_message_that_was_spoilt(project: Path, spoil: Callable[[list[str]], None], says: str) -> None:
    folder = shutil.copytree(export_sdmx(project, None, [], revisions=False).folder, project / "copy")
    check_message(folder / "observation.csv", folder / "structure.xml", OBSERVATION)
    lines = (folder / "observation.csv").read_text("utf-8").splitlines(keepends=True)
    spoil(lines)
    (folder / "observation.csv").write_text("".join(lines), "utf-8")
    with pytest.raises(InputError) as caught:
        check_message(folder / "observation.csv", folder / "structure.xml", OBSERVATION)
    assert any(says in detail for detail in caught.value.details), caught.value.details
