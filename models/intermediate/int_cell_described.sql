select
    release_table.release_id,
    cell.table_name,
    cell.row_label,
    cell.column_label,
    cell.cell_kind,
    cell.source_ref,
    coalesce(
        meaning.indicator_code,
        {{ fail("concat('unknown column label in ', cell.source_ref,"
            ~ " '. Map the label as printed in seeds/reference/table_column.csv.')") }}
    ) as indicator_code,
    cell.region_label,
    meaning.specialty_code,
    '_T' as sex_code,
    '_T' as residence_code,
    meaning.age_code,
    '_T' as partner_code,
    coalesce(cell.period_start, meaning.period_start) as period_start,
    coalesce(cell.period_end, meaning.period_end) as period_end,
    cell.value,
    meaning.unit_code,
    case when cell.value is not null then cell.decimals end as decimals,
    case
        when cell.value is not null then 'A'
        when mark.meaning is not null then mark.obs_status
        else {{ fail("concat('cell without a figure in ', cell.source_ref,"
            ~ " ': seeds/reference/missing_mark.csv declares no meaning for the mark «',"
            ~ " coalesce(cell.printed_text, ''), '» in this column. Compare the cell with the release.')") }}
    end as obs_status,
    meaning.source_series
from {{ ref('int_cell_printed') }} as cell
inner join {{ ref('release_table') }} as release_table on cell.table_name = release_table.table_name
left join {{ ref('table_column') }} as meaning
    on cell.table_name = meaning.table_name and cell.column_label = meaning.column_label
left join {{ ref('missing_mark') }} as mark
    on
        cell.table_name = mark.table_name
        and (mark.column_label is null or cell.column_label = mark.column_label)
        and coalesce(cell.printed_text, '') = coalesce(mark.mark, '')
