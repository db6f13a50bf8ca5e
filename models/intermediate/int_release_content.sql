{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_changed_releases() }}"
) }}

select
    release_id,
    table_name,
    indicator_code,
    source_series,
    count(case when cell_kind = 'fact' then 1 end) as fact_count,
    count(case when cell_kind <> 'fact' then 1 end) as total_count,
    -- without a status: a mark that says that there is nothing to observe
    count(case when cell_kind = 'fact' and obs_status is not null then 1 end) as observation_count,
    -- 00 and _T stand for all regions and all specialties
    max(case when cell_kind <> 'fact' and region_code <> '00' then 1 else 0 end) as is_by_region,
    max(case when cell_kind <> 'fact' and specialty_code <> '_T' then 1 else 0 end) as is_by_specialty
from {{ ref('int_cell_coded') }}
where {{ only_changed_releases('release_id') }}
group by release_id, table_name, indicator_code, source_series
