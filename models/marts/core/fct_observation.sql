{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_changed_keys() }}"
) }}
{% set changed = ref('int_key_changed') %}

{{ latest_observation(ref('fct_revision'), none, changed if is_incremental() else none) }}
