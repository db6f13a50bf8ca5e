with correlation as (
    select * from {{ ref('correlation') }}
    where
        method = 'pearson' and missing_rule = 'pairwise' and territory_set = 'regions_20' and measure = 'persons'
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
