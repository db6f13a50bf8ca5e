{% set said = observation_columns() + ['known_from', 'recorded_at'] %}
{% set key = observation_key() %}
{% set figure = (key + ['source_series']) | join(', ') %}
-- depends_on: {{ ref('int_key_changed') }}

with statement as (
    select
        {{ said | join(',\n        ') }},
        false as is_fallback
    from {{ ref('int_compared_statement') }}
    union all
    select
        {{ columns_of('fallback', said) }},
        true as is_fallback
    from {{ ref('int_figure_fallback') }} as fallback
    {% if only_changed_keys() %}
        where {{ is_changed_key('fallback') }}
    {% endif %}
),

compared as (
    select
        *,
        row_number() over (partition by {{ figure }} order by known_from) as vintage_no,
        lag(value) over (partition by {{ figure }} order by known_from) as previous_value,
        lag(obs_status) over (partition by {{ figure }} order by known_from) as previous_status
    from statement
),

-- a release that repeats a figure opens no new interval
vintage as (
    select
        {{ said | join(',\n        ') }},
        lead(known_from) over (partition by {{ figure }} order by known_from) as known_to
    from compared
    where
        vintage_no = 1 or is_fallback
        or value is distinct from previous_value or obs_status is distinct from previous_status
),

standing as (
    select
        vintage.*,
        series.preference as series_preference,
        row_number() over (
            partition by {{ columns_of('vintage', key) }}
            order by vintage.known_to asc nulls first, series.preference asc, vintage.known_from desc
        ) as from_the_latest
    from vintage
    inner join {{ ref('source_series') }} as series on vintage.source_series = series.source_series
    -- where nothing stands after a withdrawal, the interval before ends and none begins
    where vintage.release_id is not null
)

select
    {{ observation_columns() | join(',\n    ') }},
    series_preference,
    known_from,
    known_to,
    recorded_at,
    known_to is null and from_the_latest = 1 as is_latest
from standing
