select
    cast(period_start as date) as period_start,
    cast(period_end as date) as period_end,
    cast(dimension as string) as dimension,
    cast(code as string) as code,
    cast(axis as integer) as axis,
    cast(mass as double) as mass,
    cast(coordinate as double) as coordinate,
    cast(contribution as double) as contribution,
    cast(cos2 as double) as cos2,
    cast(inertia as double) as inertia,
    cast(axis_inertia as double) as axis_inertia,
    cast(axis_share as double) as axis_share,
    cast(status as string) as status,
    cast(reason as string) as reason
from {{ ref('py_correspondence_coordinate') }}
order by period_start, period_end, dimension, code, axis
