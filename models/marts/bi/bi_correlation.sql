{{ config(alias='correlation') }}

with figure as (
    select
        'correlation' as kind, 'none' as variant, reference_year, indicator_code, 'none' as held_fixed, method,
        territory_set, missing_rule, measure, n, r, p_value, p_adjusted, p_permutation, ci_low, ci_high
    from {{ published('correlation') }}
    union all
    select
        'partial_correlation' as kind, 'none' as variant, reference_year, indicator_code, held_fixed, method,
        territory_set, missing_rule, measure, n, r, p_value, p_adjusted, p_permutation, ci_low, ci_high
    from {{ published('partial_correlation') }}
    union all
    select
        'correlation_sensitivity' as kind, variant, reference_year, indicator_code, held_fixed, method,
        territory_set, missing_rule, measure, n, r, p_value, p_adjusted, p_permutation, ci_low, ci_high
    from {{ published('correlation_sensitivity') }}
)

select
    figure.kind,
    {{ code_names('kind') }},
    figure.variant,
    {{ code_names('variant') }},
    figure.reference_year,
    figure.indicator_code,
    indicator.name_en as indicator_en,
    indicator.name_ru as indicator_ru,
    indicator.name_kk as indicator_kk,
    figure.held_fixed,
    coalesce(held.name_en, not_held_name.name_en) as held_fixed_en,
    coalesce(held.name_ru, not_held_name.name_ru) as held_fixed_ru,
    coalesce(held.name_kk, not_held_name.name_kk) as held_fixed_kk,
    figure.method,
    {{ code_names('method') }},
    figure.territory_set,
    {{ code_names('territory_set') }},
    figure.missing_rule,
    {{ code_names('missing_rule') }},
    figure.measure,
    {{ code_names('measure') }},
    figure.n,
    figure.r,
    figure.p_value,
    figure.p_adjusted,
    figure.p_permutation,
    figure.ci_low,
    figure.ci_high,
    reading.verdict as reading,
    {{ code_names('reading_verdict') }},
    reading.reading_en,
    reading.reading_ru,
    reading.reading_kk
from figure
inner join {{ published('dim_indicator') }} as indicator on figure.indicator_code = indicator.indicator_code
left join {{ published('dim_indicator') }} as held on figure.held_fixed = held.indicator_code
left join {{ published('correlation_reading') }} as reading
    on
        figure.kind = reading.kind and figure.variant = reading.variant
        and figure.reference_year = reading.reference_year and figure.indicator_code = reading.indicator_code
        and figure.held_fixed = reading.held_fixed and figure.method = reading.method
        and figure.territory_set = reading.territory_set and figure.missing_rule = reading.missing_rule
        and figure.measure = reading.measure
{{ join_code_names({
    'kind': ('correlation_kind', 'figure.kind'),
    'variant': ('correlation_variant', 'figure.variant'),
    'not_held': ('held_fixed', 'figure.held_fixed'),
    'method': ('correlation_method', 'figure.method'),
    'territory_set': ('territory_set', 'figure.territory_set'),
    'missing_rule': ('missing_rule', 'figure.missing_rule'),
    'measure': ('measure', 'figure.measure'),
    'reading_verdict': ('reading_verdict', 'reading.verdict'),
}) }}
