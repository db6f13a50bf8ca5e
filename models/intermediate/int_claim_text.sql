-- "Main part, methods, paragraph 4" is put together from Main part, methods and paragraph {n}.
with step as (
    {% for part_no in range(1, 7) %}
        select {{ part_no }} as part_no
        {{ 'union all' if not loop.last }}
    {% endfor %}
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
        part,
        regexp_extract(part, '([0-9]+)', 1) as n
    from part
    where part <> ''
),

translated as (
    select
        numbered.claim_id,
        count(named.part_ru) as parts_ru,
        count(named.part_kk) as parts_kk,
        {{ ordered_listagg("replace(named.part_ru, '{n}', numbered.n)", "', '", 'numbered.part_no') }} as said_ru,
        {{ ordered_listagg("replace(named.part_kk, '{n}', numbered.n)", "', '", 'numbered.part_no') }} as said_kk
    from numbered
    left join {{ ref('locator_part') }} as named
        on
            case when numbered.n = '' then numbered.part else replace(numbered.part, numbered.n, '{n}') end = named.part
    group by numbered.claim_id
),

counted as (
    select
        claim_id,
        (length(locator) - length(replace(locator, ', ', ''))) / 2 + 1 as parts
    from {{ ref('claim') }}
)

select
    counted.claim_id,
    -- without one of its parts it would say another place
    case when translated.parts_ru = counted.parts then translated.said_ru end as locator_ru,
    case when translated.parts_kk = counted.parts then translated.said_kk end as locator_kk,
    claim_text.statement_ru,
    claim_text.statement_kk,
    claim_text.note_ru,
    claim_text.note_kk
from counted
left join translated on counted.claim_id = translated.claim_id
left join {{ ref('claim_text') }} as claim_text on counted.claim_id = claim_text.claim_id
