{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_changed_releases() }}"
) }}
{% set same = [
    'release_id', 'table_name', 'indicator_code', 'sex_code', 'residence_code', 'age_code', 'partner_code',
    'period_start', 'period_end'
] %}

with total as (
    select * from {{ ref('int_cell_corrected') }}
    where
        cell_kind <> 'fact' and is_in_force
        and {{ only_changed_releases('release_id') }}
),

-- added up as far as no total asks for more: of millions of figures few sums are compared
part as (
    select
        {{ columns_of('fact', same) }},
        case when totalled.is_by_region = 1 then fact.region_code end as region_code,
        case when totalled.is_by_specialty = 1 then fact.specialty_code end as specialty_code,
        sum(fact.value) as summed_value,
        count(*) as parts_count
    from {{ ref('int_observation') }} as fact
    inner join {{ ref('int_totalled_table') }} as totalled
        on fact.release_id = totalled.release_id and fact.table_name = totalled.table_name
    where
        fact.value is not null and fact.is_in_force
        and {{ only_changed_releases('fact.release_id') }}
    group by
        {{ columns_of('fact', same) }},
        case when totalled.is_by_region = 1 then fact.region_code end,
        case when totalled.is_by_specialty = 1 then fact.specialty_code end
)

select
    {{ columns_of('total', same) }},
    total.cell_kind as control_kind,
    total.source_series,
    total.region_code,
    total.specialty_code,
    total.source_ref,
    max(total.value) as published_value,
    sum(part.summed_value) as summed_value,
    cast(coalesce(sum(part.parts_count), 0) as bigint) as parts_count
from total
left join part
    on
        {{ equal_columns('total', 'part', same) }}
        and (total.region_code = '00' or total.region_code = part.region_code)
        and (total.specialty_code = '_T' or total.specialty_code = part.specialty_code)
group by
    {{ columns_of('total', same) }},
    total.cell_kind, total.source_series, total.region_code, total.specialty_code, total.source_ref
