{{ config(alias='observation') }}

select
    fact.indicator_code,
    indicator.name_en as indicator_en,
    indicator.name_ru as indicator_ru,
    indicator.name_kk as indicator_kk,
    fact.region_code,
    region.name_en,
    region.name_ru,
    region.name_kk,
    region.macro_region,
    fact.specialty_code,
    specialty.name_en as specialty_en,
    specialty.name_ru as specialty_ru,
    specialty.name_kk as specialty_kk,
    fact.age_code,
    fact.period_start,
    fact.period_end,
    year(fact.period_start) as year,
    fact.value,
    fact.unit_code,
    unit.name_en as unit_en,
    unit.name_ru as unit_ru,
    unit.name_kk as unit_kk,
    fact.decimals,
    fact.obs_status,
    status.name_en as obs_status_en,
    status.name_ru as obs_status_ru,
    status.name_kk as obs_status_kk,
    fact.source_series,
    fact.release_id,
    fact.source_ref
from {{ published('headline_observation') }} as fact
inner join {{ published('dim_indicator') }} as indicator on fact.indicator_code = indicator.indicator_code
inner join {{ published('dim_region') }} as region on fact.region_code = region.region_code
left join {{ published('dim_specialty') }} as specialty on fact.specialty_code = specialty.specialty_code
left join {{ published('dim_code') }} as unit on unit.code_list = 'unit' and fact.unit_code = unit.code
left join {{ published('dim_code') }} as status on status.code_list = 'obs_status' and fact.obs_status = status.code
