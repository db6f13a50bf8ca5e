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
    {{ code_names('macro_region') }},
    fact.specialty_code,
    coalesce(specialty.name_en, all_specialties_name.name_en) as specialty_en,
    coalesce(specialty.name_ru, all_specialties_name.name_ru) as specialty_ru,
    coalesce(specialty.name_kk, all_specialties_name.name_kk) as specialty_kk,
    fact.age_code,
    {{ code_names('age') }},
    fact.period_start,
    fact.period_end,
    cast(year(fact.period_start) as bigint) as year,
    fact.value,
    fact.unit_code,
    {{ code_names('unit') }},
    fact.decimals,
    fact.obs_status,
    {{ code_names('obs_status') }},
    fact.source_series,
    fact.release_id,
    fact.source_ref
from {{ published('headline_observation') }} as fact
inner join {{ published('dim_indicator') }} as indicator on fact.indicator_code = indicator.indicator_code
inner join {{ published('dim_region') }} as region on fact.region_code = region.region_code
left join {{ published('dim_specialty') }} as specialty on fact.specialty_code = specialty.specialty_code
{{ join_code_names({
    'macro_region': ('macro_region', 'region.macro_region'),
    'all_specialties': ('specialty', 'fact.specialty_code'),
    'age': ('age', 'fact.age_code'),
    'unit': ('unit', 'fact.unit_code'),
    'obs_status': ('obs_status', 'fact.obs_status'),
}) }}
