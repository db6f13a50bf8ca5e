select
    cast(series as string) as series,
    cast(n_breaks as integer) as n_breaks,
    cast(break_no as integer) as break_no,
    cast(break_year as integer) as break_year,
    cast(year_low as integer) as year_low,
    cast(year_high as integer) as year_high,
    cast(slope_before as double) as slope_before,
    cast(slope_after as double) as slope_after,
    cast(n as integer) as n,
    cast(n_parameters as integer) as n_parameters,
    cast(r_squared as double) as r_squared,
    cast(aicc as double) as aicc,
    cast(bic as double) as bic,
    cast(bic3 as double) as bic3,
    cast(is_chosen as boolean) as is_chosen,
    cast(residual_lag_1 as double) as residual_lag_1,
    cast(status as string) as status,
    cast(reason as string) as reason,
    cast(note as string) as note
from {{ ref('py_change_point') }}
order by series, n_breaks, break_no
