-- A figure is null exactly where the status says that there is none.
select
    source_ref,
    value,
    obs_status
from {{ ref('fct_revision') }}
where (value is null) <> (obs_status in ('O', 'M', 'L', 'Q', 'H', 'K'))
