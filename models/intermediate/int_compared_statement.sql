{% set key = observation_key() %}
-- depends_on: {{ ref('int_key_changed') }} {{ ref('int_figure_fallback') }} {{ ref('int_statement_source') }}
-- depends_on: {{ ref('int_observation') }} {{ ref('int_observation_touched') }}

{% if not only_changed_keys() %}
    -- Most figures are said once, by one series: they are neither sorted nor compared. What is said twice is said by
    -- another source than the largest of its indicator, whose millions of numbers nobody has to hold in memory.
    with repeated as (
        select {{ row_hash('said', key) }} as number
        from {{ ref('int_observation') }} as said
        inner join {{ ref('int_statement_source') }} as source
            on
                source.size_rank > 1
                and said.indicator_code = source.indicator_code
                and said.source_series = source.source_series
                and said.release_id = source.release_id
        union
        select {{ row_hash('fallback', key) }} as number
        from {{ ref('int_figure_fallback') }} as fallback
    )
{% endif %}

select
    {{ columns_of('observation', observation_columns()) }},
    observation.table_name,
    observation.is_in_force,
    release.known_from,
    release.recorded_at
from {{ ref('int_observation_touched') if only_changed_keys() else ref('int_observation') }} as observation
inner join {{ ref('int_release') }} as release on observation.release_id = release.release_id
{% if only_changed_keys() %}
    where {{ is_changed_key('observation') }}
{% else %}
    where {{ row_hash('observation', key) }} in (select repeated.number from repeated)
{% endif %}
