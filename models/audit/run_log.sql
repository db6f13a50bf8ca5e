select
    run_id,
    started_at,
    ended_at,
    status,
    exit_status,
    version_id,
    sources_failed,
    files_landed,
    files_refused,
    error
from {{ ref('stg_landing__run') }}
order by run_id
