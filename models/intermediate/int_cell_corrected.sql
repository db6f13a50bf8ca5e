{{ config(materialized='view') }}

select
    cell.release_id,
    cell.declares_back_cast,
    cell.is_in_force,
    cell.reference_version,
    cell.table_name,
    cell.cell_kind,
    cell.indicator_code,
    cell.region_code,
    cell.specialty_code,
    cell.sex_code,
    cell.residence_code,
    cell.age_code,
    cell.partner_code,
    coalesce(correction.period_start, cell.period_start) as period_start,
    coalesce(correction.period_end, cell.period_end) as period_end,
    coalesce(correction.value, cell.value) as value,
    cell.unit_code,
    cell.decimals,
    cell.obs_status,
    cell.source_series,
    correction.correction_id,
    cell.source_ref,
    cell.printed_moment
from {{ ref('int_cell_coded') }} as cell
left join {{ ref('int_cell_correction') }} as correction
    on cell.release_id = correction.release_id and cell.source_ref = correction.source_ref
