{% set stated, not_summed = identity_place_columns(), identity_not_summed_columns() %}

with statement as (
    {{ identity_statements('true') }}
),

looked_at as (
    select
        slice.slice_id,
        {{ columns_of('slice', observation_key()) }},
        {% for column in stated -%}
            place.{{ column }} as stated_{{ column }},
        {% endfor -%}
        {{ columns_of('place', ['identity_id', 'kind', 'left_side', 'code', 'sign', 'summed_series']) }}
    from {{ ref('int_identity_slice') }} as slice
    inner join {{ ref('int_identity_sum') }} as place on slice.sum_no = place.sum_no
    where slice.outcome = 'open'
)

select
    {{ columns_of('looked_at', ['slice_id', 'identity_id', 'kind', 'left_side', 'code', 'sign', 'summed_series']) }},
    {{ columns_of('looked_at', observation_key()) }},
    statement.value,
    statement.source_series,
    statement.release_id
from statement
inner join looked_at
    on
        {{ equal_columns('statement', 'looked_at', not_summed) }}
        {%- for column in stated %}
            and statement.{{ column }} = looked_at.stated_{{ column }}
        {%- endfor %}
