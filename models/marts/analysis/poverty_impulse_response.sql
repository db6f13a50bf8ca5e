select
    cast(territory as string) as territory,
    cast(impulse as string) as impulse,
    cast(response as string) as response,
    cast(step as integer) as step,
    cast(estimate as double) as estimate,
    cast(ci_low as double) as ci_low,
    cast(ci_high as double) as ci_high,
    cast(n as integer) as n,
    cast(n_regions as integer) as n_regions,
    cast(draws as integer) as draws,
    cast(seed as integer) as seed,
    cast(status as string) as status,
    cast(reason as string) as reason
from {{ ref('py_poverty_impulse_response') }}
order by territory, impulse, response, step
