-- Each border has two sides of one length, and no region is its own neighbour.
select
    border.region_code,
    border.neighbour_code
from {{ ref('bridge_region_contiguity') }} as border
left join {{ ref('bridge_region_contiguity') }} as back
    on
        border.region_code = back.neighbour_code
        and border.neighbour_code = back.region_code
        and border.border_km = back.border_km
where back.region_code is null or border.region_code = border.neighbour_code
