-- The comments of the file as rows: many clients, and Parquet, show no comments.
{% set described = [] %}
{% set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') if execute else [] %}
{% for model in models | selectattr('access', 'equalto', 'public') | sort(attribute='schema,alias') %}
    {% set table = {'schema_name': model.schema, 'table_name': model.alias} %}
    {% do described.append(dict(table, position=0, description=model.description)) %}
    {% for column in model.columns.values() %}
        {% do described.append(dict(
            table, position=loop.index, column_name=column.name,
            data_type=column.data_type | replace(' ', ''), description=column.description
        )) %}
    {% endfor %}
{% endfor %}

select
    schema_name,
    table_name,
    position,
    column_name,
    data_type,
    description
from {{ json_rows(described, {
    'schema_name': 'string',
    'table_name': 'string',
    'position': 'integer',
    'column_name': 'string',
    'data_type': 'string',
    'description': 'string'
}) }} as described
order by schema_name, table_name, position
