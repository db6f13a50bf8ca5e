{% set as_of = var('as_of') %}

with outcome as (
    select
        year,
        cast(balance_persons as double) as persons,
        release_id as source
    from {{ ref('external_balance_annual') }}
    union all
    select
        later_figure.year,
        cast(later_figure.value as double) as persons,
        later_figure.source
    from {{ ref('later_figure') }} as later_figure
    left join {{ ref('external_balance_annual') }} as held on later_figure.year = held.year
    where
        held.year is null
        and later_figure.indicator_code = 'external_balance'
        and later_figure.published_on <= cast('{{ as_of or "9999-12-31" }}' as date)
)

select
    cast(forecast.origin_year as integer) as origin_year,
    cast(forecast.year as integer) as year,
    cast(forecast.horizon as integer) as horizon,
    cast(forecast.model as string) as model,
    cast(forecast.specification as string) as specification,
    cast(forecast.n_years as integer) as n_years,
    cast(forecast.forecast as double) as forecast,
    cast(forecast.low_80 as double) as low_80,
    cast(forecast.high_80 as double) as high_80,
    cast(forecast.low_95 as double) as low_95,
    cast(forecast.high_95 as double) as high_95,
    cast(forecast.is_chosen as boolean) as is_chosen,
    outcome.persons as published_persons,
    outcome.source as published_source,
    cast(forecast.forecast as double) - outcome.persons as error_persons,
    cast(forecast.status as string) as status,
    cast(forecast.reason as string) as reason
from {{ ref('py_forecast') }} as forecast
left join outcome on forecast.year = outcome.year
order by origin_year, model, year
