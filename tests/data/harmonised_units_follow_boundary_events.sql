-- A split keeps predecessor and successor in one unit; regions without an event in common stand in different ones.
with region as (
    select * from {{ ref('dim_region') }}
    where region_kind <> 'country'
),

torn_apart as (
    select event.successor_code as region_code
    from {{ ref('bridge_region_boundary') }} as event
    inner join region as predecessor on event.predecessor_code = predecessor.region_code
    inner join region as successor on event.successor_code = successor.region_code
    where event.relation = 'split' and predecessor.harmonised_unit <> successor.harmonised_unit
),

-- a unit is named by its oldest region; every other member must have come out of a split
lumped_together as (
    select region.region_code
    from region
    left join {{ ref('bridge_region_boundary') }} as event
        on region.region_code = event.successor_code and event.relation = 'split'
    where region.harmonised_unit <> region.region_code and event.successor_code is null
)

select region_code from torn_apart
union all
select region_code from lumped_together
