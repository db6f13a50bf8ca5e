"""The series beside the article's, compared with the publisher's own files, read here by a plain CSV reader.

The files in tests/intake/data are the releases themselves, or parts of them; the seeds were arranged from
other copies. Sums are compared with totals that the bureau published elsewhere.
"""

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from project import PROJECT

DATA = PROJECT / "tests" / "intake" / "data"
Figures = dict[tuple[str, str, str], Decimal]


@pytest.fixture(scope="module")
def published(built_project: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built_project / "warehouse/saldo.duckdb"), read_only=True) as connection:
        yield connection


def rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def codes(label_set: str) -> dict[str, str]:
    labels = rows(PROJECT / "seeds/reference/region_label.csv")
    return {row["label"]: row["region_code"] for row in labels if row["label_set"] == label_set}


def revisions(published: duckdb.DuckDBPyConnection, release_id: str) -> Figures:
    """The figures of a release by indicator, region and first day of their period."""
    query = """
        select indicator_code, region_code, cast(period_start as varchar), value
        from core.fct_revision where release_id = ? and value is not null
    """
    found = published.execute(query, [release_id]).fetchall()
    return {(indicator, region, start): value for indicator, region, start, value in found}


def value(published: duckdb.DuckDBPyConnection, query: str, *values: object) -> Any:
    row = published.execute(query, values).fetchone()
    assert row is not None
    return row[0]


def test_unemployment_is_that_of_the_sdg_file(published: duckdb.DuckDBPyConnection) -> None:
    region = codes("sdg") | {"": "00"}
    expected = {
        ("unemployment_rate", region[row["REF_AREA"]], f"{row['Year']}-01-01"): Decimal(row["Value"])
        for row in rows(DATA / "sdg_8-5-2_unemployment.csv")
        if not (row["URBANISATION"] or row["SEX"] or row["AGE"])
    }
    assert len(expected) == 250
    assert revisions(published, "bns_unemployment_2024_10_24") == expected


def test_poverty_up_to_2021_is_that_of_the_sdg_file_of_2022(published: duckdb.DuckDBPyConnection) -> None:
    """The seeded release is two years later; it repeats the shares of the vintage before it unchanged."""
    region = codes("sdg") | {"": "00"}
    [path] = DATA.glob("sdg_1-2-1_v06_*.csv")
    expected = {
        ("poverty_share", region[row["REF_AREA"]], f"{row['Year']}-01-01"): Decimal(row["Value"])
        for row in rows(path)
        if not (row["URBANISATION"] or row["SEX"])
    }
    found = revisions(published, "bns_poverty_2024_10_24")
    assert len(expected) > 200
    assert {key: figure for key, figure in found.items() if key[2] < "2022"} == expected


def test_monthly_income_is_that_of_the_files(published: duckdb.DuckDBPyConnection) -> None:
    region = codes("bns_upper")
    taldau = {
        ("nominal_income_per_capita", region[row["region"]], f"{row['date'][:4]}-01-01"): Decimal(
            row["value"]
        )
        for row in rows(DATA / "taldau_income_per_capita_by_region_derived.csv")
    }
    assert len(taldau) == 360
    assert revisions(published, "bns_income_2023_01_03") == taldau
    extract = {
        ("nominal_income_per_capita", region[row["КАТО(по каталогу)"]], f"{row['DAT'][:4]}-01-01"): Decimal(
            row["VAL"].replace("\N{NO-BREAK SPACE}", "")
        )
        for row in rows(DATA / "bns_csv_19298_income_extract.csv", "\t")
        if row["DAT"][:4] >= "2020"
    }
    assert len(extract) == 5  # Kyzylorda
    assert extract.items() <= revisions(published, "bns_income_2026_09_30").items()


def test_of_two_incomes_of_2020_the_whole_tenge_are_shown(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select source_series, count(*) from core.fct_observation
        where indicator_code = 'nominal_income_per_capita' and period_start = date '2020-01-01' group by all
    """
    # element 19298 has 17 regions of that year, the country is in Taldau's index alone
    assert dict(published.execute(query).fetchall()) == {"bns_19298": 17, "taldau_704447_cut": 1}


def test_unemployment_by_quarter_is_that_of_the_file(published: duckdb.DuckDBPyConnection) -> None:
    region = codes("bns_upper")
    extract = {
        ("unemployment_rate", region[row["КАТО(по каталогу)"]], start_of_quarter(row["PERIOD"])): Decimal(
            row["VAL"]
        )
        for row in rows(DATA / "bns_csv_102790_unemployment_extract.csv", "\t")
        if row["СПТМ (по каталогу)"] == row["СП"] == "Всего" and "квартал" in row["DAT"]
    }
    country = {key for key in extract if key[1] == "00"}
    assert len(extract) >= 40
    found = revisions(published, "bns_unemployment_2026_09_30").items()
    assert {item for item in extract.items() if item[0] not in country} <= set(found)


def start_of_quarter(period: str) -> str:
    return f"{period[:4]}-{int(period[4:]) - 2:02}-01"


@pytest.mark.parametrize("year", [2022, 2023])
def test_internal_flows_are_those_of_the_files(published: duckdb.DuckDBPyConnection, year: int) -> None:
    region = codes("internal_migration_en")
    expected = {
        (f"internal_{'balance' if flow == 'net' else flow}", region[row["region"]], f"{year}-01-01"): Decimal(
            row[flow]
        )
        for row in rows(DATA / f"internal_migration_by_region_{year}.csv")
        for flow in ("arrivals", "departures", "net")
    }
    assert len(expected) == 60
    found = revisions(published, "bns_internal_migration_2022_2024")
    assert {key: figure for key, figure in found.items() if key[2].startswith(str(year))} == expected


def test_all_flows_of_the_regions_sum_to_the_external_balance_of_table_2(
    published: duckdb.DuckDBPyConnection,
) -> None:
    query = """
        select cast(year(period_start) as integer), sum(value) filter (indicator_code = 'all_flows_balance'),
            sum(value) filter (indicator_code = 'external_balance')
        from core.fct_observation where period_start >= date '2023-01-01' and period_end <= date '2025-01-01'
        group by all order by all
    """
    found = [row for row in published.execute(query).fetchall() if row[1] is not None]
    assert found == [(2023, 9293, 9293), (2024, 16550, 16550)]


def test_regions_sum_to_the_published_population(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select cast(year(period_start) as integer), sum(value)
        from core.fct_observation
        where indicator_code = 'population' and region_code <> '00'
        group by all order by all
    """
    sums = dict(published.execute(query).fetchall())
    [_, country, *_] = rows(PROJECT / "seeds/published/bns_population_2023_07_21.csv")
    expected = {2000 + number: int(country[f"c{number + 2}"]) for number in range(23)}
    assert {year: sums[year] for year in expected} == expected
    # as the bureau announced them; its figure of 2023 is 19 766 807 in the workbook, revised since
    assert (sums[2024], sums[2025]) == (20_033_842, 20_283_399)
    assert set(sums) == set(range(2000, 2026))


def test_workbook_of_unemployment_agrees_with_the_other_releases(
    published: duckdb.DuckDBPyConnection,
) -> None:
    """SDG 8.5.2 and the workbook of main indicators give the same rates of the country."""
    workbook = revisions(published, "bns_unemployment_2001_2023")
    years = "10.4 9.3 8.8 8.4 8.1 7.8 7.3 6.6 6.6 5.8 5.4 5.3 5.2 5.0 5.1 5.0"  # as printed for 2001-2016
    query = """
        select cast(year(period_start) as integer), value from core.fct_revision
        where
            source_series = 'bns_unemployment_workbook' and region_code = '00'
            and period_end = period_start + interval 1 year
        order by all
    """
    found = dict(published.execute(query).fetchall())
    assert [found[year] for year in range(2001, 2017)] == [Decimal(rate) for rate in years.split()]
    sdg = revisions(published, "bns_unemployment_2024_10_24")
    assert {year: found[year] for year in range(2010, 2023)} == {
        year: sdg["unemployment_rate", "00", f"{year}-01-01"] for year in range(2010, 2023)
    }
    assert len(workbook) > 1600


@pytest.mark.parametrize(
    ("series", "region", "start", "status"),
    [
        ("sdg_1_2_1", "61", "2014-01-01", "E"),  # Turkistan region before it existed
        ("sdg_1_2_1", "00", "2018-01-01", "B"),
        ("sdg_1_2_1", "00", "2017-01-01", "A"),
        ("bns_socioeconomic_poverty", "00", "2001-01-01", "B"),
        ("bns_socioeconomic_poverty", "00", "2006-01-01", "B"),
        ("bns_unemployment_workbook", "79", "2017-01-01", "E"),
        ("bns_unemployment_workbook", "10", "2022-01-01", "E"),  # the first quarter; the year overlaps
    ],
)
def test_back_casts_and_breaks_are_marked(
    published: duckdb.DuckDBPyConnection, series: str, region: str, start: str, status: str
) -> None:
    query = """
        select obs_status from core.fct_revision
        where source_series = ? and region_code = ? and period_start = cast(? as date)
        order by period_end
    """
    assert value(published, query, series, region, start) == status
