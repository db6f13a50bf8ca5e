{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_changed_vintages() }}"
) }}
-- The hook asks which vintages are to be looked at: depends_on: {{ ref('int_release') }}
{% set detail = observation_key() + ['left_value', 'right_value', 'parts_count', 'release_count'] %}

with counted as (
    select
        identity_id,
        release_id,
        count(case when outcome = 'holds' then 1 end) as holds_count,
        count(case when outcome = 'not_checkable' then 1 end) as not_checkable_count
    from {{ ref('int_identity_outcome') }}
    group by identity_id, release_id
)

{% for outcome in ['holds', 'not_checkable'] -%}
    select
        identity_id,
        release_id,
        '{{ outcome }}' as outcome,
        0 as slice_no,
        {{ outcome }}_count as slices_count,
        cast(null as string) as severity,
        null as {{ detail | join(',\n        null as ') }}
    from counted
    where {{ outcome }}_count > 0
    union all
{% endfor -%}
select
    identity_id,
    release_id,
    outcome,
    row_number() over (partition by identity_id, release_id order by slice_id) as slice_no,
    1 as slices_count,
    severity,
    {{ detail | join(',\n        ') }}
from {{ ref('int_identity_outcome') }}
where outcome = 'breach'
