{% macro vintages(statements, only_changed=false) %}
    {#- What stood from when to when: the intervals that the statements of releases, and what stands after withdrawals,
        make of each figure within its series. -#}
    {% set said = observation_columns() + ['known_from', 'recorded_at'] %}
    {% set figure = observation_key() + ['source_series'] %}
    with
    {% if not only_changed %}
        -- most figures are said once: they are neither sorted nor compared
        restated as (
            {{ repeated_rows(statements, figure, 'source_series', 'release_id', 'true') }}
            union
            select {{ row_hash('fallback', figure) }} as number
            from {{ ref('int_figure_fallback') }} as fallback
        ),
    {% endif %}

    statement as (
        select
            {{ columns_of('observation', observation_columns()) }},
            release.known_from,
            release.recorded_at,
            false as is_fallback
        from {{ statements }} as observation
        inner join {{ ref('int_release') }} as release on observation.release_id = release.release_id
        {% if not only_changed %}
            where {{ is_repeated('restated', 'observation', figure) }}
        {% endif %}
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
                partition by {{ figure | join(', ') }}
                order by known_from
            ) as vintage_no,
            lag(value) over (
                partition by {{ figure | join(', ') }}
                order by known_from
            ) as previous_value,
            lag(obs_status) over (
                partition by {{ figure | join(', ') }}
                order by known_from
            ) as previous_status
        from statement
    ),

    -- a release that repeats a figure opens no new interval
    vintage as (
        select
            {{ said | join(',\n            ') }},
            lead(known_from) over (
                partition by {{ figure | join(', ') }}
                order by known_from
            ) as known_to
        from compared
        where
            vintage_no = 1 or is_fallback
            or value is distinct from previous_value or obs_status is distinct from previous_status
        {% if not only_changed %}
            union all
            select
                {{ columns_of('observation', observation_columns()) }},
                release.known_from,
                release.recorded_at,
                cast(null as timestamp) as known_to
            from {{ statements }} as observation
            inner join {{ ref('int_release') }} as release on observation.release_id = release.release_id
            where not {{ is_repeated('restated', 'observation', figure) }}
        {% endif %}
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

{% macro is_in(some, relation, columns) -%}
    {#- A condition: the row of the relation is one of some. Not a join, before which DuckDB may sort all rows. -#}
    exists (select 1 from {{ some }} where {{ equal_columns(some, relation, columns) }})
{%- endmacro %}

{% macro is_repeated(repeated, relation, columns) -%}
    {#- A condition: the row may be one of those that repeated_rows found. -#}
    {{ row_hash(relation, columns) }} in (select {{ repeated }}.number from {{ repeated }})
{%- endmacro %}

{% macro repeated_rows(rows, columns, group_column, source_column, condition) -%}
    {#- Numbers of what stands in more than one row, looked for only in groups of several sources: all that are
        repeated are among them, and hardly any others. -#}
    select {{ row_hash('said', columns) }} as number
    from {{ rows }} as said
    where
        {{ condition }}
        and said.{{ group_column }} in (
            select {{ group_column }} from {{ rows }}
            where {{ condition }}
            group by {{ group_column }}
            having count(distinct {{ source_column }}) > 1
        )
    group by {{ row_hash('said', columns) }}
    having count(*) > 1
{%- endmacro %}
