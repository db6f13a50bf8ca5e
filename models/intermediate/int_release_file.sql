{% set as_of = var('as_of') %}

with released as (
    select
        'seeds/published' as kept_in,
        release_id,
        table_name,
        concat(table_name, '.csv') as file_name,
        sha256,
        cast(figure_count + control_total_count as bigint) as rows_read,
        cast(null as string) as withdrawn_reason
    from {{ ref('release_table') }}
    union all
    select
        'landing/originals' as kept_in,
        release_id,
        -- a landed release is one file, whatever sheets it has
        cast(null as string) as table_name,
        file_name,
        sha256,
        row_count as rows_read,
        withdrawn_reason
    from {{ ref('stg_landing__release') }}
)

select
    released.kept_in,
    released.release_id,
    released.table_name,
    released.file_name,
    released.sha256,
    case when release.is_in_force then 'landed' else 'withdrawn' end as status,
    case when not release.is_in_force then released.withdrawn_reason end as reason,
    released.rows_read,
    release.recorded_at
from released
inner join {{ ref('int_release') }} as release on released.release_id = release.release_id
union all
select
    'landing/quarantine' as kept_in,
    cast(null as string) as release_id,
    cast(null as string) as table_name,
    refused.file_name,
    refused.sha256,
    'quarantined' as status,
    concat(refused.reason, ': ', refused.message) as reason,
    cast(null as bigint) as rows_read,
    refused.received_at as recorded_at
from {{ ref('stg_landing__quarantine') }} as refused
-- intake that was killed right after it landed a file has not cleared its old refusal
left join {{ ref('stg_landing__release') }} as landed
    on refused.sha256 = landed.sha256 and refused.received_at <= landed.recorded_at
where landed.sha256 is null
{% if as_of %}
    and cast(refused.received_at as date) <= cast('{{ as_of }}' as date)
{% endif %}
