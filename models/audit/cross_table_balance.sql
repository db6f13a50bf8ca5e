select
    observation.region_code,
    observation.period_start,
    observation.period_end,
    cast(observation.value as bigint) as table_1_persons,
    cast(total.published_value as bigint) as table_3_persons,
    cast(observation.value - total.published_value as bigint) as difference
from {{ ref('headline_observation') }} as observation
left join {{ ref('fct_control_total') }} as total
    on
        observation.region_code = total.region_code
        and observation.period_start = total.period_start
        and observation.period_end = total.period_end
        and total.indicator_code = 'migration_balance_by_specialty'
        and total.control_kind = 'row_total'
where
    observation.indicator_code = 'migration_balance'
    -- of a period for which there is a table by specialty
    and exists (
        select 1 from {{ ref('fct_control_total') }} as other
        where
            observation.period_start = other.period_start
            and observation.period_end = other.period_end
            and other.indicator_code = 'migration_balance_by_specialty'
            and other.control_kind = 'row_total'
    )
order by observation.region_code
