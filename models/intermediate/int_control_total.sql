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

-- each fact once for each kind of total that its table has: both sides have one key, and nothing is added up twice
part as (
    select
        {{ columns_of('fact', same) }},
        case when totalled.is_by_region = 1 then fact.region_code else '00' end as region_code,
        case when totalled.is_by_specialty = 1 then fact.specialty_code else '_T' end as specialty_code,
        sum(fact.value) as summed_value,
        count(*) as parts_count
    from {{ ref('int_observation') }} as fact
    inner join {{ ref('int_totalled_table') }} as totalled
        on fact.release_id = totalled.release_id and fact.table_name = totalled.table_name
    where
        fact.value is not null and fact.is_in_force
        and (totalled.is_by_region = 0 or fact.region_code <> '00')
        and (totalled.is_by_specialty = 0 or fact.specialty_code <> '_T')
        and {{ only_changed_releases('fact.release_id') }}
    group by
        {{ columns_of('fact', same) }},
        case when totalled.is_by_region = 1 then fact.region_code else '00' end,
        case when totalled.is_by_specialty = 1 then fact.specialty_code else '_T' end
)

select
    {{ columns_of('total', same) }},
    total.cell_kind as control_kind,
    total.source_series,
    total.region_code,
    total.specialty_code,
    total.source_ref,
    total.value as published_value,
    part.summed_value,
    coalesce(part.parts_count, 0) as parts_count
from total
left join part on {{ equal_columns('total', 'part', same + ['region_code', 'specialty_code']) }}
