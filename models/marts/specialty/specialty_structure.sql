with specialty as (
    select
        specialty_code,
        period_start,
        period_end,
        sum(balance_persons) as balance_persons,
        greatest(-sum(balance_persons), 0) as loss_persons
    from {{ ref('region_specialty_balance') }}
    group by specialty_code, period_start, period_end
)

select
    specialty_code,
    period_start,
    period_end,
    cast(balance_persons as bigint) as balance_persons,
    cast(loss_persons as bigint) as loss_persons,
    cast(balance_persons as double) / nullif(sum(balance_persons) over (partition by period_start, period_end), 0)
        as share_of_net,
    cast(loss_persons as double) / nullif(sum(loss_persons) over (partition by period_start, period_end), 0)
        as share_of_losses
from specialty
order by period_start asc, loss_persons desc
