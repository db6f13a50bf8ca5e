-- depends_on: {{ ref('int_key_changed') }}
with counted as (
    select
        indicator_code,
        source_series,
        release_id,
        count(*) as row_count
    from {{ ref('int_observation') }}
    where {{ 'false' if only_changed_keys() else 'true' }}
    group by indicator_code, source_series, release_id
)

select
    *,
    row_number() over (
        partition by indicator_code
        order by row_count desc, release_id asc, source_series asc
    ) as size_rank
from counted
