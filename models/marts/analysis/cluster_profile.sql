select
    cast(reference_year as integer) as reference_year,
    cast(method as string) as method,
    cast(k as integer) as k,
    cast(territory_set as string) as territory_set,
    cast(measure as string) as measure,
    cast(cluster_id as integer) as cluster_id,
    cast(name_en as string) as name_en,
    cast(name_ru as string) as name_ru,
    cast(name_kk as string) as name_kk,
    cast(size as integer) as size,
    cast(members as string) as members,
    cast(mean_migration_balance_persons as double) as mean_migration_balance_persons,
    cast(mean_balance_per_1000 as double) as mean_balance_per_1000,
    cast(mean_income_per_capita_kzt as double) as mean_income_per_capita_kzt,
    cast(mean_children_per_household as double) as mean_children_per_household,
    cast(mean_food_spend_per_capita_kzt as double) as mean_food_spend_per_capita_kzt
from {{ ref('py_cluster') }}
where result = 'profile'
order by reference_year, territory_set, measure, method, k, cluster_id
