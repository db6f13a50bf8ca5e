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
left join {{ ref('int_identity_result') }} as found on identity.identity_id = found.identity_id
order by identity.identity_id, release_id, outcome, slice_no
