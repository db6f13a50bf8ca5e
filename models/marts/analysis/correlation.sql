select
    cast(reference_year as integer) as reference_year,
    cast(indicator_code as string) as indicator_code,
    cast(method as string) as method,
    cast(territory_set as string) as territory_set,
    cast(missing_rule as string) as missing_rule,
    cast(measure as string) as measure,
    cast(n as integer) as n,
    cast(r as double) as r,
    cast(p_value as double) as p_value,
    cast(p_adjusted as double) as p_adjusted,
    cast(ci_low as double) as ci_low,
    cast(ci_high as double) as ci_high,
    cast(status as string) as status
from {{ ref('py_correlation') }}
order by reference_year, measure, missing_rule, method, indicator_code
