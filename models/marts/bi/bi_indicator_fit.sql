{{ config(alias='indicator_fit') }}

select
    fit.reference_year,
    fit.territory_set,
    {{ code_names('territory_set') }},
    fit.measure,
    {{ code_names('measure') }},
    fit.indicator_code,
    indicator.name_en as indicator_en,
    indicator.name_ru as indicator_ru,
    indicator.name_kk as indicator_kk,
    indicator.unit_code,
    {{ code_names('unit') }},
    fit.point_no,
    fit.indicator_value,
    fit.fitted,
    fit.ci_low,
    fit.ci_high,
    fit.n,
    fit.residual_df,
    fit.slope,
    fit.intercept,
    fit.r_squared,
    fit.status,
    {{ code_names('status') }},
    fit.reason
from {{ published('fit_line') }} as fit
inner join {{ published('dim_indicator') }} as indicator on fit.indicator_code = indicator.indicator_code
{{ join_code_names({
    'territory_set': ('territory_set', 'fit.territory_set'),
    'measure': ('measure', 'fit.measure'),
    'unit': ('unit', 'indicator.unit_code'),
    'status': ('status', 'fit.status'),
}) }}
order by fit.indicator_code, fit.measure, fit.point_no
