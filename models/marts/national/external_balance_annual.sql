select
    cast(extract(year from period_start) as integer) as year,
    cast(value as bigint) as balance_persons,
    cast(sum(value) over (order by period_start) as bigint) as cumulative_persons,
    release_id,
    source_ref
from {{ ref('fct_observation') }}
where
    indicator_code = 'external_balance'
    and sex_code = '_T'
    and residence_code = '_T'
    and age_code = '_T'
    and partner_code = '_T'
    and value is not null
order by year
