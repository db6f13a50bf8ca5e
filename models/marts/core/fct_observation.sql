{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_changed_keys() }}"
) }}
-- depends_on: {{ ref('int_key_changed') }}
{% set changed, all_vintages = ref('int_changed_vintage'), ref('fct_revision') %}

{% if is_incremental() %}
    {{ latest_observation(changed, none) }}
{% else %}
    -- between series is chosen where several speak: all the other figures are neither sorted nor compared
    with rival as (
        {{ repeated_rows(all_vintages, observation_key(), 'indicator_code', 'source_series', 'known_to is null') }}
    )

    select {{ columns_of('revision', observation_columns()) }} from {{ all_vintages }} as revision
    where revision.known_to is null and not {{ is_repeated('rival', 'revision', observation_key()) }}
    union all
    {{ latest_observation(all_vintages, none, is_repeated('rival', 'revision', observation_key())) }}
{% endif %}
