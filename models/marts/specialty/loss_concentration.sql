select
    cast(period_start as date) as period_start,
    cast(period_end as date) as period_end,
    cast(dimension as string) as dimension,
    cast(loss_of as string) as loss_of,
    cast(measure as string) as measure,
    cast(value as double) as value,
    cast(code as string) as code,
    cast(n as integer) as n,
    cast(n_with_loss as integer) as n_with_loss,
    cast(status as string) as status,
    cast(reason as string) as reason
from {{ ref('py_loss_concentration') }}
order by period_start, period_end, dimension, loss_of, measure
