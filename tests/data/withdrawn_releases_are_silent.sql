-- Once a release is withdrawn, what stands is another's word.
select
    figure.release_id,
    figure.source_ref
from {{ ref('fct_observation') }} as figure
inner join {{ ref('dim_release') }} as release on figure.release_id = release.release_id
where release.withdrawn_on is not null
