{% macro vintages(statements, only_changed=false) %}
    {#- What stood from when to when: the intervals that the statements of releases, and what stands after withdrawals,
        make of each figure within its series. -#}
    {% set said = observation_columns() + ['known_from', 'recorded_at'] %}
    with statement as (
        select
            {{ columns_of('observation', observation_columns()) }},
            release.known_from,
            release.recorded_at,
            false as is_fallback
        from {{ statements }} as observation
        inner join {{ ref('int_release') }} as release on observation.release_id = release.release_id
        union all
        select
            {{ columns_of('fallback', said) }},
            true as is_fallback
        from {{ ref('int_figure_fallback') }} as fallback
        {% if only_changed %}
            where {{ is_changed_key('fallback') }}
        {% endif %}
    ),

    compared as (
        select
            *,
            row_number() over (
                partition by {{ observation_key() | join(', ') }}, source_series
                order by known_from
            ) as vintage_no,
            lag(value) over (
                partition by {{ observation_key() | join(', ') }}, source_series
                order by known_from
            ) as previous_value,
            lag(obs_status) over (
                partition by {{ observation_key() | join(', ') }}, source_series
                order by known_from
            ) as previous_status
        from statement
    ),

    -- a release that repeats a figure opens no new interval
    vintage as (
        select
            *,
            lead(known_from) over (
                partition by {{ observation_key() | join(', ') }}, source_series
                order by known_from
            ) as known_to
        from compared
        where
            vintage_no = 1 or is_fallback
            or value is distinct from previous_value or obs_status is distinct from previous_status
    )

    select
        {{ columns_of('vintage', observation_columns()) }},
        series.preference as series_preference,
        vintage.known_from,
        vintage.known_to,
        vintage.recorded_at
    from vintage
    inner join {{ ref('source_series') }} as series on vintage.source_series = series.source_series
    -- where nothing stands after a withdrawal, the interval before ends and none begins
    where vintage.release_id is not null
{% endmacro %}
