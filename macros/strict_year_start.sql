{% macro strict_year_start(text, place) -%}
    case
        when {{ matches(text, '^(19|20)[0-9][0-9]$') }} then cast(concat({{ text }}, '-01-01') as date)
        else
            cast({{ fail(
                "concat('cannot read a year in ', " ~ place ~ ", ': expected four digits. Compare the label with the release.')"
            ) }} as date)
    end
{%- endmacro %}
