"""What the article's correlations come to in full, read from the published file: the figures of issue 5."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest


@pytest.fixture(scope="module")
def published(built_project: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(built_project / "warehouse/saldo.duckdb"), read_only=True) as connection:
        yield connection


def one(connection: duckdb.DuckDBPyConnection, query: str, *values: object) -> tuple[Any, ...]:
    [row] = connection.execute(query, values).fetchall()
    return tuple(row)


@pytest.mark.parametrize(
    ("territory_set", "indicator", "n", "r"),
    [
        ("regions_20", "income_per_capita", 20, "-0.5691"),
        ("regions_20", "children_per_household", 20, "0.7291"),
        ("regions_20", "below_food_basket", 12, "0.1990"),
        ("harmonised_16", "income_per_capita", 16, "-0.560"),
        ("harmonised_16", "children_per_household", 16, "0.784"),
    ],
)
def test_pearson(
    published: duckdb.DuckDBPyConnection, territory_set: str, indicator: str, n: int, r: str
) -> None:
    query = """
        select n, r, bca_low < r and r < bca_high, permutations, resamples, most_influential is not null
        from analysis.correlation
        where
            reference_year = 2024 and method = 'pearson' and measure = 'persons' and missing_rule = 'pairwise'
            and territory_set = ? and indicator_code = ?
    """
    found = one(published, query, territory_set, indicator)
    decimals = len(r.partition(".")[2])
    assert (found[0], f"{found[1]:.{decimals}f}") == (n, r)
    assert found[2:] == (True, 10_000, 5_000, True)


def test_every_form_is_there(published: duckdb.DuckDBPyConnection) -> None:
    query = "select count(*), count(distinct {0}) from analysis.correlation"
    for column, values in [("method", 3), ("territory_set", 2), ("missing_rule", 2), ("measure", 2)]:
        assert one(published, query.format(column)) == (96, values)
    assert one(published, "select count(*) from analysis.correlation where status = 'ok'") == (96,)


@pytest.mark.parametrize(
    ("indicator", "held_fixed", "r", "p"),
    [
        ("income_per_capita", "children_per_household", -0.183, 0.45),
        ("children_per_household", "income_per_capita", 0.575, 0.01),
    ],
)
def test_partial(
    published: duckdb.DuckDBPyConnection, indicator: str, held_fixed: str, r: float, p: float
) -> None:
    query = """
        select round(r, 3), round(p_value, 2), n from analysis.partial_correlation
        where
            reference_year = 2024 and method = 'pearson' and measure = 'persons' and missing_rule = 'pairwise'
            and territory_set = 'regions_20' and indicator_code = ? and held_fixed = ?
    """
    assert one(published, query, indicator, held_fixed) == (r, p, 20)


@pytest.mark.parametrize(
    ("variant", "indicator", "n", "r", "r_unchanged"),
    [
        ("without_shymkent", "below_food_basket", 11, -0.136, 0.199),
        ("nominal_income", "nominal_income_per_capita", 20, -0.073, -0.569),
        ("without_recent_regions", "income_per_capita", 15, -0.542, -0.569),
        ("per_year_of_existence", "income_per_capita", 20, -0.584, -0.569),
        ("without_cities", "income_per_capita", 17, -0.744, -0.569),
    ],
)
def test_sensitivity(
    published: duckdb.DuckDBPyConnection, variant: str, indicator: str, n: int, r: float, r_unchanged: float
) -> None:
    """The first two are figures of issue 5; bench/correlations.py computes the others by other means."""
    query = """
        select n, round(r, 3), round(r_unchanged, 3), round(difference - (r - r_unchanged), 9)
        from analysis.correlation_sensitivity
        where
            reference_year = 2024 and method = 'pearson' and measure = 'persons' and variant = ?
            and indicator_code = ? and held_fixed = 'none'
    """
    assert one(published, query, variant, indicator) == (n, r, r_unchanged, 0)


def reading(
    published: duckdb.DuckDBPyConnection, variant: str, indicator: str, held_fixed: str
) -> tuple[str, ...]:
    query = """
        select verdict, reading_en, reading_ru, reading_kk from analysis.correlation_reading
        where
            reference_year = 2024 and method = 'pearson' and measure = 'persons' and missing_rule = 'pairwise'
            and territory_set = 'regions_20' and variant = ? and indicator_code = ? and held_fixed = ?
    """
    return one(published, query, variant, indicator, held_fixed)


def test_reading_of_income_with_children_held_fixed(published: duckdb.DuckDBPyConnection) -> None:
    verdict, english, russian, kazakh = reading(
        published, "none", "income_per_capita", "children_per_household"
    )
    assert verdict == "not_distinguishable"
    assert "is −0.18 (the wider ends of two 95% intervals, −0.6" in english
    assert english.endswith(
        "is not distinguishable from zero at n = 20, which is absence of evidence, not evidence of absence."
    )
    assert "неотличима от нуля при n = 20" in russian
    assert "n = 20 кезінде нөлден ажырату мүмкін емес" in kazakh


def test_reading_of_the_other_income(published: duckdb.DuckDBPyConnection) -> None:
    verdict, english, russian, _ = reading(published, "nominal_income", "nominal_income_per_capita", "none")
    assert verdict == "not_distinguishable"
    assert "is −0.07 (the wider ends of two 95% intervals" in english
    assert "and not −0.57" in english
    assert english.endswith("so the “paradox of welfare” hangs on which income is meant.")
    assert "зависит от того, какой доход имеется в виду" in russian


def test_what_holm_forbids_is_not_called_absence_of_evidence(published: duckdb.DuckDBPyConnection) -> None:
    """Per 1 000 inhabitants the article's income has an interval without zero, and Holm's p of 0.095."""
    query = """
        select reading_en, reading_ru, reading_kk from analysis.correlation_reading
        where
            variant = 'nominal_income' and method = 'pearson' and measure = 'per_1000'
            and held_fixed = 'none'
    """
    english, russian, kazakh = one(published, query)
    assert "with the article's income zero lies outside, but Holm's correction" in english
    assert english.endswith("gives p = 0.095, so no association is claimed.")
    assert "с доходом из статьи ноль лежит вне этих границ, но поправка Холма" in russian
    assert "мақаладағы табыспен нөл осы шектерден тыс" in kazakh


def test_nothing_is_claimed_of_fewer_than_ten_territories(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select
            count(*) filter (n = 8), count(*) filter (n = 8 and verdict <> 'too_few'),
            count(*) filter (n > 8 and verdict = 'too_few')
        from analysis.correlation_reading
    """
    assert one(published, query) == (102, 0, 0)


def test_children_without_blank_cells(published: duckdb.DuckDBPyConnection) -> None:
    """What docs/correlations.md says of the twelve regions and the eight units."""
    query = """
        select n, method, measure, verdict from analysis.correlation_reading
        where
            kind = 'correlation' and indicator_code = 'children_per_household' and missing_rule = 'complete'
            and verdict <> 'positive' and verdict <> 'too_few'
    """
    assert published.execute(query).fetchall() == [(12, "pearson", "per_1000", "doubtful")]


def test_what_is_no_gap_is_not_listed(published: duckdb.DuckDBPyConnection) -> None:
    query = (
        "select count(*) filter (status in ('yardstick', 'no_loss')), count(*) > 0 from audit.analysis_gap"
    )
    assert one(published, query) == (0, True)


@pytest.mark.parametrize(
    ("mart", "variant", "held_fixed"),
    [
        ("correlation", "'none'", "'none'"),
        ("partial_correlation", "'none'", "held_fixed"),
        ("correlation_sensitivity", "variant", "held_fixed"),
    ],
)
def test_every_correlation_is_read(
    published: duckdb.DuckDBPyConnection, mart: str, variant: str, held_fixed: str
) -> None:
    """Each row of the mart has one sentence in each language, found by its key."""
    key = "reference_year, indicator_code, method, territory_set, missing_rule, measure"
    query = f"""
        with
        figure as (select {key}, {variant} as variant, {held_fixed} as held_fixed, n from analysis.{mart}),
        sentence as (from analysis.correlation_reading where kind = '{mart}')
        select
            count(*) > 0, count(*) = (select count(*) from figure),
            count(*) = (select count(*) from sentence),
            bool_and(figure.n = sentence.n),
            bool_and(least(length(reading_en), length(reading_ru), length(reading_kk)) > 50)
        from figure inner join sentence using ({key}, variant, held_fixed)
    """
    assert one(published, query) == (True,) * 5


def test_reading_without_shymkent(published: duckdb.DuckDBPyConnection) -> None:
    verdict, english, russian, kazakh = reading(published, "without_shymkent", "below_food_basket", "none")
    assert verdict == "not_distinguishable"
    assert english.startswith("Without Shymkent, over 11 regions, Pearson's r between “")
    assert "is −0.14 (" in english
    assert "; without this change it is 0.20 (" in english
    assert russian.startswith("Без Шымкента, по 11 регионам ")
    assert kazakh.startswith("Шымкентсіз, 11 өңір бойынша ")


@pytest.mark.parametrize("mart", ["correlation", "partial_correlation", "correlation_sensitivity"])
def test_a_p_corrected_for_neighbours_is_there_or_a_reason_is(
    published: duckdb.DuckDBPyConnection, mart: str
) -> None:
    query = f"""
        select
            count(*) filter ((p_spatial is null) = (spatial_reason is null)),
            count(*) filter (p_spatial is null and method <> 'kendall')
        from analysis.{mart}
    """
    assert one(published, query) == (0, 0)


def test_what_is_claimed_of_tau_says_that_neighbours_are_not_allowed_for(
    published: duckdb.DuckDBPyConnection,
) -> None:
    query = """
        select count(*) > 0, bool_and(reading_en like '%the likeness of neighbours is not allowed for.')
        from analysis.correlation_reading where verdict in ('positive', 'negative') and method = 'kendall'
    """
    assert one(published, query) == (True, True)


def test_regression_says_how_little_is_left(published: duckdb.DuckDBPyConnection) -> None:
    query = """
        select distinct model, n, residual_df, status from analysis.regression
        where territory_set = 'regions_20' and measure = 'per_1000' order by model
    """
    found = published.execute(query).fetchall()
    assert found == [("four_indicators", 12, 7, "warning"), ("three_indicators", 20, 16, "ok")]
    gap = """
        select list(distinct subject order by subject), list(distinct reason order by reason)
        from audit.analysis_gap where mart = 'analysis.regression' and status = 'warning'
    """
    subjects, reasons = published.execute(gap).fetchall()[0]
    assert subjects == [
        f"2024, {territories}, {measure}, four_indicators"
        for territories in ("harmonised_16", "regions_20")
        for measure in ("per_1000", "persons")
    ]
    assert [reason.split(",")[0] for reason in reasons] == [
        "3 residual degrees of freedom",
        "7 residual degrees of freedom",
    ]
    leverages = """
        select round(sum(leverage), 9) from analysis.regression_influence
        where territory_set = 'regions_20' and measure = 'per_1000' and model = 'three_indicators'
    """
    assert one(published, leverages) == (4,)  # the number of terms


def test_children_are_alike_among_neighbours_and_residuals_are_not(
    published: duckdb.DuckDBPyConnection,
) -> None:
    query = """
        select subject, p_value < 0.05 from analysis.spatial_autocorrelation
        where
            territory_set = 'regions_20'
            and subject in ('children_per_household', 'residuals_per_1000_three_indicators')
        order by subject
    """
    found = published.execute(query).fetchall()
    assert found == [("children_per_household", True), ("residuals_per_1000_three_indicators", False)]
    of_residuals = """
        select
            bool_and(expected_i < -1.0 / (n - 1)) filter (subject like 'residuals%'),
            bool_and(abs(expected_i + 1.0 / (n - 1)) < 1e-12) filter (subject not like 'residuals%')
        from analysis.spatial_autocorrelation
    """
    assert one(published, of_residuals) == (True, True)


# Levels and balances by region: nothing is inferred.
FIGURES_ONLY = {"analysis.poverty_comparison", "specialty.region_specialty_balance"}
INFERRED = re.compile(r"^(p|ci|bca|rank)_|(^|_)(low|high|lower|upper)(_|$)|^jaccard|^noise")
REFERS = re.compile("refers? to a superpopulation|refer to years that the same circumstances")
ABOUT_PERSONS = re.compile("(regional figures|figures of regions) say nothing about persons")


def test_descriptions_say_what_p_refers_to_and_that_regions_are_no_persons(
    published: duckdb.DuckDBPyConnection,
) -> None:
    query = """
        select schema_name || '.' || table_name, any_value(mart.comment), list(column_name)
        from duckdb_columns()
        inner join (from duckdb_tables()) as mart using (schema_name, table_name)
        where schema_name in ('analysis', 'specialty') group by all
    """
    marts = [
        (name, " ".join(text.split()), columns) for name, text, columns in published.sql(query).fetchall()
    ]
    of_intervals = {name: text for name, text, columns in marts if any(map(INFERRED.search, columns))}
    by_region = {"region_code", "territory_set", "territory"}
    of_regions = {name: text for name, text, columns in marts if by_region & {*columns}}
    assert len(of_intervals) > 15
    assert len(of_regions) > 15
    assert {name for name, text in of_intervals.items() if not REFERS.search(text)} == set()
    silent = {name for name, text in of_regions.items() if not ABOUT_PERSONS.search(text)}
    assert silent == FIGURES_ONLY
