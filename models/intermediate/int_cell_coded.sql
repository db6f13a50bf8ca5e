{{ config(materialized='view') }}

{% set columns = [
    'release_id', 'table_name', 'cell_kind', 'source_ref', 'indicator_code', 'region_label', 'specialty_code',
    'sex_code', 'residence_code', 'age_code', 'partner_code', 'period_start', 'period_end', 'value', 'unit_code',
    'decimals', 'obs_status', 'source_series'
] %}
{% set moment = identity_not_summed_columns() %}
{% set of_release = ['label_set', 'declares_back_cast', 'is_in_force', 'reference_version'] %}

-- Each side meets its releases by itself, the large one first: DuckDB then begins the small one when the large one is
-- done. If the small one ends before, DuckDB no longer lets go to disk what is grouped from both.
with cell as (
    select
        {{ columns_of('landed', columns) }},
        -- asked for by corrections alone: millions of names of rows are not stored for nothing
        case
            when landed.release_id in (select correction.release_id from {{ ref('correction') }} as correction)
                then cast(landed.row_no as string)
        end as row_label,
        cast(landed.column_no as string) as column_label,
        {{ row_hash('landed', moment) }} as printed_moment,
        {{ columns_of('release', of_release) }}
    from {{ ref('stg_landing__cell') }} as landed
    inner join {{ ref('int_release') }} as release on landed.release_id = release.release_id
    union all
    select
        {{ columns_of('described', columns) }},
        described.row_label,
        described.column_label,
        {{ row_hash('described', moment) }} as printed_moment,
        {{ columns_of('release', of_release) }}
    from {{ ref('int_cell_described') }} as described
    inner join {{ ref('int_release') }} as release on described.release_id = release.release_id
)

select
    {% for column in columns if column != 'region_label' -%}
        cell.{{ column }},
    {% endfor -%}
    cell.row_label,
    cell.column_label,
    cell.printed_moment,
    coalesce(
        label.region_code,
        {{ fail("concat('unknown region label «', coalesce(cell.region_label, ''), '» in ', cell.source_ref,"
            ~ " '. If it is a new spelling of a region, add it to seeds/reference/region_label.csv, label set «',"
            ~ " cell.label_set, '»; if it is a misprint of the transcription, restore the cell.')") }}
    ) as region_code,
    cell.declares_back_cast,
    cell.is_in_force,
    cell.reference_version
from cell
left join {{ ref('region_label') }} as label
    on
        cell.label_set = label.label_set
        and cell.region_label = label.label
        and (label.applies_from is null or cell.period_start >= label.applies_from)
        and (label.applies_to is null or cell.period_start < label.applies_to)
