-- depends_on: {{ ref('int_observation') }} {{ ref('int_observation_touched') }}
{% set is_touched = is_changed_vintage('known_from') != 'true' %}
{% set observation = ref('int_observation_touched') if is_touched else ref('int_observation') %}
{% set moment = identity_not_summed_columns() %}
{% set of_place = ['identity_id', 'kind', 'left_side', 'code', 'sign', 'summed_series'] %}

with statement as (
    {{ identity_statements(observation, 'true') }}
)

select
    slice.slice_id,
    {{ columns_of('place', of_place) }},
    {{ columns_of('slice', observation_key()) }},
    statement.value,
    statement.source_series,
    statement.release_id
from statement
inner join {{ ref('int_identity_sum') }} as place
    on {{ equal_columns('statement', 'place', identity_place_columns()) }}
inner join {{ ref('int_identity_slice') }} as slice
    on
        slice.outcome = 'open'
        and place.sum_no = slice.sum_no
        and {{ equal_columns('statement', 'slice', moment) }}
-- before it meets its place: hardly any sum is open
where {{ row_hash('statement', moment) }} in (
    select {{ row_hash('open_slice', moment) }} from {{ ref('int_identity_slice') }} as open_slice
    where open_slice.outcome = 'open'
)
