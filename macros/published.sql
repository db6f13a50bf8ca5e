{% macro published(model_name) -%}
    {#- A table of the published file by schema and name alone: a view that also named the database would break
        as soon as the file bears another name. -#}
    {{ ref(model_name).include(database=false) }}
{%- endmacro %}

{% macro code_names(coded) -%}
    {#- The names in three languages of what join_code_names has joined under this name. -#}
    {{ coded }}_name.name_en as {{ coded }}_en,
    {{ coded }}_name.name_ru as {{ coded }}_ru,
    {{ coded }}_name.name_kk as {{ coded }}_kk
{%- endmacro %}

{% macro join_code_names(coded) -%}
    {%- for name, (code_list, code) in coded.items() %}
left join {{ published('dim_code') }} as {{ name }}_name
    on {{ name }}_name.code_list = '{{ code_list }}' and {{ code }} = {{ name }}_name.code
    {%- endfor %}
{%- endmacro %}
