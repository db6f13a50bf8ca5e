{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_changed_keys() }}",
    post_hook={'sql': "{{ record_absorbed_releases() }}", 'transaction': false}
) }}
-- What it records as read must have been taken up before: depends_on: {{ ref('int_identity_result') }}
-- depends_on: {{ ref('fct_control_total') }}
-- depends_on: {{ ref('int_restated_figure') }} {{ ref('int_key_changed') }} {{ ref('int_figure_before') }}
-- depends_on: {{ ref('int_observation') }} {{ ref('int_release') }} {{ ref('source_series') }}

select
    {{ observation_columns() | join(',\n    ') }},
    series_preference,
    known_from,
    known_to,
    recorded_at,
    is_latest
from {{ ref('int_compared_vintage') }}
{% if not only_changed_keys() %}
    -- what is said once, by one series, is compared with nothing
    union all
    select
        {{ columns_of('observation', observation_columns()) }},
        series.preference as series_preference,
        release.known_from,
        cast(null as timestamp) as known_to,
        release.recorded_at,
        true as is_latest
    from {{ ref('int_observation') }} as observation
    inner join {{ ref('int_release') }} as release on observation.release_id = release.release_id
    inner join {{ ref('source_series') }} as series on observation.source_series = series.source_series
    where {{ row_hash('observation', observation_key()) }} not in (
        select {{ row_hash('compared', observation_key()) }} from {{ ref('int_compared_statement') }} as compared
    )
{% endif %}
