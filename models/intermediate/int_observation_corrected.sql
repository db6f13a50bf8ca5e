with correction as (
    select
        release_id,
        table_name,
        row_label,
        column_label,
        max(correction_id) as correction_id,
        max(case when attribute = 'value' then cast(corrected as decimal(24, 6)) end) as value,
        max(case when attribute = 'period_start' then cast(corrected as date) end) as period_start,
        max(case when attribute = 'period_end' then cast(corrected as date) end) as period_end
    from {{ ref('correction') }}
    group by release_id, table_name, row_label, column_label
),

corrected as (
    select
        cell.*,
        correction.correction_id,
        coalesce(correction.value, cell.value) as corrected_value,
        coalesce(correction.period_start, cell.period_start) as corrected_period_start,
        coalesce(correction.period_end, cell.period_end) as corrected_period_end
    from {{ ref('int_cell_coded') }} as cell
    left join correction
        on
            cell.release_id = correction.release_id
            and cell.table_name = correction.table_name
            and cell.column_label = correction.column_label
            and (correction.row_label is null or cell.row_label = correction.row_label)
    -- no status: a mark that says that there is nothing to observe
    where cell.cell_kind = 'fact' and cell.obs_status is not null
),

placed as (
    select
        corrected.*,
        coalesce(
            corrected.corrected_period_end <= region.valid_from or corrected.corrected_period_start >= region.valid_to,
            false
        ) as is_outside_validity
    from corrected
    inner join {{ ref('region') }} as region on corrected.region_code = region.region_code
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
