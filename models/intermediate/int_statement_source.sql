with counted as (
    select
        indicator_code,
        source_series,
        release_id,
        sum(observation_count) as row_count
    from {{ ref('int_release_content') }}
    where observation_count > 0
    group by indicator_code, source_series, release_id
)

select
    *,
    row_number() over (
        partition by indicator_code
        order by row_count desc, release_id asc, source_series asc
    ) as size_rank
from counted
