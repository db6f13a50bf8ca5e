{% macro last_published(source) -%}
    {%- set columns = {'published_on': 'timestamp', 'layout': 'string', 'indicators': 'string', 'withdrawn_on': 'date'} -%}
    select max(published_on)
    from (
        select published_on
        from (
            {{ read_landing('releases/*.json', columns) }}
        ) as release
        where
            layout = '{{ source.meta.layout }}' and withdrawn_on is null
            and (
                {% for indicator in source.meta.indicators -%}
                indicators like '%"{{ indicator }}"%'{{ ' or ' if not loop.last }}
                {%- endfor %}
            )
        {%- for release_id in source.meta.get('seeded_releases', []) %}
        union all
        {{ seeded_release(release_id) }}
        {%- endfor %}
    ) as edition
{%- endmacro %}

{% macro seeded_release(release_id) %}{{ return(adapter.dispatch('seeded_release', 'saldo')(release_id)) }}{% endmacro %}

{% macro duckdb__seeded_release(release_id) -%}
    {#- From the file, not from the seed's table: the freshness of sources is asked before anything is built. -#}
    {%- set message = release_id ~ ' of seeded_releases is no release of seeds/reference/release.csv: correct models/staging/sources.yml' -%}
    select
        case
            when seeded.release_id is null then cast({{ fail("'" ~ message ~ "'") }} as timestamp)
            else cast(seeded.published_on as timestamp)
        end as published_on
    from (select '{{ release_id }}' as release_id) as named
    left join read_csv(
        'seeds/reference/release.csv', header = true, all_varchar = true, delim = ',', quote = '"', escape = '"'
    ) as seeded on named.release_id = seeded.release_id
{%- endmacro %}

{% macro spark__seeded_release(release_id) -%}
    {#- Sources are asked how fresh they are on DuckDB, which the landed files need anyway. -#}
    select cast(published_on as timestamp) as published_on from {{ ref('release') }} where release_id = '{{ release_id }}'
{%- endmacro %}
