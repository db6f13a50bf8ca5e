select
    release_id,
    publisher,
    title,
    published_on,
    published_on_note,
    sha256,
    layout,
    territory_set,
    row_count,
    source_url,
    terms_of_use,
    withdrawn_on,
    known_from,
    recorded_at
from {{ ref('int_release') }}
order by known_from
