with unit as (
    select
        count(distinct harmonised_unit) as every_unit,
        count(distinct case
            when not (region_kind = 'city' and harmonised_unit = region_code) then harmonised_unit
        end) as rural_unit
    from {{ ref('region') }}
    where region_kind <> 'country'
),

-- the regions that are in force on the day which a release declares
territory as (
    select
        release.release_id,
        count(*) as every_region,
        count(case when region.region_kind <> 'city' then 1 end) as rural_region
    from {{ ref('int_release') }} as release
    inner join {{ ref('region') }} as region
        on
            region.region_kind <> 'country'
            and coalesce(region.valid_from <= cast(nullif(release.territory_set, 'in_force') as date), true)
            and coalesce(region.valid_to > cast(nullif(release.territory_set, 'in_force') as date), true)
    where release.territory_set <> 'in_force'
    group by release.release_id
),

compared as (
    select
        vintage.*,
        case when vintage.kind = 'zero_sum' then 0 else vintage.right_value end as other_value,
        case
            when vintage.kind <> 'zero_sum' and vintage.right_value is null then false
            when vintage.parts_lacking > 0 then false
            when vintage.left_side = 'all' then vintage.parts_count > 0
            when vintage.left_side <> 'territory_set'
                then vintage.parts_count = {{ identity_parts('vintage', '1') }}
            when territory.release_id is not null and vintage.residence_code = 'R'
                then vintage.regions_covered = territory.rural_region
            when territory.release_id is not null then vintage.regions_covered = territory.every_region
            when vintage.residence_code = 'R' then vintage.units_covered = unit.rural_unit
            else vintage.units_covered = unit.every_unit
        end as is_complete
    from {{ ref('int_identity_vintage') }} as vintage
    cross join unit
    left join territory on vintage.vintage_release_id = territory.release_id
)

select
    compared.identity_id,
    compared.vintage_release_id as release_id,
    compared.slice_id,
    case
        when not compared.is_complete then 'not_checkable'
        when abs(compared.left_value - compared.other_value) <= identity.tolerance then 'holds'
        else 'breach'
    end as outcome,
    case when compared.release_count > 1 then identity.severity_across else identity.severity end as severity,
    {{ columns_of('compared', observation_key()) }},
    compared.left_value,
    compared.other_value as right_value,
    compared.parts_count,
    compared.release_count
from compared
inner join {{ ref('identity') }} as identity on compared.identity_id = identity.identity_id
