{{ config(alias='region_indicator') }}

with figure as (
    select
        region.*,
        indicator.indicator_code,
        indicator.name_en as indicator_en,
        indicator.name_ru as indicator_ru,
        indicator.name_kk as indicator_kk,
        indicator.unit_code,
        cast(
            case indicator.indicator_code
                when 'income_per_capita' then region.income_per_capita_kzt
                when 'nominal_income_per_capita' then region.nominal_income_per_capita_kzt_month
                when 'food_spend_per_capita' then region.food_spend_per_capita_kzt
                when 'children_per_household' then region.children_per_household
                when 'below_food_basket' then region.below_food_basket_persons
            end as double
        ) as indicator_value
    from {{ published('bi_region') }} as region
    cross join {{ published('dim_indicator') }} as indicator
)

select
    figure.reference_year,
    figure.region_code,
    figure.name_en,
    figure.name_ru,
    figure.name_kk,
    figure.macro_region,
    figure.macro_region_en,
    figure.macro_region_ru,
    figure.macro_region_kk,
    figure.role,
    figure.role_en,
    figure.role_ru,
    figure.role_kk,
    figure.indicator_code,
    figure.indicator_en,
    figure.indicator_ru,
    figure.indicator_kk,
    figure.unit_code,
    {{ code_names('unit') }},
    figure.indicator_value,
    figure.migration_balance_persons,
    figure.balance_per_1000
from figure
{{ join_code_names({'unit': ('unit', 'figure.unit_code')}) }}
where figure.indicator_value is not null
order by figure.indicator_code, figure.region_code
