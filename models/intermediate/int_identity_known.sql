-- a part without a total, or a total without parts, has nothing to be compared with
with comparable as (
    select slice_id from {{ ref('int_identity_figure') }}
    group by slice_id
    having
        max(case when sign = 0 or kind = 'zero_sum' then 1 end) = 1
        and max(case when sign <> 0 then 1 end) = 1
),

timed as (
    select
        figure.*,
        release.known_from,
        lead(release.known_from) over (
            partition by figure.slice_id, figure.code, figure.source_series
            order by release.known_from
        ) as known_to,
        series.preference
    from {{ ref('int_identity_figure') }} as figure
    inner join comparable on figure.slice_id = comparable.slice_id
    inner join {{ ref('int_release') }} as release on figure.release_id = release.release_id
    inner join {{ ref('source_series') }} as series on figure.source_series = series.source_series
),

-- each release that gives a figure of the slice makes a vintage of it
vintage as (
    select distinct
        slice_id,
        release_id,
        known_from
    from timed
    where {{ is_changed_vintage('known_from') }}
),

known as (
    select
        timed.*,
        vintage.release_id as vintage_release_id,
        row_number() over (
            partition by timed.slice_id, vintage.release_id, timed.code
            order by timed.preference asc, timed.known_from desc
        ) as preference_rank
    from vintage
    inner join timed
        on
            vintage.slice_id = timed.slice_id
            and vintage.known_from >= timed.known_from
            and (vintage.known_from < timed.known_to or timed.known_to is null)
)

select
    slice_id,
    vintage_release_id,
    identity_id,
    {{ observation_key() | join(',\n    ') }},
    kind,
    left_side,
    code,
    sign,
    value,
    release_id
from known
where preference_rank = 1
