{% macro saldospark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {#- A Python model is handed to the adapter as it is: it knows where the result goes. -#}
    {%- if language == 'python' -%}{{ compiled_code }}
    {%- else -%}{{ spark__create_table_as(temporary, relation, compiled_code, language) }}
    {%- endif -%}
{%- endmacro %}

{% macro saldospark__persist_constraints(relation, model) %}
    {#- Parquet tables know no constraints. Types are held by the contract, keys and not null by dbt's tests. -#}
{% endmacro %}
