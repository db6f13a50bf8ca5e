select
    region_code,
    iso_code,
    kato_code,
    name_en,
    name_ru,
    name_kk,
    region_kind,
    macro_region,
    harmonised_unit,
    valid_from,
    valid_to
from {{ ref('region') }}
order by region_code
