{% macro last_published(source) -%}
    {%- set columns = {'published_on': 'timestamp', 'layout': 'string', 'indicators': 'string', 'withdrawn_on': 'date'} -%}
    select max(published_on)
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
{%- endmacro %}
