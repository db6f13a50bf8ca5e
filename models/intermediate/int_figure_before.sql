{% set series = observation_dimensions() + ['source_series'] %}

-- the same kind of period: years have 365 or 366 days, quarters 90 to 92
select
    {% for column in series %}restated.{{ column }},
    {% endfor -%}
    restated.period_start,
    restated.period_end,
    max(revision.period_start) as before_start,
    max(revision.period_end) as before_end
from
    (select distinct {{ (series + ['period_start', 'period_end']) | join(', ') }} from {{ ref('int_restated_figure') }})
        as restated
inner join {{ ref('fct_revision') }} as revision
    on
        {% for column in series %}restated.{{ column }} = revision.{{ column }}
        and {% endfor -%}
        revision.period_end <= restated.period_start
        and abs(
            {{ dbt.datediff('revision.period_start', 'revision.period_end', 'day') }}
            - {{ dbt.datediff('restated.period_start', 'restated.period_end', 'day') }}
        ) <= 3
group by {% for column in series %}restated.{{ column }}, {% endfor %}restated.period_start, restated.period_end
