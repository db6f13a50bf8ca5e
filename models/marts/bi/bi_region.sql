{{ config(alias='region') }}

with nominal_income as (
    select
        region_code,
        year(period_start) as reference_year,
        value
    from {{ published('headline_observation') }}
    where
        indicator_code = 'nominal_income_per_capita' and specialty_code = '_T' and age_code = '_T'
        and month(period_start) = 1 and day(period_start) = 1 and period_end = period_start + interval 1 year
)

select
    profile.region_code,
    region.iso_code,
    region.name_en,
    region.name_ru,
    region.name_kk,
    region.region_kind,
    {{ code_names('region_kind') }},
    region.macro_region,
    {{ code_names('macro_region') }},
    region.valid_from,
    profile.reference_year,
    profile.balance_period_start,
    profile.balance_period_end,
    profile.migration_balance_persons,
    profile.balance_per_1000,
    profile.balance_per_1000_per_year,
    profile.role,
    {{ code_names('role') }},
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
left join nominal_income
    on profile.region_code = nominal_income.region_code and profile.reference_year = nominal_income.reference_year
left join {{ published('attractiveness_index') }} as index_score
    on profile.region_code = index_score.region_code and profile.reference_year = index_score.reference_year
{{ join_code_names({
    'region_kind': ('region_kind', 'region.region_kind'),
    'macro_region': ('macro_region', 'region.macro_region'),
    'role': ('role', 'profile.role'),
}) }}
order by profile.migration_balance_persons
