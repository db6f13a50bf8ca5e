select
    cast(kind as string) as kind,
    cast(variant as string) as variant,
    cast(reference_year as integer) as reference_year,
    cast(indicator_code as string) as indicator_code,
    cast(held_fixed as string) as held_fixed,
    cast(method as string) as method,
    cast(territory_set as string) as territory_set,
    cast(missing_rule as string) as missing_rule,
    cast(measure as string) as measure,
    cast(n as integer) as n,
    cast(low as double) as low,
    cast(high as double) as high,
    cast(verdict as string) as verdict,
    cast(reading_en as string) as reading_en,
    cast(reading_ru as string) as reading_ru,
    cast(reading_kk as string) as reading_kk
from {{ ref('py_correlation_reading') }}
order by kind, variant, reference_year, indicator_code, held_fixed, method, territory_set, missing_rule, measure
