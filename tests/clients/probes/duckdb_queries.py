"""What both probes of DuckDB ask."""

VERSION = "select version_id from core.about"
TABLE_COMMENTS = """
    select schema_name || '.' || table_name as name, comment from duckdb_tables() where not internal
    union all
    select schema_name || '.' || view_name as name, comment from duckdb_views() where not internal
"""
COLUMNS = """
    select schema_name || '.' || table_name as name, column_name, data_type, comment
    from duckdb_columns()
    where not internal
    order by database_name, schema_name, table_name, column_index
"""
KEYS = """
    select schema_name || '.' || table_name as name, constraint_column_names
    from duckdb_constraints()
    where constraint_type = 'PRIMARY KEY'
"""
