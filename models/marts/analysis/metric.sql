select
    cast(metric as string) as metric,
    cast(subject as string) as subject,
    cast(value as double) as value,
    cast(method as string) as method,
    cast(detail as string) as detail,
    cast(release_id as string) as release_id,
    cast(source_ref as string) as source_ref,
    cast(status as string) as status,
    cast(reason as string) as reason,
    cast(known_from as timestamp) as known_from
from {{ ref('py_metric') }}
where known_to is null
order by metric, subject
