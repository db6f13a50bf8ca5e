{% set moment = identity_not_summed_columns() %}
{% set is_changed = is_changed_vintage('known_from') %}
-- depends_on: {{ ref('int_key_changed') }} {{ ref('int_release') }} {{ ref('int_control_total') }}

-- read once for all models that ask what else was said of what changed releases speak of
with touched as (
    select {{ row_hash('changed', moment) }} as number from {{ ref('int_key_changed') }} as changed
    {% if is_changed != 'true' %}
        union
        select {{ row_hash('said', moment) }} as number
        from ({{ identity_statements(ref('int_observation'), is_changed) }}) as said
    {% endif %}
)

select {{ columns_of('observation', observation_columns() + ['table_name', 'is_in_force']) }}
from {{ ref('int_observation') }} as observation
where {{ row_hash('observation', moment) }} in (select touched.number from touched)
