{% set columns = observation_key() + ['source_series', 'value', 'release_id'] %}
{% set said = ['indicator_code', 'region_code', 'specialty_code', 'sex_code', 'residence_code'] %}
{% set sum_of = ['identity_id', 'summed_series'] %}
{% for column in said %}{% do sum_of.append('right_' ~ column) %}{% endfor %}
{% set not_summed = ['age_code', 'partner_code', 'period_start', 'period_end'] %}

-- also what is said without a figure: it takes the place of the figure before, and nobody can add it up
with statement as (
    select {{ columns | join(', ') }} from {{ ref('int_observation') }}
    where is_in_force
    union all
    select {{ columns | join(', ') }} from {{ ref('int_cell_corrected') }}
    where cell_kind <> 'fact' and is_in_force
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
    select {{ columns_of('observation', not_summed) }}
    from {{ ref('int_observation') }} as observation
    inner join {{ ref('int_release') }} as release on observation.release_id = release.release_id
    where observation.is_in_force and {{ is_changed_vintage('release.known_from') }}
    union
    select {{ columns_of('cell', not_summed) }}
    from {{ ref('int_cell_corrected') }} as cell
    inner join {{ ref('int_release') }} as release on cell.release_id = release.release_id
    where cell.cell_kind <> 'fact' and cell.is_in_force and {{ is_changed_vintage('release.known_from') }}
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
inner join place on {{ equal_columns('statement', 'place', ['release_id', 'source_series'] + said) }}
where exists (select 1 from touched where {{ equal_columns('statement', 'touched', not_summed) }})
