{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_changed_keys() }}"
) }}
{% set figure = observation_key() + ['source_series'] %}
{% set statements, all_statements = ref('int_changed_statement'), ref('int_observation') %}
-- depends_on: {{ ref('int_key_changed') }}

with said as (
    select
        observation.*,
        release.known_from
    from {{ statements if only_changed_keys() else all_statements }} as observation
    inner join {{ ref('int_release') }} as release on observation.release_id = release.release_id
    where observation.is_in_force
),

{% if not only_changed_keys() %}
    candidate as (
        {{ repeated_rows(all_statements, figure, 'source_series', 'release_id', 'is_in_force') }}
    ),
{% endif %}

spoken_of as (
    select said.*
    from said
    {% if not only_changed_keys() %}
        where {{ is_repeated('candidate', 'said', figure) }}
    {% endif %}
),

numbered as (
    select
        *,
        row_number() over (partition by {{ figure | join(', ') }} order by known_from) as statement_no,
        count(*) over (partition by {{ figure | join(', ') }}) as statement_count,
        lag(value) over (partition by {{ figure | join(', ') }} order by known_from) as previous_value,
        lag(obs_status) over (partition by {{ figure | join(', ') }} order by known_from) as previous_status
    from spoken_of
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
