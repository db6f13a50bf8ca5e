"""The figures that must come out, read from the published file, and the way back to the printed cells.

They are sums and counts of the tables printed in appendix 1 of the article (Argynbayeva, Central Asian
Economic Review, no. 5 of 2025, p. 77-92) and statistics of them; where the article prints a statistic itself,
it agrees. All are asked of the article's release, so that a later edition of a series does not change them.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

ARTICLE = "article_2025_5"
PUBLIC_SCHEMAS = {"core", "regional", "specialty", "national", "analysis", "audit", "bi"}
SOURCE_REF = re.compile(
    r"(?P<table>\w+), row (?P<row>\d+) \((?P<label>.*)\), column (?P<column>\d+) \((?P<heading>.*)\)"
)
# As printed in the appendix: columns of Table 1, and of Table 3 with the specialties that they stand for.
TABLE_1 = {
    "income_per_capita_kzt": 2,
    "food_spend_per_capita_kzt": 3,
    "migration_balance_persons": 4,
    "children_per_household": 5,
    "below_food_basket_persons": 6,
}
TABLE_3 = {
    "technical": 2,
    "agricultural": 3,
    "architecture_construction": 4,
    "medical": 5,
    "pedagogical": 6,
    "economic": 7,
    "legal": 8,
    "other": 9,
    "not_stated": 10,
}
PRIMARY_KEYS = {
    "core.dim_region": ["region_code"],
    "core.dim_specialty": ["specialty_code"],
    "core.dim_indicator": ["indicator_code"],
    "core.dim_release": ["release_id"],
    "core.dim_code": ["code_list", "code"],
    "core.about": ["product"],
    "core.data_dictionary": ["schema_name", "table_name", "position"],
    "core.bridge_region_boundary": ["event_date", "predecessor_code", "successor_code"],
    "core.bridge_region_contiguity": ["region_code", "neighbour_code"],
    "regional.region_profile": ["region_code", "reference_year"],
    "regional.region_balance": ["region_code", "period_start", "period_end"],
    "specialty.region_specialty_balance": ["region_code", "specialty_code", "period_start", "period_end"],
    "specialty.specialty_structure": ["specialty_code", "period_start", "period_end"],
    "national.external_balance_annual": ["year"],
    "analysis.correlation": [
        "reference_year",
        "indicator_code",
        "method",
        "territory_set",
        "missing_rule",
        "measure",
    ],
    "analysis.partial_correlation": [
        "reference_year",
        "indicator_code",
        "held_fixed",
        "method",
        "territory_set",
        "missing_rule",
        "measure",
    ],
    "analysis.regression": ["reference_year", "territory_set", "measure", "model", "term"],
    "analysis.cluster_assignment": [
        "reference_year",
        "region_code",
        "method",
        "k",
        "territory_set",
        "measure",
    ],
    "analysis.cluster_quality": ["reference_year", "method", "k", "territory_set", "measure"],
    "analysis.cluster_merge": ["reference_year", "method", "territory_set", "measure", "step"],
    "audit.cross_table_balance": ["region_code", "period_start", "period_end"],
    "audit.table_coverage": ["table_name"],
}
# Tables that grow with the figures: a key in the file costs more than it tells, so data tests hold theirs.
WITHOUT_PRIMARY_KEY = {
    "core.fct_revision",
    "core.fct_control_total",
    "core.headline_observation",
    "core.figure_revision",
    "audit.identity_check",
}

Row = tuple[Any, ...]


class PublishedFile:
    """Read-only queries of the published file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = duckdb.connect(str(path), read_only=True)

    def rows(self, sql: str, *values: object) -> list[Row]:
        return self._connection.execute(sql, values).fetchall()

    def columns(self, mart: str, *names: str) -> list[Row]:
        return self._connection.table(mart).select(*names).fetchall()

    def row(self, sql: str, *values: object) -> Row:
        [row] = self.rows(sql, *values)
        return row

    def value(self, sql: str, *values: object) -> Any:
        [value] = self.row(sql, *values)
        return value

    def close(self) -> None:
        self._connection.close()


class PrintedCells:
    """The seeds read without dbt and DuckDB: cells by table, row number and column number."""

    def __init__(self, seeds: Path) -> None:
        self._cells = {
            (path.stem, int(row["row_no"]), int(name.removeprefix("c"))): text.strip()
            for path in (seeds / "published").glob("*.csv")
            for row in _records(path)
            for name, text in row.items()
            if name != "row_no"
        }
        self._regions = {
            (row["label_set"], row["label"]): row["region_code"]
            for row in _records(seeds / "reference" / "region_label.csv")
            if not row["applies_to"]
        }

    def text(self, table: str, row: int, column: int) -> str:
        return self._cells[table, row, column]

    def number(self, table: str, row: int, column: int) -> Decimal | None:
        """The figure of a cell with a decimal comma; None where nothing is printed."""
        text = self.text(table, row, column)
        return Decimal(text.replace(",", ".")) if text else None

    def rows(self, table: str) -> list[int]:
        """The row numbers below the printed header."""
        return sorted(row for name, row, column in self._cells if (name, column) == (table, 1) and row > 0)

    def region(self, table: str, row: int) -> str:
        """The code of the region that the label of a row of the article stands for."""
        return self._regions["article_2025", self.text(table, row, 1)]


def _records(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def published(built_project: Path) -> Iterator[PublishedFile]:
    file = PublishedFile(built_project / "warehouse" / "saldo.duckdb")
    yield file
    file.close()


@pytest.fixture(scope="module")
def printed(built_project: Path) -> PrintedCells:
    return PrintedCells(built_project / "seeds")


# Balance by region and specialty


@pytest.mark.parametrize(
    ("specialty", "balance"),
    [
        ("technical", -96_716),
        ("agricultural", -7_980),
        ("architecture_construction", -11_235),
        ("medical", -10_828),
        ("pedagogical", -29_288),
        ("economic", -39_150),
        ("legal", -8_380),
        ("other", -66_108),
        ("not_stated", 2_086),
    ],
)
def test_balance_of_a_specialty(published: PublishedFile, specialty: str, balance: int) -> None:
    query = """
        select sum(balance_persons) from specialty.region_specialty_balance
        where release_id = ? and specialty_code = ?
    """
    assert published.value(query, ARTICLE, specialty) == balance
    structure = "select balance_persons from specialty.specialty_structure where specialty_code = ?"
    assert published.value(structure, specialty) == balance


def test_balance_of_all_specialties(published: PublishedFile) -> None:
    query = """
        select sum(balance_persons), count(distinct region_code), count(*)
        from specialty.region_specialty_balance where release_id = ?
    """
    assert published.row(query, ARTICLE) == (-267_599, 21, 184)


def test_blank_cells_of_table_3_are_absent_rows(published: PublishedFile, printed: PrintedCells) -> None:
    blanks = {
        (printed.region("article_table_3", row), specialty)
        for row in printed.rows("article_table_3")
        for specialty, column in TABLE_3.items()
        if not printed.text("article_table_3", row, column)
    }
    assert len(blanks) == 5
    shown = published.rows("select region_code, specialty_code from specialty.region_specialty_balance")
    assert blanks.isdisjoint(shown)


def test_every_balance_by_specialty_is_the_printed_cell(
    published: PublishedFile, printed: PrintedCells
) -> None:
    cells = {
        (printed.region("article_table_3", row), specialty): printed.number("article_table_3", row, column)
        for row in printed.rows("article_table_3")
        if printed.text("article_table_3", row, 1) != "Итого"
        for specialty, column in TABLE_3.items()
    }
    query = """
        select region_code, specialty_code, balance_persons
        from specialty.region_specialty_balance where release_id = ?
    """
    shown = {(region, specialty): balance for region, specialty, balance in published.rows(query, ARTICLE)}
    assert shown == {key: figure for key, figure in cells.items() if figure is not None}


def test_region_balances_are_the_printed_row_totals(published: PublishedFile, printed: PrintedCells) -> None:
    totals = {
        printed.region("article_table_3", row): printed.number("article_table_3", row, 11)
        for row in printed.rows("article_table_3")
        if printed.text("article_table_3", row, 1) != "Итого"
    }
    assert len(totals) == 21
    assert dict(published.rows("select region_code, balance_persons from regional.region_balance")) == totals


def test_control_totals_are_set_apart_and_met(published: PublishedFile) -> None:
    query = """
        select control_kind, count(*), sum(abs(difference)) from core.fct_control_total
        where release_id = ? group by control_kind order by control_kind
    """
    kinds = [("column_total", 9, 0), ("grand_total", 1, 0), ("row_total", 21, 0)]
    assert published.rows(query, ARTICLE) == kinds


# Profile of the regions


def test_profile_of_2024(published: PublishedFile) -> None:
    query = """
        select
            count(*), sum(migration_balance_persons), count(below_food_basket_persons),
            min(balance_period_start), max(balance_period_start),
            min(balance_period_end), max(balance_period_end)
        from regional.region_profile where reference_year = 2024
    """
    regions, balance, poor, *period = published.row(query)
    assert (regions, balance, poor) == (20, -288_060, 12)
    assert [day.isoformat() for day in period] == ["2000-01-01", "2000-01-01", "2025-01-01", "2025-01-01"]


@pytest.mark.parametrize(("name", "column"), TABLE_1.items())
def test_every_figure_of_the_profile_is_the_printed_cell(
    published: PublishedFile, printed: PrintedCells, name: str, column: int
) -> None:
    cells = {
        printed.region("article_table_1", row): printed.number("article_table_1", row, column)
        for row in printed.rows("article_table_1")
    }
    assert len(cells) == 20
    shown = published.columns("regional.region_profile", "reference_year", "region_code", name)
    assert {region: figure for year, region, figure in shown if year == 2024} == cells


@pytest.mark.parametrize(
    ("column", "regions"),
    [
        ("role_by_sign", {"donor": 15, "recipient": 5}),
        ("role", {"donor": 11, "near_zero": 5, "recipient": 4}),
    ],
)
def test_donors_and_recipients(published: PublishedFile, column: str, regions: dict[str, int]) -> None:
    shown = published.columns("regional.region_profile", "reference_year", column)
    assert Counter(role for year, role in shown if year == 2024) == regions


@pytest.mark.parametrize(
    ("column", "margin"), [("role_within_500", 500), ("role", 1000), ("role_within_2000", 2000)]
)
def test_roles_at_other_margins(
    published: PublishedFile, printed: PrintedCells, column: str, margin: int
) -> None:
    def role(balance: Decimal) -> str:
        return "near_zero" if abs(balance) <= margin else "donor" if balance < 0 else "recipient"

    balances = {
        printed.region("article_table_1", row): printed.number("article_table_1", row, 4)
        for row in printed.rows("article_table_1")
    }
    shown = published.columns("regional.region_profile", "reference_year", "region_code", column)
    expected = {region: role(balance) for region, balance in balances.items() if balance is not None}
    assert {region: found for year, region, found in shown if year == 2024} == expected


def test_rate_divides_by_the_population_of_1_january_2024(
    published: PublishedFile, printed: PrintedCells
) -> None:
    table = "bns_population_2026_08_11"
    assert printed.text(table, 0, 3) == "2024-01-01"
    population = {printed.text(table, row, 1): printed.number(table, row, 3) for row in printed.rows(table)}
    balances = {
        printed.region("article_table_1", row): printed.number("article_table_1", row, 4)
        for row in printed.rows("article_table_1")
    }
    query = """
        select region_code, population_persons, balance_per_1000
        from regional.region_profile where reference_year = 2024
    """
    for region, persons, rate in published.rows(query):
        balance, inhabitants = balances[region], population[region]
        assert balance is not None
        assert inhabitants is not None
        assert persons == inhabitants
        assert rate == pytest.approx(float(1000 * balance / inhabitants), rel=1e-12)


# National balance


def test_external_balance_of_the_article(published: PublishedFile) -> None:
    query = """
        select count(*), min(year), max(year), sum(balance_persons)
        from national.external_balance_annual where release_id = ?
    """
    assert published.row(query, ARTICLE) == (25, 2000, 2024, -320_585)


def test_every_annual_balance_is_the_printed_cell(published: PublishedFile, printed: PrintedCells) -> None:
    cells = {
        int(printed.text("article_table_2", row, 1)): printed.number("article_table_2", row, 2)
        for row in printed.rows("article_table_2")
    }
    query = "select year, balance_persons from national.external_balance_annual where release_id = ?"
    assert dict(published.rows(query, ARTICLE)) == cells


def test_cumulative_balance_adds_up_the_printed_cells(
    published: PublishedFile, printed: PrintedCells
) -> None:
    running, cumulative = Decimal(0), {}
    for row in printed.rows("article_table_2"):
        running += printed.number("article_table_2", row, 2) or 0
        cumulative[int(printed.text("article_table_2", row, 1))] = running
    query = "select year, cumulative_persons from national.external_balance_annual where release_id = ?"
    assert dict(published.rows(query, ARTICLE)) == cumulative


def test_2001_is_the_figure_of_the_table_and_that_of_the_text_a_discrepancy(published: PublishedFile) -> None:
    query = (
        "select balance_persons from national.external_balance_annual where release_id = ? and year = 2001"
    )
    assert published.value(query, ARTICLE) == -88_162
    claim = """
        select printed_value, recomputed_value, verdict
        from analysis.claim_check where claim_id = 'balance_2001'
    """
    assert published.row(claim) == ("-83062", -88_162, "contradicted")
    assert published.value("select count(*) from core.fct_revision where value = -83062") == 0


# Statistics


@pytest.mark.parametrize(
    ("indicator", "measure", "missing_rule", "regions", "r"),
    [
        ("income_per_capita", "persons", "pairwise", 20, "-0.5691"),
        ("food_spend_per_capita", "persons", "pairwise", 20, "-0.2153"),
        ("children_per_household", "persons", "pairwise", 20, "0.7291"),
        ("below_food_basket", "persons", "pairwise", 12, "0.1990"),
        ("income_per_capita", "persons", "complete", 12, "-0.638"),
        ("income_per_capita", "per_1000", "pairwise", 20, "-0.481"),
        ("children_per_household", "per_1000", "pairwise", 20, "0.725"),
    ],
)
def test_pearson_correlation(
    published: PublishedFile, indicator: str, measure: str, missing_rule: str, regions: int, r: str
) -> None:
    query = """
        select n, r from analysis.correlation
        where
            reference_year = 2024 and method = 'pearson' and territory_set = 'regions_20'
            and indicator_code = ? and measure = ? and missing_rule = ?
    """
    n, found = published.row(query, indicator, measure, missing_rule)
    decimals = len(r.partition(".")[2])
    assert (n, f"{found:.{decimals}f}") == (regions, r)


def test_p_value_of_income(published: PublishedFile) -> None:
    query = """
        select p_value from analysis.correlation
        where
            reference_year = 2024 and method = 'pearson' and territory_set = 'regions_20'
            and indicator_code = 'income_per_capita' and measure = 'persons' and missing_rule = 'pairwise'
    """
    assert round(published.value(query), 4) == 0.0088


def test_ward_prefers_two_clusters(published: PublishedFile) -> None:
    query = """
        select k, silhouette, is_chosen_k from analysis.cluster_quality
        where
            reference_year = 2024 and method = 'ward' and territory_set = 'regions_20' and measure = 'persons'
        order by silhouette desc
    """
    rows = published.rows(query)
    assert sorted(k for k, _, _ in rows) == [2, 3, 4, 5, 6]
    assert (rows[0][0], round(rows[0][1], 3)) == (2, 0.525)
    assert [k for k, _, chosen in rows if chosen] == [2]


def test_the_two_clusters(published: PublishedFile) -> None:
    query = """
        select array_agg(region.name_en order by region.name_en)
        from analysis.cluster_assignment as assignment
        inner join core.dim_region as region on assignment.region_code = region.region_code
        where
            assignment.reference_year = 2024 and assignment.method = 'ward' and assignment.k = 2
            and assignment.territory_set = 'regions_20' and assignment.measure = 'persons'
        group by assignment.cluster_id
    """
    north, south = sorted((set(names) for (names,) in published.rows(query)), key=len)
    assert ", ".join(sorted(north)) == (
        "Akmola, Almaty city, Astana, East Kazakhstan, Karaganda, Kostanay, North Kazakhstan, Pavlodar"
    )
    assert len(south) == 12


def test_the_sign_of_the_balance_is_not_what_separates_the_clusters(published: PublishedFile) -> None:
    query = """
        select ari_vs_role from analysis.cluster_quality
        where
            reference_year = 2024 and method = 'ward' and territory_set = 'regions_20' and measure = 'persons'
            and k = 2
    """
    assert round(published.value(query), 3) == 0.044
    description = published.value("select comment from duckdb_tables() where table_name = 'cluster_quality'")
    assert "the sign of the balance is not what separates the clusters" in description


# From a figure back to the printed cell


@pytest.mark.parametrize(
    ("mart", "figure"),
    [
        ("core.fct_observation", "value"),
        ("core.fct_revision", "value"),
        ("core.fct_control_total", "published_value"),
        ("specialty.region_specialty_balance", "balance_persons"),
        ("national.external_balance_annual", "balance_persons"),
    ],
)
def test_source_ref_leads_to_the_printed_cell(
    published: PublishedFile, printed: PrintedCells, mart: str, figure: str
) -> None:
    rows = published.columns(mart, "source_ref", figure)
    assert rows
    for source_ref, value in rows:
        reference = SOURCE_REF.fullmatch(source_ref)
        assert reference, source_ref
        table, row, column = reference["table"], int(reference["row"]), int(reference["column"])
        assert reference["label"] == printed.text(table, row, 1)
        assert reference["heading"] == printed.text(table, 0, column)
        figure = printed.number(table, row, column)
        if figure is not None and figure != round(figure, 6):  # a float of the workbook of unemployment
            assert table == "bns_unemployment_2001_2023"
            figure = round(figure, 1)
        assert value == figure


def test_source_refs_are_distinct_within_a_release(published: PublishedFile) -> None:
    query = """
        select release_id, source_ref from (
            select release_id, source_ref from core.fct_revision
            union all select release_id, source_ref from core.fct_control_total
        ) group by release_id, source_ref having count(*) > 1
    """
    assert published.rows(query) == []


# The file


def test_file_holds_the_public_schemas_only(published: PublishedFile) -> None:
    assert {schema for _, schema, *_ in published.rows("show all tables")} == PUBLIC_SCHEMAS


def test_every_table_and_column_is_described(published: PublishedFile) -> None:
    tables = "select schema_name, table_name from duckdb_tables() where coalesce(trim(comment), '') = ''"
    columns = """
        select schema_name, table_name, column_name from duckdb_columns()
        where not internal and coalesce(trim(comment), '') = ''
    """
    views = "select schema_name, view_name from duckdb_views() where not internal"
    assert {schema for schema, _ in published.rows(views)} == {"bi", "core"}
    assert published.rows(f"{views} and coalesce(trim(comment), '') = ''") == []
    assert published.rows(tables) == []
    assert published.rows(columns) == []


def test_primary_keys_are_declared(published: PublishedFile) -> None:
    query = """
        select concat(schema_name, '.', table_name), constraint_column_names
        from duckdb_constraints() where constraint_type = 'PRIMARY KEY'
    """
    declared: dict[str, list[str]] = dict(published.rows(query))
    assert {table: declared.get(table) for table in PRIMARY_KEYS} == PRIMARY_KEYS
    tables = published.rows("select concat(schema_name, '.', table_name) from duckdb_tables()")
    assert {table for (table,) in tables} - set(declared) == WITHOUT_PRIMARY_KEY


def test_older_clients_can_open_the_file(published: PublishedFile) -> None:
    tags = published.value("select tags from duckdb_databases() where database_name = 'saldo'")
    assert tags["storage_version"] in ("v1.0.0", "v1.0.0+")


def test_file_is_whole_and_read_only(published: PublishedFile) -> None:
    assert not published.path.with_name("saldo.duckdb.wal").exists()
    assert published.path.stat().st_mode & 0o777 == 0o444


def test_past_days_can_be_asked_of_the_file(published: PublishedFile) -> None:
    now = "select * from core.fct_observation order by all"
    late = "select * from core.observation_as_of(date '2100-01-01') order by all"
    assert published.rows(late) == published.rows(now)
    # The article is of 2025-10-31: unknown the day before, when the population of 2023 was known.
    query = "select distinct release_id from core.observation_as_of(cast(? as date)) order by all"
    before = {
        ("bns_income_2023_01_03",),
        ("bns_internal_migration_2022_2024",),
        ("bns_population_2023_07_21",),
        ("bns_poverty_2017_11_29",),
        ("bns_poverty_2024_10_24",),
        ("bns_unemployment_2001_2023",),
        ("bns_unemployment_2024_10_24",),
    }
    assert set(published.rows(query, "2025-10-30")) == before
    assert set(published.rows(query, "2025-10-31")) == {(ARTICLE,)} | before
    assert published.rows(query, "2000-01-01") == []
