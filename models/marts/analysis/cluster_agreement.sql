select
    cast(reference_year as integer) as reference_year,
    cast(method as string) as method,
    cast(territory_set as string) as territory_set,
    cast(measure as string) as measure,
    cast(k as integer) as k,
    cast(other_method as string) as other_method,
    cast(other_territory_set as string) as other_territory_set,
    cast(other_measure as string) as other_measure,
    cast(other_k as integer) as other_k,
    cast(n as integer) as n,
    cast(adjusted_rand as double) as adjusted_rand,
    cast(moved as integer) as moved,
    cast(moved_regions as string) as moved_regions
from {{ ref('py_cluster') }}
where result = 'agreement'
order by row_no
