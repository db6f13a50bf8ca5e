{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_changed_keys() }}"
) }}
-- depends_on: {{ ref('int_key_changed') }}
{% set changed, all_vintages = ref('int_changed_vintage'), ref('fct_revision') %}

{% if is_incremental() %}
    {{ latest_observation(changed, none) }}
{% else %}
    -- between series is chosen where another than the largest of an indicator speaks: mostly of a small part
    with series as (
        select
            indicator_code,
            source_series,
            row_number() over (partition by indicator_code order by count(*) desc, source_series) as size_rank
        from {{ all_vintages }}
        where known_to is null
        group by indicator_code, source_series
    ),

    rival as (
        select distinct {{ columns_of('revision', observation_key()) }}
        from {{ all_vintages }} as revision
        inner join series
            on revision.indicator_code = series.indicator_code and revision.source_series = series.source_series
        where revision.known_to is null and series.size_rank > 1
    )

    select {{ observation_columns() | join(', ') }} from {{ all_vintages }} as revision
    where known_to is null and not {{ is_in('rival', 'revision', observation_key()) }}
    union all
    {{ latest_observation(all_vintages, none, is_in('rival', 'revision', observation_key())) }}
{% endif %}
