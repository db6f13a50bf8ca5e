{{ config(alias='attractiveness') }}

select
    index_score.reference_year,
    index_score.region_code,
    region.name_en,
    region.name_ru,
    region.name_kk,
    region.macro_region,
    macro_region.name_en as macro_region_en,
    macro_region.name_ru as macro_region_ru,
    macro_region.name_kk as macro_region_kk,
    index_score.score,
    index_score.rank,
    index_score.rank_low,
    index_score.rank_high,
    index_score.rank_median,
    index_score.imputed
from {{ published('attractiveness_index') }} as index_score
inner join {{ published('dim_region') }} as region on index_score.region_code = region.region_code
left join {{ published('dim_code') }} as macro_region
    on macro_region.code_list = 'macro_region' and region.macro_region = macro_region.code
order by index_score.rank
