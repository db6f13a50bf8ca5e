{% macro create_observation_as_of() %}
    {#- Stored in the published file, so any DuckDB client can ask for a past day. Not on Spark: it has no table macros. -#}
    {% set revision = ref('fct_revision') %}
    {% if execute and target.type == 'duckdb' and load_relation(revision) %}
        create or replace macro {{ revision.schema }}.observation_as_of(day) as table
        {{ latest_observation(revision.schema ~ "." ~ revision.identifier, "cast(day as date)") }};
        comment on macro table {{ revision.schema }}.observation_as_of is
            'Figures as published by the end of a day: select * from core.observation_as_of(date ''2024-06-30''). Columns as core.fct_observation.'
    {% endif %}
{% endmacro %}

{% macro latest_observation(revision, day) %}
    {#- Of the vintages known at the end of the day, each series' last; of the series, the preferred one. -#}
    select
        {{ observation_columns() | join(', ') }}
    from (
        select
            *,
            row_number() over (
                partition by {{ observation_key() | join(', ') }}
                order by series_preference, known_from desc
            ) as preference_rank
        from {{ revision }} as revision
        where
            known_from < {{ dbt.dateadd('day', 1, day) }}
            and (known_to is null or known_to >= {{ dbt.dateadd('day', 1, day) }})
    ) as ranked
    where preference_rank = 1
{% endmacro %}

{% macro observation_key() %}
    {{ return([
        'indicator_code', 'region_code', 'specialty_code', 'sex_code', 'residence_code', 'age_code', 'partner_code',
        'period_start', 'period_end'
    ]) }}
{% endmacro %}

{% macro observation_dimensions() %}
    {{ return(observation_key() | reject('in', ['period_start', 'period_end']) | list) }}
{% endmacro %}

{% macro columns_of(relation, columns) -%}
    {{ relation }}.{{ columns | join(',\n    ' ~ relation ~ '.') }}
{%- endmacro %}

{% macro equal_columns(one, other, columns) -%}
    {%- for column in columns %}
        {{ 'and ' if not loop.first }}{{ one }}.{{ column }} = {{ other }}.{{ column }}
    {%- endfor %}
{%- endmacro %}

{% macro observation_columns() %}
    {{ return(observation_key() + [
        'value', 'unit_code', 'decimals', 'obs_status', 'source_series', 'release_id', 'source_ref', 'correction_id'
    ]) }}
{% endmacro %}
