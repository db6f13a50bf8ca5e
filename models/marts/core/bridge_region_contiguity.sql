select
    region_code,
    neighbour_code,
    border_km
from {{ ref('region_contiguity') }}
order by region_code, neighbour_code
