select
    code_list,
    code,
    sort_order,
    name_en,
    name_ru,
    name_kk
from {{ ref('code') }}
order by code_list, sort_order
