-- 00 and _T stand for all regions and all specialties
select
    release_id,
    table_name,
    max(case when region_code <> '00' then 1 else 0 end) as is_by_region,
    max(case when specialty_code <> '_T' then 1 else 0 end) as is_by_specialty
from {{ ref('int_cell_corrected') }}
where cell_kind <> 'fact' and is_in_force
group by release_id, table_name
