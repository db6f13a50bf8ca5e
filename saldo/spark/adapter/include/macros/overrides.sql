{% macro saldospark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {#- A Python model is handed to the adapter as it is: it knows where the result goes. -#}
    {%- if language == 'python' -%}{{ compiled_code }}
    {%- else -%}{{ spark__create_table_as(temporary, relation, compiled_code, language) }}
    {%- endif -%}
{%- endmacro %}

{% macro saldospark__persist_constraints(relation, model) %}
    {#- Parquet tables know no constraints. Types are held by the contract, keys and not null by dbt's tests. -#}
{% endmacro %}

{% macro saldospark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    {#- dbt-spark goes by way of seconds in the time zone of the session, which is null for a timestamp without one. -#}
    timestampadd({{ datepart }}, {{ interval }}, cast({{ from_date_or_timestamp }} as timestamp))
{%- endmacro %}
