{{ config(materialized='view') }}

{% set columns = [
    'release_id', 'table_name', 'cell_kind', 'source_ref', 'indicator_code', 'region_label', 'specialty_code',
    'sex_code', 'residence_code', 'age_code', 'partner_code', 'period_start', 'period_end', 'value', 'unit_code',
    'decimals', 'obs_status', 'source_series'
] %}

with cell as (
    select
        {{ columns | join(', ') }},
        row_label,
        column_label
    from {{ ref('int_cell_described') }}
    union all
    select
        {{ columns | join(', ') }},
        -- asked for by corrections alone: millions of names of rows are not stored for nothing
        case
            when release_id in (select correction.release_id from {{ ref('correction') }} as correction)
                then cast(row_no as string)
        end as row_label,
        cast(column_no as string) as column_label
    from {{ ref('stg_landing__cell') }}
)

select
    {% for column in columns if column != 'region_label' -%}
        cell.{{ column }},
    {% endfor -%}
    cell.row_label,
    cell.column_label,
    coalesce(
        label.region_code,
        {{ fail("concat('unknown region label «', coalesce(cell.region_label, ''), '» in ', cell.source_ref,"
            ~ " '. If it is a new spelling of a region, add it to seeds/reference/region_label.csv, label set «',"
            ~ " release.label_set, '»; if it is a misprint of the transcription, restore the cell.')") }}
    ) as region_code,
    release.declares_back_cast,
    release.is_in_force,
    release.reference_version
from cell
inner join {{ ref('int_release') }} as release on cell.release_id = release.release_id
left join {{ ref('region_label') }} as label
    on
        release.label_set = label.label_set
        and cell.region_label = label.label
        and (label.applies_from is null or cell.period_start >= label.applies_from)
        and (label.applies_to is null or cell.period_start < label.applies_to)
