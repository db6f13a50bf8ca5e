select
    indicator_code,
    name_en,
    name_ru,
    name_kk,
    unit_code,
    definition,
    aggregation,
    source,
    may_be_negative
from {{ ref('indicator') }}
order by indicator_code
