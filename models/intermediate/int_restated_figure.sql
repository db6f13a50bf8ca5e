{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_changed_keys() }}"
) }}
{% set figure = observation_key() + ['source_series'] %}
-- depends_on: {{ ref('int_key_changed') }}

with numbered as (
    select
        *,
        row_number() over (partition by {{ figure | join(', ') }} order by known_from) as statement_no,
        count(*) over (partition by {{ figure | join(', ') }}) as statement_count,
        lag(value) over (partition by {{ figure | join(', ') }} order by known_from) as previous_value,
        lag(obs_status) over (partition by {{ figure | join(', ') }} order by known_from) as previous_status
    from {{ ref('int_compared_statement') }}
    where is_in_force
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
