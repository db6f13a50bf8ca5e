select
    cast(reference_year as integer) as reference_year,
    cast(territory_set as string) as territory_set,
    cast(measure as string) as measure,
    cast(model as string) as model,
    cast(term as string) as term,
    cast(n as integer) as n,
    cast(residual_df as integer) as residual_df,
    cast(coefficient as double) as coefficient,
    cast(standard_error as double) as standard_error,
    cast(t as double) as t,
    cast(p_value as double) as p_value,
    cast(ci_low as double) as ci_low,
    cast(ci_high as double) as ci_high,
    cast(standardised as double) as standardised,
    cast(vif as double) as vif,
    cast(r_squared as double) as r_squared,
    cast(adjusted_r_squared as double) as adjusted_r_squared,
    cast(status as string) as status,
    cast(reason as string) as reason
from {{ ref('py_regression') }}
where result = 'terms'
order by reference_year, territory_set, measure, model, term
