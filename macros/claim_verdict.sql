{% macro claim_verdict(value, reading) -%}
    case
        when {{ value }} is null then 'not_checkable'
        when {{ reading }}.comparison = 'above' and {{ value }} > {{ reading }}.claimed_value then 'confirmed'
        when {{ reading }}.comparison = 'below' and {{ value }} < {{ reading }}.claimed_value then 'confirmed'
        when {{ reading }}.comparison <> 'equals' then 'contradicted'
        when {{ value }} = {{ reading }}.claimed_value then 'confirmed'
        -- half a unit of the last printed digit
        when abs({{ value }} - {{ reading }}.claimed_value) <= 0.5 * {{ reading }}.precision then 'confirmed_rounded'
        else 'contradicted'
    end
{%- endmacro %}

{% macro claim_reason(metric, reading) -%}
    case
        when {{ metric }}.value is null
            then concat(
                'no ', {{ reading }}.metric, ' of ', {{ reading }}.subject, {{ after_mark(': ', metric ~ '.reason') }}
            )
        else concat(
            'stated ', case when {{ reading }}.comparison = 'equals' then '' else concat({{ reading }}.comparison, ' ') end,
            {{ plain_number(reading ~ '.claimed_value') }}, ', recomputed ', {{ plain_number(metric ~ '.value') }},
            ' (', {{ reading }}.metric, ' of ', {{ reading }}.subject, ': ', {{ metric }}.method,
            {{ after_mark('; ', metric ~ '.detail') }}, ')', {{ after_mark(' from ', metric ~ '.source_ref') }}
        )
    end
{%- endmacro %}

{% macro plain_number(value) -%}
    case
        when {{ value }} = round({{ value }}) then cast(cast({{ value }} as bigint) as string)
        else regexp_replace(cast(cast({{ value }} as decimal(24, 4)) as string), '[.]?0+$', '')
    end
{%- endmacro %}

{% macro after_mark(mark, text) -%}
    {#- Not concat alone: with a null it is null on Spark and goes on without it on DuckDB. -#}
    case when {{ text }} is null then '' else concat('{{ mark }}', {{ text }}) end
{%- endmacro %}
