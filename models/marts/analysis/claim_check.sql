with claim as (
    select
        claim.*,
        cast(claim.printed_value as decimal(24, 6)) as printed_number,
        {{ printed_decimals('claim.printed_value', '.') }} as printed_decimals,
        metric.value as recomputed_value,
        metric.method
    from {{ ref('claim') }} as claim
    left join {{ ref('metric') }} as metric on claim.metric = metric.metric and claim.subject = metric.subject
),

judged as (
    select
        *,
        case
            when recomputed_value is null then 'not_checkable'
            when recomputed_value = cast(printed_number as double) then 'confirmed'
            -- half a unit of the last printed digit
            when abs(recomputed_value - cast(printed_number as double)) <= 0.5 * power(10, -printed_decimals)
                then 'confirmed_rounded'
            else 'contradicted'
        end as verdict
    from claim
)

select
    claim_id,
    language,
    locator,
    statement,
    metric,
    subject,
    printed_value,
    recomputed_value,
    verdict,
    case
        when verdict = 'not_checkable' then concat('no figure of ', metric, ' for ', subject, ' in the warehouse')
        else concat(
            'printed ', printed_value, ', recomputed ',
            case
                when recomputed_value = round(recomputed_value) then cast(cast(recomputed_value as bigint) as string)
                else cast(cast(recomputed_value as decimal(24, 4)) as string)
            end,
            ' (', method, ', ', metric, ' of ', subject, ')'
        )
    end as reason
from judged
order by claim_id
