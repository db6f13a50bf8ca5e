{% set figure = observation_key() + ['source_series'] %}
{% set said = observation_columns() + ['known_from', 'recorded_at'] %}

with touched as (
    select distinct {{ figure | join(', ') }} from {{ ref('int_figure_standing') }}
),

event as (
    select
        {{ columns_of('observation', observation_columns()) }},
        release.known_from,
        release.recorded_at,
        false as is_fallback
    from {{ ref('int_observation') }} as observation
    inner join {{ ref('int_release') }} as release on observation.release_id = release.release_id
    inner join touched on {{ equal_columns('observation', 'touched', figure) }}
    union all
    select
        {{ said | join(',\n        ') }},
        true as is_fallback
    from {{ ref('int_figure_standing') }}
),

compared as (
    select
        *,
        lag(value) over (partition by {{ figure | join(', ') }} order by known_from) as previous_value,
        lag(obs_status) over (partition by {{ figure | join(', ') }} order by known_from) as previous_status
    from event
),

-- what opens an interval, and what opened the one before
opening as (
    select
        *,
        lag(value) over (partition by {{ figure | join(', ') }} order by known_from) as opened_value,
        lag(obs_status) over (partition by {{ figure | join(', ') }} order by known_from) as opened_status,
        lag(release_id) over (partition by {{ figure | join(', ') }} order by known_from) as opened_by
    from compared
    where is_fallback or value is distinct from previous_value or obs_status is distinct from previous_status
)

select
    {{ said | join(',\n    ') }}
from opening
where
    is_fallback
    and (
        value is distinct from opened_value
        or obs_status is distinct from opened_status
        or release_id is distinct from opened_by
    )
