{% set marts = {
    'analysis.correlation': ['reference_year', 'territory_set', 'measure', 'indicator_code'],
    'analysis.partial_correlation': ['reference_year', 'territory_set', 'measure', 'indicator_code', 'held_fixed'],
    'analysis.correlation_sensitivity': ['reference_year', 'territory_set', 'measure', 'variant', 'indicator_code'],
    'analysis.spatial_autocorrelation': ['reference_year', 'territory_set', 'subject'],
    'analysis.regression': ['reference_year', 'territory_set', 'measure', 'model'],
    'analysis.fit_line': ['reference_year', 'territory_set', 'measure', 'indicator_code'],
    'analysis.cluster_quality': ['reference_year', 'territory_set', 'measure'],
    'analysis.attractiveness_index': ['reference_year', 'region_code'],
    'analysis.attractiveness_indicator': ['reference_year', 'indicator'],
    'specialty.loss_concentration': ['period_start', 'period_end', 'dimension', 'measure'],
    'specialty.region_loss_decomposition': ['period_start', 'period_end', 'region_code'],
    'specialty.region_specialty_structure': ['period_start', 'period_end', 'region_code'],
    'specialty.correspondence_coordinate': ['period_start', 'period_end', 'dimension', 'code'],
    'analysis.trend_fit': ['series', 'model'],
    'analysis.change_point': ['series', 'n_breaks'],
    'analysis.forecast_external_balance': ['model'],
    'analysis.forecast_evaluation': ['model', 'horizon'],
    'analysis.poverty_comparison': ['indicator_code', 'region_code'],
    'analysis.poverty_panel': ['specification', 'term'],
    'analysis.poverty_test': ['test', 'territory', 'series', 'with_series', 'transformation'],
    'analysis.poverty_forecast': ['indicator_code'],
    'analysis.poverty_impulse_response': ['territory', 'impulse', 'response'],
    'analysis.metric': ['metric', 'subject'],
} %}

with gap as (
    {% for mart, columns in marts.items() %}
        select
            '{{ mart }}' as mart,
            concat_ws(', ', cast({{ columns | join(' as string), cast(') }} as string)) as subject,
            status,
            coalesce(reason, '') as reason
        from {{ ref(mart.split('.')[1]) }}
        where (status <> 'ok' or reason <> '') and status not in ('yardstick', 'no_loss', 'first')
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    mart,
    subject,
    status,
    reason,
    cast(count(*) as integer) as row_count
from gap
group by mart, subject, status, reason
order by mart, subject, status, reason
