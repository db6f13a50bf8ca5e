{% macro read_landing(pattern, columns) %}{{ return(adapter.dispatch('read_landing', 'saldo')(pattern, columns)) }}{% endmacro %}

{% macro duckdb__read_landing(pattern, columns) -%}
    {#- A project into which nothing has been ingested yet has no landing: the table is there and holds nothing. -#}
    {%- set files = (env_var('SALDO_LANDING', 'landing') ~ '/' ~ pattern) | replace("'", "''") -%}
    {%- if execute and run_query("select count(*) from glob('" ~ files ~ "')").rows[0][0] > 0 -%}
    select
        {% for name, data_type in columns.items() -%}
        cast({{ name }} as {{ data_type }}) as {{ name }}{{ ',' if not loop.last }}
        {% endfor -%}
    {%- if pattern.endswith('.json') %}
    from read_json('{{ files }}', columns = {
        {%- for name in columns %}{{ name }}: 'varchar'{{ ', ' if not loop.last }}{% endfor -%}
    })
    {%- else %}
    {#- a file of rows is named by its release #}
    from (select *, parse_filename(filename, true) as release_id from read_parquet('{{ files }}', filename = true))
    {%- endif %}
    {%- else -%}
    select
        {% for name, data_type in columns.items() -%}
        cast(null as {{ data_type }}) as {{ name }}{{ ',' if not loop.last }}
        {% endfor -%}
    where false
    {%- endif %}
{%- endmacro %}

{% macro spark__read_landing(pattern, columns) -%}
    {%- set files = adapter.landing_path(pattern) -%}
    select
    {%- if not execute or not adapter.has_files(files) %}
        {% for name, data_type in columns.items() -%}
        cast(null as {{ data_type }}) as {{ name }}{{ ',' if not loop.last }}
        {% endfor -%}
    where false
    {%- else %}
        {% for name, data_type in columns.items() -%}
        cast(landed.{{ name }} as {{ data_type }}) as {{ name }}{{ ',' if not loop.last }}
        {% endfor -%}
    {%- if pattern.endswith('.json') %}
    from (
        select inline(array(from_json(
            cast(content as string), '{% for name in columns %}{{ name }} string{{ ', ' if not loop.last }}{% endfor %}'
        )))
        from binaryFile.`{{ files }}`
    ) as landed
    {%- else %}
    from (
        select *, regexp_extract(_metadata.file_name, '^(.*)[.]parquet$', 1) as release_id from parquet.`{{ files }}`
    ) as landed
    {%- endif %}
    {%- endif %}
{%- endmacro %}
