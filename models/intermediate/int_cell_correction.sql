-- of two corrections of one attribute, the one of the single cell goes before the one of the whole column
with matched as (
    select
        cell.release_id,
        cell.source_ref,
        cell.printed_moment,
        correction.correction_id,
        correction.attribute,
        correction.corrected,
        row_number() over (
            partition by cell.release_id, cell.source_ref, correction.attribute
            order by case when correction.row_label is null then 1 else 0 end, correction.correction_id
        ) as precedence
    from {{ ref('int_cell_coded') }} as cell
    inner join {{ ref('correction') }} as correction
        on
            cell.release_id = correction.release_id
            and cell.table_name = correction.table_name
            and cell.column_label = correction.column_label
            and (correction.row_label is null or cell.row_label = correction.row_label)
)

select
    release_id,
    source_ref,
    printed_moment,
    {{ ordered_listagg('correction_id', "', '", 'correction_id') }} as correction_id,
    max(case when attribute = 'value' then cast(corrected as decimal(24, 6)) end) as value,
    max(case when attribute = 'period_start' then cast(corrected as date) end) as period_start,
    max(case when attribute = 'period_end' then cast(corrected as date) end) as period_end
from matched
where precedence = 1
group by release_id, source_ref, printed_moment
