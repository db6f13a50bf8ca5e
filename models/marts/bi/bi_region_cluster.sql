{{ config(alias='region_cluster') }}

select
    assignment.reference_year,
    assignment.region_code,
    region.name_en,
    region.name_ru,
    region.name_kk,
    assignment.method,
    {{ code_names('method') }},
    assignment.territory_set,
    {{ code_names('territory_set') }},
    assignment.measure,
    {{ code_names('measure') }},
    assignment.k,
    assignment.cluster_id,
    profile.name_en as cluster_en,
    profile.name_ru as cluster_ru,
    profile.name_kk as cluster_kk,
    projection.axis_1,
    projection.axis_2,
    projection.share_1,
    projection.share_2
from {{ published('cluster_assignment') }} as assignment
inner join {{ published('dim_region') }} as region on assignment.region_code = region.region_code
left join {{ published('cluster_profile') }} as profile
    on
        assignment.reference_year = profile.reference_year and assignment.method = profile.method
        and assignment.k = profile.k and assignment.territory_set = profile.territory_set
        and assignment.measure = profile.measure and assignment.cluster_id = profile.cluster_id
left join {{ published('cluster_projection') }} as projection
    on
        projection.kind = 'region' and assignment.region_code = projection.code
        and assignment.reference_year = projection.reference_year
        and assignment.territory_set = projection.territory_set and assignment.measure = projection.measure
{{ join_code_names({
    'method': ('cluster_method', 'assignment.method'),
    'territory_set': ('territory_set', 'assignment.territory_set'),
    'measure': ('measure', 'assignment.measure'),
}) }}
where assignment.is_chosen_k
order by assignment.method, assignment.territory_set, assignment.measure, assignment.cluster_id, region.name_en
