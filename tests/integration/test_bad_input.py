"""Bad input of the statistics: what cannot be made has a status and a reason, and the build goes on.

Each case changes figures where the statistics read them, makes anew what is made from them, runs the tests of
those tables, and looks into audit.analysis_gap.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from corruption import Node, Replay
from duckdb import DuckDBPyConnection

CORRELATIONS = ("analysis.correlation", "analysis.partial_correlation", "analysis.correlation_sensitivity")
OVER_REGIONS = (*CORRELATIONS, "analysis.regression", "analysis.spatial_autocorrelation")
TRENDS = ("analysis.trend_fit", "analysis.change_point")
FORECASTS = ("analysis.forecast_external_balance", "analysis.forecast_evaluation")
POVERTY = (
    "analysis.poverty_panel",
    "analysis.poverty_test",
    "analysis.poverty_forecast",
    "analysis.poverty_impulse_response",
)
# What is checked against the tables of the article, and so is no longer true of changed ones.
OF_THE_ARTICLE = {"expectations_hold", "metrics_equal_the_marts"}
# Reads marts, too, that are not made anew here and still hold the sets of the unchanged tables.
OF_ALL_MARTS = {"every_code_has_a_name", "views_keep_the_rows_of_their_marts"}


# Made last, and from all else that is looked at here.
LAST = ("analysis_gap", "correlation_reading", "cluster_projection", "attractiveness_diagnostic")
OF_POVERTY = "indicator_code in ('poverty_share', 'unemployment_rate')"


class Case(NamedTuple):
    """Statements by the table {0} that they change, and what each mart must then say: its status."""

    changes: Mapping[str, str]
    says: Mapping[str, str]
    reason: str  # part of a reason that one of them gives


CASES = {
    "two regions": Case(
        {"region_profile": "delete from {0} where region_code not in ('11', '63')"},
        {
            **dict.fromkeys(OVER_REGIONS, "too_few"),
            "analysis.cluster_quality": "too_few",
            "analysis.attractiveness_index": "too_few",
            "specialty.region_loss_decomposition": "no_population",
            "specialty.region_specialty_structure": "no_population",
        },
        "2 territories with all the figures, a coefficient needs 3",
    ),
    "equal balances and equal numbers of children": Case(
        {
            "region_profile": "update {0} set children_per_household = 1.5, migration_balance_persons = 5,"
            " balance_per_1000 = 1"
        },
        {
            **dict.fromkeys(OVER_REGIONS, "constant"),
            "analysis.cluster_quality": "constant",
            "analysis.attractiveness_indicator": "constant",
        },
        "children_per_household does not vary over the 20 territories",
    ),
    "a region without a figure in one table": Case(
        {"region_profile": "update {0} set income_per_capita_kzt = null where region_code = '63'"},
        {"analysis.correlation": "ok", "analysis.cluster_quality": "missing_figure"},
        "1 of 20 territories lack a figure: 63",
    ),
    "a region missing in one table": Case(
        {"region_profile": "delete from {0} where region_code = '63'"},
        {
            "specialty.region_loss_decomposition": "no_population",
            "specialty.region_specialty_structure": "no_population",
        },
        "no population in the year in which the period ends",
    ),
    "indicators that a release drops": Case(
        {
            "fct_observation": "delete from {0} where indicator_code in"
            " ('children_per_household', 'nominal_income_per_capita', 'unemployment_rate')"
        },
        {
            **dict.fromkeys((*OVER_REGIONS, *FORECASTS), "too_few"),
            **dict.fromkeys(POVERTY, "withheld"),
            "analysis.cluster_quality": "missing_figure",
            "analysis.attractiveness_indicator": "missing_figure",
        },
        "known for 0 of 20 regions",
    ),
    "series with gaps": Case(
        {
            "external_balance_annual": "delete from {0} where year = 2010",
            "fct_observation": f"delete from {{0}} where {OF_POVERTY} and period_start = date '2012-01-01'",
        },
        {
            **dict.fromkeys(TRENDS, "gap"),
            **dict.fromkeys(FORECASTS, "too_few"),
            "analysis.poverty_test": "withheld",
            "analysis.poverty_forecast": "warning",
        },
        "no figure of 2010: the years before 2011 are left out",
    ),
    "series of three years": Case(
        {
            "external_balance_annual": "delete from {0} where year > 2002",
            "fct_observation": f"delete from {{0}} where {OF_POVERTY} and period_start > date '2003-01-01'",
        },
        {**dict.fromkeys((*TRENDS, *FORECASTS), "too_few"), **dict.fromkeys(POVERTY, "withheld")},
        "3 years in a row of at least 10",
    ),
    "series that do not vary": Case(
        {
            "external_balance_annual": "update {0} set balance_persons = 5, cumulative_persons = 5",
            "fct_observation": f"update {{0}} set value = 5 where {OF_POVERTY}",
        },
        {
            **dict.fromkeys((*TRENDS, *POVERTY, "analysis.forecast_external_balance"), "constant"),
            "analysis.forecast_evaluation": "too_few",
        },
        "the balance does not vary",
    ),
    "specialties of one region": Case(
        {"region_specialty_balance": "delete from {0} where region_code <> '63'"},
        {"specialty.loss_concentration": "too_few", "specialty.correspondence_coordinate": "too_few"},
        "1 regions and 8 specialties with a loss, at least 2 of each needed",
    ),
    "one structure everywhere": Case(
        {
            "region_specialty_balance": "update {0} set balance_persons = if(region_code in"
            " (select region_code from {0} group by region_code having count(*) = 9), -5, 5)"
        },
        {"specialty.correspondence_coordinate": "no_association"},
        "all regions have the same structure",
    ),
}


@pytest.fixture(scope="module")
def built(replay: Replay, built_project: Path) -> Iterator[DuckDBPyConnection]:
    with replay.connect() as connection:
        replay.build(connection, replay.tables(), built_project)
        yield connection


def made_from(replay: Replay, tables: Iterable[str]) -> list[str]:
    """What is made from the tables on the way to LAST, without them, in order."""
    wanted = {key for table in tables for mart in LAST for key in replay.needed_for(mart, after=table)}
    return [key for key in replay.tables() if key in wanted and key.split(".")[-1] not in tables]


def checks_of(replay: Replay, keys: Iterable[str]) -> list[Node]:
    """The data tests that read the tables and would stop a build."""
    made = set(keys)
    return [
        test
        for test in replay.tests()
        if made & set(test["depends_on"]["nodes"])
        and str(test["config"]["severity"]).lower() != "warn"
        and test["name"] not in OF_THE_ARTICLE | OF_ALL_MARTS
    ]


@pytest.mark.parametrize("name", CASES)
def test_status_and_reason(replay: Replay, built: DuckDBPyConnection, built_project: Path, name: str) -> None:
    case = CASES[name]
    keys = made_from(replay, case.changes)
    gaps = f"select mart, status, reason from {replay.relation('analysis_gap')}"
    before = set(built.execute(gaps).fetchall())
    try:
        for table, statement in case.changes.items():
            built.execute(statement.format(replay.relation(table)))
        replay.build(built, keys, built_project)
        found = set(built.execute(gaps).fetchall()) - before
        failures = [replay.run_test(built, test["name"], built_project) for test in checks_of(replay, keys)]
        readings = built.table(replay.relation("correlation_reading"))
        unread = readings.filter("reading_en is null or reading_ru is null or reading_kk is null")
        assert unread.fetchall() == []
    finally:
        changed = [key for key in replay.tables() if key.split(".")[-1] in case.changes]
        replay.build(built, [*changed, *keys], built_project)
    assert len(failures) > 10
    assert list(filter(None, failures)) == []
    assert {(mart, status) for mart, status, _ in found} >= set(case.says.items())
    assert all(reason for _, _, reason in found)
    assert any(case.reason in reason for _, _, reason in found)
    assert set(built.execute(gaps).fetchall()) == before
