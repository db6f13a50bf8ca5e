{% set slice = ['slice_id', 'vintage_release_id', 'identity_id', 'kind', 'left_side'] + observation_key() %}

-- without a declared day, an abolished region and what it was split into are never counted together: before its end it
-- counts, then they do
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
    from {{ ref('int_identity_part') }} as elder
    inner join family on elder.code = family.predecessor_code
    inner join {{ ref('int_identity_part') }} as younger
        on
            elder.slice_id = younger.slice_id
            and elder.vintage_release_id = younger.vintage_release_id
            and family.successor_code = younger.code
    where elder.left_side = 'territory_set' and elder.territory_on is null
)

select
    {{ columns_of('part', slice) }},
    sum(part.sign * part.value) as left_value,
    max(case when part.sign = 0 then part.value end) as right_value,
    count(case when part.sign <> 0 then part.value end) as parts_count,
    -- the cities have no rural figures
    count(case
        when
            part.sign <> 0 and part.value is null
            and not (part.residence_code = 'R' and coalesce(part.region_kind, '') = 'city')
            then 1
    end) as parts_lacking,
    count(distinct part.release_id) as release_count,
    count(distinct case
        when
            part.sign <> 0 and part.value is not null
            and not (part.residence_code = 'R' and part.region_kind = 'city' and part.harmonised_unit = part.code)
            then part.harmonised_unit
    end) as units_covered,
    count(distinct case
        when
            part.sign <> 0 and part.value is not null
            and not (part.residence_code = 'R' and part.region_kind = 'city')
            then part.code
    end) as regions_covered
from {{ ref('int_identity_part') }} as part
left join counted_twice
    on
        part.slice_id = counted_twice.slice_id
        and part.vintage_release_id = counted_twice.vintage_release_id
        and part.code = counted_twice.code
where counted_twice.code is null
group by
    {{ columns_of('part', slice) }}
