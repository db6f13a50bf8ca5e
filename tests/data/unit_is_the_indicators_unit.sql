-- A release in thousands or in another currency must not enter under the unit of the indicator.
select
    observation.source_ref,
    observation.unit_code as stated_unit,
    indicator.unit_code as indicator_unit
from {{ ref('fct_revision') }} as observation
inner join {{ ref('dim_indicator') }} as indicator on observation.indicator_code = indicator.indicator_code
where observation.unit_code <> indicator.unit_code
