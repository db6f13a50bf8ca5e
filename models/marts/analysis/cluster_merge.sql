select
    cast(reference_year as integer) as reference_year,
    cast(method as string) as method,
    cast(territory_set as string) as territory_set,
    cast(measure as string) as measure,
    cast(step as integer) as step,
    cast(left_node as string) as left_node,
    cast(right_node as string) as right_node,
    cast(height as double) as height,
    cast(size as integer) as size
from {{ ref('py_cluster') }}
where result = 'merge'
order by reference_year, territory_set, measure, method, step
