{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_changed_keys() }}",
    post_hook={'sql': "{{ record_absorbed_releases() }}", 'transaction': false}
) }}
-- What it records as read must have been taken up before: depends_on: {{ ref('int_identity_result') }}
-- depends_on: {{ ref('int_restated_figure') }}
-- depends_on: {{ ref('int_key_changed') }}
{% set changed, all_statements = ref('int_changed_vintage'), ref('int_observation') %}
{% set columns = observation_columns() + ['series_preference', 'known_from', 'known_to', 'recorded_at'] %}

{% if is_incremental() %}
    select {{ columns | join(', ') }} from {{ changed }}
{% else %}
    {{ vintages(all_statements) }}
{% endif %}
