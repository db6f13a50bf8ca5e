{% set series = observation_dimensions() + ['source_series'] %}
{% set figure = series + ['period_start', 'period_end'] %}

with statement as (
    select
        *,
        row_number() over (partition by {{ figure | join(', ') }} order by known_from) as vintage_no,
        row_number() over (partition by {{ figure | join(', ') }} order by known_from desc) as from_the_latest
    from {{ ref('int_restated_figure') }}
    where value is not null
),

compared as (
    select
        later.*,
        preliminary.value as first_value,
        preliminary.release_id as first_release_id,
        preliminary.known_from as first_known_from,
        -- the difference of two days written as yyyymmdd, over 10 000, is that in whole years
        cast(floor((
            10000 * (extract(year from later.known_from) - extract(year from preliminary.known_from))
            + 100 * (extract(month from later.known_from) - extract(month from preliminary.known_from))
            + extract(day from later.known_from) - extract(day from preliminary.known_from)
        ) / 10000) as integer) as age_years
    from statement as later
    inner join statement as preliminary
        on
            preliminary.vintage_no = 1
            and {{ equal_columns('later', 'preliminary', figure) }}
    where later.vintage_no > 1
),

ranked as (
    select
        *,
        row_number() over (partition by {{ figure | join(', ') }}, age_years order by known_from desc)
            as from_the_end_of_the_year
    from compared
),

aged as (
    select *, concat('years_', age_years) as age from ranked -- noqa: AM04, LT09
    where from_the_end_of_the_year = 1
    union all
    select *, 'latest' as age from ranked -- noqa: LT09
    where from_the_latest = 1
)

select
    {{ columns_of('aged', observation_key()) }},
    aged.source_series,
    aged.age,
    case when aged.age <> 'latest' then aged.age_years end as age_years,
    aged.unit_code,
    aged.first_value,
    aged.value as later_value,
    cast(aged.value - aged.first_value as decimal(24, 6)) as revision,
    then_before.value as first_value_before,
    now_before.value as later_value_before,
    aged.first_release_id,
    aged.release_id as later_release_id,
    aged.first_known_from,
    aged.known_from as later_known_from
from aged
left join {{ ref('int_figure_before') }} as earlier on {{ equal_columns('aged', 'earlier', figure) }}
{% for name, moment in {'then_before': 'first_known_from', 'now_before': 'known_from'}.items() %}
    left join {{ ref('fct_revision') }} as {{ name }}
        on
            earlier.before_start = {{ name }}.period_start
            and earlier.before_end = {{ name }}.period_end
            and aged.{{ moment }} >= {{ name }}.known_from
            and (aged.{{ moment }} < {{ name }}.known_to or {{ name }}.known_to is null)
            and {{ equal_columns('aged', name, series) }}
{% endfor %}
order by aged.indicator_code, aged.region_code, aged.period_start, aged.age
