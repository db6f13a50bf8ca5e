{% test unique_key(model, columns, within='') %}
    {#- The grain of a table: no row twice, no part of the key missing. With within='changed_releases' or
        'changed_keys', a build that adds to a table tests what it has made anew; where nothing has changed, as
        in `dbt test` by itself, everything is tested. -#}
    {% set changed_releases = changed_releases() if within == 'changed_releases' else none %}
    {% set changed_keys = changed_keys() if within == 'changed_keys' else none %}
    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from {{ model }} as tested
    {% if changed_releases %}
    where release_id in ({{ changed_releases | join(', ') }})
    {% elif changed_keys %}
    where {{ is_changed_key('tested', changed_keys) }}
    {% endif %}
    group by {{ columns | join(', ') }}
    having count(*) > 1 {% for column in columns %} or {{ column }} is null {% endfor %}
{% endtest %}
