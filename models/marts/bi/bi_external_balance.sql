{{ config(alias='external_balance') }}

with change_point as (
    select
        break_year,
        year_low,
        year_high
    from {{ published('change_point') }}
    where series = 'annual' and is_chosen and break_no > 0
),

annual as (
    select
        year,
        'published' as kind,
        balance_persons,
        cumulative_persons,
        cast(null as double) as forecast_persons,
        cast(null as double) as low_80,
        cast(null as double) as high_80,
        cast(null as double) as low_95,
        cast(null as double) as high_95,
        cast(null as string) as model,
        release_id
    from {{ published('external_balance_annual') }}
    union all
    select
        forecast.year,
        'forecast' as kind,
        null as balance_persons,
        null as cumulative_persons,
        forecast.forecast as forecast_persons,
        forecast.low_80,
        forecast.high_80,
        forecast.low_95,
        forecast.high_95,
        forecast.model,
        null as release_id
    from {{ published('forecast_external_balance') }} as forecast
    where
        forecast.is_chosen
        and forecast.origin_year = (
            select max(last_year.year) from {{ published('external_balance_annual') }} as last_year
        )
)

select
    annual.year,
    annual.kind,
    {{ code_names('kind') }},
    annual.balance_persons,
    annual.cumulative_persons,
    annual.forecast_persons,
    annual.low_80,
    annual.high_80,
    annual.low_95,
    annual.high_95,
    annual.model,
    {{ code_names('model') }},
    change_point.break_year is not null as is_change_point,
    change_point.year_low as change_year_low,
    change_point.year_high as change_year_high,
    annual.release_id
from annual
left join change_point on annual.kind = 'published' and annual.year = change_point.break_year
{{ join_code_names({
    'kind': ('kind_of_figure', 'annual.kind'),
    'model': ('forecast_model', 'annual.model'),
}) }}
order by annual.year
