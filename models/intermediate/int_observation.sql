{{ config(materialized='view') }}

with placed as (
    select
        cell.*,
        coalesce(cell.period_end <= region.valid_from or cell.period_start >= region.valid_to, false)
            as is_outside_validity,
        series_break.break_on is not null as is_break
    from {{ ref('int_cell_corrected') }} as cell
    inner join {{ ref('region') }} as region on cell.region_code = region.region_code
    left join {{ ref('series_break') }} as series_break
        on
            cell.source_series = series_break.source_series
            and cell.period_start = series_break.break_on
            and (series_break.region_code is null or cell.region_code = series_break.region_code)
    -- no status: a mark that says that there is nothing to observe
    where cell.cell_kind = 'fact' and cell.obs_status is not null
)

select
    release_id,
    is_in_force,
    table_name,
    indicator_code,
    region_code,
    specialty_code,
    sex_code,
    residence_code,
    age_code,
    partner_code,
    period_start,
    period_end,
    value,
    unit_code,
    decimals,
    case
        when not is_outside_validity and is_break and obs_status = 'A' then 'B'
        when not is_outside_validity then obs_status
        -- that there is nothing to observe, or that a figure is estimated, may be said of any time
        when obs_status in ('M', 'E') then obs_status
        when declares_back_cast and value is not null then 'E'
        else {{ fail("concat('region ', region_code, ' did not exist in the period of ', source_ref,"
            ~ " '. If the publisher estimates backwards, declare it in seeds/reference/release.csv"
            ~ " (declares_back_cast); otherwise the label maps to the wrong region.')") }}
    end as obs_status,
    source_series,
    correction_id,
    source_ref,
    printed_moment,
    reference_version
from placed
