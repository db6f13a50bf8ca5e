select
    'saldo' as product,
    '{{ env_var("SALDO_VERSION", "development") }}' as version,
    '{{ env_var("SALDO_VERSION_ID", "development") }}' as version_id,
    cast({{ var('schema_version') }} as integer) as schema_version,
    cast({{ dbt.current_timestamp() }} as timestamp) as built_at,
    count(*) as release_count,
    max(known_from) as latest_release_known_from,
    'saldo, regional migration statistics of Kazakhstan; name the publisher of each release, see core.dim_release'
        as how_to_cite
from {{ ref('dim_release') }}
