{% set of_region = ['release_id', 'is_rural', 'region_code', 'valid_from', 'valid_to', 'has_no_villages'] %}

with numbered as (
    select
        region.*,
        row_number() over (order by region.region_code) as region_no,
        dense_rank() over (order by region.harmonised_unit) as unit_no
    from {{ ref('region') }} as region
    where region.region_kind <> 'country'
),

-- an abolished region and what it was split into
family as (
    select
        event.predecessor_code,
        event.successor_code
    from {{ ref('boundary_event') }} as event
    inner join {{ ref('region') }} as region on event.predecessor_code = region.region_code
    where event.relation = 'split' and region.valid_to is not null
),

residence as (
    select false as is_rural
    union all
    select true as is_rural
),

part as (
    select
        release.release_id,
        residence.is_rural,
        region.region_code,
        region.valid_from,
        region.valid_to,
        residence.is_rural and region.region_kind = 'city' as has_no_villages,
        case
            when release.territory_set = 'in_force' and not (
                residence.is_rural and region.region_kind = 'city' and region.harmonised_unit = region.region_code
            ) then region.unit_no
            when release.territory_set = 'in_force' or residence.is_rural and region.region_kind = 'city' then null
            when
                coalesce(region.valid_from <= cast(nullif(release.territory_set, 'in_force') as date), true)
                and coalesce(region.valid_to > cast(nullif(release.territory_set, 'in_force') as date), true)
                then region.region_no
        end as cover_no,
        case
            when release.territory_set <> 'in_force' then 0
            when region.region_code in (select family.predecessor_code from family) then 1
            when region.region_code in (select family.successor_code from family) then 2
            else 0
        end as generation,
        coalesce(
            region.valid_from > cast(nullif(release.territory_set, 'in_force') as date)
            or region.valid_to <= cast(nullif(release.territory_set, 'in_force') as date), false
        ) as is_outside
    from {{ ref('int_release') }} as release
    cross join numbered as region
    cross join residence
),

covering as (
    select
        {{ of_region | join(', ') }},
        cast(power(2, cover_no) as bigint) as cover_bit,
        case when is_outside then 4 else generation end as doubt
    from part
)

select
    {{ of_region | join(',\n    ') }},
    coalesce(cover_bit, 0) as cover_bit,
    doubt,
    bit_or(cover_bit) over (partition by release_id, is_rural) as covers_wanted
from covering
