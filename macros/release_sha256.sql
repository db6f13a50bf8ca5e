{% macro release_sha256(file_name, file_sha256) -%}
    {#- Of a release of several files: the hash of what `sha256sum` prints of them, in order of name. -#}
    case
        when count(*) = 1 then max({{ file_sha256 }})
        else {{ sha256_hex("concat(" ~ ordered_listagg(
            "concat(" ~ file_sha256 ~ ", '  ', " ~ file_name ~ ", '.csv')", "chr(10)", file_name
        ) ~ ", chr(10))") }}
    end
{%- endmacro %}

{% macro sha256_hex(text) %}{{ return(adapter.dispatch('sha256_hex', 'saldo')(text)) }}{% endmacro %}

{% macro duckdb__sha256_hex(text) %}sha256({{ text }}){% endmacro %}

{% macro spark__sha256_hex(text) %}sha2({{ text }}, 256){% endmacro %}

{% macro file_sha256(path) %}{{ return(adapter.dispatch('file_sha256', 'saldo')(path)) }}{% endmacro %}

{% macro duckdb__file_sha256(path) %}(select sha256(content) as sha256 from read_blob('{{ path }}')){% endmacro %}

{% macro spark__file_sha256(path) -%}
    {#- By the process of dbt, beside which the file lies: the workers may be other machines. -#}
    {%- set found = adapter.file_sha256(path) if execute else none -%}
    (select {{ dbt.string_literal(found) if found else 'cast(null as string)' }} as sha256)
{%- endmacro %}

{% macro ordered_listagg(text, separator, order_by) -%}
    {{ return(adapter.dispatch('ordered_listagg', 'saldo')(text, separator, order_by)) }}
{%- endmacro %}

{% macro duckdb__ordered_listagg(text, separator, order_by) -%}
    string_agg({{ text }}, {{ separator }} order by {{ order_by }})
{%- endmacro %}

{% macro spark__ordered_listagg(text, separator, order_by) -%}
    {#- nothing to join is null, as it is on DuckDB -#}
    nullif(array_join(transform(
        array_sort(collect_list(struct({{ order_by }} as sort_key, {{ text }} as item))), pair -> pair.item
    ), {{ separator }}), '')
{%- endmacro %}
