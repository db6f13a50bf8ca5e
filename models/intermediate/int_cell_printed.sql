select * from {{ ref('stg_article__table_1') }}
union all
select * from {{ ref('stg_article__table_2') }}
union all
select * from {{ ref('stg_article__table_3') }}
union all
select * from {{ ref('stg_bns__population_2023_07_21') }}
union all
select * from {{ ref('stg_bns__population_2026_08_11') }}
