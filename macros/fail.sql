{% macro fail(message) %}{{ return(adapter.dispatch('fail', 'saldo')(message)) }}{% endmacro %}

{% macro duckdb__fail(message) %}error({{ message }}){% endmacro %}

{% macro spark__fail(message) %}raise_error({{ message }}){% endmacro %}
