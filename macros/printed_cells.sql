{% macro printed_cells(table_name, last_column) -%}
    {#- A sheet as printed (row_no, c1, c2, ...; row 0 is the printed header) becomes one row a cell.
        DuckDB and Spark spell unpivot differently; a union is the same in both. -#}
    {%- for column_no in range(2, last_column + 1) %}
    select
        '{{ table_name }}' as table_name,
        cast(sheet.row_no as integer) as row_no,
        {{ column_no }} as column_no,
        trim(sheet.c1) as row_label,
        trim(header.c{{ column_no }}) as column_label,
        nullif(trim(sheet.c{{ column_no }}), '') as printed_text,
        concat(
            '{{ table_name }}, row ', sheet.row_no, ' (', coalesce(trim(sheet.c1), ''), '), column {{ column_no }} (',
            coalesce(trim(header.c{{ column_no }}), ''), ')'
        ) as source_ref
    from {{ ref(table_name) }} as sheet
    cross join {{ ref(table_name) }} as header
    where header.row_no = '0' and sheet.row_no <> '0'
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
{%- endmacro %}
