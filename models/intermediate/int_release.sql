{% set as_of = var('as_of') %}

with release as (
    select * from {{ ref('release') }}
),

file as (
    select
        release_id,
        {{ release_sha256('table_name', 'sha256') }} as sha256,
        sum(figure_count + control_total_count) as row_count
    from {{ ref('release_table') }}
    group by release_id
)

select
    release.release_id,
    release.publisher,
    release.title,
    release.published_on,
    release.published_on_note,
    -- the sequence keeps the order of two releases of one day
    {{ dbt.dateadd('second', 'release.sequence_in_day', 'cast(release.published_on as timestamp)') }} as known_from,
    release.recorded_at,
    release.layout,
    release.label_set,
    release.declares_back_cast,
    release.source_url,
    release.terms_of_use,
    file.sha256,
    file.row_count
from release
inner join file on release.release_id = file.release_id
{% if as_of %}
where release.published_on <= cast('{{ as_of }}' as date)
{% endif %}
