{% macro identity_place_columns() %}
    {{ return([
        'release_id', 'source_series', 'indicator_code', 'region_code', 'specialty_code', 'sex_code', 'residence_code'
    ]) }}
{% endmacro %}

{% macro identity_sum_columns() %}
    {{ return([
        'identity_id', 'summed_series', 'right_indicator_code', 'right_region_code', 'right_specialty_code',
        'right_sex_code', 'right_residence_code'
    ]) }}
{% endmacro %}

{% macro identity_not_summed_columns() %}
    {{ return(['age_code', 'partner_code', 'period_start', 'period_end']) }}
{% endmacro %}

{% macro identity_statements(observation, is_changed) -%}
    {#- Also what is said without a figure: it takes the place of the figure before, and nobody can add it up. Releases
        are named, so that DuckDB opens their files alone. Totals ask for their releases for the reason that
        int_cell_coded gives. -#}
    {%- set said = (identity_place_columns() + identity_not_summed_columns()) | join(', ') -%}
    {%- if execute and is_changed != 'true' -%}
        {%- set named = run_query("select release_id from " ~ ref('int_release') ~ " where " ~ is_changed).columns[0].values() -%}
        {%- set wanted = "release_id in ('" ~ named | join("', '") ~ "')" if named else 'false' -%}
    {%- endif %}
        select {{ said }}, value
        from {{ observation }}
        where is_in_force{% if is_changed != 'true' %} and {{ wanted }}{% endif %}
        union all
        select {{ said }}, published_value as value
        from {{ ref('int_control_total') }}
        where
            release_id in (select known.release_id from {{ ref('int_release') }} as known)
            {%- if is_changed != 'true' %} and {{ wanted }}{% endif %}
{%- endmacro %}

{% macro identity_sums(is_changed) -%}
    {#- Slice by slice and release by release the sum of its parts and what it should be. The number of the sum stands for
        its seven columns: there may be tens of millions of slices. What says that there was nothing to observe in a region
        when there was no such region is no part; nor are villages of a city awaited. -#}
    {%- set is_part -%}
        place.sign <> 0 and not coalesce(
            statement.value is null
            and (statement.period_end <= place.valid_from or statement.period_start >= place.valid_to), false
        )
    {%- endset %}
    select
        place.sum_no,
        place.release_no,
        {{ columns_of('statement', identity_not_summed_columns()) }},
        sum(place.sign * statement.value) as left_value,
        max(case when place.sign = 0 then statement.value when place.kind = 'zero_sum' then 0 end) as right_value,
        count(case when place.sign <> 0 then statement.value end) as parts_count,
        count(case
            when {{ is_part }} and statement.value is null and not place.has_no_villages then 1
        end) as parts_lacking,
        count(case when place.sign = 0 then 1 end) as totals_said,
        sum(place.code_bit) as code_bits,
        bit_or(place.code_bit) as codes_said,
        bit_or(case when statement.value is not null then place.cover_bit end) as covered,
        max(place.covers_wanted) as covers_wanted,
        bit_or(case when {{ is_part }} then place.doubt end) as doubt
    from (
        {{ identity_statements(ref('int_observation'), is_changed) }}
    ) as statement
    inner join {{ ref('int_identity_sum') }} as place
        on {{ equal_columns('statement', 'place', identity_place_columns()) }}
    group by
        place.sum_no,
        place.release_no,
        {{ columns_of('statement', identity_not_summed_columns()) }}
{%- endmacro %}

{% macro identity_sums_judged(total, columns, is_changed) -%}
    {#- These sums, whether both sides are there, and how they come out of what one release says. -#}
    select
        {{ columns_of('added', columns) }},
        coalesce(added.codes_said, 0) as codes_said,
        {{ total }}.has_rivals,
        added.codes_said is not null and (added.totals_said > 0 or {{ total }}.kind = 'zero_sum') as is_comparable,
        {{ identity_outcome('added', total, 'identity.tolerance') }} as outcome
    from (
        {{ identity_sums(is_changed) }}
    ) as added
    inner join {{ total }} on added.sum_no = {{ total }}.sum_no and added.release_no = {{ total }}.release_no
    inner join {{ ref('identity') }} as identity on {{ total }}.identity_id = identity.identity_id
{%- endmacro %}

{% macro identity_outcome(added, total, tolerance) -%}
    {#- How a sum comes out of what one release says. Open: one of them is there twice, which the test of the figures names
        if it is no rival, or is a region of another time than its territory. -#}
    case
        when {{ added }}.totals_said > 1 or {{ added }}.code_bits <> {{ added }}.codes_said then 'open'
        when {{ added }}.doubt >= 3 then 'open'
        when {{ added }}.right_value is null or {{ added }}.parts_lacking > 0 then 'not_checkable'
        when {{ total }}.left_side = 'territory_set' and {{ added }}.covered <> {{ added }}.covers_wanted
            then 'not_checkable'
        when {{ added }}.parts_count < {{ identity_parts(total, '1') }} then 'not_checkable'
        when abs({{ added }}.left_value - {{ added }}.right_value) <= {{ tolerance }} then 'holds'
        else 'breach'
    end
{%- endmacro %}

{% macro identity_slice_id(total, slice) -%}
    {#- A name for what is summed: the identity, and the figure on its right side. -#}
    {%- set parts = ["%s.identity_id" % total, "%s.summed_series" % total] -%}
    {%- for column in observation_key() -%}
        {%- do parts.append(slice ~ '.' ~ column if column in identity_not_summed_columns() else total ~ '.right_' ~ column) -%}
    {%- endfor -%}
    {{ dbt.hash("concat(" ~ parts | join(", '|', ") ~ ")") }}
{%- endmacro %}

{% macro identity_parts(total, if_all) -%}
    {#- How many parts a side such as '+M +F' names. -#}
    case
        when {{ total }}.left_side = 'all' then {{ if_all }}
        else 1 + length({{ total }}.left_side) - length(replace({{ total }}.left_side, ' ', ''))
    end
{%- endmacro %}
