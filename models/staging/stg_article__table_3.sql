with cell as (
    {{ printed_cells('article_table_3', last_column=11) }}
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
    case
        when row_label = 'Итого' and column_label = 'Всего' then 'grand_total'
        when row_label = 'Итого' then 'column_total'
        when column_label = 'Всего' then 'row_total'
        else 'fact'
    end as cell_kind,
    printed_text,
    {{ strict_decimal('printed_text', ',', 'source_ref') }} as value,
    {{ printed_decimals('printed_text', ',') }} as decimals
from cell
