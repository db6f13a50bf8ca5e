"""Each layout on its real file: figures as other sources give them, codes, periods, statuses, places.

Where a figure is not read off the file by eye, its source is named; DuckDB reads the landed rows.
"""

import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from intake import hostile
from intake.support import DATA, EXAMPLES, PROJECT, Query, Take

from saldo.intake.ingest import Options, ingest
from saldo.intake.schema import ROWS
from saldo.landing import Landing, open_landing
from saldo.withdrawal import withdraw

WORKBOOK = DATA / "bns_population_by_region_2000_2023.xlsx"
POPULATION_2023 = 19_766_807  # the bureau's national figure; also the article's second source, element 6584

# What each real file becomes: layout and rows, or the reason for which it is refused.
OUTCOMES = {
    "bns_csv_6567_migration_balance_first_rows.csv": ("bns_csv_6567", 79, date(2026, 9, 25)),
    "bns_csv_6584_population_extract.csv": ("bns_csv_6584", 99, date(2026, 8, 11)),
    "bns_csv_19298_income_extract.csv": ("bns_csv_19298", 43, date(2026, 9, 30)),
    "bns_csv_102790_unemployment_extract.csv": ("bns_csv_102790", 80, date(2026, 9, 30)),
    "bns_population_by_region_2000_2023.xlsx": ("bns_population_xlsx", 2837, date(2023, 7, 21)),
    "internal_migration_by_region_2022.csv": ("internal_migration", 60, date(2023, 2, 28)),
    "internal_migration_by_region_2023.csv": ("internal_migration", 60, date(2024, 2, 28)),
    "kazdata_migration_balance_by_region.json": ("kazdata_json", 40, None),
    "taldau_income_per_capita_by_region_derived.csv": ("taldau_income_derived", 360, date(2023, 1, 3)),
    "sdg_8-5-2_unemployment.csv": ("sdg_8_5_2", 2719, date(2024, 10, 24)),
    "sdg_1-2-1_v01_2019-12-03_45f6d5a67.csv": ("sdg_1_2_1_old", 190, None),
    "sdg_1-2-1_v02_2020-12-19_c3e8d258c.csv": ("sdg_1_2_1", 220, None),
    "sdg_1-2-1_v03_2021-03-29_dac7b4763.csv": ("sdg_1_2_1", 220, None),
    "sdg_1-2-1_v04_2022-02-01_81d77d0c4.csv": ("duplicate_key", 0, None),
    "sdg_1-2-1_v05_2022-03-11_98ea45ac1.csv": ("sdg_1_2_1", 242, None),
    "sdg_1-2-1_v06_2022-10-17_bc57d968f.csv": ("sdg_1_2_1", 264, None),
    "sdg_8-5-2_v01_2020-12-19_c3e8d258c.csv": ("sdg_8_5_2", 1873, None),
    "sdg_8-5-2_v02_2021-01-28_f8efe41fd.csv": ("sdg_8_5_2", 1873, None),
    "sdg_8-5-2_v03_2021-12-29_06d3a6e81.csv": ("sdg_8_5_2", 2068, None),
    "sdg_8-5-2_v04_2024-09-20_3c725e99b.csv": ("sdg_8_5_2", 2653, None),
    "bns_decent_work_indicators.xlsx": ("other_definition", 0, None),
    "news_external_migration_figures.csv": ("not_a_release", 0, None),
    "sdg_ref_area_en.yml": ("not_a_release", 0, None),
    "taldau_701189_agriculture_output_2026-08-31.json": ("indicator_not_declared", 0, None),
    "bns_socioeconomic_indicators_1991_2016.xls": ("bns_socioeconomic_xls", 125, None),
    "bns_6567_national_2026-09-25.csv": ("bns_csv_6567", 75, None),
    "external_migration_2017_2018-12-31.csv": ("sdmx_csv", 3, None),
    "external_migration_2022_2023-02-10.csv": ("sdmx_csv", 3, None),
    "external_migration_2025_2026-03-13.csv": ("sdmx_csv", 3, None),
}


def path_of(name: str) -> Path:
    return EXAMPLES / name if (EXAMPLES / name).is_file() else DATA / name


def one(query: Query, selected: str) -> Any:
    """The single value of a query."""
    ((value,),) = query(f"select {selected}")
    return value


def test_every_file_is_spoken_of() -> None:
    files = {path.name for folder in (DATA, EXAMPLES) for path in folder.iterdir() if path.suffix != ".md"}
    assert files - {".gitattributes"} == set(OUTCOMES)


@pytest.mark.parametrize("name", OUTCOMES)
def test_outcome_and_manifest(name: str, take: Take, landing: Landing, query: Query) -> None:
    expected, row_count, published_on = OUTCOMES[name]
    outcome = take(path_of(name), published_on=published_on)
    if not row_count:
        assert outcome.refusal
        assert outcome.refusal.code == expected
        return
    assert (outcome.status, outcome.layout, outcome.row_count) == ("landed", expected, row_count), (
        outcome.refusal
    )
    # The two files that were cut out of larger ones have the country and a region or two.
    extracts = {hostile.BALANCE, hostile.POPULATION}
    assert any("for want of a part" in note for note in outcome.notes) == (name in extracts)
    manifest = json.loads((landing.releases / f"{outcome.release_id}.json").read_text(encoding="utf-8"))
    day = date.fromisoformat(manifest["published_on"])
    assert outcome.release_id == f"{expected}_{day:%Y_%m_%d}_{outcome.sha256[:8]}"
    assert (manifest["row_count"], manifest["file_name"]) == (row_count, name)
    assert one(query, "count(*) from landed") == row_count
    assert one(query, "count(*) from landed where cell_kind <> 'fact'") == manifest["control_total_count"]
    assert (
        landing.originals.joinpath(f"{outcome.sha256}{path_of(name).suffix}").read_bytes()
        == path_of(name).read_bytes()
    )
    described = query(f"describe from '{landing.rows}/{outcome.release_id}.parquet'")
    assert [column[0] for column in described] == ROWS.names
    assert one(query, "bool_and((value is null) = (obs_status in ('M', 'O', 'L', 'Q'))) from landed")
    assert one(query, "bool_and((value is null) = (decimals is null)) from landed")
    # A cell lands once.
    assert one(query, "count(distinct (table_name, row_no, column_no)) from landed") == row_count


def test_csv_6567(take: Take, query: Query) -> None:
    take(path_of("bns_csv_6567_migration_balance_first_rows.csv"), published_on=date(2026, 9, 25))
    balance = dict(
        query("select year(period_start), value from landed where indicator_code = 'external_balance'")
    )
    # Table 2 of the article has the same series but for 2008, where it follows an earlier edition (1 117).
    assert (balance[2000], balance[2008], balance[2016], balance[2017], balance[2024]) == (
        -108_307, 1_300, -21_145, -22_130, 16_550,
    )  # fmt: skip
    assert sum(balance.values()) == -320_585 + 1_300 - 1_117
    assert query("select distinct source_series from landed where cell_kind = 'fact' order by 1") == [
        ("bns_6567",), ("bns_6567_external",),
    ]  # fmt: skip
    # Almaty is a city of republican rank: towns only. Districts are left out, among them look-alikes.
    assert query(
        "select distinct region_label, residence_code from landed"
        " where region_label <> 'РЕСПУБЛИКА КАЗАХСТАН' order by all",
    ) == [("Г.АЛМАТЫ", "U"), ("ОБЛАСТЬ ЖЕТІСУ", "U")]
    assert query("select printed_text, row_no, column_no, source_ref from landed where row_no = 2") == [
        (
            "24\u00a0876", 2, 12,
            "bns_csv_6567_migration_balance_first_rows.csv, row 2 (РЕСПУБЛИКА КАЗАХСТАН), column 12 (VAL)",
        )
    ]  # fmt: skip


def test_population_workbook(take: Take, query: Query) -> None:
    take(WORKBOOK, published_on=date(2023, 7, 21))
    for kind in ("fact", "total"):
        where = f"sex_code = '_T' and cell_kind = '{kind}' and period_start = date '2023-01-01'"
        assert one(query, f"sum(value) from landed where {where}") == POPULATION_2023
    assert one(query, "bool_and(period_end = period_start + 1) from landed")
    by_year = query(
        "select sum(value) filter (cell_kind = 'fact') - sum(value) filter (cell_kind = 'total') from landed"
        " group by period_start, sex_code, residence_code",
    )
    assert len(by_year) == 24 * 7
    assert set(by_year) == {(0,)}
    # «Туркестанская 1» is South Kazakhstan up to 2016; regions that did not exist have no row.
    turkistan = "region_label = 'Туркестанская 1' and sex_code = '_T'"
    assert one(query, f"value from landed where {turkistan} and year(period_start) = 2016") == 2_840_871
    assert one(query, f"value from landed where {turkistan} and year(period_start) = 2017") == 1_966_336
    assert one(query, "min(year(period_start)) from landed where region_label = 'Абай'") == 2022
    estimates = query(
        "select distinct region_label, year(period_start) from landed where obs_status = 'E' order by all",
    )
    assert estimates == [
        ("Абай", 2022), ("Жетісу", 2022), ("Туркестанская 1", 2017), ("Туркестанская 1", 2018),
        ("г. Шымкент", 2017), ("г. Шымкент", 2018), ("Ұлытау", 2022),
    ]  # fmt: skip


def test_population_workbook_cell_by_cell(take: Take, query: Query) -> None:
    """Every figure is the one that openpyxl, another reader, finds in the cell that the row names."""
    take(WORKBOOK, published_on=date(2023, 7, 21))
    book = openpyxl.load_workbook(WORKBOOK, read_only=False)
    for sheet, row, column, value in query("select table_name, row_no, column_no, value from landed"):
        assert book[sheet].cell(row, column).value == value


def test_socioeconomic_workbook(take: Take, query: Query) -> None:
    outcome = take(path_of("bns_socioeconomic_indicators_1991_2016.xls"))
    assert outcome.release_id.startswith("bns_socioeconomic_xls_2017_11_29_")

    def figure(indicator: str, year: int) -> tuple[Any, ...]:
        (row,) = query(
            "select cast(value as varchar), decimals, obs_status, printed_text from landed"
            f" where indicator_code = '{indicator}' and year(period_start) = {year}"
        )
        return row

    assert figure("external_balance", 2008) == ("1117.000000", 0, "A", "1117")
    assert figure("external_balance", 2016) == ("-21618.000000", 0, "A", "-21618")
    assert figure("external_balance", 1994)[0] == "-406679.000000"
    assert figure("unemployment_rate", 2015) == ("5.100000", 1, "B", "5,115)")
    assert figure("unemployment_rate", 1995) == ("11.000000", 1, "A", "11")
    assert figure("unemployment_rate", 1991) == (None, None, "O", "-")
    assert figure("poverty_share", 2001)[:2] == ("46.700000", 1)
    assert figure("nominal_income_per_capita", 2010) == ("39014.000000", 0, "A", "39014.0713415945")
    assert figure("population", 2000)[:2] == ("14901641.000000", 0)
    assert one(query, "min(year(period_start)) from landed where indicator_code = 'poverty_share'") == 1996


def test_sdg_vintages_hold_the_known_revisions(take: Take, query: Query) -> None:
    """Rows 1-4 of the revisions found by comparing the git versions by hand."""
    for path in sorted(DATA.glob("sdg_1-2-1_v0*.csv")):
        take(path)
    shares = query(
        "select split_part(source_ref, '_', 3), year(period_start), cast(value as decimal(4, 1)) from landed"
        " where region_label = '(blank)' and residence_code = '_T' and sex_code = '_T'",
    )
    share = {(version, year): float(value) for version, year, value in shares}
    assert (share["v01", 2014], share["v02", 2014]) == (2.8, 2.9)
    assert (share["v01", 2015], share["v02", 2015]) == (2.7, 2.6)
    assert ("v04", 2019) not in share
    codes = query("select distinct residence_code, sex_code from landed order by all")
    assert codes == [("R", "_T"), ("U", "_T"), ("_T", "F"), ("_T", "M"), ("_T", "_T")]


def test_sdg_ages_are_those_of_sdmx(take: Take, query: Query) -> None:
    take(path_of("sdg_8-5-2_v01_2020-12-19_c3e8d258c.csv"))
    ages = [age for (age,) in query("select distinct age_code from landed order by all")]
    assert ages == ["Y15", "Y16T24", "Y25T28", "Y29T34", "Y35T44", "Y45T54", "Y55T64", "_T"]
    assert one(query, "count(*) from landed where residence_code = 'U'") == 172


def test_internal_migration(take: Take, query: Query) -> None:
    take(path_of("internal_migration_by_region_2022.csv"), published_on=date(2023, 2, 28))
    total = dict(query("select indicator_code, sum(value) from landed group by 1"))
    assert total["internal_balance"] == 0
    assert total["internal_arrivals"] == total["internal_departures"]
    astana = query("select value from landed where region_label = 'Astana city' order by column_no")
    assert astana == [(143_183,), (109_385,), (33_798,)]
    assert query("select distinct period_start, period_end from landed") == [
        (date(2022, 1, 1), date(2023, 1, 1))
    ]


def test_kazdata_regions_sum_to_the_country(take: Take, query: Query) -> None:
    take(path_of("kazdata_migration_balance_by_region.json"))
    by_year = query("select year(period_start), sum(value) from landed group by 1 order by 1")
    assert by_year == [(2023, 9_293), (2024, 16_550)]  # the country's figures of element 6567
    assert query(
        "select value, decimals, printed_text from landed where region_label = '100000000' limit 1"
    ) == [(-7141, 0, "-7141.0")]


def test_income(take: Take, query: Query) -> None:
    take(path_of("taldau_income_per_capita_by_region_derived.csv"), published_on=date(2023, 1, 3))
    take(path_of("bns_csv_19298_income_extract.csv"), published_on=date(2026, 9, 30))
    both = query(
        "select source_series, value from landed where region_label = 'КЫЗЫЛОРДИНСКАЯ ОБЛАСТЬ'"
        " and year(period_start) = 2016 order by all",
    )
    assert both == [("bns_19298", 56_252), ("taldau_704447_cut", 56_251)]
    assert query("select distinct unit_code from landed") == [("KZT_MONTH",)]


def test_population_and_unemployment_exports(take: Take, query: Query) -> None:
    take(path_of("bns_csv_6584_population_extract.csv"), published_on=date(2026, 8, 11))
    take(path_of("bns_csv_102790_unemployment_extract.csv"), published_on=date(2026, 9, 30))
    national = "region_label = 'РЕСПУБЛИКА КАЗАХСТАН' and residence_code = '_T'"
    assert (
        one(query, f"value from landed where {national} and period_start = date '2025-01-01'") == 20_283_399
    )
    quarter = query(
        "select period_start, period_end, cast(value as varchar), decimals from landed"
        " where region_label = 'МАНГИСТАУСКАЯ ОБЛАСТЬ' and period_start = date '2024-10-01'",
    )
    assert quarter == [(date(2024, 10, 1), date(2025, 1, 1), "4.900000", 1)]


@pytest.mark.parametrize("end", [".csv", "_abc.csv", ""])
def test_the_day_in_the_name_of_an_sdg_file_may_stand_last(take: Take, tmp_path: Path, end: str) -> None:
    path = tmp_path / f"sdg_8-5-2_2026-01-01{end}"
    shutil.copyfile(path_of("sdg_8-5-2_unemployment.csv"), path)
    assert take(path).release_id.startswith("sdg_8_5_2_2026_01_01_")


def test_a_blank_unit_of_sdmx_is_one_that_is_not_stated(take: Take, query: Query, tmp_path: Path) -> None:
    text = path_of(hostile.SDMX).read_text(encoding="utf-8")
    path = tmp_path / "flows_2026-03-14.csv"
    path.write_text(text.replace(",PS,", ",,"), encoding="utf-8")
    assert take(path).status == "landed"
    assert query("select distinct unit_code from landed") == [("PS",)]


@pytest.mark.parametrize("labels", ["name", "both"])
def test_sdmx_with_names_says_the_same_as_with_ids_only(
    labels: str, take: Take, query: Query, tmp_path: Path
) -> None:
    plain = path_of(hostile.SDMX)
    text = plain.read_text(encoding="utf-8").replace("dataflow", "DATAFLOW")
    header = text.splitlines()[0].split(",")
    named = (
        hostile.with_names_beside(text)
        if labels == "name"
        else hostile.with_names_in_one_text(text, header[3:])
    )
    # Two attributes may have one name, and a name may be blank.
    named = named.replace("Name of UNIT_MULT", "Name of UNIT_MEASURE").replace("Name of FREQ", "")
    path = tmp_path / "named_2026-03-14.csv"
    path.write_text(named, encoding="utf-8")
    for each in (plain, path):
        assert take(each).status == "landed", each
    columns = "indicator_code, region_label, period_start, period_end, value, decimals, obs_status, unit_code"
    assert len(query(f"select distinct {columns} from landed")) == 3
    assert one(query, "count(*) from landed") == 6


def test_south_kazakhstan_comes_by_sdmx_as_long_as_it_was(take: Take, tmp_path: Path) -> None:
    header = "STRUCTURE,STRUCTURE_ID,ACTION,INDICATOR,REF_AREA,TIME_PERIOD,OBS_VALUE,OBS_STATUS"
    rows = {year: f"dataflow,A:B(1.0),I,population,KZ-51,{year},2900000,A" for year in (2018, 2019)}
    for year, row in rows.items():
        (tmp_path / f"{year}_2026-03-14.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    assert take(tmp_path / "2018_2026-03-14.csv").status == "landed"
    ended = take(tmp_path / "2019_2026-03-14.csv").refusal
    assert ended
    assert ended.code == "region_not_valid"
    assert "territory 51 had ended" in ended.message


def test_examples_carry_the_editions(take: Take, query: Query) -> None:
    for path in sorted(EXAMPLES.glob("*.csv")):
        assert take(path).status == "landed"
    said = query(
        "select indicator_code, value from landed where year(period_start) = 2025 order by indicator_code",
    )
    assert said == [
        ("external_arrivals", 23_761),
        ("external_balance", 16_153),
        ("external_departures", 7_608),
    ]
    balance = query(
        "select value from landed where indicator_code = 'external_balance' and year(period_start) = 2017"
        " order by value",
    )
    assert balance == [(-22_130,), (-21_623,)]


def test_the_history_can_be_read_anew_from_the_originals(
    take: Take, landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each original under the name that it came by, with what its manifest says, gives the same rows.

    As docs/reference-layouts.md says it; with a file that does not say what it measures, and a withdrawal.
    """
    for name, (_, row_count, published_on) in OUTCOMES.items():
        if row_count:
            assert take(path_of(name), published_on=published_on).status == "landed", name
    # Of the answer for agriculture, that of a region whose figures could be incomes.
    record = json.loads(path_of("taldau_701189_agriculture_output_2026-08-31.json").read_bytes())[0]
    fields = {key: value for key, value in record.items() if not re.match(r"y?12\d{4}", key)}
    plain = tmp_path / "answer.json"
    plain.write_text(json.dumps([fields | {"122020": "1", "y122020": "116126.35"}]), encoding="utf-8")
    told = {"indicator": "nominal_income_per_capita", "published_on": date(2026, 8, 31)}
    assert take(plain, **told).status == "landed"
    withdraw(PROJECT, landing, landing.manifests()[0]["release_id"], date(2026, 9, 1), "taken down")
    kept = landing.manifests()
    assert len(kept) == sum(bool(row_count) for _, row_count, _ in OUTCOMES.values()) + 1
    monkeypatch.setenv("SALDO_LANDING", str(tmp_path / "anew"))
    anew = open_landing(PROJECT)
    for manifest in sorted(kept, key=lambda each: each["recorded_at"]):
        original = next(landing.originals.glob(f"{manifest['sha256']}.*"))
        path = tmp_path / manifest["sha256"] / manifest["file_name"]
        path.parent.mkdir()
        shutil.copyfile(original, path)
        options = Options(
            layout=manifest["layout"],
            indicator=manifest["indicators"][0] if manifest["layout"] == "taldau_json" else None,
            published_on=date.fromisoformat(manifest["published_on"]),
            release_id=manifest["release_id"],
        )
        (outcome,) = ingest(PROJECT, anew, [str(path)], options)
        assert outcome.status == "landed", outcome
        if manifest["withdrawn_on"]:
            day = date.fromisoformat(manifest["withdrawn_on"])
            withdraw(PROJECT, anew, manifest["release_id"], day, manifest["withdrawn_reason"])
    changing = ("recorded_at",)
    for one, other in zip(kept, anew.manifests(), strict=True):
        assert {key: one[key] for key in one if key not in changing} == {
            key: other[key] for key in other if key not in changing
        }
        rows = (pq.read_table(place.rows / f"{one['release_id']}.parquet") for place in (landing, anew))
        assert next(rows).equals(next(rows)), one["release_id"]
