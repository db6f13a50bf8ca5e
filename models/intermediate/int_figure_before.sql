{% set series = observation_dimensions() + ['source_series'] %}
{% set figure = series + ['period_start', 'period_end'] %}
{% set at_start, at_end = ['age_code', 'partner_code', 'period_start'], ['age_code', 'partner_code', 'period_end'] %}
{% set of_series = ['indicator_code', 'age_code', 'partner_code', 'source_series'] %}
{% set same_kind %}
        -- years have 365 or 366 days, quarters 90 to 92
        abs(
            {{ dbt.datediff('restated.period_start', 'restated.period_end', 'day') }}
            - {{ dbt.datediff('observation.period_start', 'observation.period_end', 'day') }}
        ) <= 3
{% endset %}

-- depends_on: {{ ref('int_observation') }} {{ ref('int_compared_statement') }} {{ ref('int_release') }}

-- standing figures are no CTE, of which DuckDB would keep millions of rows
with restated as (
    select distinct
        {{ figure | join(',\n        ') }}
    from {{ ref('int_restated_figure') }}
),

-- mostly the one before ends where the figure's own begins: found without a look at all the earlier ones
adjacent as (
    select
        {{ columns_of('restated', figure) }},
        max(observation.period_start) as before_start
    from restated
    inner join ({{ standing_figures('restated', at_start, at_end) }}) as observation -- noqa: ST05
        on
            restated.period_start = observation.period_end
            and {{ equal_columns('restated', 'observation', series) }}
            and {{ same_kind }}
    group by {{ columns_of('restated', figure) }}
),

apart as (
    select {{ columns_of('restated', figure) }}
    from restated
    left join adjacent on {{ equal_columns('restated', 'adjacent', figure) }}
    where adjacent.before_start is null
),

found as (
    select
        {{ figure | join(',\n        ') }},
        before_start,
        period_start as before_end
    from adjacent
    union all
    select
        {{ columns_of('restated', figure) }},
        max(observation.period_start) as before_start,
        max(observation.period_end) as before_end
    from apart as restated
    inner join ({{ standing_figures('apart', of_series, of_series) }}) as observation -- noqa: ST05
        on
            restated.period_start > observation.period_end
            and {{ equal_columns('restated', 'observation', series) }}
            and {{ same_kind }}
    group by
        {{ columns_of('restated', figure) }}
)

select
    {{ figure | join(',\n    ') }},
    before_start,
    before_end,
    row_number() over (order by period_start) as figure_no
from found
