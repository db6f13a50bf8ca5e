select
    region_code,
    specialty_code,
    period_start,
    period_end,
    cast(value as bigint) as balance_persons,
    release_id,
    source_ref,
    correction_id
from {{ ref('headline_observation') }}
where
    indicator_code = 'migration_balance_by_specialty'
    -- totals are no parts
    and specialty_code <> '_T'
    and region_code <> '00'
    and age_code = 'Y_GT15'
    and value is not null
order by region_code, specialty_code
