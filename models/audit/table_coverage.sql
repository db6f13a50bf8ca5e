with read_in as (
    select
        release_id,
        table_name,
        count(distinct case when cell_kind = 'fact' then row_label end) as observed_rows,
        count(distinct case when cell_kind = 'fact' then column_label end) as observed_columns,
        count(case when cell_kind = 'fact' then value end) as observed_figures,
        count(case when cell_kind <> 'fact' then value end) as observed_control_totals
    from {{ ref('int_cell_coded') }}
    group by release_id, table_name
)

select
    declared.release_id,
    declared.table_name,
    cast(declared.row_count as bigint) as expected_rows,
    coalesce(read_in.observed_rows, 0) as observed_rows,
    cast(declared.column_count as bigint) as expected_columns,
    coalesce(read_in.observed_columns, 0) as observed_columns,
    cast(declared.figure_count as bigint) as expected_figures,
    coalesce(read_in.observed_figures, 0) as observed_figures,
    cast(declared.control_total_count as bigint) as expected_control_totals,
    coalesce(read_in.observed_control_totals, 0) as observed_control_totals
from {{ ref('release_table') }} as declared
inner join {{ ref('dim_release') }} as release on declared.release_id = release.release_id
left join read_in on declared.table_name = read_in.table_name
order by declared.table_name
