{{ config(alias='claim') }}

select
    claim.claim_id,
    min(claim.claim_id) over (
        partition by
            claim.statement, claim.printed_value, claim.comparison, claim.claimed_value,
            claim.metric, claim.subject, claim.alternative_metric, claim.alternative_subject
    ) as statement_id,
    claim.headline_order,
    claim.language,
    {{ code_names('language') }},
    claim.locator,
    claim.locator_ru,
    claim.locator_kk,
    claim.statement as statement_en,
    claim.statement_ru,
    claim.statement_kk,
    claim.printed_value,
    claim.comparison,
    {{ code_names('comparison') }},
    claim.claimed_value,
    claim.recomputed_value,
    claim.alternative_recomputed_value,
    finding.unit,
    {{ code_names('unit') }},
    finding.decimals,
    finding.alternative_unit,
    {{ code_names('alternative_unit') }},
    finding.alternative_decimals,
    claim.verdict,
    verdict_name.sort_order as verdict_sort_order,
    {{ code_names('verdict') }},
    finding.finding_en,
    finding.finding_ru,
    finding.finding_kk,
    claim.note_en,
    claim.note_ru,
    claim.note_kk,
    claim.reason
from {{ published('claim_check') }} as claim
left join {{ published('claim_finding') }} as finding on claim.claim_id = finding.claim_id
{{ join_code_names({
    'language': ('language', 'claim.language'),
    'comparison': ('comparison', 'claim.comparison'),
    'verdict': ('verdict', 'claim.verdict'),
    'unit': ('claim_unit', 'finding.unit'),
    'alternative_unit': ('claim_unit', 'finding.alternative_unit'),
}) }}
order by claim.claim_id
