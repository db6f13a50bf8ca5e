{% set figure = observation_key() + ['source_series'] %}

with series_release as (
    select distinct
        observation.source_series,
        observation.release_id,
        release.known_from
    from {{ ref('int_observation') }} as observation
    inner join {{ ref('int_release') }} as release on observation.release_id = release.release_id
),

first_release as (
    select
        source_series,
        min(known_from) as known_from
    from series_release
    group by source_series
),

-- only what a release after the first of its series speaks of can have been said before: mostly a small part
candidate as (
    select distinct
        {{ columns_of('observation', figure) }}
    from {{ ref('int_observation') }} as observation
    inner join {{ ref('int_release') }} as release on observation.release_id = release.release_id
    inner join first_release
        on observation.source_series = first_release.source_series and release.known_from > first_release.known_from
),

said as (
    select
        observation.*,
        release.known_from
    from {{ ref('int_observation') }} as observation
    inner join {{ ref('int_release') }} as release on observation.release_id = release.release_id
    inner join candidate on {{ equal_columns('observation', 'candidate', figure) }}
),

numbered as (
    select
        *,
        row_number() over (partition by {{ figure | join(', ') }} order by known_from) as statement_no,
        count(*) over (partition by {{ figure | join(', ') }}) as statement_count,
        lag(value) over (partition by {{ figure | join(', ') }} order by known_from) as previous_value,
        lag(obs_status) over (partition by {{ figure | join(', ') }} order by known_from) as previous_status
    from said
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
    previous_value,
    previous_status
from numbered
where statement_count > 1
