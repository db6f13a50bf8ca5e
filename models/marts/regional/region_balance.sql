select
    region_code,
    period_start,
    period_end,
    cast(sum(balance_persons) as bigint) as balance_persons
from {{ ref('region_specialty_balance') }}
group by region_code, period_start, period_end
order by region_code
