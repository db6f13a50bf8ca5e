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
