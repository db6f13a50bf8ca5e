with yearly as (
    select
        indicator_code,
        region_code,
        cast(extract(year from period_start) as integer) as year,
        cast(value as double) as value,
        obs_status
    from {{ ref('headline_observation') }}
    where
        indicator_code in ('poverty_share', 'unemployment_rate', 'nominal_income_per_capita')
        and specialty_code = '_T'
        and age_code = '_T'
        and value is not null
        -- years alone, no quarters
        and extract(month from period_start) = 1
        and extract(month from period_end) = 1
        and extract(year from period_end) = extract(year from period_start) + 1
),

compared as (
    select
        *,
        lag(year) over (partition by indicator_code, region_code order by year) as year_before,
        lag(value) over (partition by indicator_code, region_code order by year) as value_before,
        sum(case when obs_status = 'B' then 1 else 0 end)
            over (partition by indicator_code, region_code order by year rows unbounded preceding) as stretch
    from yearly
),

judged as (
    select
        *,
        first_value(year) over (partition by indicator_code, region_code, stretch order by year) as first_year,
        first_value(value) over (partition by indicator_code, region_code, stretch order by year) as first_value,
        case
            when year_before is null then 'first'
            when year_before < year - 1 then 'gap'
            when obs_status = 'B' then 'break'
        end as lack
    from compared
)

select
    judged.indicator_code,
    judged.region_code,
    judged.year,
    judged.value,
    judged.obs_status,
    case when judged.lack is null then judged.value - judged.value_before end as change,
    case when judged.lack is null and judged.value_before > 0 then 100 * (judged.value / judged.value_before - 1) end
        as change_percent,
    cast(judged.first_year as integer) as stretch_first_year,
    judged.value - judged.first_value as change_in_stretch,
    country.value as national_value,
    judged.value - country.value as difference_from_national,
    case
        when judged.lack in ('gap', 'break') then judged.lack
        when country.value is null then 'no_national'
        else coalesce(judged.lack, 'ok')
    end as status,
    concat_ws(
        '; ',
        case judged.lack
            when 'first' then 'no change: no year before'
            when 'gap' then 'no change: no figure of the year before'
            when 'break' then 'no change: the line or the method is another one from this year on'
        end,
        case when judged.lack is null and judged.value_before <= 0 then 'no change in per cent: none of 0' end,
        case when country.value is null then 'no figure of the whole country for the year' end
    ) as reason
from judged
left join yearly as country
    on
        judged.indicator_code = country.indicator_code
        and judged.year = country.year
        and country.region_code = '00'
order by judged.indicator_code, judged.region_code, judged.year
