-- analysis.metric goes by vintages, the marts by what is known now: where both have a figure, it is the same. The marts
-- hold persons as whole numbers, the metrics figures as published.
{% set pearson = "reference_year = 2024 and method = 'pearson' and missing_rule = 'pairwise' and measure = 'persons'"
    ~ " and territory_set = 'regions_20' and n > 0" %}
{% set period = "period_start = cast('2000-01-01' as date) and period_end = cast('2025-01-01' as date)" %}
{% set technical = period ~ " and specialty_code = 'technical'" %}
{% set doubled = [
    ('external_balance', 'year', 'balance_persons', 'external_balance_annual', 'true', 0.5),
    ('specialty_balance', 'specialty_code', 'balance_persons', 'specialty_structure', period, 0.5),
    ('share_of_net', 'specialty_code', 'share_of_net', 'specialty_structure', technical, 0),
    ('region_balance_by_specialty', 'region_code', 'balance_persons', 'region_balance', period, 0.5),
    ('region_balance', 'region_code', 'migration_balance_persons', 'region_profile', 'reference_year = 2024', 0.5),
    ('income_per_capita', 'region_code', 'income_per_capita_kzt', 'region_profile', 'reference_year = 2024', 0.005),
    ('pearson_r', 'indicator_code', 'r', 'correlation', pearson, 0),
    ('pearson_n', 'indicator_code', 'n', 'correlation', pearson, 0),
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
