{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{{ delete_changed_releases() }}"
) }}
{% set said = identity_place_columns() %}

with identity_indicator as (
    select
        identity.*,
        indicator.indicator_code,
        case when identity.right_indicator = indicator.indicator_code then 1 else 0 end as is_right_indicator
    from {{ ref('identity') }} as identity
    inner join {{ ref('indicator') }} as indicator
        on
            indicator.aggregation = 'sum'
            and (
                {{ dbt.position("concat(' ', indicator_code, ' ')", "concat(' ', indicator_codes, ' ')") }} > 0
                or identity.right_indicator = indicator.indicator_code
            )
),

-- millions of figures stand in few places: no identity sums over ages, partners or periods
statement as (
    select {{ said | join(', ') }} from {{ ref('int_observation') }}
    where is_in_force and {{ only_changed_releases('release_id') }}
    union
    select {{ said | join(', ') }} from {{ ref('int_control_total') }}
    where {{ only_changed_releases('release_id') }}
),

placed as (
    select
        identity_indicator.*,
        {% for column in said if column != 'indicator_code' %}statement.{{ column }},
        {% endfor -%}
        case identity_indicator.summed_over
            when 'indicator' then statement.indicator_code
            when 'region' then statement.region_code
            when 'specialty' then statement.specialty_code
            when 'sex' then statement.sex_code
            when 'residence' then statement.residence_code
        end as code
    from statement
    inner join identity_indicator on statement.indicator_code = identity_indicator.indicator_code
),

signed as (
    select
        *,
        case
            when code = right_side and (right_indicator is null or is_right_indicator = 1) then 0
            when is_right_indicator = 1 then null
            when left_side in ('territory_set', 'all') and code <> right_side and code not in ('00', '_T') then 1
            when {{ dbt.position("concat('+', code, ' ')", "concat(left_side, ' ')") }} > 0 then 1
            when {{ dbt.position("concat('-', code, ' ')", "concat(left_side, ' ')") }} > 0 then -1
        end as sign
    from placed
)

select
    {{ (['identity_id', 'kind', 'left_side', 'code', 'sign'] + said) | join(',\n    ') }},
    -- of the dimension that is summed over, the code of the right side
    case
        when summed_over = 'indicator' then right_side
        when is_right_indicator = 1 then indicator_codes
        else indicator_code
    end as right_indicator_code,
    case when summed_over = 'region' then '00' else region_code end as right_region_code,
    case when summed_over = 'specialty' then '_T' else specialty_code end as right_specialty_code,
    case when summed_over = 'sex' then '_T' else sex_code end as right_sex_code,
    case when summed_over = 'residence' then '_T' else residence_code end as right_residence_code,
    -- indicators are of different series; else only figures of one series add up
    case when summed_over = 'indicator' or right_indicator is not null then '_Z' else source_series end
        as summed_series
from signed
where sign is not null
