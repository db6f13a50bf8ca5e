with declared as (
    select
        release_id,
        table_name,
        cast(row_count as bigint) as row_count,
        cast(column_count as bigint) as column_count,
        cast(figure_count as bigint) as figure_count,
        cast(control_total_count as bigint) as control_total_count
    from {{ ref('release_table') }}
),

printed as (
    select
        release_id,
        table_name,
        count(distinct case when cell_kind = 'fact' then row_label end) as row_count,
        count(distinct case when cell_kind = 'fact' then column_label end) as column_count,
        count(case when cell_kind = 'fact' then value end) as figure_count,
        count(case when cell_kind <> 'fact' then value end) as control_total_count
    from {{ ref('int_cell_described') }}
    group by release_id, table_name
),

-- a manifest declares cells; what has no figure, by its status, is a cell too
landed as (
    select
        release_id,
        sum(fact_count) as figure_count,
        sum(total_count) as control_total_count
    from {{ ref('int_release_content') }}
    group by release_id
)

select
    declared.release_id,
    declared.table_name,
    declared.row_count as expected_rows,
    coalesce(printed.row_count, 0) as observed_rows,
    declared.column_count as expected_columns,
    coalesce(printed.column_count, 0) as observed_columns,
    declared.figure_count as expected_figures,
    coalesce(printed.figure_count, 0) as observed_figures,
    declared.control_total_count as expected_control_totals,
    coalesce(printed.control_total_count, 0) as observed_control_totals
from declared
inner join {{ ref('dim_release') }} as release on declared.release_id = release.release_id
left join printed on declared.table_name = printed.table_name
union all
select
    manifest.release_id,
    manifest.release_id as table_name,
    0 as expected_rows,
    0 as observed_rows,
    0 as expected_columns,
    0 as observed_columns,
    manifest.row_count - manifest.control_total_count as expected_figures,
    cast(coalesce(landed.figure_count, 0) as bigint) as observed_figures,
    manifest.control_total_count as expected_control_totals,
    cast(coalesce(landed.control_total_count, 0) as bigint) as observed_control_totals
from {{ ref('int_release') }} as manifest
left join landed on manifest.release_id = landed.release_id
where manifest.is_landed and manifest.is_in_force
order by table_name
