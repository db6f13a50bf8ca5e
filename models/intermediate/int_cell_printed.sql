-- every staging model of a printed table has the same columns, held by the union itself
select * from {{ ref('stg_article__table_1') }} -- noqa: AM04
union all
select * from {{ ref('stg_article__table_2') }}
union all
select * from {{ ref('stg_article__table_3') }}
union all
select * from {{ ref('stg_bns__population_2023_07_21') }}
union all
select * from {{ ref('stg_bns__population_2026_08_11') }}
union all
select * from {{ ref('stg_bns__poverty_2017_11_29') }}
union all
select * from {{ ref('stg_bns__income_2023_01_03') }}
union all
select * from {{ ref('stg_bns__unemployment_2001_2023') }}
union all
select * from {{ ref('stg_bns__poverty_2024_10_24') }}
union all
select * from {{ ref('stg_bns__unemployment_2024_10_24') }}
union all
select * from {{ ref('stg_bns__internal_migration_2022_2024') }}
union all
select * from {{ ref('stg_bns__all_flows_2026_09_25') }}
union all
select * from {{ ref('stg_bns__income_2026_09_30') }}
union all
select * from {{ ref('stg_bns__unemployment_2026_09_30') }}
