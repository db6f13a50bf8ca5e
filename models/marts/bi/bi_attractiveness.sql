{{ config(alias='attractiveness') }}

select
    index_score.reference_year,
    index_score.region_code,
    region.name_en,
    region.name_ru,
    region.name_kk,
    region.macro_region,
    {{ code_names('macro_region') }},
    index_score.score,
    index_score.rank,
    index_score.rank_low,
    index_score.rank_high,
    index_score.rank_median,
    index_score.imputed,
    index_score.status,
    {{ code_names('status') }},
    index_score.reason
from {{ published('attractiveness_index') }} as index_score
inner join {{ published('dim_region') }} as region on index_score.region_code = region.region_code
{{ join_code_names({
    'macro_region': ('macro_region', 'region.macro_region'),
    'status': ('status', 'index_score.status'),
}) }}
order by index_score.rank
