-- Each number that a claim names is printed at its locator, the value first; what is compared is a known metric.
with claim as (
    select
        *,
        case when figures is null then 0 else length(figures) - length(replace(figures, ' ', '')) + 1 end as named
    from {{ ref('claim') }}
),

found as (
    select
        claim.claim_id,
        count(figure.figure_no) as printed_there,
        max(case when split_part(claim.figures, ' ', 1) = cast(figure.figure_no as string) then figure.number end)
            as first_number
    from claim
    left join {{ ref('article_figure') }} as figure
        on
            claim.language = figure.language
            and claim.locator = figure.locator
            and concat(' ', claim.figures, ' ') like concat('% ', figure.figure_no, ' %')
    group by claim.claim_id
)

select
    claim.claim_id,
    claim.figures,
    found.printed_there,
    claim.printed_value,
    found.first_number,
    claim.metric,
    claim.subject
from claim
inner join found on claim.claim_id = found.claim_id
left join {{ ref('metric') }} as metric on claim.metric = metric.metric and claim.subject = metric.subject
left join {{ ref('metric') }} as alternative
    on claim.alternative_metric = alternative.metric and claim.alternative_subject = alternative.subject
where
    claim.named <> found.printed_there
    or claim.printed_value <> found.first_number
    or (claim.printed_value is not null and claim.figures is null)
    or coalesce(claim.metric, claim.note) is null
    or (
        exists (select 1 from {{ ref('metric') }})
        {% if var('as_of') %}
            -- on a past day the mart that a metric is taken from may have no row yet
            and claim.metric in (select known.metric from {{ ref('metric') }} as known)
        {% endif %}
        and (
            (claim.metric is not null and metric.metric is null)
            or (claim.alternative_metric is not null and alternative.metric is null)
        )
    )
