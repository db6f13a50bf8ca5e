-- Declared to warn only: a release that revises a part and not the sum is no fault of the reading.
{{ config(severity='warn') }}

select
    identity_id,
    release_id,
    indicator_code,
    region_code,
    sex_code,
    residence_code,
    period_start,
    left_value,
    right_value,
    difference,
    parts_count
from {{ ref('identity_check') }}
where outcome = 'breach' and severity = 'warn'
