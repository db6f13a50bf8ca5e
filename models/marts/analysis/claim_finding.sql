{% set readings = [
    ('metric', 'subject', 'comparison', 'claimed_value', 'recomputed_value'),
    ('alternative_metric', 'alternative_subject', 'alternative_comparison', 'alternative_value', 'alternative_value'),
] %}

with metric as (
    select
        *,
        case unit when 'share' then 100 else 1 end as factor
    from {{ ref('claim_metric') }}
),

reading as (
    {% for metric, subject, comparison, stated, found in readings %}
        select
            claim.claim_id,
            {{ loop.index }} as reading_no,
            cast(claim.{{ comparison }} as string) as comparison,
            metric.unit,
            {{ 'claim.printed_value' if loop.first else 'cast(null as string)' }} as printed_value,
            coalesce(narrower.name_en, metric.name_en) as name_en,
            coalesce(narrower.name_ru, metric.name_ru) as name_ru,
            coalesce(narrower.name_kk, metric.name_kk) as name_kk,
            claim.precision,
            cast(metric.factor * coalesce(claim.precision, metric.precision) as decimal(10, 3)) as step,
            metric.factor * claim.{{ stated }} as stated,
            metric.factor * history.{{ found }} as found
        from {{ ref('claim') }} as claim
        inner join metric on claim.{{ metric }} = metric.metric and metric.subject = '*'
        left join metric as narrower
            on claim.{{ metric }} = narrower.metric and claim.{{ subject }} = narrower.subject
        left join {{ ref('claim_history') }} as history
            on claim.claim_id = history.claim_id and history.known_to is null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

written as (
    select
        reading.claim_id,
        reading.reading_no,
        reading.comparison,
        reading.precision,
        reading.step,
        -- what is printed in thousands is told from its value in the unit of the metric
        case
            when
                reading.unit = 'persons' and reading.stated <> 0
                and 1000 * try_cast(reading.printed_value as decimal(18, 3)) = reading.stated then 'thousand_persons'
            else reading.unit
        end as unit,
        reading.name_en,
        reading.name_ru,
        reading.name_kk,
        {{ finding_number('stated', 'reading') }} as stated_number,
        {{ finding_number('found', 'reading') }} as found_number
    from reading
)

select
    claim.claim_id,
    {% for language, words in finding_words().items() %}
        {% set name = 'first_reading.name_' ~ language %}
        {% set capital = "concat(upper(substr(" ~ name ~ ", 1, 1)), substr(" ~ name ~ ", 2))" %}
        {% set other = finding_sentence(words, 'second_reading.name_' ~ language, 'second_reading') %}
        case
            when first_reading.claim_id is null then '{{ words.nothing }}'
            when second_reading.claim_id is null then {{ finding_sentence(words, capital, 'first_reading') }}
            else concat({{ finding_sentence(words, capital, 'first_reading') }}, '{{ words.otherwise }}', {{ other }})
        end as finding_{{ language }},
    {% endfor %}
    first_reading.unit,
    {{ decimals_of_step("first_reading.step / case first_reading.unit when 'thousand_persons' then 1000 else 1 end") }}
        as decimals,
    second_reading.unit as alternative_unit,
    {{ decimals_of_step('second_reading.step') }} as alternative_decimals
from {{ ref('claim') }} as claim
left join written as first_reading on claim.claim_id = first_reading.claim_id and first_reading.reading_no = 1
left join written as second_reading on claim.claim_id = second_reading.claim_id and second_reading.reading_no = 2
order by claim.claim_id
