with placed as (
    select
        known.*,
        region.region_kind,
        region.harmonised_unit,
        region.valid_from,
        region.valid_to,
        cast(nullif(release.territory_set, 'in_force') as date) as territory_on
    from {{ ref('int_identity_known') }} as known
    inner join {{ ref('int_release') }} as release on known.vintage_release_id = release.release_id
    left join {{ ref('region') }} as region on known.code = region.region_code
)

select
    slice_id,
    vintage_release_id,
    identity_id,
    {{ observation_key() | join(',\n    ') }},
    kind,
    left_side,
    code,
    sign,
    value,
    release_id,
    region_kind,
    harmonised_unit,
    territory_on
from placed
where
    not coalesce(
        left_side = 'territory_set' and sign <> 0 and (territory_on < valid_from or territory_on >= valid_to), false
    )
    -- that there was nothing to observe is said of a territory outside of its validity, which is no part
    and not coalesce(value is null and (period_end <= valid_from or period_start >= valid_to), false)
