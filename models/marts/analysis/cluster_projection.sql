select
    cast(reference_year as integer) as reference_year,
    cast(territory_set as string) as territory_set,
    cast(measure as string) as measure,
    cast(kind as string) as kind,
    cast(code as string) as code,
    cast(axis_1 as double) as axis_1,
    cast(axis_2 as double) as axis_2,
    cast(share_1 as double) as share_1,
    cast(share_2 as double) as share_2
from {{ ref('py_cluster') }}
where result = 'projection'
order by reference_year, territory_set, measure, kind, code
