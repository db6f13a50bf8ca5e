{% set other = "concat(metric.subject, ' ', " ~ plain_number('metric.value') ~ ", ' (', metric.detail, ')')" %}

with correlation_context as (
    {{ correlation_context() }}
),

-- Another correlation that comes to the printed figure, where that of the claim does not.
coincidence as (
    select
        claim.claim_id,
        {{ ordered_listagg(other, "'; '", 'metric.subject') }} as found
    from {{ ref('claim') }} as claim
    inner join {{ ref('metric') }} as metric
        on
            metric.metric = 'partial_r' and metric.subject like concat('persons:', claim.subject, ':%')
            and abs(metric.value - claim.claimed_value) <= 0.5 * claim.precision
    where claim.metric like 'pearson_r%' and claim.comparison = 'equals'
    group by claim.claim_id
)

select
    claim.claim_id,
    claim.language,
    claim.locator,
    translated.locator_ru,
    translated.locator_kk,
    claim.figures,
    claim.statement,
    translated.statement_ru,
    translated.statement_kk,
    claim.metric,
    claim.subject,
    claim.printed_value,
    claim.comparison,
    claim.claimed_value,
    history.recomputed_value,
    claim.alternative_metric,
    claim.alternative_subject,
    history.alternative_value as alternative_recomputed_value,
    coalesce(history.verdict, 'not_checkable') as verdict,
    case
        when claim.metric is null then claim.note
        else concat(
            coalesce(history.reason, concat('no ', claim.metric, ' of ', claim.subject)),
            {{ after_mark('. ', 'correlation_context.context') }},
            case
                when history.verdict <> 'contradicted' then ''
                else {{ after_mark('. A coincidence: partial_r of ', 'coincidence.found') }}
            end,
            {{ after_mark('. ', 'claim.note') }}
        )
    end as reason,
    claim.note as note_en,
    translated.note_ru,
    translated.note_kk,
    claim.headline_order
from {{ ref('claim') }} as claim
left join {{ ref('int_claim_text') }} as translated on claim.claim_id = translated.claim_id
left join {{ ref('claim_history') }} as history on claim.claim_id = history.claim_id and history.known_to is null
left join correlation_context
    on
        claim.subject = correlation_context.indicator_code
        and claim.metric in ('pearson_r', 'pearson_r_lower', 'pearson_r_upper', 'pearson_r_complete')
left join coincidence on claim.claim_id = coincidence.claim_id
order by claim.claim_id
