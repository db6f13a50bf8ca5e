select
    event_date,
    date_precision,
    predecessor_code,
    successor_code,
    relation,
    evidence
from {{ ref('boundary_event') }}
order by event_date, predecessor_code, successor_code
