{% macro computed_metrics() -%}
    {%- set regions = "reference_year = 2024 and territory_set like 'regions%'" -%}
    {%- set pearson = regions ~ " and method = 'pearson' and missing_rule = 'pairwise'" -%}
    {%- set period = "period_start = cast('2000-01-01' as date) and period_end = cast('2025-01-01' as date)" -%}
    {%- set forecasts = ref('forecast_external_balance') -%}
    {%- set last_origin = 'is_chosen and origin_year = (select max(origin_year) from ' ~ forecasts ~ ')' -%}
    {%- set by_specialty = "'migration_balance_by_specialty'" -%}
    {%- set four = 'income_per_capita food_spend_per_capita children_per_household below_food_basket' -%}
    {%- set per_1000 = "case measure when 'per_1000' then 'population ' else '' end" -%}
    {%- set balance_with = "concat('migration_balance ', " ~ per_1000 ~ ", indicator_code, ' ', held_fixed)" -%}
    {%- set interval = 'case when ci_low is not null then ' ~ from_to('95%', 'ci_low', 'ci_high', "', n = ', n") ~ ' end' -%}
    {%- set computed = [
        {'metric': 'loss_hhi', 'subject': "concat(dimension, ':', loss_of)", 'value': 'value', 'detail': 'null',
         'mart': 'specialty.loss_concentration', 'condition': period ~ " and measure = 'hhi'",
         'method': 'sum of the squared shares in the losses', 'indicators': by_specialty},
        {'metric': 'cramers_v', 'subject': "concat(dimension, ':', loss_of)", 'value': 'value', 'detail': 'null',
         'mart': 'specialty.loss_concentration', 'condition': period ~ " and measure = 'cramers_v'",
         'method': "Cramér's V of the losses by region and specialty, descriptive", 'indicators': by_specialty},
        {'metric': 'partial_r', 'subject': "concat(measure, ':', indicator_code, ':', held_fixed)", 'value': 'r',
         'detail': interval, 'mart': 'analysis.partial_correlation', 'condition': pearson,
         'method': 'Pearson of the regional balances, the second indicator held fixed', 'indicators': balance_with},
        {'metric': 'nominal_income_r', 'subject': "concat(measure, ':', held_fixed)", 'value': 'r',
         'detail': interval, 'mart': 'analysis.correlation_sensitivity',
         'condition': pearson ~ " and indicator_code = 'nominal_income_per_capita'",
         'method': 'Pearson of the regional balances with the nominal monthly income, what follows held fixed',
         'indicators': balance_with},
        {'metric': 'change_point', 'subject': "concat(series, ':', break_no)", 'value': 'break_year',
         'detail': "concat(year_low, ' to ', year_high)", 'mart': 'analysis.change_point',
         'condition': 'is_chosen and break_no is not null',
         'method': 'year in which the chosen line of segments bends', 'indicators': "'external_balance'"},
        {'metric': 'trend_noise_share', 'subject': "concat(series, ':', model)",
         'value': 'case when first_year = 2000 and last_year = 2024 and n = 25 then noise_share end',
         'detail': "concat('R² ', " ~ plain_number('r_squared') ~ ", ', of ', n_simulations, ' series')",
         'mart': 'analysis.trend_fit', 'condition': 'true',
         'reason': "coalesce(reason, 'the years that are held are not 2000-2024, those of the article')",
         'method': 'share of simulated series without a trend with at least this R²',
         'indicators': "'external_balance'"},
        {'metric': 'forecast', 'subject': "concat(origin_year, ':', horizon)", 'value': 'forecast',
         'detail': from_to('80 %', 'low_80', 'high_80', "', of ', year, ' by ', model"),
         'mart': 'analysis.forecast_external_balance', 'condition': last_origin,
         'method': 'external balance by the chosen model, so many years after the last',
         'indicators': "concat('external_balance', case model when 'var_unemployment' then ' unemployment_rate'"
         ~ " when 'var_poverty' then ' poverty_share' else '' end)"},
        {'metric': 'attractiveness_score', 'subject': 'region_code', 'value': 'score', 'detail': 'null',
         'mart': 'analysis.attractiveness_index', 'condition': 'reference_year = 2024',
         'method': 'mean of the indicators, from 1 to 100', 'indicators': "'population " ~ four ~ "'"},
        {'metric': 'attractiveness_rank', 'subject': 'region_code', 'value': 'rank',
         'detail': "concat(rank_low, ' to ', rank_high)", 'mart': 'analysis.attractiveness_index',
         'condition': 'reference_year = 2024', 'method': 'rank by the score, 1 the most attractive',
         'indicators': "'population " ~ four ~ "'"},
        {'metric': 'moran_i', 'subject': 'subject', 'value': 'moran_i', 'detail': "concat('n = ', n)",
         'mart': 'analysis.spatial_autocorrelation', 'condition': regions ~ " and subject like '%balance%'",
         'method': "Moran's I of regions that touch", 'indicators': "case subject when 'migration_balance_persons'"
         ~ " then 'migration_balance' else 'migration_balance population' end"},
        {'metric': 'moran_i', 'subject': 'subject', 'value': 'moran_i', 'detail': "concat('n = ', n)",
         'mart': 'analysis.spatial_autocorrelation', 'condition': regions ~ " and subject like 'residuals%'",
         'method': "Moran's I of regions that touch", 'indicators': "'migration_balance population " ~ four ~ "'"},
    ] -%}
    {%- for one in computed %}
        select
            '{{ one.metric }}' as metric,
            cast({{ one.subject }} as string) as subject,
            cast({{ one.value }} as double) as value,
            {{ dbt.string_literal(dbt.escape_single_quotes(one.method)) }} as method,
            cast({{ one.detail }} as string) as detail,
            {{ one.indicators }} as indicators,
            cast({{ one.reason | default('reason') }} as string) as reason,
            '{{ one.mart }}' as mart
        from {{ ref(one.mart.split('.')[1]) }}
        where {{ one.condition }}
        {%- if not loop.last %}
        union all
        {%- endif %}
    {%- endfor %}
{%- endmacro %}

{% macro from_to(what, low, high, more) -%}
    concat('{{ what }} ', {{ plain_number(low) }}, ' to ', {{ plain_number(high) }}, {{ more }})
{%- endmacro %}
