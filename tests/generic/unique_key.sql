{% test unique_key(model, columns, within='') %}
    {#- The grain of a table: no row twice, no part of the key missing. With within='changed_releases' or
        'changed_keys', a build that adds to a table tests what it has made anew; where nothing has changed, as
        in `dbt test` by itself, everything is tested. Of everything only those rows are grouped by the columns that
        share a number with another or lack a part: of millions that takes a fraction of the time and memory. -#}
    {% set changed_releases = changed_releases() if within == 'changed_releases' else none %}
    {% set changed_keys = changed_keys() if within == 'changed_keys' else none %}
    {% set is_lacking = "(tested." ~ columns | join(" is null or tested.") ~ " is null)" %}
    {% set number = row_hash('tested', columns) %}
    with suspect as (
        select {{ columns_of('tested', columns) }}
        from {{ model }} as tested
        {% if changed_releases %}
        where tested.release_id in ({{ changed_releases | join(', ') }})
        {% elif changed_keys %}
        where {{ is_changed_key('tested', changed_keys) }}
        {% else %}
        where {{ number }} in (
            select {{ number }} from {{ model }} as tested
            group by {{ number }}
            having count(*) > 1 or max(case when {{ is_lacking }} then 1 end) = 1
        )
        {% endif %}
    )

    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from suspect
    group by {{ columns | join(', ') }}
    having count(*) > 1 {% for column in columns %} or {{ column }} is null {% endfor %}
{% endtest %}
