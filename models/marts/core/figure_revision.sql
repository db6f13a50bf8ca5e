{% set series = observation_dimensions() + ['source_series'] %}
{% set figure = series + ['period_start', 'period_end'] %}

-- of the millions of vintages those of the periods before the revised ones; a number for the ten columns of a figure,
-- because they are looked up twice, and millions of such rows do not fit the memory three times
with before as (
    select
        earlier.figure_no,
        revision.value,
        revision.known_from,
        revision.known_to
    from {{ ref('fct_revision') }} as revision
    inner join {{ ref('int_figure_before') }} as earlier
        on
            revision.period_start = earlier.before_start
            and revision.period_end = earlier.before_end
            and {{ equal_columns('revision', 'earlier', series) }}
    where {{ row_hash('revision', ['age_code', 'partner_code', 'period_start', 'period_end']) }} in (
        select {{ row_hash('wanted', ['age_code', 'partner_code', 'before_start', 'before_end']) }}
        from {{ ref('int_figure_before') }} as wanted
    )
)

select
    {{ columns_of('aged', observation_key()) }},
    aged.source_series,
    aged.age,
    case when aged.age <> 'latest' then aged.age_years end as age_years,
    aged.unit_code,
    aged.first_value,
    aged.value as later_value,
    cast(aged.value - aged.first_value as decimal(24, 6)) as revision,
    then_before.value as first_value_before,
    now_before.value as later_value_before,
    aged.first_release_id,
    aged.release_id as later_release_id,
    aged.first_known_from,
    aged.known_from as later_known_from
from {{ ref('int_figure_aged') }} as aged
left join {{ ref('int_figure_before') }} as earlier on {{ equal_columns('aged', 'earlier', figure) }}
{% for name, moment in {'then_before': 'first_known_from', 'now_before': 'known_from'}.items() %}
    left join before as {{ name }}
        on
            earlier.figure_no = {{ name }}.figure_no
            and aged.{{ moment }} >= {{ name }}.known_from
            and (aged.{{ moment }} < {{ name }}.known_to or {{ name }}.known_to is null)
{% endfor %}
-- all that tells rows apart: the measures of revision add in this order, and differ in the last digit by another
order by
    aged.indicator_code, aged.region_code, aged.period_start, aged.age, aged.period_end, aged.specialty_code,
    aged.sex_code, aged.residence_code, aged.age_code, aged.partner_code, aged.source_series
