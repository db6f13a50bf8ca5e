with cell as (
    select * from {{ ref('stg_article__table_1') }}
    union all
    select * from {{ ref('stg_article__table_2') }}
    union all
    select * from {{ ref('stg_article__table_3') }}
    union all
    select * from {{ ref('stg_bns__population_2023_07_21') }}
    union all
    select * from {{ ref('stg_bns__population_2026_08_11') }}
),

described as (
    select
        release.release_id,
        release.label_set,
        release.declares_back_cast,
        cell.*,
        meaning.indicator_code,
        meaning.specialty_code,
        meaning.age_code,
        meaning.unit_code,
        meaning.source_series,
        coalesce(cell.period_start, meaning.period_start) as stated_period_start,
        coalesce(cell.period_end, meaning.period_end) as stated_period_end
    from cell
    inner join {{ ref('release_table') }} as release_table on cell.table_name = release_table.table_name
    inner join {{ ref('int_release') }} as release on release_table.release_id = release.release_id
    left join {{ ref('table_column') }} as meaning
        on cell.table_name = meaning.table_name and cell.column_label = meaning.column_label
)

select
    described.release_id,
    described.declares_back_cast,
    described.table_name,
    described.row_label,
    described.column_label,
    described.cell_kind,
    described.source_ref,
    coalesce(
        described.indicator_code,
        {{ fail("concat('unknown column label in ', described.source_ref,"
            ~ " '. Map the label as printed in seeds/reference/table_column.csv.')") }}
    ) as indicator_code,
    coalesce(
        label.region_code,
        {{ fail("concat('unknown region label «', coalesce(described.region_label, ''), '» in ',"
            ~ " described.source_ref, '. If it is a new spelling of a region, add it to"
            ~ " seeds/reference/region_label.csv, label set «', described.label_set,"
            ~ " '»; if it is a misprint of the transcription, restore the cell.')") }}
    ) as region_code,
    described.specialty_code,
    described.age_code,
    described.stated_period_start as period_start,
    described.stated_period_end as period_end,
    described.value,
    described.unit_code,
    case when described.value is not null then described.decimals end as decimals,
    case
        when described.value is not null then 'A'
        when mark.meaning is not null then mark.obs_status
        else {{ fail("concat('cell without a figure in ', described.source_ref,"
            ~ " ': seeds/reference/missing_mark.csv declares no meaning for the mark «',"
            ~ " coalesce(described.printed_text, ''), '» in this column. Compare the cell with the release.')") }}
    end as obs_status,
    described.source_series
from described
left join {{ ref('region_label') }} as label
    on
        described.label_set = label.label_set
        and described.region_label = label.label
        and (label.applies_from is null or described.stated_period_start >= label.applies_from)
        and (label.applies_to is null or described.stated_period_start < label.applies_to)
left join {{ ref('missing_mark') }} as mark
    on
        described.table_name = mark.table_name
        and (mark.column_label is null or described.column_label = mark.column_label)
        and coalesce(described.printed_text, '') = coalesce(mark.mark, '')
