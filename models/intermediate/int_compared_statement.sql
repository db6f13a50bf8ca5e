{% set key = observation_key() %}
-- depends_on: {{ ref('int_key_changed') }} {{ ref('int_figure_fallback') }}

{% if not only_changed_keys() %}
    -- most figures are said once, by one series: they are neither sorted nor compared
    with repeated as (
        select {{ row_hash('said', key) }} as number
        from {{ ref('int_observation') }} as said
        where
            said.indicator_code in (
                select one.indicator_code from {{ ref('int_observation') }} as one
                group by one.indicator_code
                having min(one.release_id) <> max(one.release_id) or min(one.source_series) <> max(one.source_series)
            )
        group by {{ row_hash('said', key) }}
        having count(*) > 1
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
from {{ ref('int_observation') }} as observation
inner join {{ ref('int_release') }} as release on observation.release_id = release.release_id
{% if only_changed_keys() %}
    where {{ is_changed_key('observation') }}
{% else %}
    where {{ row_hash('observation', key) }} in (select repeated.number from repeated)
{% endif %}
