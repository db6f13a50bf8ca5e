{{ config(alias='region') }}

with nominal_income as (
    select
        region_code,
        year(period_start) as reference_year,
        value
    from {{ published('headline_observation') }}
    where indicator_code = 'nominal_income_per_capita' and period_end = period_start + interval 1 year
)

select
    profile.region_code,
    region.iso_code,
    region.name_en,
    region.name_ru,
    region.name_kk,
    region.region_kind,
    kind.name_en as region_kind_en,
    kind.name_ru as region_kind_ru,
    kind.name_kk as region_kind_kk,
    region.macro_region,
    macro_region.name_en as macro_region_en,
    macro_region.name_ru as macro_region_ru,
    macro_region.name_kk as macro_region_kk,
    region.valid_from,
    profile.reference_year,
    profile.balance_period_start,
    profile.balance_period_end,
    profile.migration_balance_persons,
    profile.balance_per_1000,
    profile.balance_per_1000_per_year,
    profile.role,
    role.name_en as role_en,
    role.name_ru as role_ru,
    role.name_kk as role_kk,
    profile.population_persons,
    profile.income_per_capita_kzt,
    cast(nominal_income.value as decimal(18, 2)) as nominal_income_per_capita_kzt_month,
    profile.food_spend_per_capita_kzt,
    profile.children_per_household,
    profile.below_food_basket_persons,
    index_score.score as attractiveness_score,
    index_score.rank as attractiveness_rank,
    index_score.rank_low as attractiveness_rank_low,
    index_score.rank_high as attractiveness_rank_high
from {{ published('region_profile') }} as profile
inner join {{ published('dim_region') }} as region on profile.region_code = region.region_code
left join {{ published('dim_code') }} as kind on kind.code_list = 'region_kind' and region.region_kind = kind.code
left join {{ published('dim_code') }} as macro_region
    on macro_region.code_list = 'macro_region' and region.macro_region = macro_region.code
left join {{ published('dim_code') }} as role on role.code_list = 'role' and profile.role = role.code
left join nominal_income
    on profile.region_code = nominal_income.region_code and profile.reference_year = nominal_income.reference_year
left join {{ published('attractiveness_index') }} as index_score
    on profile.region_code = index_score.region_code and profile.reference_year = index_score.reference_year
order by profile.migration_balance_persons
