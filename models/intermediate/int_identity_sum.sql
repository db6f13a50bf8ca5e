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

-- of two series that give one code one counts, where both are known
rival as (
    select {{ sum_of | join(', ') }}
    from {{ ref('int_identity_place') }}
    group by {{ sum_of | join(', ') }}
    having count(distinct concat(source_series, ' ', code)) > count(distinct code)
),

numbered as (
    select
        {{ columns_of('place', place_columns) }},
        comparable.sum_no,
        cast(dense_rank() over (order by place.release_id) as integer) as release_no,
        dense_rank() over (partition by comparable.sum_no order by place.code) as code_no,
        rival.identity_id is not null as has_rivals
    from {{ ref('int_identity_place') }} as place
    inner join comparable on {{ equal_columns('place', 'comparable', sum_of) }}
    left join rival on {{ equal_columns('place', 'rival', sum_of) }}
)

select
    numbered.*,
    -- a bit for each code that is added up; those past the 62nd share one, as if they were one code
    case
        when numbered.sign <> 0
            then cast(power(2, case when numbered.code_no < 62 then numbered.code_no else 62 end) as bigint)
    end as code_bit,
    part.cover_bit,
    part.covers_wanted,
    part.doubt,
    part.valid_from,
    part.valid_to,
    coalesce(part.has_no_villages, false) as has_no_villages
from numbered
inner join {{ ref('identity') }} as identity on numbered.identity_id = identity.identity_id
left join {{ ref('int_territory_part') }} as part
    on
        identity.summed_over = 'region'
        and numbered.sign <> 0
        and numbered.release_id = part.release_id
        and numbered.code = part.region_code
        and part.is_rural = (numbered.residence_code = 'R')
