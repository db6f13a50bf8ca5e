with cell as (
    {{ printed_cells('bns_poverty_2017_11_29', last_column=2) }}
),

dated as (
    select
        *,
        {{ strict_year_start('row_label', 'source_ref') }} as period_start
    from cell
)

select
    table_name,
    row_no,
    column_no,
    row_label,
    column_label,
    source_ref,
    -- the title of the workbook names the territory; the rows are years
    'Республика Казахстан' as region_label,
    period_start,
    cast({{ dbt.dateadd('year', 1, 'period_start') }} as date) as period_end,
    'fact' as cell_kind,
    printed_text,
    {{ strict_decimal('printed_text', '.', 'source_ref') }} as value,
    {{ printed_decimals('printed_text', '.') }} as decimals
from dated
