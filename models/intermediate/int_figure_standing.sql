{% set figure = observation_key() + ['source_series'] %}
{% set said = observation_columns() | reject('in', figure) | list %}

with withdrawn as (
    select distinct
        {{ columns_of('observation', figure) }},
        release.withdrawn_at
    from {{ ref('int_observation') }} as observation
    inner join {{ ref('int_release') }} as release on observation.release_id = release.release_id
    where release.withdrawn_at is not null
),

-- not a join, before which DuckDB may sort all figures
statement as (
    select
        observation.*,
        release.known_from,
        release.recorded_at,
        release.withdrawn_at
    from {{ ref('int_observation') }} as observation
    inner join {{ ref('int_release') }} as release on observation.release_id = release.release_id
    where exists (select 1 from withdrawn where {{ equal_columns('withdrawn', 'observation', figure) }})
),

standing as (
    select
        statement.*,
        withdrawn.withdrawn_at as stands_from,
        row_number() over (
            partition by {{ columns_of('withdrawn', figure) }}, withdrawn.withdrawn_at
            order by statement.known_from
        ) as statement_no,
        lag(statement.value) over (
            partition by {{ columns_of('withdrawn', figure) }}, withdrawn.withdrawn_at
            order by statement.known_from
        ) as previous_value,
        lag(statement.obs_status) over (
            partition by {{ columns_of('withdrawn', figure) }}, withdrawn.withdrawn_at
            order by statement.known_from
        ) as previous_status
    from withdrawn
    inner join statement
        on
            withdrawn.withdrawn_at > statement.known_from
            and (withdrawn.withdrawn_at < statement.withdrawn_at or statement.withdrawn_at is null)
            and {{ equal_columns('withdrawn', 'statement', figure) }}
),

-- not the last to repeat what stands but the first to say it: a repetition opens no interval
first_to_say as (
    select
        *,
        row_number() over (
            partition by {{ figure | join(', ') }}, stands_from
            order by known_from desc
        ) as recency
    from standing
    where
        statement_no = 1
        or value is distinct from previous_value or obs_status is distinct from previous_status
)

select
    {{ columns_of('withdrawn', figure) }},
    {{ columns_of('first_to_say', said) }},
    withdrawn.withdrawn_at as known_from,
    first_to_say.recorded_at
from withdrawn
left join first_to_say
    on
        withdrawn.withdrawn_at = first_to_say.stands_from
        and first_to_say.recency = 1
        and {{ equal_columns('withdrawn', 'first_to_say', figure) }}
