select
    cast(reference_year as integer) as reference_year,
    cast(territory_set as string) as territory_set,
    cast(measure as string) as measure,
    cast(model as string) as model,
    cast(territory as string) as region_code,
    cast(fitted as double) as fitted,
    cast(residual as double) as residual,
    cast(leverage as double) as leverage,
    cast(studentised_residual as double) as studentised_residual,
    cast(cooks_distance as double) as cooks_distance,
    cast(is_influential as boolean) as is_influential
from {{ ref('py_regression') }}
where result = 'influence'
order by reference_year, territory_set, measure, model, region_code
