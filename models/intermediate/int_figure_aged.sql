{% set figure = observation_key() + ['source_series'] %}

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
)

select *, concat('years_', age_years) as age from ranked -- noqa: AM04, LT09
where from_the_end_of_the_year = 1
union all
select *, 'latest' as age from ranked -- noqa: LT09
where from_the_latest = 1
