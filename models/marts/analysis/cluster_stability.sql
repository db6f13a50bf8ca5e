select
    cast(reference_year as integer) as reference_year,
    cast(method as string) as method,
    cast(k as integer) as k,
    cast(territory_set as string) as territory_set,
    cast(measure as string) as measure,
    cast(cluster_id as integer) as cluster_id,
    cast(size as integer) as size,
    cast(jaccard_mean as double) as jaccard_mean,
    cast(dissolved_share as double) as dissolved_share,
    cast(recovered_share as double) as recovered_share,
    cast(stability as string) as stability,
    cast(resamples as integer) as resamples,
    cast(seed as integer) as seed
from {{ ref('py_cluster') }}
where result = 'stability'
order by reference_year, territory_set, measure, method, k, cluster_id
