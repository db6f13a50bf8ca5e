select
    region_code,
    period_start,
    period_end,
    cast(sum(value) as bigint) as balance_persons
from {{ ref('fct_observation') }}
where indicator_code = 'migration_balance_by_specialty' and value is not null
group by region_code, period_start, period_end
order by region_code
