-- Every number in the article's prose belongs to a claim or to an exclusion, and not to both; an exclusion is of a
-- number that is there, and one in brackets is the only kind of citation.
select
    language,
    locator,
    figure_no,
    concat_ws(', ', min(belongs_to), nullif(max(belongs_to), min(belongs_to))) as found
from {{ ref('claim_figure') }}
group by language, locator, figure_no
having max(belongs_to) = 'nothing' or count(distinct role = 'excluded') > 1
union all
select
    exclusion.language,
    exclusion.locator,
    exclusion.figure_no,
    concat(exclusion.kind, ' of ', coalesce(figure.printed, 'no such number')) as found
from {{ ref('claim_exclusion') }} as exclusion
left join {{ ref('article_figure') }} as figure
    on
        exclusion.language = figure.language
        and exclusion.locator = figure.locator
        and exclusion.figure_no = figure.figure_no
where figure.figure_no is null or figure.is_citation <> (exclusion.kind = 'citation')
