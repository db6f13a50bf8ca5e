{% macro printed_regions(table_name, last_column, decimal_mark='.') -%}
    {#- Tables without totals differ in nothing but their columns: a row is a territory, table_column.csv names
        indicators and periods, a blank is no figure. -#}
with cell as (
    {{ printed_cells(table_name, last_column) }}
)

select
    table_name,
    row_no,
    column_no,
    row_label,
    column_label,
    source_ref,
    row_label as region_label,
    cast(null as date) as period_start,
    cast(null as date) as period_end,
    'fact' as cell_kind,
    printed_text,
    {{ strict_decimal('printed_text', decimal_mark, 'source_ref') }} as value,
    {{ printed_decimals('printed_text', decimal_mark) }} as decimals
from cell
{%- endmacro %}
