select
    cast(reference_year as integer) as reference_year,
    cast(diagnostic as string) as diagnostic,
    cast(subject as string) as subject,
    cast(value as double) as value,
    cast(value_low as double) as value_low,
    cast(value_high as double) as value_high,
    cast(n as integer) as n
from {{ ref('py_attractiveness') }}
where result = 'diagnostic'
order by reference_year, row_no
