select
    cast(reference_year as integer) as reference_year,
    cast(territory_set as string) as territory_set,
    cast(subject as string) as subject,
    cast(n as integer) as n,
    cast(moran_i as double) as moran_i,
    cast(expected_i as double) as expected_i,
    cast(p_value as double) as p_value,
    cast(permutations as integer) as permutations,
    cast(seed as integer) as seed,
    cast(status as string) as status,
    cast(reason as string) as reason
from {{ ref('py_spatial_autocorrelation') }}
order by reference_year, territory_set, subject
