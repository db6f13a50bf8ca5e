-- By itself: of millions of statements DuckDB reads every column that is wanted of a few.
select
    {{ columns_of('observation', observation_columns()) }},
    observation.table_name,
    observation.is_in_force
from {{ ref('int_observation') }} as observation
where {{ is_changed_key('observation') }}
