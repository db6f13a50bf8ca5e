{% macro json_rows(rows, columns) %}{{ return(adapter.dispatch('json_rows', 'saldo')(rows, columns)) }}{% endmacro %}

{% macro duckdb__json_rows(rows, columns) -%}
    {#- One text: a thousand rows of values take DuckDB, and sqlfluff, much longer to parse. -#}
    (select unnest(from_json(
        {{ dbt.string_literal(dbt.escape_single_quotes(tojson(rows))) }}, '[{{ tojson(columns) }}]'
    ), recursive := true))
{%- endmacro %}

{% macro spark__json_rows(rows, columns) -%}
    {%- set fields = [] -%}
    {%- for name, data_type in columns.items() %}{% do fields.append(name ~ ': ' ~ data_type) %}{% endfor -%}
    (select inline(from_json(
        {{ dbt.string_literal(dbt.escape_single_quotes(tojson(rows) | replace('\\', '\\\\'))) }},
        'array<struct<{{ fields | join(', ') }}>>'
    )))
{%- endmacro %}
