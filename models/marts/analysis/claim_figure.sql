with counted as (
    select
        figure.language,
        figure.locator,
        figure.figure_no,
        figure.printed,
        claim.claim_id as belongs_to,
        case
            when
                claim.printed_value is not null
                and split_part(claim.figures, ' ', 1) = cast(figure.figure_no as string)
                then 'printed_value'
            else 'subject'
        end as role,
        concat(claim.verdict, ': ', claim.reason) as reason
    from {{ ref('article_figure') }} as figure
    inner join {{ ref('claim_check') }} as claim
        on
            figure.language = claim.language
            and figure.locator = claim.locator
            and concat(' ', claim.figures, ' ') like concat('% ', figure.figure_no, ' %')
)

select
    language,
    locator,
    figure_no,
    printed,
    belongs_to,
    role,
    reason
from counted
union all
select
    figure.language,
    figure.locator,
    figure.figure_no,
    figure.printed,
    coalesce(exclusion.kind, 'nothing') as belongs_to,
    'excluded' as role,
    coalesce(exclusion.reason, 'neither a claim nor a reason for leaving it out') as reason
from {{ ref('article_figure') }} as figure
left join {{ ref('claim_exclusion') }} as exclusion
    on
        figure.language = exclusion.language
        and figure.locator = exclusion.locator
        and figure.figure_no = exclusion.figure_no
left join counted
    on
        figure.language = counted.language
        and figure.locator = counted.locator
        and figure.figure_no = counted.figure_no
where counted.figure_no is null or exclusion.figure_no is not null
order by language, locator, figure_no, belongs_to
