-- Without rows a mart passes every other test. Of what cannot be computed, another mart has the reasons.
{% set statistics = {
    'correlation': none, 'partial_correlation': none, 'correlation_sensitivity': none, 'correlation_reading': none,
    'spatial_autocorrelation': none, 'fit_line': none,
    'regression': none, 'regression_influence': 'regression',
    'cluster_quality': none, 'cluster_assignment': 'cluster_quality',
    'cluster_merge': 'cluster_quality', 'cluster_stability': 'cluster_quality',
    'cluster_agreement': 'cluster_quality', 'cluster_profile': 'cluster_quality',
    'cluster_projection': 'cluster_quality',
    'attractiveness_index': none, 'attractiveness_indicator': none,
    'attractiveness_variant': 'attractiveness_index',
    'attractiveness_diagnostic': 'attractiveness_index',
    'trend_fit': none, 'change_point': none,
    'forecast_external_balance': none, 'forecast_evaluation': none,
    'poverty_comparison': none, 'poverty_panel': none, 'poverty_test': none, 'poverty_forecast': none,
    'poverty_impulse_response': none,
    'metric': none, 'claim_check': none, 'claim_finding': none, 'claim_history': none, 'claim_figure': none,
} %}

with counted as (
    {% for mart, told_by in statistics.items() %}
        select
            '{{ mart }}' as mart_name,
            (select count(*) from {{ ref(mart) }}) as row_count,
            {% if told_by -%}
                (
                    select count(*) from {{ ref(told_by) }}
                    where status in ('ok', 'warning')
                )
            {%- else -%} 1 {%- endif %} as computed_count
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select mart_name
from counted
-- on a day before the first release there is nothing to compute
where row_count = 0 and computed_count > 0 and {{ 'false' if var('as_of') else 'true' }}
