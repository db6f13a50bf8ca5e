{% set shown = identity_not_summed_columns() + ['left_value', 'right_value', 'parts_count'] %}
{% set is_changed = is_changed_vintage('known_from') %}{% set only_changed = is_changed != 'true' %}
-- depends_on: {{ ref('int_release') }} {{ ref('int_observation') }} {{ ref('int_cell_corrected') }}

with added as (
    {{ identity_sums(is_changed) }}
),

total as (
    select distinct
        {{ (['sum_no'] + identity_sum_columns() + ['kind', 'left_side', 'is_chosen_from']) | join(',\n        ') }}
    from {{ ref('int_identity_sum') }}
),

-- open: what was known at each of several releases, and which of the figures count, the next models find out
judged as (
    select
        added.*,
        case
            when {{ only_changed }} or total.is_chosen_from or added.first_no < added.release_no then 'open'
            -- one of them is there twice: the test of the figures names it
            when added.totals_said > 1 or added.code_bits <> added.codes_said then 'open'
            -- a region of another time than its territory, or one without a figure, may be no part
            when added.doubt >= 3 or added.doubt is not null and added.parts_said > added.parts_count then 'open'
            when added.right_value is null or added.parts_said > added.parts_count then 'not_checkable'
            when total.left_side = 'territory_set' and added.covered <> added.covers_wanted then 'not_checkable'
            when added.parts_count < {{ identity_parts('total', '1') }} then 'not_checkable'
            when abs(added.left_value - added.right_value) <= identity.tolerance then 'holds'
            else 'breach'
        end as outcome
    from added
    inner join total on added.sum_no = total.sum_no
    inner join {{ ref('identity') }} as identity on total.identity_id = identity.identity_id
    where {{ only_changed }} or added.parts_said > 0 and (added.totals_said > 0 or total.kind = 'zero_sum')
),

-- where a sum holds nobody asks
shown as (
    select
        {% for column in shown -%}
            case when outcome in ('open', 'breach') then {{ column }} end as {{ column }},
        {% endfor -%}
        sum_no,
        release_no,
        outcome
    from judged
),

counted as (
    select
        {{ (['sum_no', 'release_no', 'outcome'] + shown) | join(',\n        ') }},
        count(*) as slices_count
    from shown
    group by {{ (['sum_no', 'release_no', 'outcome'] + shown) | join(', ') }}
),

release as (
    select distinct
        release_no,
        release_id
    from {{ ref('int_identity_sum') }}
)

select
    case
        when counted.outcome in ('open', 'breach') then {{ identity_slice_id('total', 'counted') }}
        else concat_ws(' ', cast(counted.sum_no as string), release.release_id, counted.outcome)
    end as slice_id,
    total.identity_id,
    counted.sum_no,
    release.release_id,
    counted.outcome,
    counted.slices_count,
    {% for column in identity_place_columns()[2:] -%}
        total.right_{{ column }} as {{ column }},
    {% endfor -%}
    {{ columns_of('counted', shown) }}
from counted
inner join total on counted.sum_no = total.sum_no
inner join release on counted.release_no = release.release_no
