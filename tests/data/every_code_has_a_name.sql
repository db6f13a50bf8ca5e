-- A chart labels each code from core.dim_code: one that is not there, or lacks a name in a language, would be blank.
{% set coded = [
    ('dim_region', 'region_kind', 'region_kind'),
    ('dim_region', 'macro_region', 'macro_region'),
    ('dim_indicator', 'unit_code', 'unit'),
    ('dim_indicator', 'aggregation', 'aggregation'),
    ('bridge_region_boundary', 'date_precision', 'date_precision'),
    ('bridge_region_boundary', 'relation', 'boundary_relation'),
    ('fct_control_total', 'control_kind', 'control_kind'),
    ('fct_revision', 'obs_status', 'obs_status'),
    ('fct_revision', 'unit_code', 'unit'),
    ('fct_revision', 'sex_code', 'sex'),
    ('fct_revision', 'residence_code', 'residence'),
    ('headline_observation', 'age_code', 'age'),
    ('revision_summary', 'relative_status', 'status'),
    ('revision_summary', 't_status', 'status'),
    ('revision_summary', 'news_status', 'status'),
    ('revision_summary', 'noise_status', 'status'),
    ('region_profile', 'role', 'role'),
    ('region_profile', 'role_by_sign', 'role'),
    ('region_profile_harmonised', 'role', 'role'),
    ('region_profile_harmonised', 'role_by_sign', 'role'),
    ('region_specialty_structure', 'status', 'status'),
    ('region_loss_decomposition', 'status', 'status'),
    ('loss_concentration', 'dimension', 'loss_dimension'),
    ('loss_concentration', 'loss_of', 'loss_of'),
    ('loss_concentration', 'measure', 'loss_measure'),
    ('loss_concentration', 'status', 'status'),
    ('correspondence_coordinate', 'dimension', 'loss_dimension'),
    ('correspondence_coordinate', 'status', 'status'),
    ('correlation', 'method', 'correlation_method'),
    ('correlation', 'territory_set', 'territory_set'),
    ('correlation', 'missing_rule', 'missing_rule'),
    ('correlation', 'measure', 'measure'),
    ('correlation', 'status', 'status'),
    ('partial_correlation', 'method', 'correlation_method'),
    ('partial_correlation', 'missing_rule', 'missing_rule'),
    ('partial_correlation', 'measure', 'measure'),
    ('partial_correlation', 'status', 'status'),
    ('correlation_sensitivity', 'variant', 'correlation_variant'),
    ('correlation_sensitivity', 'method', 'correlation_method'),
    ('correlation_sensitivity', 'measure', 'measure'),
    ('correlation_sensitivity', 'status', 'status'),
    ('correlation_reading', 'kind', 'correlation_kind'),
    ('correlation_reading', 'variant', 'correlation_variant'),
    ('correlation_reading', 'verdict', 'reading_verdict'),
    ('regression', 'measure', 'measure'),
    ('regression', 'model', 'regression_model'),
    ('regression', 'status', 'status'),
    ('spatial_autocorrelation', 'status', 'status'),
    ('fit_line', 'territory_set', 'territory_set'),
    ('fit_line', 'measure', 'measure'),
    ('fit_line', 'status', 'status'),
    ('cluster_assignment', 'territory_set', 'territory_set'),
    ('cluster_quality', 'method', 'cluster_method'),
    ('cluster_quality', 'measure', 'measure'),
    ('cluster_quality', 'status', 'status'),
    ('cluster_stability', 'stability', 'cluster_stability'),
    ('cluster_projection', 'kind', 'projection_kind'),
    ('attractiveness_index', 'status', 'status'),
    ('attractiveness_variant', 'normalisation', 'normalisation'),
    ('attractiveness_variant', 'weighting', 'weighting'),
    ('attractiveness_variant', 'aggregation', 'index_aggregation'),
    ('attractiveness_indicator', 'status', 'status'),
    ('attractiveness_diagnostic', 'diagnostic', 'index_diagnostic'),
    ('trend_fit', 'series', 'series'),
    ('trend_fit', 'model', 'trend_model'),
    ('trend_fit', 'status', 'status'),
    ('change_point', 'series', 'series'),
    ('change_point', 'status', 'status'),
    ('forecast_external_balance', 'model', 'forecast_model'),
    ('forecast_external_balance', 'status', 'status'),
    ('forecast_evaluation', 'model', 'forecast_model'),
    ('forecast_evaluation', 'status', 'status'),
    ('poverty_comparison', 'status', 'status'),
    ('poverty_panel', 'specification', 'poverty_specification'),
    ('poverty_panel', 'status', 'status'),
    ('poverty_test', 'test', 'poverty_test'),
    ('poverty_test', 'transformation', 'transformation'),
    ('poverty_test', 'status', 'status'),
    ('poverty_forecast', 'status', 'status'),
    ('poverty_impulse_response', 'status', 'status'),
    ('metric', 'status', 'status'),
    ('claim_check', 'language', 'language'),
    ('claim_check', 'comparison', 'comparison'),
    ('claim_check', 'verdict', 'verdict'),
    ('claim_finding', 'unit', 'claim_unit'),
    ('claim_finding', 'alternative_unit', 'claim_unit'),
    ('identity_check', 'kind', 'identity_kind'),
    ('identity_check', 'outcome', 'identity_outcome'),
    ('identity_check', 'severity', 'identity_severity'),
    ('release_log', 'status', 'release_status'),
    ('run_log', 'status', 'run_status'),
] %}

-- millions of vintages are read once
with fct_revision as (
    select distinct
        obs_status,
        unit_code,
        sex_code,
        residence_code
    from {{ ref('fct_revision') }}
),

used as (
    {% for table, column, code_list in coded %}
        select distinct
            '{{ table }}.{{ column }}' as coded_column,
            '{{ code_list }}' as code_list,
            cast({{ column }} as string) as code
        from {{ 'fct_revision' if table == 'fct_revision' else ref(table) }}
        where {{ column }} is not null
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    used.coded_column,
    used.code_list,
    used.code
from used
left join {{ ref('dim_code') }} as named on used.code_list = named.code_list and used.code = named.code
where
    coalesce(trim(named.name_en), '') = '' or coalesce(trim(named.name_ru), '') = ''
    or coalesce(trim(named.name_kk), '') = ''
