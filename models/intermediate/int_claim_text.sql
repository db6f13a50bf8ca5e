-- "Main part, methods, paragraph 4" is put together from Main part, methods and paragraph {n}.
with step as (
    select 1 as part_no
    union all
    select 2 as part_no
    union all
    select 3 as part_no
    union all
    select 4 as part_no
),

part as (
    select
        claim.claim_id,
        step.part_no,
        split_part(claim.locator, ', ', step.part_no) as part
    from {{ ref('claim') }} as claim
    cross join step
),

numbered as (
    select
        claim_id,
        part_no,
        regexp_replace(part, '[0-9]+', '{n}') as part,
        regexp_extract(part, '([0-9]+)', 1) as n
    from part
    where part <> ''
),

translated as (
    select
        numbered.claim_id,
        count(*) as parts,
        count(named.part_ru) as parts_ru,
        count(named.part_kk) as parts_kk,
        {{ dbt.listagg("replace(named.part_ru, '{n}', numbered.n)", "', '", 'order by numbered.part_no') }} as said_ru,
        {{ dbt.listagg("replace(named.part_kk, '{n}', numbered.n)", "', '", 'order by numbered.part_no') }} as said_kk
    from numbered
    left join {{ ref('locator_part') }} as named on numbered.part = named.part
    group by numbered.claim_id
)

select
    translated.claim_id,
    -- without one of its parts it would say another place
    case when translated.parts_ru = translated.parts then translated.said_ru end as locator_ru,
    case when translated.parts_kk = translated.parts then translated.said_kk end as locator_kk,
    claim_text.statement_ru,
    claim_text.statement_kk,
    claim_text.note_ru,
    claim_text.note_kk
from translated
left join {{ ref('claim_text') }} as claim_text on translated.claim_id = claim_text.claim_id
