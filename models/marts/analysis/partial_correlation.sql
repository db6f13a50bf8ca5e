select
    cast(partial.reference_year as integer) as reference_year,
    cast(partial.indicator_code as string) as indicator_code,
    cast(partial.held_fixed as string) as held_fixed,
    cast(partial.method as string) as method,
    cast(partial.territory_set as string) as territory_set,
    cast(partial.missing_rule as string) as missing_rule,
    cast(partial.measure as string) as measure,
    {{ correlation_figures('partial') }}
from {{ ref('py_correlation') }} as partial
where partial.variant = 'all' and partial.held_fixed <> 'none'
order by reference_year, indicator_code, held_fixed, method, territory_set, missing_rule, measure
