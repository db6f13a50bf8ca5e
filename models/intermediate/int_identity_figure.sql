{% set columns = observation_key() + ['source_series', 'value', 'release_id'] %}
{% set said = ['indicator_code', 'region_code', 'specialty_code', 'sex_code', 'residence_code'] %}
{% set sum_of = ['identity_id', 'summed_series'] %}
{% for column in said %}{% do sum_of.append('right_' ~ column) %}{% endfor %}
{% set not_summed = ['age_code', 'partner_code', 'period_start', 'period_end'] %}

with statement as (
    select {{ columns | join(', ') }} from {{ ref('int_observation') }}
    where value is not null and is_in_force
    union all
    select {{ columns | join(', ') }} from {{ ref('int_cell_corrected') }}
    where cell_kind <> 'fact' and value is not null and is_in_force
),

-- a part without a total, or a total without parts, has nothing to be compared with
comparable as (
    select {{ sum_of | join(', ') }} from {{ ref('int_identity_place') }}
    group by {{ sum_of | join(', ') }}
    having
        max(case when sign = 0 or kind = 'zero_sum' then 1 end) = 1
        and max(case when sign <> 0 then 1 end) = 1
),

-- only where the vintages speak that are to be looked at
touched as (
    select distinct {{ columns_of('statement', not_summed) }}
    from statement
    inner join {{ ref('int_release') }} as release on statement.release_id = release.release_id
    where {{ is_changed_vintage('release.known_from') }}
),

place as (
    select place.*
    from {{ ref('int_identity_place') }} as place
    inner join comparable on {{ equal_columns('place', 'comparable', sum_of) }}
)

select
    {{ columns_of('place', ['identity_id', 'kind', 'left_side', 'code', 'sign']) }},
    statement.value,
    statement.source_series,
    statement.release_id,
    {% for column in said -%}
        place.right_{{ column }} as {{ column }},
    {% endfor -%}
    {{ columns_of('statement', not_summed) }},
    place.summed_series
from statement
inner join touched on {{ equal_columns('statement', 'touched', not_summed) }}
inner join place on {{ equal_columns('statement', 'place', ['release_id', 'source_series'] + said) }}
