-- A correction that no longer finds the printed attribute it corrects is stale: the release or the cell has changed.
with cell as (
    select * from {{ ref('int_cell_coded') }}
),

met as (
    select
        correction.correction_id,
        count(cell.source_ref) as cells,
        count(
            case
                when
                    (correction.attribute = 'period_start' and cell.period_start = try_cast(correction.printed as date))
                    or (correction.attribute = 'period_end' and cell.period_end = try_cast(correction.printed as date))
                    or (
                        correction.attribute = 'value'
                        and cell.value = try_cast(correction.printed as decimal(24, 6))
                    )
                    then 1
            end
        ) as cells_as_printed
    from {{ ref('correction') }} as correction
    inner join {{ ref('int_release') }} as release on correction.release_id = release.release_id
    left join cell
        on
            correction.release_id = cell.release_id
            and correction.table_name = cell.table_name
            and correction.column_label = cell.column_label
            and (correction.row_label is null or correction.row_label = cell.row_label)
    group by correction.correction_id
)

select * from met
where cells = 0 or cells_as_printed <> cells
