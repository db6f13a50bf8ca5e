{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
    {#- A build on Spark ends here: the file gets its tables by the same models, so with their contracts, keys and
        comments, and the rows that Spark has computed. Otherwise the adapter's own macro as it is. -#}
    {%- if var('spark_tables') -%}
        {%- set rows = [var('spark_tables'), this.schema ~ '.db', this.identifier, '*.parquet'] | join('/') -%}
        {%- set compiled_code = "select * from read_parquet('" ~ rows | replace("'", "''") ~ "')" -%}
    {%- endif -%}
    {{ return(dbt.duckdb__create_table_as(temporary, relation, compiled_code, language, partitioned_by, sorted_by)) }}
{%- endmacro %}
