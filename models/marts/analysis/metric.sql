with correlation as (
    select * from {{ ref('correlation') }}
    where
        reference_year = 2024 and method = 'pearson' and missing_rule = 'pairwise' and territory_set = 'regions_20'
        and measure = 'persons'
)

select
    'external_balance' as metric,
    cast(year as string) as subject,
    cast(balance_persons as double) as value,
    'published figure' as method
from {{ ref('external_balance_annual') }}
union all
select
    'specialty_balance' as metric,
    specialty_code as subject,
    cast(balance_persons as double) as value,
    'sum of the regions' as method
from {{ ref('specialty_structure') }}
-- the time that the article speaks of
where period_start = cast('2000-01-01' as date) and period_end = cast('2025-01-01' as date)
union all
select
    'pearson_r' as metric,
    indicator_code as subject,
    r as value,
    concat('Pearson over ', cast(n as string), ' regions, persons, pairwise') as method
from correlation
union all
select
    'pearson_n' as metric,
    indicator_code as subject,
    cast(n as double) as value,
    'regions with both figures' as method
from correlation
order by metric, subject
