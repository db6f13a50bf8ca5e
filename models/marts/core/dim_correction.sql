select
    correction_id,
    release_id,
    table_name,
    row_label,
    column_label,
    attribute,
    printed,
    corrected,
    reason,
    evidence,
    corrected_on
from {{ ref('correction') }}
order by correction_id
