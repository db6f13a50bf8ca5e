select
    cast(indicator_code as string) as indicator_code,
    cast(origin_year as integer) as origin_year,
    cast(year as integer) as year,
    cast(last_value as double) as last_value,
    cast(forecast as double) as forecast,
    cast(low_80 as double) as low_80,
    cast(high_80 as double) as high_80,
    cast(low_95 as double) as low_95,
    cast(high_95 as double) as high_95,
    cast(n as integer) as n,
    cast(residual_df as integer) as residual_df,
    cast(status as string) as status,
    cast(reason as string) as reason
from {{ ref('py_poverty_forecast') }}
order by indicator_code, year
