{% macro finding_words() -%}
    {#- Kazakh takes the bound by a noun of its own: the case ending of a number depends on how it is read. -#}
    {{ return({
        'en': {'group': ',', 'point': '.', 'per_cent': '%', 'yes': 'yes', 'no': 'no', 'stated': 'stated ', 'holds': 'holds if ', 'after_holds': '',
               'above': 'above ', 'after_above': '', 'below': 'below ', 'after_below': '',
               'found': '; the tables give ', 'not_found': '; the tables have no figure',
               'otherwise': ' Read otherwise, ', 'nothing': 'No table here decides it.'},
        'ru': {'group': '\u00a0', 'point': ',', 'per_cent': '\u00a0%', 'yes': 'да', 'no': 'нет', 'stated': 'заявлено ', 'holds': 'верно, если ', 'after_holds': '',
               'above': 'больше ', 'after_above': '', 'below': 'меньше ', 'after_below': '',
               'found': '; по таблицам ', 'not_found': '; в таблицах данных нет',
               'otherwise': ' При другом толковании — ', 'nothing': 'По таблицам проверить нельзя.'},
        'kk': {'group': '\u00a0', 'point': ',', 'per_cent': '\u00a0%', 'yes': 'иә', 'no': 'жоқ', 'stated': 'мәлімделгені ', 'holds': '', 'after_holds': ' болса дұрыс',
               'above': '', 'after_above': ' деңгейінен жоғары', 'below': '', 'after_below': ' деңгейінен төмен',
               'found': '; кестелер бойынша ', 'not_found': '; кестелерде дерек жоқ',
               'otherwise': ' Басқа түсіндірмеде — ', 'nothing': 'Кестелер бойынша тексеру мүмкін емес.'},
    }) }}
{%- endmacro %}

{% macro display_number(value, step) -%}
    {%- set steps = 'round(abs(' ~ value ~ ') / ' ~ step ~ ')' -%}
    {%- set magnitude = 'cast(cast(' ~ steps ~ ' * ' ~ step ~ ' as decimal(18, 3)) as string)' -%}
    {%- set padded = 'lpad(split_part(' ~ magnitude ~ ", '.', 1), 15, '0')" -%}
    case
        when {{ value }} is null then null
        else concat(
            case when {{ value }} < 0 and {{ steps }} > 0 then '−' else '' end,
            coalesce(
                nullif(
                    regexp_replace(
                        concat({% for start in (1, 4, 7, 10, 13) -%}
                            {{ "',', " if not loop.first }}substr({{ padded }}, {{ start }}, 3){{ ', ' if not loop.last }}
                        {%- endfor %}),
                        '^[0,]+', ''
                    ),
                    ''
                ),
                '0'
            ),
            case
                when {{ step }} >= 1 then ''
                when {{ step }} >= 0.1 then concat('.', substr(split_part({{ magnitude }}, '.', 2), 1, 1))
                when {{ step }} >= 0.01 then concat('.', substr(split_part({{ magnitude }}, '.', 2), 1, 2))
                else concat('.', split_part({{ magnitude }}, '.', 2))
            end
        )
    end
{%- endmacro %}

{% macro decimals_of_step(step) -%}
    case
        when {{ step }} is null then null
        when {{ step }} >= 1 then 0
        when {{ step }} >= 0.1 then 1
        when {{ step }} >= 0.01 then 2
        else 3
    end
{%- endmacro %}

{% macro finding_number(number, reading) -%}
    {#- Where the text prints no digits, a whole number has none after the point either. -#}
    {%- set value = reading ~ '.' ~ number -%}
    case
        when {{ value }} is null then null
        when {{ reading }}.unit = 'yes_no' then case {{ value }} when 1 then 'yes' else 'no' end
        when {{ reading }}.unit = 'year' then cast(cast({{ value }} as integer) as string)
        else concat(
            regexp_replace(
                {{ display_number(value, reading ~ '.step') }},
                case when {{ reading }}.precision is null then '[.]0+$' else '^$' end,
                ''
            ),
            case when {{ reading }}.unit = 'share' then '%' else '' end
        )
    end
{%- endmacro %}

{% macro number_in(words, number) -%}
    {#- The comma goes first: it becomes the decimal mark of the other languages. -#}
    case {{ number }}
        when 'yes' then '{{ words.yes }}'
        when 'no' then '{{ words.no }}'
        else replace(
            replace(replace({{ number }}, ',', '{{ words.group }}'), '.', '{{ words.point }}'), '%', '{{ words.per_cent }}'
        )
    end
{%- endmacro %}

{% macro finding_sentence(words, name, reading) -%}
    {#- Where the text prints no figure, what is compared is a rule of ours: nothing was stated. -#}
    concat(
        {{ name }},
        case when {{ reading }}.precision is null then ': {{ words.holds }}' else ': {{ words.stated }}' end,
        case {{ reading }}.comparison when 'above' then '{{ words.above }}' when 'below' then '{{ words.below }}' else '' end,
        {{ number_in(words, reading ~ '.stated_number') }},
        case {{ reading }}.comparison
            when 'above' then '{{ words.after_above }}' when 'below' then '{{ words.after_below }}' else ''
        end,
        case when {{ reading }}.precision is null then '{{ words.after_holds }}' else '' end,
        case
            when {{ reading }}.found_number is null then '{{ words.not_found }}'
            else concat('{{ words.found }}', {{ number_in(words, reading ~ '.found_number') }})
        end,
        '.'
    )
{%- endmacro %}
