{% set columns = 'metric, subject, value, method, detail, reason, known_from' %}
{% set holds = "('confirmed', 'confirmed_rounded')" %}

with reading as (
    {% for no, prefix, value in [(1, '', 'claimed_value'), (2, 'alternative_', 'alternative_value')] %}
        select
            claim_id,
            {{ no }} as reading_no,
            cast({{ prefix }}metric as string) as metric,
            cast({{ prefix }}subject as string) as subject,
            cast({{ prefix }}comparison as string) as comparison,
            {{ value }} as claimed_value,
            precision
        from {{ ref('claim') }}
        where {{ prefix }}metric is not null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- What a mart computed is known of the figures of now alone.
known as (
    select {{ columns }}, source_ref, known_to from {{ ref('py_metric') }}
    union all
    select {{ columns }}, mart as source_ref, cast(null as timestamp) as known_to from {{ ref('metric') }}
    where mart is not null and known_from is not null
),

vintage as (
    select distinct
        reading.claim_id,
        metric.known_from
    from reading
    inner join known as metric on reading.metric = metric.metric and reading.subject = metric.subject
),

judged as (
    select
        vintage.claim_id,
        vintage.known_from,
        reading.reading_no,
        metric.value,
        {{ claim_verdict('metric.value', 'reading') }} as verdict,
        {{ claim_reason('metric', 'reading') }} as reason
    from vintage
    inner join reading on vintage.claim_id = reading.claim_id
    left join known as metric
        on
            reading.metric = metric.metric and reading.subject = metric.subject
            and vintage.known_from >= metric.known_from
            and (metric.known_to is null or vintage.known_from < metric.known_to)
),

paired as (
    select
        claim_id,
        known_from,
        max(case when reading_no = 1 then value end) as recomputed_value,
        max(case when reading_no = 2 then value end) as alternative_value,
        max(case when reading_no = 1 then verdict end) as first_verdict,
        max(case when reading_no = 2 then verdict end) as second_verdict,
        max(case when reading_no = 1 then reason end) as first_reason,
        max(case when reading_no = 2 then reason end) as second_reason
    from judged
    group by claim_id, known_from
)

select
    claim_id,
    cast(known_from as timestamp) as known_from,
    cast(lead(known_from) over (partition by claim_id order by known_from) as timestamp) as known_to,
    recomputed_value,
    alternative_value,
    case
        when 'not_checkable' in (first_verdict, second_verdict) then 'not_checkable'  -- whether they agree is open
        when (first_verdict in {{ holds }}) <> (second_verdict in {{ holds }}) then 'ambiguous'
        else first_verdict
    end as verdict,
    concat(first_reason, {{ after_mark('. Read otherwise: ', 'second_reason') }}) as reason
from paired
order by claim_id, known_from
