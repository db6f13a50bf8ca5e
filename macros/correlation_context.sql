{% macro correlation_context() -%}
    {%- set base = "territory_set like 'regions%' and measure = 'persons' and missing_rule = 'pairwise'" -%}
    {%- set variations = [
        ('correlation_sensitivity', 'variant', base ~ " and held_fixed = 'none'"),
        ('partial_correlation', "concat(held_fixed, ' held fixed')", base),
        ('correlation', "concat_ws(', ', territory_set, measure)", "missing_rule = 'pairwise' and not (" ~ base ~ ')'),
        ('correlation', "'plain'", base),
    ] -%}
    {%- set r = plain_number('changed.r') -%}
    {%- set interval = from_to(' (95%', 'changed.ci_low', 'changed.ci_high', "', n = ', changed.n, ')'") -%}
    with variation as (
        {%- for mart, variant, condition in variations %}
            select
                replace(indicator_code, 'nominal_income', 'income') as indicator_code,
                {{ variant }} as variant,
                n,
                r,
                ci_low,
                ci_high,
                {{ 'bca_low, bca_high' if loop.last else 'null as bca_low, null as bca_high' }},
                coalesce(ci_low > 0 or ci_high < 0, false) as is_clear
            from {{ ref(mart) }}
            where reference_year = 2024 and method = 'pearson' and status = 'ok' and {{ condition }}
            {%- if not loop.last %}
            union all
            {%- endif %}
        {%- endfor %}
    )

    select
        plain.indicator_code,
        concat(
            {{ from_to('Over all regions with both figures r has the 95% interval', 'plain.ci_low', 'plain.ci_high', "' by Fisher'") }},
            case
                when plain.bca_low is null then ''
                else {{ from_to(',', 'plain.bca_low', 'plain.bca_high', "' by bootstrap (BCa)'") }}
            end,
            ', n = ', plain.n, '; its sign, or whether that interval holds zero, changes with ',
            coalesce(
                {{ ordered_listagg("case when changed.r is not null then concat(changed.variant, ' ', " ~ r ~ ", " ~ interval ~ ") end", "'; '", 'changed.variant') }},
                'none of the changes in analysis.correlation_sensitivity'
            )
        ) as context
    from variation as plain
    left join variation as changed
        on
            plain.indicator_code = changed.indicator_code
            and (sign(plain.r) <> sign(changed.r) or plain.is_clear <> changed.is_clear)
    where plain.variant = 'plain'
    group by plain.indicator_code, plain.ci_low, plain.ci_high, plain.bca_low, plain.bca_high, plain.n
{%- endmacro %}
