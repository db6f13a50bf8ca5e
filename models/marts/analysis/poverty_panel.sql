select
    cast(specification as string) as specification,
    cast(term as string) as term,
    cast(estimate as double) as estimate,
    cast(standard_error as double) as standard_error,
    cast(p_value as double) as p_value,
    cast(p_wild as double) as p_wild,
    cast(ci_low as double) as ci_low,
    cast(ci_high as double) as ci_high,
    cast(r_squared_within as double) as r_squared_within,
    cast(n as integer) as n,
    cast(n_regions as integer) as n_regions,
    cast(first_year as integer) as first_year,
    cast(last_year as integer) as last_year,
    cast(draws as integer) as draws,
    cast(seed as integer) as seed,
    cast(status as string) as status,
    cast(reason as string) as reason
from {{ ref('py_poverty_panel') }}
order by specification, term
