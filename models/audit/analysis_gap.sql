select
    'analysis.cluster_quality' as mart,
    reference_year,
    concat(territory_set, ', ', measure) as subject,
    status,
    reason,
    cast(count(*) as integer) as row_count
from {{ ref('cluster_quality') }}
where status <> 'ok'
group by reference_year, territory_set, measure, status, reason
union all
select
    'analysis.attractiveness_index' as mart,
    reference_year,
    region_code as subject,
    status,
    reason,
    cast(1 as integer) as row_count
from {{ ref('attractiveness_index') }}
where status <> 'ok'
union all
select
    'analysis.attractiveness_indicator' as mart,
    reference_year,
    indicator as subject,
    status,
    reason,
    cast(1 as integer) as row_count
from {{ ref('attractiveness_indicator') }}
where status <> 'ok'
order by mart, reference_year, subject, status, reason
