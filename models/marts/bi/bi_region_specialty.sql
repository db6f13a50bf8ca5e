{{ config(alias='region_specialty') }}

select
    structure.region_code,
    region.name_en,
    region.name_ru,
    region.name_kk,
    region.macro_region,
    {{ code_names('macro_region') }},
    structure.specialty_code,
    specialty.sort_order as specialty_sort_order,
    specialty.name_en as specialty_en,
    specialty.name_ru as specialty_ru,
    specialty.name_kk as specialty_kk,
    structure.period_start,
    structure.period_end,
    structure.balance_persons,
    structure.loss_persons,
    structure.share_of_region_losses,
    structure.share_of_specialty_losses,
    structure.national_share_of_losses,
    structure.location_quotient,
    structure.loss_per_1000
from {{ published('region_specialty_structure') }} as structure
inner join {{ published('dim_region') }} as region on structure.region_code = region.region_code
inner join {{ published('dim_specialty') }} as specialty on structure.specialty_code = specialty.specialty_code
{{ join_code_names({'macro_region': ('macro_region', 'region.macro_region')}) }}
order by region.name_en, specialty.sort_order
