{% set breakdowns = ['sex_code', 'residence_code', 'partner_code'] %}

-- Made once, for all who look for these few among millions of figures by sex, age and partner.
select
    {{ observation_columns() | reject('in', breakdowns) | join(',\n    ') }}
from {{ ref('fct_observation') }}
where
    sex_code = '_T' and residence_code = '_T' and partner_code = '_T'
    -- the balance by specialty is of those aged 15 and over
    and age_code in ('_T', 'Y_GT15')
order by indicator_code, region_code, specialty_code, age_code, period_start, period_end
