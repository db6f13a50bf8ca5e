{% set detail = observation_key() + ['left_value', 'right_value', 'parts_count', 'release_count'] %}

with concerned as (
    select distinct
        identity_id,
        release_id
    from {{ ref('int_identity_figure') }}
),

counted as (
    select
        identity_id,
        release_id,
        count(case when outcome = 'holds' then 1 end) as holds_count,
        count(case when outcome = 'not_checkable' then 1 end) as not_checkable_count
    from {{ ref('int_identity_outcome') }}
    group by identity_id, release_id
),

found as (
    {% for outcome in ['holds', 'not_checkable'] -%}
        select
            concerned.identity_id,
            concerned.release_id,
            '{{ outcome }}' as outcome,
            0 as slice_no,
            coalesce(counted.{{ outcome }}_count, 0) as slices_count,
            cast(null as string) as severity,
            null as {{ detail | join(',\n            null as ') }}
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
)

select
    identity.identity_id,
    identity.kind,
    concat(
        identity.left_side, ' = ',
        case when identity.right_indicator is null then '' else concat(identity.right_indicator, ' ') end,
        identity.right_side
    ) as expression,
    coalesce(found.release_id, '_Z') as release_id,
    coalesce(found.outcome, 'no_figures') as outcome,
    cast(coalesce(found.slice_no, 0) as integer) as slice_no,
    cast(coalesce(found.slices_count, 0) as bigint) as slices_count,
    coalesce(found.severity, identity.severity) as severity,
    {% for column in observation_key() -%}
        cast(found.{{ column }} as {{ 'date' if 'period' in column else 'string' }}) as {{ column }},
    {% endfor -%}
    cast(found.left_value as decimal(24, 6)) as left_value,
    cast(found.right_value as decimal(24, 6)) as right_value,
    cast(found.left_value - found.right_value as decimal(24, 6)) as difference,
    cast(found.parts_count as bigint) as parts_count,
    cast(found.release_count as bigint) as release_count
from {{ ref('identity') }} as identity
left join found on identity.identity_id = found.identity_id
order by identity.identity_id, release_id, outcome, slice_no
