{{ config(alias='release') }}

with taken as (
    select
        release_id,
        sum(rows_read) as rows_read,
        sum(rows_new) as rows_new,
        sum(rows_revised) as rows_revised
    from {{ published('release_log') }}
    where status = 'landed'
    group by release_id
)

select
    release.release_id,
    release.publisher,
    release.publisher_ru,
    release.publisher_kk,
    release.title,
    release.title_ru,
    release.title_kk,
    release.published_on,
    release.source_url,
    release.terms_of_use,
    release.terms_of_use_ru,
    release.terms_of_use_kk,
    release.withdrawn_on,
    release.withdrawn_on is null and release.known_from = (
        select max(standing.known_from) from {{ published('dim_release') }} as standing
        where standing.withdrawn_on is null
    ) as is_latest,
    cast(taken.rows_read as bigint) as rows_read,
    cast(taken.rows_new as bigint) as rows_new,
    cast(taken.rows_revised as bigint) as rows_revised
from {{ published('dim_release') }} as release
left join taken on release.release_id = taken.release_id
order by release.known_from desc
