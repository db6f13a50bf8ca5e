{{ config(alias='cluster_profile') }}

select
    profile.reference_year,
    profile.method,
    {{ code_names('method') }},
    profile.territory_set,
    {{ code_names('territory_set') }},
    profile.measure,
    {{ code_names('measure') }},
    profile.k,
    profile.cluster_id,
    profile.name_en as cluster_en,
    profile.name_ru as cluster_ru,
    profile.name_kk as cluster_kk,
    profile.size,
    profile.members,
    profile.mean_migration_balance_persons,
    profile.mean_balance_per_1000,
    profile.mean_income_per_capita_kzt,
    profile.mean_children_per_household,
    profile.mean_food_spend_per_capita_kzt,
    quality.silhouette,
    quality.ari_vs_role
from {{ published('cluster_profile') }} as profile
inner join {{ published('cluster_quality') }} as quality
    on
        profile.reference_year = quality.reference_year and profile.method = quality.method
        and profile.k = quality.k and profile.territory_set = quality.territory_set
        and profile.measure = quality.measure and quality.is_chosen_k
{{ join_code_names({
    'method': ('cluster_method', 'profile.method'),
    'territory_set': ('territory_set', 'profile.territory_set'),
    'measure': ('measure', 'profile.measure'),
}) }}
order by profile.method, profile.territory_set, profile.measure, profile.cluster_id
