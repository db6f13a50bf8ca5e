{{ config(alias='cluster_merge') }}

select
    node.reference_year,
    node.territory_set,
    {{ code_names('territory_set') }},
    node.measure,
    {{ code_names('measure') }},
    node.step,
    node.left_node,
    left_region.name_en as left_en,
    left_region.name_ru as left_ru,
    left_region.name_kk as left_kk,
    node.right_node,
    right_region.name_en as right_en,
    right_region.name_ru as right_ru,
    right_region.name_kk as right_kk,
    node.height,
    node.size
from {{ published('cluster_merge') }} as node
left join {{ published('dim_region') }} as left_region on node.left_node = left_region.region_code
left join {{ published('dim_region') }} as right_region on node.right_node = right_region.region_code
{{ join_code_names({
    'territory_set': ('territory_set', 'node.territory_set'),
    'measure': ('measure', 'node.measure'),
}) }}
where node.method = 'ward'
order by node.territory_set, node.measure, node.step
