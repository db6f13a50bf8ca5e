{% set moment = identity_not_summed_columns() %}
{% set is_changed = is_changed_vintage('known_from') %}
-- depends_on: {{ ref('int_key_changed') }} {{ ref('int_release') }} {{ ref('int_control_total') }}
-- depends_on: {{ ref('int_observation') }}

with touched as (
    select {{ row_hash('changed', moment) }} as number from {{ ref('int_key_changed') }} as changed
    {% if is_changed != 'true' %}
        union
        select {{ row_hash('said', moment) }} as number
        from ({{ identity_statements(ref('int_observation'), is_changed) }}) as said
    {% endif %}
)

select
    number,
    true as is_touched
from touched
union all
-- a correction may take a cell into one of them
select distinct
    printed_moment as number,
    false as is_touched
from {{ ref('int_cell_correction') }}
