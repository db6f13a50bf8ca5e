{% set slice = ['slice_id', 'vintage_release_id', 'identity_id', 'kind', 'left_side'] + observation_key() %}

-- an abolished region and what it was split into are never counted together: before its end it counts, then they do
with family as (
    select
        event.predecessor_code,
        event.successor_code,
        predecessor.valid_to as ended_on
    from {{ ref('boundary_event') }} as event
    inner join {{ ref('region') }} as predecessor on event.predecessor_code = predecessor.region_code
    where event.relation = 'split' and predecessor.valid_to is not null
),

counted_twice as (
    select distinct
        elder.slice_id,
        elder.vintage_release_id,
        case
            when family.ended_on <= elder.period_end then family.predecessor_code
            else family.successor_code
        end as code
    from {{ ref('int_identity_known') }} as elder
    inner join family on elder.code = family.predecessor_code
    inner join {{ ref('int_identity_known') }} as younger
        on
            elder.slice_id = younger.slice_id
            and elder.vintage_release_id = younger.vintage_release_id
            and family.successor_code = younger.code
    where elder.left_side = 'in_force'
)

select
    {{ columns_of('known', slice) }},
    sum(known.sign * known.value) as left_value,
    max(case when known.sign = 0 then known.value end) as right_value,
    count(case when known.sign <> 0 then known.value end) as parts_count,
    count(case
        when
            known.sign <> 0 and known.value is null
            and not (known.residence_code = 'R' and coalesce(region.region_kind, '') = 'city')
            then 1
    end) as parts_lacking,
    count(distinct known.release_id) as release_count,
    -- the cities have no rural figures
    count(distinct case
        when
            known.sign <> 0 and known.value is not null
            and not (
                known.residence_code = 'R' and region.region_kind = 'city' and region.harmonised_unit = known.code
            )
            then region.harmonised_unit
    end) as units_covered
from {{ ref('int_identity_known') }} as known
left join counted_twice
    on
        known.slice_id = counted_twice.slice_id
        and known.vintage_release_id = counted_twice.vintage_release_id
        and known.code = counted_twice.code
left join {{ ref('region') }} as region on known.code = region.region_code
where
    counted_twice.code is null
    -- that there was nothing to observe is said of a territory outside of its validity, which is no part
    and not coalesce(
        known.value is null and (known.period_end <= region.valid_from or known.period_start >= region.valid_to), false
    )
group by
    {{ columns_of('known', slice) }}
