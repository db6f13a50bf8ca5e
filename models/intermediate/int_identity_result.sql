{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_changed_vintages() }}"
) }}
{% set detail = observation_key() + ['left_value', 'right_value', 'parts_count', 'release_count'] %}

with concerned as (
    select distinct
        place.identity_id,
        place.release_id
    from {{ ref('int_identity_place') }} as place
    inner join {{ ref('int_release') }} as release on place.release_id = release.release_id
    where {{ is_changed_vintage('release.known_from') }}
),

counted as (
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
        concerned.identity_id,
        concerned.release_id,
        '{{ outcome }}' as outcome,
        0 as slice_no,
        coalesce(counted.{{ outcome }}_count, 0) as slices_count,
        cast(null as string) as severity,
        null as {{ detail | join(',\n        null as ') }}
    from concerned
    left join counted
        on concerned.identity_id = counted.identity_id and concerned.release_id = counted.release_id
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
