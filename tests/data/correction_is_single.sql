-- Two corrections of one attribute of one cell would leave it to chance which one holds.
select
    release_id,
    table_name,
    row_label,
    column_label,
    attribute,
    count(*) as corrections
from {{ ref('correction') }}
group by release_id, table_name, row_label, column_label, attribute
having count(*) > 1
