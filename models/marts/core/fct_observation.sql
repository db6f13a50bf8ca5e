{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_changed_keys() }}"
) }}
-- depends_on: {{ ref('int_key_changed') }}
{% set changed, all_vintages = ref('int_changed_vintage'), ref('fct_revision') %}

{{ latest_observation(changed if is_incremental() else all_vintages, none) }}
