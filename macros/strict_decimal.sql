{% macro strict_decimal(text, decimal_mark, place, missing_marks=[]) -%}
    {#- Digits, an optional leading hyphen and one declared decimal mark, at most six decimals. Anything else that
        is not a declared missing mark stops the build: try_cast would turn a misprint into a silent null. -#}
    {%- set pattern = '^-?[0-9]{1,18}([' ~ decimal_mark ~ '][0-9]{1,6})?$' -%}
    case
        when {{ is_missing(text, missing_marks) }} then cast(null as decimal(24, 6))
        when {{ matches(text, pattern) }}
            then cast(replace({{ text }}, '{{ decimal_mark }}', '.') as decimal(24, 6))
        else
            cast({{ fail(
                "concat('cannot read a number in ', " ~ place ~ ", ': found «', " ~ text
                ~ ", '», expected digits with «" ~ decimal_mark
                ~ "» as the decimal mark. Compare the cell with the release; do not edit it to fit.')"
            ) }} as decimal(24, 6))
    end
{%- endmacro %}

{% macro printed_decimals(text, decimal_mark) -%}
    cast(case
        when position('{{ decimal_mark }}' in {{ text }}) = 0 then 0
        else length({{ text }}) - position('{{ decimal_mark }}' in {{ text }})
    end as integer)
{%- endmacro %}

{% macro is_missing(text, missing_marks) -%}
    ({{ text }} is null
    {%- for mark in missing_marks %} or {{ text }} = '{{ mark }}'{% endfor %})
{%- endmacro %}

{% macro matches(text, pattern) %}{{ return(adapter.dispatch('matches', 'saldo')(text, pattern)) }}{% endmacro %}

{% macro duckdb__matches(text, pattern) %}regexp_matches({{ text }}, '{{ pattern }}'){% endmacro %}

{% macro spark__matches(text, pattern) %}{{ text }} rlike '{{ pattern }}'{% endmacro %}
