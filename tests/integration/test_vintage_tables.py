"""Identities, revisions and the log of releases on figures made up or changed one at a time.

The build of the article's edition is replayed in memory; what releases say is then changed in the table of
observations, and the tables that are made from it are made anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from corruption import Replay
from duckdb import DuckDBPyConnection

TABLES = ("identity_check", "revision_summary", "release_log")
# In the order of publication: 2023-07-21, 2025-10-31, 2026-08-11.
FIRST, SECOND, THIRD = "bns_population_2023_07_21", "article_2025_5", "bns_population_2026_08_11"
INTERNAL, ALL_FLOWS = "bns_internal_migration_2022_2024", "bns_all_flows_2026_09_25"
CITIES = ("71", "75", "79")

Row = dict[str, Any]


@dataclass
class Tables:
    """The tables of a build in memory, to be changed and made anew."""

    connection: DuckDBPyConnection
    replay: Replay
    project: Path

    def change(self, table: str, statement: str) -> None:
        """Runs a statement on a table, {0}."""
        self.connection.execute(statement.format(self.replay.relation(table)))

    def forget(self) -> None:
        """No release says anything any more."""
        self.change("int_observation", "delete from {0}")
        self.change("int_cell_corrected", "delete from {0}")

    def say(self, release: str, indicator: str, figures: dict[str, float | None], **columns: str) -> None:
        """A release gives an indicator for regions, for a year and without breakdown unless `columns` say."""
        values = {
            "release_id": release,
            "is_in_force": "true",
            "table_name": release,
            "indicator_code": indicator,
            "specialty_code": "_T",
            "sex_code": "_T",
            "residence_code": "_T",
            "age_code": "_T",
            "partner_code": "_T",
            "period_start": "2020-01-01",
            "period_end": "2021-01-01",
            "unit_code": "PS",
            "decimals": "0",
            "obs_status": "A",
            "source_series": {"population": "bns_6584", "all_flows_balance": "bns_6567"}.get(
                indicator, f"bns_{indicator}"
            ),
        } | columns
        if indicator == "external_balance":
            values["source_series"] = "bns_6567_external"
        texts = ", ".join(f"'{value}' as {name}" for name, value in values.items())
        for region, value in figures.items():
            number = "null" if value is None else value
            self.change(
                "int_observation",
                f"insert into {{0}} by name select {texts}, '{region}' as region_code, {number} as value,"
                f" concat('{release} {indicator} {region} ', uuid()) as source_ref",
            )

    def made(self, result: str, *changed: str) -> None:
        """Makes a table anew, with what it is made from as far as that is made from the changed tables."""
        self._count_content()
        for table in ("int_release_content", *(changed or ("int_observation",))):
            keys = self.replay.needed_for(result, after=table)[1:]
            self.replay.build(self.connection, keys, self.project)

    def _count_content(self) -> None:
        """What int_release_content would count of the changed tables; no test changes totals."""
        counts = (
            "select release_id, table_name, indicator_code, source_series, count(*) as observation_count"
            f" from {self.replay.relation('int_observation')} group by all"
        )
        self.change("int_release_content", "delete from {0} where total_count = 0")
        self.change("int_release_content", "update {0} set observation_count = 0")
        self.change(
            "int_release_content", f"insert into {{0}} by name select *, 0 as total_count from ({counts})"
        )

    def rows(self, table: str, where: str = "true", columns: str = "*") -> list[Row]:
        relation = self.replay.relation(table)
        found = self.connection.execute(f"select {columns} from {relation} where {where}")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def breaches(self, identity: str) -> list[Row]:
        return self.rows("identity_check", f"identity_id = '{identity}' and outcome = 'breach'")

    def slices(self, identity: str, release: str, outcome: str = "holds") -> int:
        where = f"identity_id = '{identity}' and release_id = '{release}' and outcome = '{outcome}'"
        (row,) = self.rows("identity_check", where, "sum(slices_count) as n")
        return int(row["n"] or 0)


KEPT = ("int_observation", "int_cell_corrected", "int_release_content", "identity", "indicator")


@pytest.fixture(scope="module")
def built(replay: Replay, built_project: Path) -> Iterator[Tables]:
    with replay.connect() as connection:
        for table in TABLES:
            replay.build(connection, replay.needed_for(table), built_project)
        for table in KEPT:
            connection.execute(f"create table memory.{table} as from {replay.relation(table)}")
        yield Tables(connection, replay, built_project)


@pytest.fixture
def tables(built: Tables) -> Iterator[Tables]:
    yield built
    for table in KEPT:
        built.change(table, f"create or replace table {{0}} as from memory.{table}")


@pytest.fixture
def regions(tables: Tables) -> list[str]:
    """The twenty regions of today."""
    rows = tables.rows("region", "region_kind <> 'country' and valid_to is null", "region_code")
    return sorted(row["region_code"] for row in rows)


# --- identities: what is found ------------------------------------------------------------------------------


def test_the_printed_tables_keep_every_identity(tables: Tables) -> None:
    assert tables.rows("identity_check", "outcome = 'breach'") == []
    assert tables.slices("regions_in_force", FIRST) == 24
    assert tables.slices("regions_in_force", THIRD) == 1  # 2023, whose sum the release before it printed
    assert tables.slices("regions_of_the_whole_period", SECOND) == 10
    assert tables.slices("specialties", SECOND) == 22
    # Three years, 20 regions: arrivals, departures and balance.
    assert tables.slices("internal_flows", INTERNAL) == 60
    assert tables.slices("internal_balance_is_zero", INTERNAL) == 3
    assert tables.slices("regions_of_all_flows", ALL_FLOWS) == 2
    # The 421 figures of the sheet are of men and women together.
    assert tables.slices("sexes", FIRST) == 0
    assert tables.slices("sexes", FIRST, "not_checkable") == 0  # no figure of men or women: no sum


def test_an_identity_of_which_no_figure_is_there_says_so(tables: Tables) -> None:
    tables.change("int_observation", f"delete from {{0}} where release_id = '{INTERNAL}'")
    tables.made("identity_check")
    columns = "outcome, release_id, slices_count"
    assert tables.rows("identity_check", "identity_id = 'internal_flows'", columns) == [
        {"outcome": "no_figures", "release_id": "_Z", "slices_count": 0}
    ]


def test_a_figure_that_breaks_a_sum_within_its_release(tables: Tables) -> None:
    tables.change(
        "int_observation",
        "update {0} set value = value + 7 where indicator_code = 'population' and region_code = '11'"
        " and period_start = '2020-01-01'",
    )
    tables.made("identity_check")
    (breach,) = tables.breaches("regions_in_force")
    assert breach | {"left_value": 0, "right_value": 0} == {
        "identity_id": "regions_in_force",
        "kind": "regions",
        "expression": "territory_set = 00",
        "release_id": FIRST,
        "outcome": "breach",
        "slice_no": 1,
        "slices_count": 1,
        "severity": "quarantine",
        "indicator_code": "population",
        "region_code": "00",
        "specialty_code": "_T",
        "sex_code": "_T",
        "residence_code": "_T",
        "age_code": "_T",
        "partner_code": "_T",
        "period_start": breach["period_start"],
        "period_end": breach["period_end"],
        "left_value": 0,
        "right_value": 0,
        "difference": 7,
        "parts_count": 17,
        "release_count": 1,
    }
    assert breach["period_start"].isoformat() == "2020-01-01"
    assert breach["left_value"] - breach["right_value"] == 7
    assert tables.slices("regions_in_force", FIRST) == 23
    assert tables.replay.run_test(tables.connection, "warned_identities_hold", tables.project) is None


def test_a_release_that_revises_a_part_only_is_named_and_warned_of(tables: Tables) -> None:
    tables.change(
        "int_observation",
        f"update {{0}} set value = value + 7 where release_id = '{THIRD}' and region_code = '11'"
        " and period_start = '2023-01-01'",
    )
    tables.made("identity_check")
    (breach,) = tables.breaches("regions_in_force")
    assert (breach["release_id"], breach["severity"], breach["release_count"]) == (THIRD, "warn", 2)
    assert (breach["difference"], breach["parts_count"]) == (7, 20)
    failure = tables.replay.run_test(tables.connection, "warned_identities_hold", tables.project)
    assert failure is not None
    assert f"identity_id regions_in_force, release_id {THIRD}" in failure.message


@pytest.mark.parametrize("breach", [0, 1])
def test_flows(tables: Tables, breach: int) -> None:
    tables.forget()
    tables.say(FIRST, "internal_arrivals", {"11": 30, "15": 8, "19": 4})
    tables.say(FIRST, "internal_departures", {"11": 20, "15": 9})
    tables.say(FIRST, "internal_balance", {"11": 10 + breach, "15": -1, "19": 1})
    tables.made("identity_check")
    found = [
        (row["region_code"], row["left_value"], row["right_value"])
        for row in tables.breaches("internal_flows")
    ]
    assert found == ([("11", 10, 11)] if breach else [])
    assert tables.slices("internal_flows", FIRST) == 2 - breach
    assert tables.slices("internal_flows", FIRST, "not_checkable") == 1  # 19 gives no departures


def test_arrivals_revised_against_the_departures_known_then(tables: Tables) -> None:
    """The balance stands in another series; each release is held against what was known on its day."""
    tables.forget()
    tables.say(FIRST, "external_arrivals", {"00": 100})
    tables.say(FIRST, "external_departures", {"00": 40})
    tables.say(FIRST, "external_balance", {"00": 60})
    tables.say(SECOND, "external_arrivals", {"00": 110})
    tables.say(THIRD, "external_departures", {"00": 50})
    tables.made("identity_check")
    (breach,) = tables.breaches("external_flows")
    assert (breach["release_id"], breach["difference"], breach["severity"]) == (SECOND, 10, "warn")
    assert tables.slices("external_flows", FIRST) == 1
    assert tables.slices("external_flows", THIRD) == 1  # 110 - 50 is 60 again


@pytest.mark.parametrize("breach", [0, 3])
def test_internal_migration_sums_to_nothing(tables: Tables, regions: list[str], breach: int) -> None:
    tables.forget()
    figures = dict.fromkeys(regions, 5.0) | {"71": -95.0 + breach}
    tables.say(FIRST, "internal_balance", figures, period_start="2023-01-01", period_end="2024-01-01")
    tables.made("identity_check")
    found = [
        (row["difference"], row["right_value"], row["parts_count"])
        for row in tables.breaches("internal_balance_is_zero")
    ]
    assert found == ([(3, 0, 20)] if breach else [])
    assert tables.slices("internal_balance_is_zero", FIRST) == 1 - bool(breach)


@pytest.mark.parametrize(
    ("identity", "codes", "column"),
    [("sexes", ("M", "F"), "sex_code"), ("residences", ("U", "R"), "residence_code")],
)
def test_parts_of_a_breakdown(tables: Tables, identity: str, codes: tuple[str, str], column: str) -> None:
    tables.forget()
    tables.say(FIRST, "population", {"11": 10, "15": 20, "19": 30})
    tables.say(FIRST, "population", {"11": 4, "15": 9, "19": 12}, **{column: codes[0]})
    tables.say(FIRST, "population", {"11": 6, "15": 10}, **{column: codes[1]})
    tables.made("identity_check")
    (breach,) = tables.breaches(identity)
    assert (breach["region_code"], breach[column]) == ("15", "_T")
    assert (breach["left_value"], breach["right_value"], breach["parts_count"]) == (19, 20, 2)
    assert tables.slices(identity, FIRST) == 1
    assert tables.slices(identity, FIRST, "not_checkable") == 1


def test_printed_totals_are_held_against_their_parts(tables: Tables) -> None:
    """The totals are no observations: the identity takes them from the printed cells."""
    tables.change(
        "int_cell_corrected",
        "update {0} set value = value + 1 where cell_kind = 'row_total' and region_code = '35'",
    )
    tables.made("identity_check", "int_cell_corrected")
    (breach,) = tables.breaches("specialties")
    assert (breach["region_code"], breach["difference"], breach["parts_count"]) == ("35", -1, 9)
    (breach,) = tables.breaches("regions_of_the_whole_period")
    assert (breach["specialty_code"], breach["difference"], breach["parts_count"]) == ("_T", 1, 21)


def test_all_flows_of_the_regions_sum_to_the_external_balance(tables: Tables, regions: list[str]) -> None:
    tables.forget()
    year = {"period_start": "2023-01-01", "period_end": "2024-01-01"}
    tables.say(FIRST, "external_balance", {"00": 21}, **year)
    tables.say(FIRST, "all_flows_balance", dict.fromkeys(regions, 1), **year)
    tables.made("identity_check")
    (breach,) = tables.breaches("regions_of_all_flows")
    assert breach["expression"] == "territory_set = external_balance 00"
    assert (breach["indicator_code"], breach["left_value"], breach["right_value"]) == (
        "all_flows_balance",
        20,
        21,
    )


# --- identities: which territories add up -------------------------------------------------------------------

IN_2017 = {"period_start": "2017-01-01", "period_end": "2017-01-02"}


def population(regions: list[str], **others: float | None) -> dict[str, float | None]:
    """One person in each of the regions, and these."""
    of_then = [code for code in regions if code not in ("10", "33", "62", "61", "79")]
    return dict.fromkeys(of_then, 1.0) | others


def test_an_abolished_region_is_never_counted_with_its_successors(tables: Tables, regions: list[str]) -> None:
    tables.forget()
    country = {"00": float(len(population(regions)) + 5)}
    together = population(regions, **{"51": 5, "61": 3, "79": 2})
    tables.say(FIRST, "population", together | country, **IN_2017)
    tables.say(SECOND, "population", population(regions, **{"61": 3, "79": 2}) | country, **IN_2017)
    after = {"period_start": "2019-01-01", "period_end": "2019-01-02"}
    tables.say(FIRST, "population", together | {"51": 4.0} | country, **after)
    tables.made("identity_check")
    assert tables.rows("identity_check", "outcome = 'breach' and identity_id = 'regions_in_force'") == []
    assert tables.slices("regions_in_force", FIRST) == 2


def test_back_estimates_that_do_not_sum_to_their_region_show_once_it_has_ended(
    tables: Tables, regions: list[str]
) -> None:
    tables.forget()
    figures = population(regions, **{"51": 5, "61": 3, "79": 1, "00": len(population(regions)) + 5})
    tables.say(FIRST, "population", figures, **IN_2017)
    tables.say(FIRST, "population", figures, period_start="2019-01-01", period_end="2019-01-02")
    tables.made("identity_check")
    (breach,) = tables.breaches("regions_in_force")
    assert (breach["period_start"].year, breach["difference"]) == (2019, -1)


def test_a_country_that_is_not_covered_is_not_checked(tables: Tables, regions: list[str]) -> None:
    tables.forget()
    figures = population(regions, **{"51": None, "61": 3, "79": 2, "00": 1000})
    tables.say(
        FIRST, "population", {code: value for code, value in figures.items() if code != "47"}, **IN_2017
    )
    tables.made("identity_check")
    assert tables.breaches("regions_in_force") == []
    assert tables.slices("regions_in_force", FIRST, "not_checkable") == 1


def test_cities_have_no_rural_figures(tables: Tables, regions: list[str]) -> None:
    tables.forget()
    year = {"period_start": "2023-01-01", "period_end": "2023-01-02", "residence_code": "R"}
    rural = {code: 1.0 for code in regions if code not in CITIES}
    tables.say(FIRST, "population", rural | {"00": 18}, **year)
    tables.made("identity_check")
    (breach,) = tables.breaches("regions_in_force")
    assert (breach["left_value"], breach["parts_count"]) == (17, 17)


# --- identities: what is declared ---------------------------------------------------------------------------


def test_tolerance_severity_and_aggregation_are_those_declared(tables: Tables) -> None:
    tables.forget()
    tables.say(FIRST, "population", {"11": 10})
    tables.say(FIRST, "population", {"11": 4}, sex_code="M")
    tables.say(FIRST, "population", {"11": 4}, sex_code="F")
    for change, severity in (
        ("update {0} set severity = 'quarantine'", "quarantine"),
        ("update {0} set severity = 'warn'", "warn"),
        ("update {0} set tolerance = 2", None),
    ):
        tables.change("identity", change)
        tables.made("identity_check", "int_observation", "identity")
        assert [row["severity"] for row in tables.breaches("sexes")] == ([severity] if severity else [])
    tables.change("identity", "update {0} set tolerance = 0")
    tables.change("indicator", "update {0} set aggregation = 'none' where indicator_code = 'population'")
    tables.made("identity_check", "int_observation", "identity", "indicator")
    assert tables.breaches("sexes") == []


def test_without_any_figure_every_identity_says_so(tables: Tables) -> None:
    tables.forget()
    tables.made("identity_check")
    rows = tables.rows("identity_check")
    assert {row["outcome"] for row in rows} == {"no_figures"}
    assert len(rows) == len(tables.rows("identity"))


# --- revisions ----------------------------------------------------------------------------------------------


def test_population_of_2023_was_revised_by_as_much_as_was_found(tables: Tables) -> None:
    """The differences between the two vintages, found apart from this project; the regions net to nothing."""
    expected = {
        "10": -7, "11": -10, "15": -2, "19": -72, "23": -6, "27": -2, "31": -12, "33": -3, "35": 1, "39": -3,
        "43": -10, "47": -1, "55": -5, "59": -4, "61": -94, "62": -5, "63": 2, "71": 49, "75": 105, "79": 79,
    }  # fmt: skip
    rows = tables.rows("figure_revision", "age = 'latest'")
    assert {row["region_code"]: row["revision"] for row in rows} == expected
    assert {(row["first_release_id"], row["later_release_id"]) for row in rows} == {(FIRST, THIRD)}
    (latest,) = tables.rows("revision_summary", "indicator_code = 'population' and age = 'latest'")
    assert (latest["n"], latest["n_revised"], latest["n_periods"]) == (20, 20, 1)
    assert latest["mean_revision"] == sum(expected.values()) / 20
    assert latest["mean_absolute_revision"] == sum(map(abs, expected.values())) / 20
    assert latest["news_status"] == "too_few"
    (aged,) = tables.rows("revision_summary", "indicator_code = 'population' and age <> 'latest'")
    assert (aged["age"], aged["age_years"], aged["n"]) == ("years_3", 3, 20)
    others = tables.rows("revision_summary", "indicator_code <> 'population'")
    assert {(row["age"], row["n"]) for row in others} == {("latest", 0)}


def test_each_figure_is_compared_with_its_first_publication_by_age(tables: Tables) -> None:
    tables.forget()
    tables.say(FIRST, "external_balance", {"00": -50}, period_start="2019-01-01", period_end="2020-01-01")
    tables.say(FIRST, "external_balance", {"00": -40})
    tables.say(SECOND, "external_balance", {"00": -60}, period_start="2019-01-01", period_end="2020-01-01")
    tables.say(SECOND, "external_balance", {"00": -40})
    tables.say(THIRD, "external_balance", {"00": -65})
    # Another series is no vintage; nor is a figure that says only that there is none.
    tables.say(THIRD, "external_balance", {"00": 1}, source_series="bns_external_arrivals")
    tables.say(SECOND, "external_arrivals", {"00": None}, obs_status="O")
    tables.say(THIRD, "external_arrivals", {"00": 9})
    tables.made("revision_summary")
    columns = "age, first_value, later_value, revision, first_value_before, later_value_before"
    where = "period_start = '2020-01-01' order by age"
    found = [tuple(row.values()) for row in tables.rows("figure_revision", where, columns)]
    assert found == [
        ("latest", -40, -65, -25, -50, -60),
        ("years_2", -40, -40, 0, -50, -60),
        ("years_3", -40, -65, -25, -50, -60),
    ]
    (latest,) = tables.rows("revision_summary", "indicator_code = 'external_balance' and age = 'latest'")
    assert (latest["n"], latest["mean_revision"], latest["n_direction"]) == (2, -17.5, 1)
    # at first it went up by 10 from the year before, by now down by 5
    assert latest["share_right_direction"] == 0
    assert (latest["relative_status"], latest["mean_absolute_revision_percent"]) == ("balance", None)


def test_the_period_before_is_one_of_the_same_length(tables: Tables) -> None:
    tables.forget()
    for release, value in ((FIRST, 7), (THIRD, 8)):
        tables.say(release, "external_balance", {"00": value})
    tables.say(FIRST, "external_balance", {"00": 5}, period_start="2018-01-01", period_end="2019-01-01")
    tables.say(FIRST, "external_balance", {"00": 1}, period_start="2019-10-01", period_end="2020-01-01")
    tables.say(FIRST, "external_balance", {"00": 99}, period_start="2000-01-01", period_end="2020-01-01")
    tables.made("revision_summary")
    rows = tables.rows("figure_revision", "age = 'latest'", "first_value_before, later_value_before")
    assert rows == [{"first_value_before": 5, "later_value_before": 5}]


def test_nothing_published_twice(tables: Tables) -> None:
    tables.change("int_observation", f"delete from {{0}} where release_id = '{THIRD}'")
    tables.made("revision_summary")
    assert tables.rows("figure_revision") == []
    assert {row["n"] for row in tables.rows("revision_summary")} == {0}
    assert len(tables.rows("revision_summary")) == len(tables.rows("indicator"))


# --- the log of releases ------------------------------------------------------------------------------------


def log(tables: Tables) -> dict[str, tuple[int, int]]:
    rows = tables.rows("release_log")
    return {row["file_name"]: (row["rows_new"], row["rows_revised"]) for row in rows}


def test_the_log_counts_what_each_file_said_first_and_what_it_changed(tables: Tables) -> None:
    found = log(tables)
    assert found["article_table_1.csv"] == (100, 0)
    assert found["article_table_2.csv"] == (25, 0)
    assert found["article_table_3.csv"] == (184, 0)
    assert found[f"{FIRST}.csv"] == (397, 0)
    assert found[f"{THIRD}.csv"] == (40, 20)
    # Of the supporting series no figure is given twice: each comes from one release, or from several series.
    assert {changed for name, (_, changed) in found.items() if name != f"{THIRD}.csv"} == {0}
    tables.forget()
    tables.say(FIRST, "population", {"11": 1, "15": 2, "19": 3})
    tables.say(THIRD, "population", {"11": 1, "15": 3, "19": None, "23": 4}, obs_status="A")
    tables.change("int_observation", "update {0} set obs_status = 'O' where value is null")
    tables.made("release_log")
    assert log(tables)[f"{FIRST}.csv"] == (3, 0)
    assert log(tables)[f"{THIRD}.csv"] == (1, 2)
    assert sum(map(sum, log(tables).values())) == 6
