"""Clusters and the attractiveness index of the article's release, read from the published file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from corruption import Replay

Row = tuple[Any, ...]


@pytest.fixture(scope="module")
def published(built_project: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built_project / "warehouse" / "saldo.duckdb"), read_only=True) as connection:
        connection.execute("use analysis")
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    found: list[Row] = connection.execute(query).fetchall()
    return found


def test_every_method_measure_and_territory_set_prefers_two_clusters(
    published: duckdb.DuckDBPyConnection,
) -> None:
    chosen = rows(
        published,
        """
        select
            territory_set, measure, count(*), min(k), max(k),
            min(round(silhouette, 3)), max(round(silhouette, 3))
        from cluster_quality where reference_year = 2024 and is_chosen_k
        group by all order by all
        """,
    )
    assert chosen == [
        ("harmonised_16", "per_1000", 5, 2, 2, 0.542, 0.542),
        ("harmonised_16", "persons", 5, 2, 2, 0.548, 0.548),
        ("regions_20", "per_1000", 5, 2, 2, 0.510, 0.510),
        ("regions_20", "persons", 5, 2, 2, 0.525, 0.525),
    ]
    assert rows(published, "select distinct status from cluster_quality") == [("ok",)]


def test_rates_change_nothing_and_units_move_abai_and_ulytau(published: duckdb.DuckDBPyConnection) -> None:
    """Of 190 pairs of partitions those of one territory set are the same; between sets two regions move."""
    found = rows(
        published,
        """
        select territory_set = other_territory_set as of_one_set, count(*), min(round(adjusted_rand, 3)),
            max(round(adjusted_rand, 3)), list(distinct moved_regions)
        from cluster_agreement where reference_year = 2024 group by all order by all
        """,
    )
    assert found == [(False, 100, 0.621, 0.621, ["10 62"]), (True, 90, 1.0, 1.0, [""])]
    names = "select name_en from core.dim_region where region_code in ('10', '62') order by name_en"
    assert rows(published, names) == [("Abai",), ("Ulytau",)]


def test_the_two_clusters_are_named_by_their_profile(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select name_en, name_ru, name_kk, size, round(mean_migration_balance_persons)
        from cluster_profile
        where
            reference_year = 2024 and method = 'ward' and territory_set = 'regions_20' and measure = 'persons'
        order by cluster_id
    """
    assert rows(published, query) == [
        (
            "balance near zero, low income, many children",
            "сальдо около нуля, низкий доход, много детей",
            "нөлге жуық айырым, төмен табыс, балалар көп",
            12,
            -281,
        ),
        (
            "large outflow, high income, few children",
            "большой отток, высокий доход, мало детей",
            "үлкен теріс айырым, жоғары табыс, балалар аз",
            8,
            -35586,
        ),
    ]


def test_the_two_clusters_are_found_again_and_a_mixture_supports_three(
    published: duckdb.DuckDBPyConnection,
) -> None:
    stability = "select distinct stability from cluster_stability where k = 2"
    assert rows(published, stability) == [("highly_stable",)]
    criteria = """
        select bic > bic_of_one_cluster from cluster_quality
        where method = 'gaussian_mixture' and k = 2 and territory_set = 'regions_20' order by measure
    """
    assert rows(published, criteria) == [(True,), (True,)]  # of the regions, one group rather than two
    # and three, in all four sets, a little better than one
    best = (
        "select count(*), min(best_k_by_bic), max(best_k_by_bic) from cluster_quality where bic is not null"
    )
    assert rows(published, best) == [(20, 3, 3)]
    by_hand = """
        select count(*) from (
            select
                any_value(best_k_by_bic) as given,
                if(min(bic) < any_value(bic_of_one_cluster), arg_min(k, bic), 1) as expected
            from cluster_quality where method = 'gaussian_mixture' group by territory_set, measure
        ) where given = expected
    """
    assert rows(published, by_hand) == [(4,)]


def test_members_are_those_of_the_assignment(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select count(*), count(*) filter (profile.members = found.members and profile.size = found.size)
        from cluster_profile as profile
        inner join (
            select
                reference_year, territory_set, measure, method, k, cluster_id, count(*) as size,
                string_agg(region_code, ' ' order by region_code) as members
            from cluster_assignment group by all
        ) as found using (reference_year, territory_set, measure, method, k, cluster_id)
    """
    assert rows(published, query) == [(40, 40)]
    units = "select distinct region_code from cluster_assignment where territory_set = 'harmonised_16'"
    harmonised = "select harmonised_unit from regional.region_profile_harmonised"
    assert sorted(rows(published, units)) == sorted(rows(published, harmonised))


def test_the_plane_shows_most_of_the_variance(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select round(share_1, 3), round(share_2, 3), count(*) from cluster_projection
        where territory_set = 'regions_20' and measure = 'persons' group by all
    """
    assert rows(published, query) == [(0.767, 0.147, 23)]


# The attractiveness index


def test_the_index_ranks_every_region_with_its_range(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select count(*), count(distinct region_code), min(rank), max(rank), bool_and(rank_low <= rank_high),
            bool_and(rank_best <= rank_low and rank_high <= rank_worst), min(draws), max(seed),
            count(*) filter (imputed <> '')
        from attractiveness_index where reference_year = 2024 and status = 'ok'
    """
    assert rows(published, query) == [(20, 20, 1, 20, True, True, 10_000, 2008, 8)]
    ends = "select name_en from attractiveness_index join core.dim_region using (region_code) order by rank"
    names = [name for (name,) in rows(published, ends)]
    assert (names[0], names[-1]) == ("Almaty city", "Shymkent")


def test_the_default_variant_is_the_index(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select count(*), count(*) filter (variant.score = ranking.score and variant.rank = ranking.rank)
        from attractiveness_variant as variant
        inner join attractiveness_index as ranking using (reference_year, region_code)
        where normalisation = 'min_max' and weighting = 'equal' and aggregation = 'arithmetic'
    """
    assert rows(published, query) == [(20, 20)]


def test_the_attractive_regions_tend_to_lose_more_people(published: duckdb.DuckDBPyConnection) -> None:
    """The correlation, once more by SQL, as docs/attractiveness-index.md quotes it."""
    quoted = "select value, value_low, value_high from attractiveness_diagnostic where diagnostic = 'pearson'"
    of_persons = f"{quoted} and subject = 'migration_balance_persons'"
    ((value, low, high),) = rows(published, of_persons)
    assert (round(value, 2), round(low, 2), round(high, 2)) == (-0.59, -0.82, -0.20)
    again = """
        select corr(score, migration_balance_persons), corr(score, balance_per_1000)
        from attractiveness_index inner join regional.region_profile using (region_code, reference_year)
    """
    ((of_persons_again, of_rate),) = rows(published, again)
    assert value == pytest.approx(of_persons_again)
    assert round(of_rate, 2) == -0.52
    by_loss = """
        select name_en, rank, rank() over (order by migration_balance_persons) as rank_by_loss
        from attractiveness_index
        inner join regional.region_profile using (region_code, reference_year)
        inner join core.dim_region using (region_code)
        order by rank limit 2
    """
    assert rows(published, by_loss) == [("Almaty city", 1, 7), ("Astana", 2, 11)]


def test_the_link_rests_on_the_direction_of_children(published: duckdb.DuckDBPyConnection) -> None:
    """As docs/attractiveness-index.md quotes it; the scores once more by SQL."""
    query = (
        "select diagnostic, subject, value from attractiveness_diagnostic where diagnostic like 'pearson_%'"
    )
    found = {(diagnostic, subject): value for diagnostic, subject, value in rows(published, query)}
    again = """
        with scaled as (
            select
                migration_balance_persons as balance,
                (income_per_capita_kzt - min(income_per_capita_kzt) over ())
                / (max(income_per_capita_kzt) over () - min(income_per_capita_kzt) over ()) as income,
                (food_spend_per_capita_kzt - min(food_spend_per_capita_kzt) over ())
                / (max(food_spend_per_capita_kzt) over () - min(food_spend_per_capita_kzt) over ()) as food,
                (children_per_household - min(children_per_household) over ())
                / (max(children_per_household) over () - min(children_per_household) over ()) as children,
                1000.0 * below_food_basket_persons / population_persons as poverty
            from regional.region_profile
        ),
        filled as (
            select *, coalesce(poverty, avg(poverty) over ()) as poor from scaled
        ),
        parts as (
            select *, (poor - min(poor) over ()) / (max(poor) over () - min(poor) over ()) as want from filled
        )
        select
            corr(income + food - want, balance), corr(income + food + children - want, balance),
            corr(food - children - want, balance), corr(-income + food - children - want, balance)
        from parts
    """
    ((without, turned, without_income, income_turned),) = rows(published, again)
    assert found["pearson_left_out", "children_per_household"] == pytest.approx(without)
    assert found["pearson_reversed", "children_per_household"] == pytest.approx(turned)
    assert found["pearson_left_out", "income_per_capita_kzt"] == pytest.approx(without_income)
    assert found["pearson_reversed", "income_per_capita_kzt"] == pytest.approx(income_turned)
    assert (round(without, 2), round(turned, 2)) == (-0.43, -0.08)
    others = [
        value
        for (diagnostic, subject), value in found.items()
        if diagnostic == "pearson_left_out" and subject != "children_per_household"
    ]
    assert (round(min(others), 2), round(max(others), 2)) == (-0.68, -0.51)


def test_the_page_quotes_the_diagnostics(published: duckdb.DuckDBPyConnection, built_project: Path) -> None:
    found = {
        (diagnostic, subject): value
        for diagnostic, subject, value in rows(
            published, "select diagnostic, subject, value from attractiveness_diagnostic"
        )
    }
    page = " ".join((built_project / "docs" / "attractiveness-index.md").read_text(encoding="utf-8").split())
    for diagnostic, subject, sentence in [
        ("share_of_variance", "component_1", "holds {:.0%} of the variance"),
        ("share_of_shift", "left_out", "left out explains {:.0%} of the variance"),
        ("share_of_shift", "imputation", "the imputation {:.0%},"),
        ("share_of_shift", "normalisation", "the normalisation {:.0%},"),
        ("mean_rank_shift", "draws", "by {:.1f} ranks on average"),
        ("cronbach_alpha", "indicators", "alpha is {:.2f}"),
    ]:
        text = sentence.format(found[diagnostic, subject]).replace("%", " %")
        assert text in page


# Bad input


CHECKS = ("expectations_hold", "statistics_have_rows")
READ = (*CHECKS, "analysis_gap")


def after_change(replay: Replay, project: Path, statement: str) -> tuple[list[Row], str]:
    """The gaps, and how the checks fail, after a change of the table {0} of region profiles."""
    with replay.connect() as connection:
        needed = {key for name in READ for key in replay.needed_for(name)}
        replay.build(connection, [key for key in replay.tables() if key in needed], project)
        connection.execute(statement.format(replay.relation("region_profile")))
        changed = {key for name in READ for key in replay.needed_for(name, after="region_profile")[1:]}
        replay.build(connection, [key for key in replay.tables() if key in changed], project)
        failures = [replay.run_test(connection, test, project) for test in CHECKS]
        gaps = (
            "select mart, subject, status, reason, row_count from {} where mart like 'analysis.cluster%'"
            " or mart like 'analysis.attractiveness%' order by all"
        )
        found = rows(connection, gaps.format(replay.relation("analysis_gap")))
    return found, " ".join(failure.message for failure in failures if failure)


def test_nothing_is_missing(published: duckdb.DuckDBPyConnection) -> None:
    gaps = "from audit.analysis_gap where mart like 'analysis.cluster%' or mart like 'analysis.attract%'"
    assert rows(published, gaps) == []
    withheld = "select count(*) > 0 from audit.analysis_gap where mart = 'analysis.poverty_test'"
    assert rows(published, withheld) == [(True,)]


def test_a_column_that_does_not_vary_is_told_and_stops_nothing(replay: Replay, built_project: Path) -> None:
    found, failure = after_change(replay, built_project, "update {0} set children_per_household = 1.5")
    reason = "children_per_household does not vary"
    harmonised, regions = (
        [
            ("analysis.cluster_quality", f"2024, {name}, {measure}", "constant", reason, 25)
            for measure in ("per_1000", "persons")
        ]
        for name in ("harmonised_16", "regions_20")
    )
    indicator = (
        "analysis.attractiveness_indicator",
        "2024, children_per_household",
        "constant",
        "does not vary",
        1,
    )
    assert found == [indicator, *harmonised, *regions]
    assert "mart_name" not in failure
    assert "cluster" not in failure


def test_a_region_without_figures_is_told(replay: Replay, built_project: Path) -> None:
    found, _ = after_change(
        replay,
        built_project,
        "update {0} set income_per_capita_kzt = null, food_spend_per_capita_kzt = null"
        " where region_code = '15'",
    )
    told = {(mart, subject): reason for mart, subject, _, reason, _ in found}
    assert told[("analysis.cluster_quality", "2024, regions_20, persons")] == "no income_per_capita_kzt of 15"
    assert (
        told[("analysis.cluster_quality", "2024, harmonised_16, persons")] == "no income_per_capita_kzt of 15"
    )
    assert told[("analysis.attractiveness_index", "2024, 15")] == (
        "no income_per_capita_kzt food_spend_per_capita_kzt below_food_basket_per_1000"
    )
