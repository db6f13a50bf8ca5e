with correlation_context as (
    {{ correlation_context() }}
)

select
    claim.claim_id,
    claim.language,
    claim.locator,
    claim.figures,
    claim.statement,
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
            {{ after_mark('. ', 'claim.note') }}
        )
    end as reason
from {{ ref('claim') }} as claim
left join {{ ref('claim_history') }} as history on claim.claim_id = history.claim_id and history.known_to is null
left join correlation_context
    on
        claim.subject = correlation_context.indicator_code
        and claim.metric in ('pearson_r', 'pearson_r_lower', 'pearson_r_upper', 'pearson_r_complete')
order by claim.claim_id
