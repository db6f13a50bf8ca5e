select
    cast(reference_year as integer) as reference_year,
    cast(indicator_code as string) as indicator_code,
    cast(held_fixed as string) as held_fixed,
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
    cast(bca_low as double) as bca_low,
    cast(bca_high as double) as bca_high,
    cast(p_permutation as double) as p_permutation,
    cast(permutations as integer) as permutations,
    cast(resamples as integer) as resamples,
    cast(seed as integer) as seed,
    cast(leave_one_out_low as double) as leave_one_out_low,
    cast(leave_one_out_high as double) as leave_one_out_high,
    cast(most_influential as string) as most_influential,
    cast(r_without_it as double) as r_without_it,
    cast(status as string) as status,
    cast(reason as string) as reason
from {{ ref('py_correlation') }}
where variant = 'all' and held_fixed <> 'none'
order by reference_year, indicator_code, held_fixed, method, territory_set, missing_rule, measure
