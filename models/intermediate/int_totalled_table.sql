select
    release_id,
    table_name,
    max(is_by_region) as is_by_region,
    max(is_by_specialty) as is_by_specialty
from {{ ref('int_release_content') }}
where total_count > 0
group by release_id, table_name
