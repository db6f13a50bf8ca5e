select
    cast(reference_year as integer) as reference_year,
    cast(indicator as string) as indicator,
    cast(direction as integer) as direction,
    cast(n_known as integer) as n_known,
    cast(weight_equal as double) as weight_equal,
    cast(weight_pca as double) as weight_pca,
    cast(weight_entropy as double) as weight_entropy,
    cast(r_with_score as double) as r_with_score,
    cast(status as string) as status,
    cast(reason as string) as reason
from {{ ref('py_attractiveness') }}
where result = 'indicator'
order by reference_year, row_no
