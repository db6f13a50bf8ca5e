{% test unique_key(model, columns, within='') %}
    {#- The grain of a table: no row twice, no part of the key missing. With within='changed_releases' or
        'changed_keys', a build that adds to a table tests what it has made anew; where nothing has changed, as
        in `dbt test` by itself, everything is tested. -#}
    {% set unchanged = unchanged_releases() if within == 'changed_releases' else [] %}
    {% set release_count = run_query("select count(*) from " ~ ref('int_release')).rows[0][0] if unchanged else 0 %}
    {% set changed_keys = changed_keys() if within == 'changed_keys' else none %}
    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from {{ model }} as tested
    {% if unchanged | length < release_count %}
    where release_id not in ({{ unchanged | join(', ') }})
    {% elif changed_keys %}
    where {{ is_changed_key('tested', changed_keys) }}
    {% endif %}
    group by {{ columns | join(', ') }}
    having count(*) > 1 {% for column in columns %} or {{ column }} is null {% endfor %}
{% endtest %}
