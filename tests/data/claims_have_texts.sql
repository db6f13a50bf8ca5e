-- Every claim has its statement, and the note that it has, in Russian and Kazakh; no text is of a claim that is not
-- there; what a claim is compared with has a name in each language, and so has each part of its locator.
select
    coalesce(claim.claim_id, translated.claim_id) as claim_id,
    case
        when claim.claim_id is null then 'a text of no claim'
        when translated.claim_id is null then 'no text'
        when coalesce(translated.statement_ru, '') = '' then 'no statement_ru'
        when coalesce(translated.statement_kk, '') = '' then 'no statement_kk'
        when (claim.note is null) <> (translated.note_ru is null) then 'note in English or Russian only'
        when (claim.note is null) <> (translated.note_kk is null) then 'note in English or Kazakh only'
    end as found
from {{ ref('claim') }} as claim
full outer join {{ ref('claim_text') }} as translated on claim.claim_id = translated.claim_id
where
    claim.claim_id is null
    or coalesce(translated.statement_ru, '') = ''
    or coalesce(translated.statement_kk, '') = ''
    or (claim.note is null) <> (translated.note_ru is null)
    or (claim.note is null) <> (translated.note_kk is null)
union all
select
    compared.claim_id,
    concat('no name of ', compared.metric) as found
from (
    select
        claim_id,
        metric
    from {{ ref('claim') }}
    union all
    select
        claim_id,
        alternative_metric as metric
    from {{ ref('claim') }}
) as compared
left join {{ ref('claim_metric') }} as named on compared.metric = named.metric and named.subject = '*'
where
    compared.metric is not null
    and (coalesce(named.name_en, '') = '' or coalesce(named.name_ru, '') = '' or coalesce(named.name_kk, '') = '')
union all
select
    claim_id,
    'no locator in Russian or Kazakh' as found
from {{ ref('int_claim_text') }}
where coalesce(locator_ru, '') = '' or coalesce(locator_kk, '') = ''
