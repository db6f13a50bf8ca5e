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
    cast(changed.n as integer) as n,
    cast(changed.r as double) as r,
    cast(changed.p_value as double) as p_value,
    cast(changed.p_adjusted as double) as p_adjusted,
    cast(changed.ci_low as double) as ci_low,
    cast(changed.ci_high as double) as ci_high,
    cast(changed.bca_low as double) as bca_low,
    cast(changed.bca_high as double) as bca_high,
    cast(changed.p_permutation as double) as p_permutation,
    cast(changed.permutations as integer) as permutations,
    cast(changed.resamples as integer) as resamples,
    cast(changed.seed as integer) as seed,
    cast(changed.leave_one_out_low as double) as leave_one_out_low,
    cast(changed.leave_one_out_high as double) as leave_one_out_high,
    cast(changed.most_influential as string) as most_influential,
    cast(changed.r_without_it as double) as r_without_it,
    cast(changed.effective_n as double) as effective_n,
    cast(changed.p_spatial as double) as p_spatial,
    cast(unchanged.r as double) as r_unchanged,
    cast(changed.r - unchanged.r as double) as difference,
    cast(changed.status as string) as status,
    cast(changed.reason as string) as reason
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
