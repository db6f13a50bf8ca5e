"""Twenty queries of a dashboard over the schema bi, in SQL that DuckDB and SQLite both run.

The last eight read `bi.observation`, the view that grows with what is published.
"""

QUERIES = {
    "whole country": """
        select sum(migration_balance_persons), sum(population_persons), count(*) from bi.region
    """,
    "map of rates": """
        select region_code, name_ru, balance_per_1000, migration_balance_persons, role_ru
        from bi.region order by region_code
    """,
    "macro-regions": """
        select macro_region_en, sum(migration_balance_persons), sum(population_persons)
        from bi.region group by macro_region_en order by macro_region_en
    """,
    "annual bars": """
        select year, balance_persons, cumulative_persons, is_change_point
        from bi.external_balance where kind = 'published' order by year
    """,
    "forecast fan": """
        select year, forecast_persons, low_80, high_80, low_95, high_95
        from bi.external_balance where kind = 'forecast' order by year
    """,
    "scatter": """
        select name_en, indicator_value, migration_balance_persons, balance_per_1000
        from bi.region_indicator where indicator_code = 'income_per_capita' order by region_code
    """,
    "heat map": """
        select name_kk, specialty_kk, balance_persons, location_quotient
        from bi.region_specialty order by region_code, specialty_code
    """,
    "specialties by macro-region": """
        select macro_region, specialty_en, sum(loss_persons) as loss
        from bi.region_specialty group by macro_region, specialty_en order by macro_region, specialty_en
    """,
    "attractiveness": "select name_en, score, rank, rank_low, rank_high from bi.attractiveness order by rank",
    "correlations": """
        select indicator_en, n, r, p_value, ci_low, ci_high
        from bi.correlation
        where
            kind = 'correlation' and method = 'pearson' and measure = 'persons'
            and missing_rule = 'pairwise' and territory_set = 'regions_20'
        order by indicator_code
    """,
    "claims by verdict": """
        select verdict_en, count(*) as claims from bi.claim group by verdict_en order by verdict_en
    """,
    "claims with a word": """
        select claim_id, statement_en, verdict_en from bi.claim
        where lower(statement_en) like '%balance%' order by claim_id
    """,
    "list of indicators": """
        select distinct indicator_code, indicator_ru from bi.observation order by indicator_code
    """,
    "series of a region": """
        select year, sum(value) as persons from bi.observation
        where indicator_code = 'internal_balance' and region_code = '63' group by year order by year
    """,
    "regions of a year": """
        select name_en, sum(value) as persons from bi.observation
        where indicator_code = 'internal_arrivals' and year = 2023 group by name_en order by name_en
    """,
    "regions by years": """
        select region_code, year, sum(value) as persons, count(*) as figures from bi.observation
        where indicator_code = 'internal_departures'
        group by region_code, year order by region_code, year
    """,
    "flows by macro-region": """
        select macro_region, indicator_en, sum(value) as persons from bi.observation
        where indicator_code in ('internal_arrivals', 'internal_departures') and year >= 2023
        group by macro_region, indicator_en order by macro_region, indicator_en
    """,
    "latest of each region": """
        select region_code, period_start, value from (
            select
                region_code, period_start, value,
                row_number() over (partition by region_code order by period_start desc, value) as number
            from bi.observation
            where indicator_code = 'internal_balance' and specialty_code = '_T' and age_code = '_T'
        ) as numbered
        where number = 1 order by region_code
    """,
    "change over a year": """
        select
            region_code,
            sum(case when year = 2023 then value else 0 end)
            - sum(case when year = 2022 then value else 0 end) as change
        from bi.observation
        where indicator_code = 'internal_balance' and year in (2022, 2023)
        group by region_code order by region_code
    """,
    "page of figures": """
        select name_ru, period_start, value, unit_ru, obs_status_ru, release_id
        from bi.observation where indicator_code = 'internal_arrivals' and region_code = '75'
        order by period_start desc, specialty_code, age_code, value limit 100
    """,
}
# What a tool asks for when somebody drags a whole view into it; of the one that grows, what fits a screen.
SCREEN = """
    select * from bi.observation where indicator_code = 'population'
    order by region_code, period_start, specialty_code, age_code, value limit 1000
"""


def whole_views(names: list[str]) -> dict[str, str]:
    """A query for each view of the schema: all of it, of `observation` a thousand rows."""
    return {
        f"view {name}": SCREEN if name == "observation" else f"select * from bi.{name}"  # noqa: S608
        for name in names
    }
