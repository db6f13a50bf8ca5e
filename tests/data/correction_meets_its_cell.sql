-- A correction that names no release, or no longer finds the printed attribute that it corrects, would do nothing.
with known_release as (
    select release_id from {{ ref('release') }}
    union all
    select release_id from {{ ref('stg_landing__release') }}
),

met as (
    select
        correction.correction_id,
        max(case when release.is_in_force then 1 else 0 end) as is_in_force,
        max(case when known_release.release_id is null then 1 else 0 end) as names_no_release,
        count(cell.source_ref) as cells,
        count(
            case
                when correction.attribute = 'period_start' and cell.period_start = try_cast(correction.printed as date)
                    then 1
                when correction.attribute = 'period_end' and cell.period_end = try_cast(correction.printed as date)
                    then 1
                when correction.attribute = 'value' and cell.value = try_cast(correction.printed as decimal(24, 6))
                    then 1
            end
        ) as cells_as_printed
    from {{ ref('correction') }} as correction
    left join known_release on correction.release_id = known_release.release_id
    left join {{ ref('int_release') }} as release on correction.release_id = release.release_id
    left join {{ ref('int_cell_coded') }} as cell
        on
            correction.release_id = cell.release_id
            and correction.table_name = cell.table_name
            and correction.column_label = cell.column_label
            and (correction.row_label is null or correction.row_label = cell.row_label)
    group by correction.correction_id
)

select * from met
where names_no_release = 1 or (is_in_force = 1 and (cells = 0 or cells_as_printed <> cells))
