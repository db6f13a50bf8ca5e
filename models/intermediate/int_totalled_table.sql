with totalled as (
    select
        release_id,
        table_name,
        max(is_by_region) as is_by_region,
        max(is_by_specialty) as is_by_specialty
    from {{ ref('int_release_content') }}
    where total_count > 0
    group by release_id, table_name
),

level as (
    select 0 as is_single
    union all
    select 1 as is_single
)

select
    totalled.release_id,
    totalled.table_name,
    region.is_single as is_by_region,
    specialty.is_single as is_by_specialty
from totalled
inner join level as region on totalled.is_by_region >= region.is_single
inner join level as specialty on totalled.is_by_specialty >= specialty.is_single
