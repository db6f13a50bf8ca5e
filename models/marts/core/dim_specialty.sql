select
    specialty_code,
    sort_order,
    name_en,
    name_ru,
    name_kk
from {{ ref('specialty') }}
order by sort_order
