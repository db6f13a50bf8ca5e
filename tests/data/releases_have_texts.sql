-- What release.csv says of a release is there in Russian and Kazakh; of a landed one it may be in English only.
select
    release.release_id,
    release.publisher_ru,
    release.publisher_kk,
    release.title_ru,
    release.title_kk,
    release.terms_of_use_ru,
    release.terms_of_use_kk
from {{ ref('dim_release') }} as release
inner join {{ ref('release') }} as recorded on release.release_id = recorded.release_id
where
    release.publisher_ru is null or release.publisher_kk is null
    or release.title_ru is null or release.title_kk is null
    or release.terms_of_use_ru is null or release.terms_of_use_kk is null
