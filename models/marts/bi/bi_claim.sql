{{ config(alias='claim') }}

select
    claim.claim_id,
    claim.language,
    claim.locator,
    claim.statement as statement_en,
    claim.statement_ru,
    claim.statement_kk,
    claim.printed_value,
    claim.comparison,
    claim.claimed_value,
    claim.recomputed_value,
    claim.alternative_recomputed_value,
    claim.verdict,
    verdict.sort_order as verdict_sort_order,
    verdict.name_en as verdict_en,
    verdict.name_ru as verdict_ru,
    verdict.name_kk as verdict_kk,
    finding.finding_en,
    finding.finding_ru,
    finding.finding_kk,
    claim.note_en,
    claim.note_ru,
    claim.note_kk,
    claim.reason
from {{ published('claim_check') }} as claim
left join {{ published('claim_finding') }} as finding on claim.claim_id = finding.claim_id
left join {{ published('dim_code') }} as verdict on verdict.code_list = 'verdict' and claim.verdict = verdict.code
order by claim.claim_id
