select
    cast(extract(year from period_start) as integer) as year,
    cast(value as bigint) as balance_persons,
    cast(sum(value) over (order by period_start) as bigint) as cumulative_persons,
    release_id,
    source_ref
from {{ ref('headline_observation') }}
where
    indicator_code = 'external_balance'
    and region_code = '00'
    and age_code = '_T'
    -- a month or a quarter is no year
    and extract(doy from period_start) = 1
    and period_end = {{ dbt.dateadd('year', 1, 'period_start') }}
    and value is not null
order by year
