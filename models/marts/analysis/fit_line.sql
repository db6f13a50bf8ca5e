select
    cast(reference_year as integer) as reference_year,
    cast(territory_set as string) as territory_set,
    cast(measure as string) as measure,
    cast(indicator_code as string) as indicator_code,
    cast(point_no as integer) as point_no,
    cast(indicator_value as double) as indicator_value,
    cast(fitted as double) as fitted,
    cast(ci_low as double) as ci_low,
    cast(ci_high as double) as ci_high,
    cast(n as integer) as n,
    cast(residual_df as integer) as residual_df,
    cast(slope as double) as slope,
    cast(intercept as double) as intercept,
    cast(r_squared as double) as r_squared,
    cast(status as string) as status,
    cast(reason as string) as reason
from {{ ref('py_fit_line') }}
order by reference_year, territory_set, measure, indicator_code, point_no
