with corrected as (
    select
        cell.*,
        correction.correction_id,
        coalesce(correction.value, cell.value) as corrected_value,
        coalesce(correction.period_start, cell.period_start) as corrected_period_start,
        coalesce(correction.period_end, cell.period_end) as corrected_period_end
    from {{ ref('int_cell_coded') }} as cell
    left join {{ ref('int_cell_correction') }} as correction
        on cell.release_id = correction.release_id and cell.source_ref = correction.source_ref
    -- no status: a mark that says that there is nothing to observe
    where cell.cell_kind = 'fact' and cell.obs_status is not null
),

placed as (
    select
        corrected.*,
        coalesce(
            corrected.corrected_period_end <= region.valid_from or corrected.corrected_period_start >= region.valid_to,
            false
        ) as is_outside_validity,
        series_break.break_on is not null as is_break
    from corrected
    inner join {{ ref('region') }} as region on corrected.region_code = region.region_code
    left join {{ ref('series_break') }} as series_break
        on
            corrected.source_series = series_break.source_series
            and corrected.corrected_period_start = series_break.break_on
            and (series_break.region_code is null or corrected.region_code = series_break.region_code)
)

select
    release_id,
    table_name,
    indicator_code,
    region_code,
    specialty_code,
    sex_code,
    residence_code,
    age_code,
    partner_code,
    corrected_period_start as period_start,
    corrected_period_end as period_end,
    corrected_value as value,
    unit_code,
    decimals,
    case
        when not is_outside_validity and is_break and obs_status = 'A' then 'B'
        when not is_outside_validity then obs_status
        when declares_back_cast and value is not null then 'E'
        else {{ fail("concat('region ', region_code, ' did not exist in the period of ', source_ref,"
            ~ " '. If the publisher estimates backwards, declare it in seeds/reference/release.csv"
            ~ " (declares_back_cast); otherwise the label maps to the wrong region.')") }}
    end as obs_status,
    source_series,
    correction_id,
    source_ref
from placed
