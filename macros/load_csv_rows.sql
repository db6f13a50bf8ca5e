{% macro duckdb__load_csv_rows(model, agate_table) %}
    {#- The adapter's own loader sniffs the dialect and has been seen to shift a short row in silence.
        Nothing is guessed here: a row of another width stops the seed with its line number. -#}
    {% set sql %}
        copy {{ this.render() }} from '{{ adapter.get_seed_file_path(model) | replace("'", "''") }}' (
            format csv, header true, auto_detect false, delimiter ',', quote '"', escape '"',
            nullstr '', null_padding false, strict_mode true, encoding 'utf-8'
        )
    {% endset %}
    {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {{ return(sql) }}
{% endmacro %}

{% macro spark__load_csv_rows(model, agate_table) %}
    {#- The adapter reads the file as DuckDB does above: dbt-spark puts every cell into the text of a statement. -#}
    {% do adapter.load_seed(this, adapter.seed_path(model), model.config.column_types) %}
    {{ return('-- read from ' ~ model.original_file_path) }}
{% endmacro %}
