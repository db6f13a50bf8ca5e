select
    cast(region_code as string) as region_code,
    cast(specialty_code as string) as specialty_code,
    cast(period_start as date) as period_start,
    cast(period_end as date) as period_end,
    cast(balance_persons as bigint) as balance_persons,
    cast(loss_persons as bigint) as loss_persons,
    cast(share_of_region_net as double) as share_of_region_net,
    cast(share_of_region_losses as double) as share_of_region_losses,
    cast(share_of_specialty_losses as double) as share_of_specialty_losses,
    cast(national_share_of_losses as double) as national_share_of_losses,
    cast(share_difference as double) as share_difference,
    cast(location_quotient as double) as location_quotient,
    cast(loss_per_1000 as double) as loss_per_1000,
    cast(size_persons as double) as size_persons,
    cast(rate_persons as double) as rate_persons,
    cast(mix_persons as double) as mix_persons,
    cast(status as string) as status,
    cast(reason as string) as reason
from {{ ref('py_region_specialty_structure') }}
order by period_start, period_end, region_code, specialty_code
