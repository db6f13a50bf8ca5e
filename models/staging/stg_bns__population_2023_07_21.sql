with cell as (
    {{ printed_cells('bns_population_2023_07_21', last_column=25) }}
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
    case when row_label = 'Республика Казахстан' then 'column_total' else 'fact' end as cell_kind,
    printed_text,
    {{ strict_decimal('printed_text', ',', 'source_ref', missing_marks=['-']) }} as value,
    {{ printed_decimals('printed_text', ',') }} as decimals
from cell
