{% set figure = observation_key() + ['source_series'] %}

with series_release as (
    select distinct
        observation.source_series,
        observation.release_id,
        release.known_from
    from {{ ref('int_observation') }} as observation
    inner join {{ ref('int_release') }} as release on observation.release_id = release.release_id
),

later_release as (
    select later.*
    from series_release as later
    inner join (select source_series, min(known_from) as first_known_from from series_release group by source_series)
        as series on later.source_series = series.source_series and later.known_from > series.first_known_from
),

-- only what a release after the first of its series speaks of can have been said before: mostly a small part
candidate as (
    select distinct {% for column in figure %}observation.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    from {{ ref('int_observation') }} as observation
    inner join later_release
        on observation.source_series = later_release.source_series and observation.release_id = later_release.release_id
),

said as (
    select
        observation.*,
        series_release.known_from,
        row_number() over (
            partition by {% for column in figure %}observation.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
            order by series_release.known_from
        ) as statement_no,
        count(*) over (
            partition by {% for column in figure %}observation.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
        ) as statement_count
    from {{ ref('int_observation') }} as observation
    inner join candidate
        on {% for column in figure %}observation.{{ column }} = candidate.{{ column }}
        {{ 'and ' if not loop.last }}{% endfor %}
    inner join series_release
        on
            observation.source_series = series_release.source_series
            and observation.release_id = series_release.release_id
)

select
    {{ figure | join(',\n    ') }},
    release_id,
    table_name,
    value,
    unit_code,
    obs_status,
    known_from,
    statement_no,
    lag(value) over (partition by {{ figure | join(', ') }} order by statement_no) as previous_value,
    lag(obs_status) over (partition by {{ figure | join(', ') }} order by statement_no) as previous_status
from said
where statement_count > 1
