{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_changed_releases() }}"
) }}

select
    release_id,
    table_name,
    control_kind,
    indicator_code,
    region_code,
    specialty_code,
    sex_code,
    residence_code,
    age_code,
    partner_code,
    period_start,
    period_end,
    published_value,
    cast(summed_value as decimal(24, 6)) as summed_value,
    parts_count,
    cast(summed_value - published_value as decimal(24, 6)) as difference,
    source_ref
from {{ ref('int_control_total') }}
where {{ only_changed_releases('release_id') }}
order by release_id, table_name, control_kind, period_start, region_code, specialty_code
