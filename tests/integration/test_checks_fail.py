"""Every data test of the project is seen to fail: none holds whatever the tables contain.

The tables are those of a build replayed in memory; the tests are the statements that dbt compiled.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from corruption import Node, Replay
from duckdb import DuckDBPyConnection

# Singular tests, and the ways of breaking a generic one that no row more in a table is


@dataclass(frozen=True)
class Edit:
    """A statement that changes the table {0}, the test that fails on what is made from it, and its words."""

    test: str
    table: str
    statement: str
    says: str

    def __str__(self) -> str:
        return f"{self.test} after {self.table}"


# fmt: off
EDITS = [
    Edit("correction_is_single", "correction",
         "insert into {0} select * replace ('again' as correction_id, '1999-01-01' as corrected) from {0}",
         "corrections 2"),
    Edit("correction_meets_its_cell", "correction",
         "update {0} set release_id = 'article_2052_5'",
         "names_no_release 1"),
    Edit("correction_meets_its_cell", "correction",
         "update {0} set column_label = 'Сальдо миграции'",
         "cells 0"),
    Edit("correction_meets_its_cell", "correction",
         "update {0} set row_label = 'Карагандинская'",
         "cells 0"),
    Edit("correction_meets_its_cell", "correction",
         "update {0} set printed = '2023-01-01'",
         "cells 20, cells_as_printed 0"),
    Edit("correction_meets_its_cell", "correction",
         "update {0} set attribute = 'period_end', printed = '2024-01-01', corrected = '2000-01-01'",
         "cells 20, cells_as_printed 0"),
    Edit("correction_meets_its_cell", "correction",
         "update {0} set attribute = 'value', printed = '-30136', corrected = '-31036'",
         "cells 20, cells_as_printed 1"),
    Edit("correction_meets_its_cell", "table_column",
         "update {0} set period_start = '2000-01-01' where column_label = 'Сальдо миграции, человек'",
         "cells 20, cells_as_printed 0"),
    Edit("label_means_one_region", "region_label",
         "insert into {0} select * replace ('11' as region_code) from {0} where label = 'Атырауская область'",
         "label Атырауская область"),
    Edit("label_means_one_region", "region_label",
         "update {0} set applies_from = '2016-01-01' where label = 'Туркестанская 1' and region_code = '61'",
         "label Туркестанская 1"),
    Edit("harmonised_units_follow_boundary_events", "region",
         "update {0} set harmonised_unit = '10' where region_code = '10'",
         "region_code 10"),
    Edit("harmonised_units_follow_boundary_events", "region",
         "update {0} set harmonised_unit = '19' where region_code = '75'",
         "region_code 75"),
    Edit("harmonised_units_follow_boundary_events", "boundary_event",
         "delete from {0} where successor_code = '79'",
         "region_code 79"),
    Edit("value_agrees_with_status", "missing_mark",
         "update {0} set obs_status = 'A' where table_name = 'article_table_1'",
         "value None, obs_status A"),
    Edit("value_agrees_with_status", "fct_revision",
         "update {0} set obs_status = 'Q' where region_code = '11' and indicator_code = 'income_per_capita'",
         "value 1342530.000000, obs_status Q"),
    Edit("withdrawn_releases_are_silent", "dim_release",
         "update {0} set withdrawn_on = date '2026-01-01' where release_id = 'article_2025_5'",
         "release_id article_2025_5"),
    Edit("warned_identities_hold", "identity",
         "update {0} set severity = 'warn', tolerance = -1 where identity_id = 'regions_of_the_whole_period'",
         "identity_id regions_of_the_whole_period, release_id article_2025_5"),
    Edit("expectations_hold", "identity",
         "update {0} set tolerance = -1 where identity_id = 'specialties'",
         "expectation identities_hold"),
    Edit("expectations_hold", "release_table",
         "update {0} set column_count = 4 where table_name = 'article_table_1'",
         "expectation columns_as_declared"),
    Edit("statistics_have_rows", "trend_fit",
         "delete from {0}",
         "mart_name trend_fit"),
    Edit("statistics_have_rows", "cluster_assignment",  # without rows, and nothing says why
         "delete from {0}",
         "mart_name cluster_assignment"),
    Edit("columns_are_declared_article_table_2_", "table_column",
         "delete from {0} where table_name = 'article_table_2'",
         "declared_columns 2, found_columns 3"),
    Edit("matches_recorded_hash_article_table_2_", "release_table",
         "delete from {0} where table_name = 'article_table_2'",
         "recorded_sha256 None"),
    # Claims: numbers of the article's prose, where they are printed, and what they are compared with.
    Edit("printed_figures_are_accounted_for", "claim",
         "update {0} set figures = '4' where claim_id = 'balance_2001'",
         "figure_no 5, found nothing"),
    Edit("printed_figures_are_accounted_for", "claim_exclusion",
         "delete from {0} where kind = 'project_years' and language = 'en' and figure_no = 2",
         "locator Acknowledgment, paragraph 1, figure_no 2, found nothing"),
    Edit("printed_figures_are_accounted_for", "claim_exclusion",
         "insert into {0} select 'ru', 'Main part, dynamics of the national balance, paragraph 4', 1,"
         " 'cross_reference', 'a figure of a claim'",
         "found cross_reference, nonlinear_r_squared"),
    Edit("printed_figures_are_accounted_for", "claim_exclusion",
         "update {0} set kind = 'citation' where kind = 'list_marker' and language = 'kk' and figure_no = 1",
         "found citation of 1"),
    Edit("printed_figures_are_accounted_for", "article_figure",
         "delete from {0} where language = 'en' and locator like 'Acknowledgment%' and figure_no = 3",
         "found project_years of no such number"),
    Edit("claims_stand_at_their_locators", "claim",
         "update {0} set printed_value = '-88162' where claim_id = 'balance_2001'",
         "printed_value -88162, first_number -83062"),
    Edit("claims_stand_at_their_locators", "claim",
         "update {0} set locator = 'Main part, methods, paragraph 1' where claim_id = 'balance_2001'",
         "first_number 3"),
    Edit("claims_stand_at_their_locators", "claim",
         "update {0} set figures = '4 99' where claim_id = 'balance_2001'",
         "figures 4 99, printed_there 1"),
    Edit("claims_stand_at_their_locators", "claim",
         "update {0} set subject = '1899' where claim_id = 'balance_2001'",
         "metric external_balance, subject 1899"),
    Edit("claims_stand_at_their_locators", "claim",
         "update {0} set alternative_subject = 'nobody' where claim_id = 'negative_trend'",
         "claim_id negative_trend"),
    Edit("claims_stand_at_their_locators", "claim",
         "update {0} set note = null where claim_id = 'return_mobility'",
         "claim_id return_mobility"),
    Edit("claims_have_texts", "claim_text",
         "delete from {0} where claim_id = 'balance_2001'",
         "claim_id balance_2001, found no text"),
    Edit("claims_have_texts", "claim_text",
         "insert into {0} select * replace ('nobody' as claim_id) from {0} where claim_id = 'balance_2001'",
         "claim_id nobody, found a text of no claim"),
    Edit("claims_have_texts", "claim_text",
         "update {0} set statement_ru = null where claim_id = 'balance_2001'",
         "claim_id balance_2001, found no statement_ru"),
    Edit("claims_have_texts", "claim_text",
         "update {0} set statement_kk = null where claim_id = 'balance_2001'",
         "claim_id balance_2001, found no statement_kk"),
    Edit("claims_have_texts", "claim_text",
         "update {0} set note_ru = null where claim_id = 'return_mobility'",
         "claim_id return_mobility, found note in English or Russian only"),
    Edit("claims_have_texts", "claim",
         "update {0} set note = null where claim_id = 'return_mobility'",
         "claim_id return_mobility, found note in English or Russian only"),
    Edit("claims_have_texts", "claim_text",
         "update {0} set note_kk = null where claim_id = 'return_mobility'",
         "claim_id return_mobility, found note in English or Kazakh only"),
    Edit("claims_have_texts", "claim_metric",
         "delete from {0} where metric = 'external_balance'",
         "claim_id balance_2001, found no name of external_balance"),
    Edit("claims_have_texts", "claim_metric",
         "update {0} set name_kk = null where metric = 'trend_slope'",
         "claim_id negative_trend, found no name of trend_slope"),
    Edit("claims_have_texts", "locator_part",
         "delete from {0} where part = 'paragraph {{n}}'",
         "claim_id balance_2001, found no locator in Russian or Kazakh"),
    Edit("claims_have_texts", "locator_part",
         "update {0} set part_kk = null where part = 'empirical data'",
         "claim_id data_table_1_year, found no locator in Russian or Kazakh"),
    Edit("releases_have_texts", "release_text",
         "update {0} set text_ru = null where text_en like 'Central Asian%'",
         "release_id article_2025_5"),
    Edit("releases_have_texts", "release_text",
         "delete from {0} where text_en like 'MIT%'",
         "release_id bns_poverty_2024_10_24"),
    Edit("releases_have_texts", "release",
         "update {0} set title = 'Another title' where release_id = 'bns_income_2026_09_30'",
         "release_id bns_income_2026_09_30"),
    Edit("metrics_equal_the_marts", "py_metric",
         "update {0} set value = -83062 where metric = 'external_balance' and subject = '2001'",
         "mart_value -88162.0, metric_value -83062.0"),
    Edit("metrics_equal_the_marts", "py_metric",
         "update {0} set value = null where metric = 'pearson_r' and subject = 'income_per_capita'",
         "metric pearson_r, subject income_per_capita"),
    Edit("metrics_equal_the_marts", "py_correlation",
         "update {0} set n = 11 where indicator_code = 'below_food_basket'",
         "mart_value 11.0, metric_value 12.0"),
    Edit("metrics_equal_the_marts", "metric",
         "update {0} set value = 0.2 where metric = 'loss_hhi' and subject = 'region:totals'",
         "metric loss_hhi, subject region:totals"),
    # correlations in full
    Edit("contiguity_is_symmetric", "region_contiguity",
         "delete from {0} where region_code = '71'",
         "region_code 11, neighbour_code 71"),
    Edit("contiguity_is_symmetric", "region_contiguity",
         "update {0} set border_km = 1 where region_code = '79'",
         "region_code 61, neighbour_code 79"),
    Edit("statistics_have_figures", "article_table_1",
         "update {0} set c5 = '1,5' where row_no <> '0'",
         "children_per_household does not vary over the 20 territories"),
    Edit("contiguity_is_symmetric", "region_contiguity",
         "insert into {0} values ('11', '11', 5)",
         "region_code 11, neighbour_code 11"),
    # what charts show
    Edit("every_code_has_a_name", "code",
         "delete from {0} where code_list = 'role' and code = 'near_zero'",
         "coded_column region_profile.role, code_list role, code near_zero"),
    Edit("every_code_has_a_name", "code",
         "update {0} set name_kk = ' ' where code_list = 'unit' and code = 'PT'",
         "coded_column dim_indicator.unit_code, code_list unit, code PT"),
    Edit("every_code_has_a_name", "code",
         "update {0} set code_list = 'methods' where code_list = 'cluster_method'",
         "coded_column cluster_quality.method, code_list cluster_method, code ward"),
    Edit("every_code_has_a_name", "claim_check",
         "update {0} set verdict = 'true' where claim_id = 'balance_2001'",
         "coded_column claim_check.verdict, code_list verdict, code true"),
    Edit("every_code_has_a_name", "fct_revision",
         "update {0} set obs_status = 'X' where value = 1342530",
         "coded_column fct_revision.obs_status, code_list obs_status, code X"),
    Edit("every_code_has_a_name", "dim_code",
         "delete from {0}",
         "coded_column dim_region.macro_region, code_list macro_region, code north"),
    Edit("views_keep_the_rows_of_their_marts", "dim_specialty",
         "delete from {0} where specialty_code = 'legal'",
         "view_name bi_specialty, mart_name specialty_structure, rows_of_view 8, rows_of_mart 9"),
    Edit("views_keep_the_rows_of_their_marts", "bi_region",
         "delete from {0} where region_code = '79'",
         "view_name bi_region, mart_name region_profile, rows_of_view 19, rows_of_mart 20"),
    Edit("views_keep_the_rows_of_their_marts", "correlation_reading",
         "update {0} set held_fixed = 'other' where kind = 'correlation'",
         "view_name bi_correlation, mart_name correlation_reading"),
    Edit("views_keep_the_rows_of_their_marts", "cluster_profile",
         "delete from {0} where method = 'ward'",
         "view_name bi_cluster_profile, mart_name cluster_assignment"),
    Edit("views_keep_the_rows_of_their_marts", "dim_release",
         "delete from {0} where release_id = 'bns_population_2026_08_11'",
         "view_name bi_revision, mart_name figure_revision"),
]
# fmt: on


@pytest.mark.parametrize("edit", EDITS, ids=str)
def test_edit_is_seen(replay: Replay, built_project: Path, edit: Edit) -> None:
    with replay.connect() as connection:
        replay.build(connection, replay.needed_for(edit.test), built_project)
        assert replay.run_test(connection, edit.test, built_project) is None
        connection.execute(edit.statement.format(replay.relation(edit.table)))
        _, *made_from_it = replay.needed_for(edit.test, after=edit.table)
        replay.build(connection, made_from_it, built_project)
        failure = replay.run_test(connection, edit.test, built_project)
    assert failure is not None
    assert edit.says in failure.message


def test_printed_table_that_is_not_there_has_no_recorded_hash(
    replay: Replay, built_project: Path, tmp_path: Path
) -> None:
    with replay.connect() as connection:
        test = "matches_recorded_hash_article_table_1_"
        replay.build(connection, replay.needed_for(test), built_project)
        failure = replay.run_test(connection, test, tmp_path)
    assert failure is not None
    assert "table_name article_table_1, found_sha256 None" in failure.message


# Generic tests, all in one way


@dataclass(frozen=True)
class Row:
    """A row too many: the copy of one that is in `table`, with these values (in SQL) in some columns.

    In a table without rows, where nothing has landed or run, the copied row has the values `otherwise`, and
    any values in the columns that it does not name.
    """

    table: str
    values: Mapping[str, str] = field(default_factory=dict)
    copy_of: str = "true"
    otherwise: Mapping[str, str] = field(default_factory=dict)


def breaking(test: Node) -> Iterable[Row]:
    """Rows on each of which alone the test must fail. Raises KeyError for a test that nothing here breaks."""
    table = test["attached_node"].split(".")[-1]
    arguments = test["test_metadata"]["kwargs"]
    column = arguments.get("column_name")
    unknown = {column: "'unknown'"}
    accepted = [{column: f"'{value}'"} for value in arguments.get("values", ())]
    kinds = {
        "accepted_values": [Row(table, unknown, otherwise=one) for one in accepted[:1]],
        "relationships": [Row(table, unknown)],
        "not_null": [Row(table, {column: "null"})],
        "unique": [Row(table, copy_of=f"{column} is not null")],
        "unique_key": [Row(table), *(Row(table, {part: "null"}) for part in arguments.get("columns", []))],
        "columns_are_declared": [
            Row("table_column", {"column_label": "'unknown'"}, copy_of=f"table_name = '{table}'")
        ],
        "matches_recorded_hash": [
            Row("release_table", {"sha256": "'unknown'"}, copy_of=f"table_name = '{table}'")
        ],
    }
    return kinds[test["test_metadata"]["name"]]


ANY_VALUE = "coalesce(try_cast('2024-01-01' as {0}), try_cast('1' as {0}))"


@pytest.fixture(scope="module")
def built(replay: Replay, built_project: Path) -> Iterator[DuckDBPyConnection]:
    with replay.connect() as connection:
        replay.build(connection, replay.tables(), built_project)
        yield connection


@contextlib.contextmanager
def added(connection: DuckDBPyConnection, relation: str, row: Row) -> Iterator[None]:
    """Puts the row into a table without the constraints that a contract declares; takes all back."""
    connection.begin()
    connection.execute(f"create or replace table {relation} as from {relation}")
    rows = connection.table(relation)
    if not rows.limit(1).fetchall():
        types = zip(rows.columns, rows.types, strict=True)
        copied = (row.otherwise.get(column, ANY_VALUE.format(one)) for column, one in types)
        connection.sql("select 1").project(", ".join(copied)).insert_into(relation)
    values = [row.values.get(column, column) for column in rows.columns]
    rows.filter(row.copy_of).limit(1).project(", ".join(values)).insert_into(relation)
    try:
        yield
    finally:
        connection.rollback()


def test_every_data_test_can_fail(
    replay: Replay, built: DuckDBPyConnection, built_project: Path, subtests: pytest.Subtests
) -> None:
    singular = {edit.test for edit in EDITS}
    for test in replay.tests():
        with subtests.test(test["name"]):
            if "test_metadata" not in test:
                assert test["name"] in singular, "no edit above makes it fail"
                continue
            for row in breaking(test):
                with added(built, replay.relation(row.table), row):
                    failure = replay.run_test(built, test["name"], built_project)
                assert failure is not None, row
                assert failure.message.startswith("1 found: "), row
