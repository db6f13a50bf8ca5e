{% set place_columns = ['kind', 'left_side', 'code', 'sign'] + identity_place_columns() + identity_sum_columns() %}
{% set sum_of = identity_sum_columns() %}

-- a part without a total, or a total without parts, has nothing to be compared with
with comparable as (
    select
        {{ sum_of | join(',\n        ') }},
        cast(row_number() over (order by {{ sum_of | join(', ') }}) as integer) as sum_no
    from {{ ref('int_identity_place') }}
    group by {{ sum_of | join(', ') }}
    having
        max(case when sign = 0 or kind = 'zero_sum' then 1 end) = 1
        and max(case when sign <> 0 then 1 end) = 1
),

-- which regions count follows from the territory, and of two series of one release one counts
chosen as (
    select {{ columns_of('place', sum_of) }}
    from {{ ref('int_identity_place') }} as place
    inner join {{ ref('identity') }} as identity on place.identity_id = identity.identity_id
    group by {{ columns_of('place', sum_of) }}, place.release_id, identity.summed_over
    having identity.summed_over = 'region' or count(*) > count(distinct place.code)
),

chosen_from as (
    select distinct {{ sum_of | join(', ') }} from chosen
)

select
    {{ columns_of('place', place_columns) }},
    comparable.sum_no,
    cast(dense_rank() over (order by place.release_id) as integer) as release_no,
    chosen_from.identity_id is not null as is_chosen_from
from {{ ref('int_identity_place') }} as place
inner join comparable on {{ equal_columns('place', 'comparable', sum_of) }}
left join chosen_from on {{ equal_columns('place', 'chosen_from', sum_of) }}
