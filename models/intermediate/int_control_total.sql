{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_changed_releases() }}"
) }}

with total as (
    select * from {{ ref('int_cell_corrected') }}
    where
        cell_kind <> 'fact' and is_in_force
        and {{ only_changed_releases('release_id') }}
),

-- not the millions of figures of tables that print no totals
fact as (
    select * from {{ ref('int_observation') }} as observation
    where
        value is not null and is_in_force
        and {{ only_changed_releases('release_id') }}
        and exists (
            select 1 from total
            where total.release_id = observation.release_id and total.table_name = observation.table_name
        )
)

select
    total.release_id,
    total.table_name,
    total.cell_kind as control_kind,
    total.indicator_code,
    total.region_code,
    total.specialty_code,
    total.sex_code,
    total.residence_code,
    total.age_code,
    total.partner_code,
    total.period_start,
    total.period_end,
    total.source_ref,
    max(total.value) as published_value,
    sum(fact.value) as summed_value,
    count(fact.value) as parts_count
from total
left join fact
    on
        total.release_id = fact.release_id
        and total.table_name = fact.table_name
        and total.indicator_code = fact.indicator_code
        and total.period_start = fact.period_start
        and total.period_end = fact.period_end
        -- 00 and _T stand for all regions and all specialties
        and (total.region_code = '00' or total.region_code = fact.region_code)
        and (total.specialty_code = '_T' or total.specialty_code = fact.specialty_code)
        and total.sex_code = fact.sex_code
        and total.residence_code = fact.residence_code
        and total.age_code = fact.age_code
        and total.partner_code = fact.partner_code
group by
    total.release_id, total.table_name, total.cell_kind, total.indicator_code, total.region_code,
    total.specialty_code, total.sex_code, total.residence_code, total.age_code, total.partner_code,
    total.period_start, total.period_end, total.source_ref
