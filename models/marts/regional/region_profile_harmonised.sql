{% set figures = {
    'income_per_capita': ('income_per_capita_kzt', 'decimal(18, 2)'),
    'food_spend_per_capita': ('food_spend_per_capita_kzt', 'decimal(18, 2)'),
    'children_per_household': ('children_per_household', 'double'),
    'below_food_basket': ('below_food_basket_persons', 'bigint'),
    'population': ('population_persons', 'bigint'),
} %}

with region_figure as (
    {% for indicator_code, (column, _) in figures.items() %}
        select
            region_code,
            reference_year,
            '{{ indicator_code }}' as indicator_code,
            cast({{ column }} as double) as value,
            cast(population_persons as double) as weight
        from {{ ref('region_profile') }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- a unit has a figure where all its regions have one and the indicator may be put together
unit_figure as (
    select
        region.harmonised_unit,
        figure.reference_year,
        figure.indicator_code,
        case
            when count(*) > count(figure.value) then null
            when max(indicator.aggregation) = 'sum' then sum(figure.value)
            when max(indicator.aggregation) = 'population_weighted_mean'
                then sum(figure.value * figure.weight) / sum(figure.weight)
        end as value
    from region_figure as figure
    inner join {{ ref('dim_region') }} as region on figure.region_code = region.region_code
    inner join {{ ref('dim_indicator') }} as indicator on figure.indicator_code = indicator.indicator_code
    group by region.harmonised_unit, figure.reference_year, figure.indicator_code
),

-- from the specialties, which have South Kazakhstan: its years belong to the unit that it is part of
balance as (
    select
        region.harmonised_unit,
        balance.period_start,
        balance.period_end,
        sum(balance.balance_persons) as persons
    from {{ ref('region_balance') }} as balance
    inner join {{ ref('dim_region') }} as region on balance.region_code = region.region_code
    where
        extract(doy from balance.period_end) = 1
        -- of two periods that end in one year, the longer
        and balance.period_start = (
            select min(other.period_start) from {{ ref('region_balance') }} as other
            where other.period_end = balance.period_end
        )
    group by region.harmonised_unit, balance.period_start, balance.period_end
)

select
    figure.harmonised_unit,
    figure.reference_year,
    {% for indicator_code, (column, data_type) in figures.items() %}
        cast(max(case when figure.indicator_code = '{{ indicator_code }}' then figure.value end) as {{ data_type }})
            as {{ column }},
    {% endfor %}
    cast(count(*) - count(figure.value) as integer) as absent_figures,
    cast(balance.persons as bigint) as migration_balance_persons,
    balance.period_start as balance_period_start,
    balance.period_end as balance_period_end,
    1000 * balance.persons / max(case when figure.indicator_code = 'population' then figure.value end)
        as balance_per_1000,
    case when balance.persons < 0 then 'donor' when balance.persons > 0 then 'recipient' end as role_by_sign,
    {{ migration_role('balance.persons', 1000) }} as role
from unit_figure as figure
inner join balance
    on
        figure.harmonised_unit = balance.harmonised_unit
        and figure.reference_year = extract(year from {{ dbt.dateadd('day', -1, 'balance.period_end') }})
group by figure.harmonised_unit, figure.reference_year, balance.persons, balance.period_start, balance.period_end
order by figure.reference_year, figure.harmonised_unit
