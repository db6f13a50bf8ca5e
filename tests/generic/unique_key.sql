{% test unique_key(model, columns, within='') %}
    {#- The grain of a table: no row twice, no part of the key missing. With within='changed_releases' or
        'changed_keys', a build that adds to a table tests what it has made anew; where nothing has changed, as
        in `dbt test` by itself, everything is tested. Only rows that share a number with another one, or lack a part,
        are grouped by their columns: of millions of rows that takes a fraction of time and memory. -#}
    {% set changed_releases = changed_releases() if within == 'changed_releases' else none %}
    {% set changed_keys = changed_keys() if within == 'changed_keys' else none %}
    {% set condition %}
        {%- if changed_releases %}tested.release_id in ({{ changed_releases | join(', ') }})
        {%- elif changed_keys %}{{ is_changed_key('tested', changed_keys) }}
        {%- else %}true
        {%- endif %}
    {% endset %}
    {% set number = row_hash('tested', columns) %}
    {% set is_lacking = "(tested." ~ columns | join(" is null or tested.") ~ " is null)" %}
    with shared as (
        select {{ number }} as number
        from {{ model }} as tested
        where {{ condition }}
        group by {{ number }}
        having count(*) > 1
    )

    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from (
        select {{ columns_of('tested', columns) }}
        from {{ model }} as tested
        where {{ condition }} and not {{ is_lacking }}
            and exists (select 1 from shared where shared.number = {{ number }})
        union all
        select {{ columns_of('tested', columns) }}
        from {{ model }} as tested
        where {{ condition }} and {{ is_lacking }}
    ) as suspect
    group by {{ columns | join(', ') }}
    having count(*) > 1 {% for column in columns %} or {{ column }} is null {% endfor %}
{% endtest %}
