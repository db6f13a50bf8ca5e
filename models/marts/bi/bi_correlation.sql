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
    kind.name_en as kind_en,
    kind.name_ru as kind_ru,
    kind.name_kk as kind_kk,
    figure.variant,
    variant.name_en as variant_en,
    variant.name_ru as variant_ru,
    variant.name_kk as variant_kk,
    figure.reference_year,
    figure.indicator_code,
    indicator.name_en as indicator_en,
    indicator.name_ru as indicator_ru,
    indicator.name_kk as indicator_kk,
    figure.held_fixed,
    held.name_en as held_fixed_en,
    held.name_ru as held_fixed_ru,
    held.name_kk as held_fixed_kk,
    figure.method,
    figure.territory_set,
    territory_set.name_en as territory_set_en,
    territory_set.name_ru as territory_set_ru,
    territory_set.name_kk as territory_set_kk,
    figure.missing_rule,
    figure.measure,
    figure.n,
    figure.r,
    figure.p_value,
    figure.p_adjusted,
    figure.p_permutation,
    figure.ci_low,
    figure.ci_high,
    reading.verdict as reading,
    reading.reading_en,
    reading.reading_ru,
    reading.reading_kk
from figure
inner join {{ published('dim_indicator') }} as indicator on figure.indicator_code = indicator.indicator_code
left join {{ published('dim_indicator') }} as held on figure.held_fixed = held.indicator_code
left join {{ published('dim_code') }} as kind on kind.code_list = 'correlation_kind' and figure.kind = kind.code
left join {{ published('dim_code') }} as variant
    on variant.code_list = 'correlation_variant' and figure.variant = variant.code
left join {{ published('dim_code') }} as territory_set
    on territory_set.code_list = 'territory_set' and figure.territory_set = territory_set.code
left join {{ published('correlation_reading') }} as reading
    on
        figure.kind = reading.kind and figure.variant = reading.variant
        and figure.reference_year = reading.reference_year and figure.indicator_code = reading.indicator_code
        and figure.held_fixed = reading.held_fixed and figure.method = reading.method
        and figure.territory_set = reading.territory_set and figure.missing_rule = reading.missing_rule
        and figure.measure = reading.measure
