select
    cast(plain.reference_year as integer) as reference_year,
    cast(plain.indicator_code as string) as indicator_code,
    cast(plain.method as string) as method,
    cast(plain.territory_set as string) as territory_set,
    cast(plain.missing_rule as string) as missing_rule,
    cast(plain.measure as string) as measure,
    {{ correlation_figures('plain') }}
from {{ ref('py_correlation') }} as plain
where plain.variant = 'all' and plain.held_fixed = 'none'
order by reference_year, territory_set, measure, missing_rule, method, indicator_code
