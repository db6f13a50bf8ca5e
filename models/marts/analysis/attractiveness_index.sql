select
    cast(reference_year as integer) as reference_year,
    cast(region_code as string) as region_code,
    cast(score as double) as score,
    cast(rank as integer) as rank,
    cast(rank_low as integer) as rank_low,
    cast(rank_high as integer) as rank_high,
    cast(rank_median as integer) as rank_median,
    cast(rank_best as integer) as rank_best,
    cast(rank_worst as integer) as rank_worst,
    cast(imputed as string) as imputed,
    cast(draws as integer) as draws,
    cast(seed as integer) as seed,
    cast(status as string) as status,
    cast(reason as string) as reason
from {{ ref('py_attractiveness') }}
where result = 'ranking'
order by reference_year, rank, region_code
