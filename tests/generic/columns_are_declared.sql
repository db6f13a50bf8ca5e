{% test columns_are_declared(model) %}
    {#- Staging reads the columns that it names: one that table_column does not know would be left out in silence. -#}
    {% set found = adapter.get_columns_in_relation(model) | length if execute else 0 %}
    select
        count(*) + 2 as declared_columns,
        {{ found }} as found_columns
    from {{ ref('table_column') }}
    where table_name = '{{ model.identifier }}'
    -- beside the declared columns: row_no and the labels of the rows
    having count(*) + 2 <> {{ found }}
{% endtest %}
