{% macro published(model_name) -%}
    {#- A table of the published file by schema and name alone: a view that also named the database would break
        as soon as the file bears another name. -#}
    {{ ref(model_name).include(database=false) }}
{%- endmacro %}
