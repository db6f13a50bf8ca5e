with said as (
    select
        content.release_id,
        content.table_name,
        sum(content.observation_count) as row_count
    from {{ ref('int_release_content') }} as content
    inner join {{ ref('int_release') }} as release on content.release_id = release.release_id
    where release.is_in_force
    group by content.release_id, content.table_name
),

said_again as (
    select
        release_id,
        table_name,
        count(*) as row_count,
        count(
            case when value is distinct from previous_value or obs_status is distinct from previous_status then 1 end
        ) as revised_count
    from {{ ref('int_restated_figure') }}
    where statement_no > 1
    group by release_id, table_name
),

counted as (
    select
        said.release_id,
        said.table_name,
        said.row_count - coalesce(said_again.row_count, 0) as rows_new,
        coalesce(said_again.revised_count, 0) as rows_revised
    from said
    left join said_again on said.release_id = said_again.release_id and said.table_name = said_again.table_name
)

select
    file.release_id,
    file.file_name,
    file.sha256,
    file.status,
    file.reason,
    file.rows_read,
    cast(coalesce(sum(counted.rows_new), 0) as bigint) as rows_new,
    cast(coalesce(sum(counted.rows_revised), 0) as bigint) as rows_revised,
    file.recorded_at,
    file.kept_in
from {{ ref('int_release_file') }} as file
left join counted
    on file.release_id = counted.release_id and (file.table_name is null or file.table_name = counted.table_name)
group by
    file.release_id, file.file_name, file.sha256, file.status, file.reason, file.rows_read, file.recorded_at,
    file.kept_in
order by file.recorded_at, file.release_id, file.file_name
