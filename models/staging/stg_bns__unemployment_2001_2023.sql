with cell as (
    {{ printed_cells('bns_unemployment_2001_2023', last_column=23) }}
),

-- a row is a year (2001) or a quarter (2001-Q1), a column a territory
dated as (
    select
        *,
        case when {{ matches('row_label', '-Q[1-4]$') }} then cast(substr(row_label, 7, 1) as integer) end
            as quarter_no,
        {{ strict_year_start("case when " ~ matches('row_label', '-Q[1-4]$')
            ~ " then substr(row_label, 1, length(row_label) - 3) else row_label end", 'source_ref') }} as year_start,
        -- The workbook keeps the floats behind some cells of 2006-2009. The bureau prints this rate with one
        -- decimal: 7.2577 and 6.6291 (country, 2007 and 2008) are 7.3 and 6.6 in its workbook of 2017-11-29.
        case
            when {{ matches('printed_text', '^[0-9]{1,2}[.][0-9]{7,16}$') }}
                then cast(cast(cast(printed_text as double) as decimal(3, 1)) as string)
            else printed_text
        end as rounded_text
    from cell
)

select
    table_name,
    row_no,
    column_no,
    row_label,
    column_label,
    source_ref,
    column_label as region_label,
    cast({{ dbt.dateadd('month', '3 * coalesce(quarter_no - 1, 0)', 'year_start') }} as date) as period_start,
    cast({{ dbt.dateadd('month', '3 * coalesce(quarter_no, 4)', 'year_start') }} as date) as period_end,
    'fact' as cell_kind,
    printed_text,
    {{ strict_decimal('rounded_text', '.', 'source_ref') }} as value,
    {{ printed_decimals('rounded_text', '.') }} as decimals
from dated
