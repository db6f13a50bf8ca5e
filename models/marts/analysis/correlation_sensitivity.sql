select
    cast(changed.reference_year as integer) as reference_year,
    cast(changed.variant as string) as variant,
    cast(changed.indicator_code as string) as indicator_code,
    cast(changed.held_fixed as string) as held_fixed,
    cast(changed.method as string) as method,
    cast(changed.territory_set as string) as territory_set,
    cast(changed.missing_rule as string) as missing_rule,
    cast(changed.measure as string) as measure,
    cast(changed.variant_note as string) as variant_note,
    cast(unchanged.r as double) as r_unchanged,
    cast(changed.r - unchanged.r as double) as difference,
    {{ correlation_figures('changed') }}
from {{ ref('py_correlation') }} as changed
left join {{ ref('py_correlation') }} as unchanged
    on
        unchanged.variant = 'all'
        and changed.reference_year = unchanged.reference_year
        and changed.territory_set = unchanged.territory_set
        and changed.measure = unchanged.measure
        and changed.method = unchanged.method
        and changed.missing_rule = unchanged.missing_rule
        -- the nominal income stands in for the article's
        and replace(cast(changed.indicator_code as string), 'nominal_income', 'income') = unchanged.indicator_code
        and replace(cast(changed.held_fixed as string), 'nominal_income', 'income') = unchanged.held_fixed
where changed.variant <> 'all'
order by
    changed.reference_year, changed.variant, changed.measure, changed.method, changed.held_fixed, changed.indicator_code
