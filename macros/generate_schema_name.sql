{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- Users see core.dim_region in every environment; dbt's default would name it main_core.dim_region. -#}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
