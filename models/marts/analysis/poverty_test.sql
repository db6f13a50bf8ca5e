select
    cast(test as string) as test,
    cast(territory as string) as territory,
    cast(series as string) as series,
    cast(with_series as string) as with_series,
    cast(transformation as string) as transformation,
    cast(statistic as double) as statistic,
    cast(p_value as double) as p_value,
    cast(p_adjusted as double) as p_adjusted,
    cast(lags as integer) as lags,
    cast(n as integer) as n,
    cast(residual_df as integer) as residual_df,
    cast(n_regions as integer) as n_regions,
    cast(first_year as integer) as first_year,
    cast(last_year as integer) as last_year,
    cast(status as string) as status,
    cast(reason as string) as reason
from {{ ref('py_poverty_test') }}
order by test, territory, series, with_series, transformation
