-- Two meanings of a label at one time would double every figure of the row.
with ordered as (
    select
        *,
        lead(coalesce(applies_from, cast('0001-01-01' as date))) over (
            partition by label_set, label
            order by coalesce(applies_from, cast('0001-01-01' as date))
        ) as next_from
    from {{ ref('region_label') }}
)

select
    label_set,
    label
from ordered
where next_from < coalesce(applies_to, cast('9999-12-31' as date))
