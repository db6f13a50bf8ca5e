{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_changed_vintages() }}"
) }}
-- The hook asks which vintages are to be looked at: depends_on: {{ ref('int_release') }}
{% set detail = observation_key() + ['left_value', 'right_value', 'parts_count', 'release_count'] %}
{% set found = ['identity_id', 'release_id', 'slice_id', 'outcome', 'severity'] + detail %}

with judged as (
    select
        {{ found | join(',\n        ') }},
        1 as slices_count
    from {{ ref('int_identity_outcome') }}
    union all
    select
        slice.identity_id,
        slice.release_id,
        slice.slice_id,
        slice.outcome,
        identity.severity,
        {{ columns_of('slice', detail[:-1]) }},
        1 as release_count,
        slice.slices_count
    from {{ ref('int_identity_slice') }} as slice
    inner join {{ ref('identity') }} as identity on slice.identity_id = identity.identity_id
    where slice.outcome <> 'open'
)

select
    identity_id,
    release_id,
    outcome,
    0 as slice_no,
    cast(sum(slices_count) as bigint) as slices_count,
    cast(null as string) as severity,
    null as {{ detail | join(',\n    null as ') }}
from judged
where outcome <> 'breach'
group by identity_id, release_id, outcome
union all
select
    identity_id,
    release_id,
    outcome,
    row_number() over (partition by identity_id, release_id order by slice_id) as slice_no,
    1 as slices_count,
    severity,
    {{ detail | join(',\n    ') }}
from judged
where outcome = 'breach'
