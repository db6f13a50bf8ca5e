{% set as_of = var('as_of') %}

with seeded_file as (
    select
        release_id,
        {{ release_sha256('table_name', 'sha256') }} as sha256,
        sum(figure_count + control_total_count) as row_count,
        sum(control_total_count) as control_total_count
    from {{ ref('release_table') }}
    group by release_id
),

release as (
    select
        release.release_id,
        release.publisher,
        release.title,
        release.published_on,
        release.published_on_note,
        release.sequence_in_day,
        release.recorded_at,
        release.layout,
        release.label_set,
        release.declares_back_cast,
        release.territory_set,
        release.source_url,
        release.terms_of_use,
        cast(null as date) as withdrawn_on,
        seeded_file.sha256,
        cast(seeded_file.row_count as bigint) as row_count,
        cast(seeded_file.control_total_count as bigint) as control_total_count,
        false as is_landed
    from {{ ref('release') }} as release
    inner join seeded_file on release.release_id = seeded_file.release_id
    union all
    select
        release_id,
        publisher,
        title,
        published_on,
        published_on_note,
        sequence_in_day,
        recorded_at,
        layout,
        label_set,
        declares_back_cast,
        -- manifests of before there was a choice do not say it
        coalesce(territory_set, 'in_force') as territory_set,
        source_url,
        terms_of_use,
        {% if as_of %}
        case when withdrawn_on <= cast('{{ as_of }}' as date) then withdrawn_on end as withdrawn_on,
        {% else %}
            withdrawn_on,
        {% endif %}
        sha256,
        row_count,
        control_total_count,
        true as is_landed
    from {{ ref('stg_landing__release') }}
)

select
    *,
    -- the sequence keeps the order of two releases of one day
    {{ dbt.dateadd('second', 'sequence_in_day', 'cast(published_on as timestamp)') }} as known_from,
    -- in its last second, after all that was published on the day
    {{ dbt.dateadd('second', 86399, 'cast(withdrawn_on as timestamp)') }} as withdrawn_at,
    withdrawn_on is null as is_in_force,
    concat(
        '{{ reference_version() }}',
        case when withdrawn_on is null then '' else concat(' withdrawn ', cast(withdrawn_on as string)) end
    ) as reference_version
from release
{% if as_of %}
where published_on <= cast('{{ as_of }}' as date)
{% endif %}
