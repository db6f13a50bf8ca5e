-- How many territories a set has follows from the releases, and so do its code and its name.
with territory_set as (
    select
        'regions' as kind,
        cast(count(*) as integer) as size
    from {{ ref('region_profile') }}
    group by reference_year
    union
    select
        'harmonised' as kind,
        cast(count(*) as integer) as size
    from {{ ref('region_profile_harmonised') }}
    group by reference_year
)

select
    code_list,
    code,
    sort_order,
    name_en,
    name_ru,
    name_kk
from {{ ref('code') }}
union all
select
    'territory_set' as code_list,
    concat(territory_set.kind, '_', territory_set.size) as code,
    100 * kind.sort_order + territory_set.size as sort_order,
    concat(kind.name_en, ' (', territory_set.size, ')') as name_en,
    concat(kind.name_ru, ' (', territory_set.size, ')') as name_ru,
    concat(kind.name_kk, ' (', territory_set.size, ')') as name_kk
from territory_set
inner join {{ ref('code') }} as kind on kind.code_list = 'territory_kind' and territory_set.kind = kind.code
order by code_list, sort_order
