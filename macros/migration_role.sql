{% macro migration_role(balance, margin_persons) -%}
    case
        when {{ balance }} < -{{ margin_persons }} then 'donor'
        when {{ balance }} > {{ margin_persons }} then 'recipient'
        when {{ balance }} is not null then 'near_zero'
    end
{%- endmacro %}
