{% set series = observation_dimensions() + ['source_series'] %}
{% set figure = series + ['period_start', 'period_end'] %}

with restated as (
    select distinct
        {{ figure | join(',\n        ') }}
    from {{ ref('int_restated_figure') }}
)

select
    {{ columns_of('restated', figure) }},
    max(revision.period_start) as before_start,
    max(revision.period_end) as before_end
from restated
inner join {{ ref('fct_revision') }} as revision
    on
        restated.period_start >= revision.period_end
        and {{ equal_columns('restated', 'revision', series) }}
        -- the same kind of period: years have 365 or 366 days, quarters 90 to 92
        and abs(
            {{ dbt.datediff('restated.period_start', 'restated.period_end', 'day') }}
            - {{ dbt.datediff('revision.period_start', 'revision.period_end', 'day') }}
        ) <= 3
group by
    {{ columns_of('restated', figure) }}
