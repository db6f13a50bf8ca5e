{% set series = observation_dimensions() + ['source_series'] %}
{% set figure = series + ['period_start', 'period_end'] %}

with restated as (
    select distinct
        {{ figure | join(',\n        ') }}
    from {{ ref('int_restated_figure') }}
)

select
    {{ columns_of('restated', figure) }},
    max(observation.period_start) as before_start,
    max(observation.period_end) as before_end
from restated
inner join {{ ref('int_observation') }} as observation
    on
        restated.period_start >= observation.period_end
        and observation.is_in_force
        and {{ equal_columns('restated', 'observation', series) }}
        -- the same kind of period: years have 365 or 366 days, quarters 90 to 92
        and abs(
            {{ dbt.datediff('restated.period_start', 'restated.period_end', 'day') }}
            - {{ dbt.datediff('observation.period_start', 'observation.period_end', 'day') }}
        ) <= 3
group by
    {{ columns_of('restated', figure) }}
