{{ config(alias='revision') }}

select
    revision.indicator_code,
    indicator.name_en as indicator_en,
    indicator.name_ru as indicator_ru,
    indicator.name_kk as indicator_kk,
    revision.unit_code,
    unit.name_en as unit_en,
    unit.name_ru as unit_ru,
    unit.name_kk as unit_kk,
    revision.region_code,
    region.name_en,
    region.name_ru,
    region.name_kk,
    revision.period_start,
    revision.period_end,
    revision.source_series,
    revision.first_value,
    revision.later_value,
    revision.revision,
    revision.first_release_id,
    first_release.title as first_release_title,
    first_release.published_on as first_published_on,
    revision.later_release_id,
    later_release.title as later_release_title,
    later_release.published_on as later_published_on
from {{ published('figure_revision') }} as revision
inner join {{ published('dim_indicator') }} as indicator on revision.indicator_code = indicator.indicator_code
inner join {{ published('dim_region') }} as region on revision.region_code = region.region_code
left join {{ published('dim_code') }} as unit on unit.code_list = 'unit' and revision.unit_code = unit.code
left join {{ published('dim_release') }} as first_release on revision.first_release_id = first_release.release_id
left join {{ published('dim_release') }} as later_release on revision.later_release_id = later_release.release_id
where revision.age = 'latest'
order by revision.indicator_code, revision.period_start, revision.region_code
