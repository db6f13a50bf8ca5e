select
    release.release_id,
    release.publisher,
    publisher.text_ru as publisher_ru,
    publisher.text_kk as publisher_kk,
    release.title,
    title.text_ru as title_ru,
    title.text_kk as title_kk,
    release.published_on,
    release.published_on_note,
    release.sha256,
    release.layout,
    release.territory_set,
    release.row_count,
    release.source_url,
    release.terms_of_use,
    terms.text_ru as terms_of_use_ru,
    terms.text_kk as terms_of_use_kk,
    release.withdrawn_on,
    release.known_from,
    release.recorded_at
from {{ ref('int_release') }} as release
left join {{ ref('release_text') }} as publisher on release.publisher = publisher.text_en
left join {{ ref('release_text') }} as title on release.title = title.text_en
left join {{ ref('release_text') }} as terms on release.terms_of_use = terms.text_en
order by release.known_from
