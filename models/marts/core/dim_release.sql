select
    release_id,
    publisher,
    title,
    published_on,
    published_on_note,
    sha256,
    layout,
    cast(row_count as bigint) as row_count,
    source_url,
    terms_of_use,
    known_from,
    recorded_at
from {{ ref('int_release') }}
order by known_from
