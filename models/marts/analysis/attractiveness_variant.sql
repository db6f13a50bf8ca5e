select
    cast(reference_year as integer) as reference_year,
    cast(region_code as string) as region_code,
    cast(normalisation as string) as normalisation,
    cast(weighting as string) as weighting,
    cast(aggregation as string) as aggregation,
    cast(score as double) as score,
    cast(rank as integer) as rank
from {{ ref('py_attractiveness') }}
where result = 'variant'
order by reference_year, normalisation, weighting, aggregation, rank, region_code
