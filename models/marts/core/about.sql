with named as (
    select distinct publisher from {{ ref('dim_release') }}
),

publisher as (
    select {{ ordered_listagg('publisher', "'; '", 'publisher') }} as publishers from named
),

release as (
    select
        count(*) as release_count,
        max(known_from) as latest_release_known_from
    from {{ ref('dim_release') }}
)

select
    'saldo' as product,
    '{{ env_var("SALDO_VERSION", "development") }}' as version,
    '{{ env_var("SALDO_VERSION_ID", "development") }}' as version_id,
    cast({{ var('schema_version') }} as integer) as schema_version,
    cast({{ dbt.current_timestamp() }} as timestamp) as built_at,
    release.release_count,
    release.latest_release_known_from,
    publisher.publishers,
    'MIT' as code_licence,
    {{ dbt.string_literal(dbt.escape_single_quotes(
        "Terms of reuse of the bureau's publications were not found; the article states none for its tables. Figures "
    )) }}
    || 'are reproduced as facts: name the publisher of each release; core.dim_release has the terms as stated.'
        as data_terms,
    'Условия повторного использования публикаций Бюро не найдены; для таблиц статьи они не указаны. Показатели '
    || 'приводятся как факты: указывайте издателя каждого выпуска; условия, как они заявлены, — в core.dim_release.'
        as data_terms_ru,
    'Бюро жарияланымдарын қайта пайдалану шарттары табылмады; мақала кестелері үшін олар көрсетілмеген. '
    || 'Көрсеткіштер дерек ретінде келтіріледі: әр шығарылымның жариялаушысын атаңыз; мәлімделген шарттар '
    || 'core.dim_release кестесінде.' as data_terms_kk,
    'saldo, regional migration statistics of Kazakhstan; name the publisher of each release, see core.dim_release'
        as how_to_cite,
    'saldo, статистика региональной миграции Казахстана; указывайте издателя каждого выпуска, см. core.dim_release'
        as how_to_cite_ru,
    'saldo, Қазақстанның өңірлік көші-қон статистикасы; әр шығарылымның жариялаушысын атаңыз, '
    || 'core.dim_release кестесін қараңыз' as how_to_cite_kk
from release
cross join publisher
