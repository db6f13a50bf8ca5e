-- analysis.metric goes by vintages, the marts by what is known now: where both have a figure, it is the same. The marts
-- hold persons as whole numbers, and fit their trends to these, the metrics figures as published. What analysis.metric
-- takes from a mart stands there under another name.
{% set regions = "reference_year = 2024 and territory_set = 'regions_20'" %}
{% set persons = regions ~ " and method = 'pearson' and measure = 'persons'" %}
{% set pearson = persons ~ " and missing_rule = 'pairwise' and n > 0" %}
{% set complete = persons ~ " and missing_rule = 'complete' and indicator_code = 'income_per_capita' and n > 0" %}
{% set nominal = pearson ~ " and variant = 'nominal_income' and held_fixed = 'none'" %}
{% set period = "period_start = cast('2000-01-01' as date) and period_end = cast('2025-01-01' as date)" %}
{% set technical = period ~ " and specialty_code = 'technical'" %}
{% set ward = regions ~ " and method = 'ward' and k = 2 and measure = 'persons'" %}
{% set trend = "concat(series, ':', model)" %}
{#- the article's trends are those of its own years, the marts' of all years that are held -#}
{% set years = "first_year = 2000 and last_year = 2024 and n = 25" %}
{% set last_year = "(select max(year) from " ~ ref('external_balance_annual') ~ ")" %}
{% set line = "n_breaks = 0 and slope_before is not null and n = 25 and " ~ last_year ~ " = 2024" %}
{% set last = "is_chosen and origin_year = " ~ last_year %}
{% set of_cells = period ~ " and dimension = 'region_by_specialty' and measure = 'cramers_v'" %}
{% set hhi = period ~ " and loss_of = 'totals' and measure = 'hhi'" %}
{% set of_income = pearson ~ " and indicator_code = 'income_per_capita' and held_fixed = 'children_per_household'" %}
{% set of_children = pearson ~ " and indicator_code = 'children_per_household' and held_fixed = 'income_per_capita'" %}
{% set doubled = [
    ('external_balance', 'year', 'balance_persons', 'external_balance_annual', 'true', 0.5),
    ('specialty_balance', 'specialty_code', 'balance_persons', 'specialty_structure', period, 0.5),
    ('share_of_net', 'specialty_code', 'share_of_net', 'specialty_structure', technical, 0),
    ('region_balance_by_specialty', 'region_code', 'balance_persons', 'region_balance', period, 0.5),
    ('region_balance', 'region_code', 'migration_balance_persons', 'region_profile', 'reference_year = 2024', 0.5),
    ('income_per_capita', 'region_code', 'income_per_capita_kzt', 'region_profile', 'reference_year = 2024', 0.005),
    ('pearson_r', 'indicator_code', 'r', 'correlation', pearson, 0),
    ('pearson_r_lower', 'indicator_code', 'ci_low', 'correlation', pearson, 0),
    ('pearson_r_upper', 'indicator_code', 'ci_high', 'correlation', pearson, 0),
    ('pearson_n', 'indicator_code', 'n', 'correlation', pearson, 0),
    ('pearson_r_complete', 'indicator_code', 'r', 'correlation', complete, 0),
    ('pearson_r', 'indicator_code', 'r', 'correlation_sensitivity', nominal, 0),
    ('pearson_r_upper', 'indicator_code', 'ci_high', 'correlation_sensitivity', nominal, 0),
    ('trend_r_squared', trend, 'r_squared', 'trend_fit', years, 1e-4),
    ('trend_slope', 'series', 'slope_before', 'change_point', line, 0.5),
    ('cluster_ari', "'2:role_by_sign'", 'ari_vs_role', 'cluster_quality', ward, 0),
    ('nominal_income_r', "'persons:none'", 'r', 'correlation_sensitivity', nominal, 0),
    ('partial_r', "'persons:income_per_capita:children_per_household'", 'r', 'partial_correlation', of_income, 0),
    ('partial_r', "'persons:children_per_household:income_per_capita'", 'r', 'partial_correlation', of_children, 0),
    ('loss_hhi', "concat(dimension, ':totals')", 'value', 'loss_concentration', hhi, 0),
    ('cramers_v', "'region_by_specialty:cells'", 'value', 'loss_concentration', of_cells, 0),
    ('change_point', "concat(series, ':', break_no)", 'break_year', 'change_point', 'is_chosen and break_no > 0', 0),
    ('trend_noise_share', trend, 'noise_share', 'trend_fit', years, 0),
    ('forecast', "concat(origin_year, ':', year - origin_year)", 'forecast', 'forecast_external_balance', last, 0),
    ('attractiveness_score', 'region_code', 'score', 'attractiveness_index', 'reference_year = 2024', 0),
    ('attractiveness_rank', 'region_code', 'rank', 'attractiveness_index', 'reference_year = 2024', 0),
    ('moran_i', 'subject', 'moran_i', 'spatial_autocorrelation', regions ~ " and subject like '%balance%'", 0),
] %}

with mart as (
    {% for metric, subject, value, mart, condition, rounding in doubled %}
        select
            '{{ metric }}' as metric,
            cast({{ subject }} as string) as subject,
            cast({{ value }} as double) as value,
            {{ rounding }} as rounding
        from {{ ref(mart) }}
        where {{ condition }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    mart.metric,
    mart.subject,
    mart.value as mart_value,
    metric.value as metric_value
from mart
left join {{ ref('metric') }} as metric on mart.metric = metric.metric and mart.subject = metric.subject
where
    abs(mart.value - metric.value) > greatest(mart.rounding, 1e-9 * abs(mart.value))
    or (mart.value is null) <> (metric.value is null)
