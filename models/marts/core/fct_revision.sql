{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_changed_keys() }}",
    post_hook={'sql': "{{ record_absorbed_releases() }}", 'transaction': false}
) }}
-- What it records as read must have been looked at: depends_on: {{ ref('int_identity_result') }}
{% set changed = ref('int_key_changed') %}

with said as (
    select
        observation.*,
        series.preference as series_preference,
        release.known_from,
        release.recorded_at
    from {{ ref('int_observation') }} as observation
    inner join {{ ref('int_release') }} as release on observation.release_id = release.release_id
    inner join {{ ref('source_series') }} as series on observation.source_series = series.source_series
    {% if is_incremental() %}
        inner join {{ changed }} as changed on {{ same_observation('observation', 'changed') }}
    {% endif %}
),

compared as (
    select
        *,
        row_number() over (
            partition by {{ observation_key() | join(', ') }}, source_series
            order by known_from
        ) as vintage_no,
        lag(value) over (
            partition by {{ observation_key() | join(', ') }}, source_series
            order by known_from
        ) as previous_value,
        lag(obs_status) over (
            partition by {{ observation_key() | join(', ') }}, source_series
            order by known_from
        ) as previous_status
    from said
),

-- a release that repeats a figure opens no new interval
changed as (
    select * from compared
    where vintage_no = 1 or value is distinct from previous_value or obs_status is distinct from previous_status
)

select
    {{ observation_columns() | join(',\n    ') }},
    series_preference,
    known_from,
    lead(known_from) over (
        partition by {{ observation_key() | join(', ') }}, source_series
        order by known_from
    ) as known_to,
    recorded_at
from changed
