with observation as (
    select
        *,
        -- an interval is named by the year in which it ends: [2000-01-01, 2025-01-01) belongs to 2024
        cast(extract(year from {{ dbt.dateadd('day', -1, 'period_end') }}) as integer) as reference_year
    from {{ ref('headline_observation') }}
    where
        indicator_code in (
            'income_per_capita', 'food_spend_per_capita', 'migration_balance', 'children_per_household',
            'below_food_basket', 'population'
        )
        and specialty_code = '_T'
        and age_code = case when indicator_code = 'migration_balance' then 'Y_GT15' else '_T' end
        -- people on 1 January, the rest of whole years: a month or a quarter is none
        and extract(doy from period_start) = 1
        and (indicator_code <> 'population' or period_end = {{ dbt.dateadd('day', 1, 'period_start') }})
        and (indicator_code = 'population' or extract(doy from period_end) = 1)
),

-- of two periods that end in one year, the longer
longest as (
    select
        *,
        row_number() over (partition by region_code, indicator_code, reference_year order by period_start) as rank_no
    from observation
),

pivoted as (
    select
        region_code,
        reference_year,
        max(case when indicator_code = 'income_per_capita' then value end) as income_per_capita_kzt,
        max(case when indicator_code = 'food_spend_per_capita' then value end) as food_spend_per_capita_kzt,
        max(case when indicator_code = 'migration_balance' then value end) as migration_balance_persons,
        max(case when indicator_code = 'migration_balance' then period_start end) as balance_period_start,
        max(case when indicator_code = 'migration_balance' then period_end end) as balance_period_end,
        max(case when indicator_code = 'children_per_household' then value end) as children_per_household,
        max(case when indicator_code = 'below_food_basket' then value end) as below_food_basket_persons,
        max(case when indicator_code = 'population' then value end) as population_persons
    from longest
    where rank_no = 1
    group by region_code, reference_year
),

measured as (
    select
        pivoted.*, -- what follows in doubles: quotients of decimals have other digits on each engine
        cast(1000 * pivoted.migration_balance_persons as double)
        / cast(pivoted.population_persons as double) as balance_per_1000,
        cast({{ dbt.datediff(
            'greatest(pivoted.balance_period_start, coalesce(region.valid_from, pivoted.balance_period_start))',
            'least(pivoted.balance_period_end, coalesce(region.valid_to, pivoted.balance_period_end))',
            'day'
        ) }} as double) / cast(365.25 as double) as years_of_existence
    from pivoted
    inner join {{ ref('dim_region') }} as region on pivoted.region_code = region.region_code
    -- population alone, without a figure of the household survey, makes no profile
    where pivoted.income_per_capita_kzt is not null
)

select
    region_code,
    reference_year,
    cast(income_per_capita_kzt as decimal(18, 2)) as income_per_capita_kzt,
    cast(food_spend_per_capita_kzt as decimal(18, 2)) as food_spend_per_capita_kzt,
    cast(migration_balance_persons as bigint) as migration_balance_persons,
    balance_period_start,
    balance_period_end,
    cast(children_per_household as decimal(9, 2)) as children_per_household,
    cast(below_food_basket_persons as bigint) as below_food_basket_persons,
    cast(population_persons as bigint) as population_persons,
    balance_per_1000,
    balance_per_1000 / years_of_existence as balance_per_1000_per_year,
    case when migration_balance_persons < 0 then 'donor' when migration_balance_persons > 0 then 'recipient' end
        as role_by_sign,
    {{ migration_role('migration_balance_persons', 1000) }} as role,
    {{ migration_role('migration_balance_persons', 500) }} as role_within_500,
    {{ migration_role('migration_balance_persons', 2000) }} as role_within_2000
from measured
order by reference_year, region_code
