{% set columns = observation_key() + ['source_series', 'value', 'release_id'] %}
{% set said = ['indicator_code', 'region_code', 'specialty_code', 'sex_code', 'residence_code'] %}
{% set sum_of = ['identity_id', 'summed_series'] %}
{% for column in said %}{% do sum_of.append('right_' ~ column) %}{% endfor %}
{% set not_summed = ['age_code', 'partner_code', 'period_start', 'period_end'] %}
{#- where the vintages speak that are to be looked at; empty: everywhere -#}
{% set is_changed = is_changed_vintage('known_from') %}{% set only_changed = is_changed != 'true' %}

-- a part without a total, or a total without parts, has nothing to be compared with
with comparable as (
    select {{ sum_of | join(', ') }} from {{ ref('int_identity_place') }}
    group by {{ sum_of | join(', ') }}
    having
        max(case when sign = 0 or kind = 'zero_sum' then 1 end) = 1
        and max(case when sign <> 0 then 1 end) = 1
),

place as (
    select place.*
    from {{ ref('int_identity_place') }} as place
    inner join comparable on {{ equal_columns('place', 'comparable', sum_of) }}
),

-- also what is said without a figure: it takes the place of the figure before, and nobody can add it up
statement as (
    select {{ columns | join(', ') }} from {{ ref('int_observation') }}
    where is_in_force
    union all
    select {{ columns | join(', ') }} from {{ ref('int_cell_corrected') }}
    where cell_kind <> 'fact' and is_in_force
),

{% if only_changed %}
    -- read by itself: from all statements at once DuckDB would first join every one with its places
    changed as (
        {% for relation, condition in [('int_observation', ''), ('int_cell_corrected', " and cell_kind <> 'fact'")] %}
            select {{ columns | join(', ') }} from {{ ref(relation) }}
            where
                is_in_force{{ condition }}
                and release_id in (
                    select release.release_id from {{ ref('int_release') }} as release
                    where {{ is_changed }}
                )
            {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

    slice as (
        select distinct
            {{ columns_of('place', sum_of) }},
            {{ columns_of('changed', not_summed) }}
        from changed
        inner join place on {{ equal_columns('changed', 'place', ['release_id', 'source_series'] + said) }}
    ),

    looked_at as (
        select
            place.*,
            {{ columns_of('slice', not_summed) }}
        from slice
        inner join place on {{ equal_columns('slice', 'place', sum_of) }}
    )
{% else %}
    looked_at as (select * from place)
{% endif %}

select
    {{ columns_of('looked_at', ['identity_id', 'kind', 'left_side', 'code', 'sign']) }},
    statement.value,
    statement.source_series,
    statement.release_id,
    {% for column in said -%}
        looked_at.right_{{ column }} as {{ column }},
    {% endfor -%}
    {{ columns_of('statement', not_summed) }},
    looked_at.summed_series
from statement
inner join looked_at
    on {{ equal_columns('statement', 'looked_at', ['release_id', 'source_series'] + said
        + (not_summed if only_changed else [])) }}
