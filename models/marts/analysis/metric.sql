{% set age = "case when observation.indicator_code like 'migration_balance%' then 'Y_GT15' else '_T' end" %}
{% set end_day = "case observation.indicator_code when 'population' then 2 else 1 end" %}
{% set of_2024 = "extract(year from " ~ dbt.dateadd('day', -1, 'observation.period_end') ~ ") = 2024" %}

with computed as (
    {{ computed_metrics() }}
),

-- The releases of the figures of the article's period, by indicator.
released as (
    select
        observation.indicator_code,
        observation.release_id,
        max(release.known_from) as known_from
    from {{ ref('headline_observation') }} as observation
    inner join {{ ref('dim_release') }} as release on observation.release_id = release.release_id
    where
        observation.age_code = {{ age }}
        and extract(doy from observation.period_start) = 1 and extract(doy from observation.period_end) = {{ end_day }}
        and case
            when observation.indicator_code in ('external_balance', 'poverty_share', 'unemployment_rate')
                then observation.region_code = '00'
            when observation.indicator_code like 'migration_balance%'
                then extract(year from observation.period_start) = 2000 and {{ of_2024 }}
            else extract(year from observation.period_start) = 2024 and observation.region_code <> '00'
        end
    group by observation.indicator_code, observation.release_id
),

rests_on as (
    select distinct
        computed.metric,
        computed.subject,
        released.release_id,
        released.known_from
    from computed
    inner join released on concat(' ', computed.indicators, ' ') like concat('% ', released.indicator_code, ' %')
),

rested as (
    select
        metric,
        subject,
        {{ ordered_listagg('release_id', "', '", 'release_id') }} as release_id,
        max(known_from) as known_from
    from rests_on
    group by metric, subject
)

select
    cast(metric as string) as metric,
    cast(subject as string) as subject,
    cast(value as double) as value,
    cast(method as string) as method,
    cast(detail as string) as detail,
    cast(release_id as string) as release_id,
    cast(source_ref as string) as source_ref,
    cast(status as string) as status,
    cast(reason as string) as reason,
    cast(known_from as timestamp) as known_from,
    cast(null as string) as mart
from {{ ref('py_metric') }}
where known_to is null
union all
select
    computed.metric,
    computed.subject,
    computed.value,
    computed.method,
    computed.detail,
    rested.release_id,
    cast(null as string) as source_ref,
    case when computed.value is null then 'undefined' else 'ok' end as status,
    case when computed.value is null then computed.reason end as reason,
    rested.known_from,
    computed.mart
from computed
left join rested on computed.metric = rested.metric and computed.subject = rested.subject
order by metric, subject
