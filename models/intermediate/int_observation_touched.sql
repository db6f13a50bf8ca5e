{% set touched = ref('int_moment_touched') %}
{% set is_known = execute and load_relation(touched) %}
{% set found = run_query("select number, is_touched from " ~ touched).rows if is_known else [] %}
{% set numbers = found | map(attribute=0) | unique | join(', ') %}

-- read once for all models that ask what else was said of what changed releases speak of
select {{ columns_of('observation', observation_columns() + ['table_name', 'is_in_force']) }}
from {{ ref('int_observation') }} as observation
where
    {% if not found | selectattr(1) | list %}
        false
    {% else %}
        {{ row_hash('observation', identity_not_summed_columns()) }} in (
            select touched.number from {{ touched }} as touched
            where touched.is_touched
        )
        {% if found | length <= var('named_moments') %}
            -- numbers that stand here DuckDB asks for in the file, before labels, corrections and regions are looked up
            and observation.printed_moment in ({{ numbers }})
        {% endif %}
    {% endif %}
