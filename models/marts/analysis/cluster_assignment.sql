select
    cast(reference_year as integer) as reference_year,
    cast(region_code as string) as region_code,
    cast(method as string) as method,
    cast(k as integer) as k,
    cast(territory_set as string) as territory_set,
    cast(measure as string) as measure,
    cast(cluster_id as integer) as cluster_id,
    cast(is_chosen_k as boolean) as is_chosen_k
from {{ ref('py_cluster') }}
where result = 'assignment'
order by reference_year, territory_set, measure, method, k, cluster_id, region_code
