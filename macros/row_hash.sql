{% macro row_hash(relation, columns) %}{{ return(adapter.dispatch('row_hash', 'saldo')(relation, columns)) }}{% endmacro %}

{% macro duckdb__row_hash(relation, columns) %}hash({{ columns_of(relation, columns) }}){% endmacro %}

{% macro spark__row_hash(relation, columns) %}xxhash64({{ columns_of(relation, columns) }}){% endmacro %}
