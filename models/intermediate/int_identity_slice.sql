{% set added_up = ['left_value', 'right_value', 'parts_count'] %}
{% set shown = identity_not_summed_columns() + added_up %}
{% set slice_columns = ['sum_no'] + identity_not_summed_columns() %}{% set sum_of = ['sum_no', 'release_no'] %}
{% set is_changed = is_changed_vintage('known_from') %}{% set only_changed = is_changed != 'true' %}
-- depends_on: {{ ref('int_release') }} {{ ref('int_observation') }} {{ ref('int_control_total') }}

with total as (
    select distinct release_id, kind, left_side, has_rivals, {{ (sum_of + identity_sum_columns()) | join(', ') }}
    from {{ ref('int_identity_sum') }}
),

-- as if no other release spoke of it
alone as (
    {{ identity_sums_judged('total', slice_columns + ['release_no', 'totals_said'] + added_up, is_changed) }}
),

-- where each of several releases says the whole sum, it stands for itself
several as (
    select
        sum_no, {{ identity_not_summed_columns() | join(', ') }},
        max(release_no) as last_no,
        min(codes_said) <> max(codes_said) or min(totals_said) <> max(totals_said)
        or max(case when outcome = 'open' or has_rivals then 1 else 0 end) = 1 as is_open
    from alone
    group by sum_no, {{ identity_not_summed_columns() | join(', ') }}
    having count(*) > 1
),

-- open: what was known at each of several releases, and which of the figures count, the next models find out
judged as (
    select
        alone.*,
        coalesce(several.last_no, alone.release_no) as last_no,
        case when {{ only_changed }} or several.is_open then 'open' else alone.outcome end as judgement
    from alone
    left join several on {{ equal_columns('alone', 'several', slice_columns) }}
    where {{ only_changed }} or alone.is_comparable or several.is_open
),

-- where a sum holds nobody asks
shown as (
    select
        {% for column in identity_not_summed_columns() -%}
            case when judgement in ('open', 'breach') then {{ column }} end as {{ column }},
        {% endfor -%}
        {% for column in added_up -%}
            case when judgement = 'breach' then {{ column }} end as {{ column }},
        {% endfor -%}
        sum_no,
        judgement as outcome,
        case when judgement = 'open' then last_no else release_no end as release_no
    from judged
),

counted as (
    select
        {{ (sum_of + ['outcome'] + shown) | join(', ') }},
        count(*) as said_count
    from shown
    group by {{ (sum_of + ['outcome'] + shown) | join(', ') }}
)

select
    case
        when counted.outcome in ('open', 'breach') then {{ identity_slice_id('total', 'counted') }}
        else concat_ws(' ', cast(counted.sum_no as string), total.release_id, counted.outcome)
    end as slice_id,
    total.identity_id,
    counted.sum_no,
    total.release_id,
    counted.outcome,
    case when counted.outcome = 'open' then 1 else counted.said_count end as slices_count,
    {% for column in identity_place_columns()[2:] -%}
        total.right_{{ column }} as {{ column }},
    {% endfor -%}
    {{ columns_of('counted', shown) }}
from counted
inner join total on counted.sum_no = total.sum_no and counted.release_no = total.release_no
