select
    cast(reference_year as integer) as reference_year,
    cast(method as string) as method,
    cast(k as integer) as k,
    cast(territory_set as string) as territory_set,
    cast(measure as string) as measure,
    cast(silhouette as double) as silhouette,
    cast(cophenetic_r as double) as cophenetic_r,
    cast(ari_vs_role as double) as ari_vs_role,
    cast(bic as double) as bic,
    cast(bic_of_one_cluster as double) as bic_of_one_cluster,
    cast(best_k_by_bic as integer) as best_k_by_bic,
    cast(is_chosen_k as boolean) as is_chosen_k,
    cast(status as string) as status,
    cast(reason as string) as reason
from {{ ref('py_cluster') }}
where result = 'quality'
order by reference_year, territory_set, measure, method, k
