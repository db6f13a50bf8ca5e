-- What is fetched from these sources comes here by way of landing.
-- depends_on: {{ source('bns', 'migration_balance') }}
-- depends_on: {{ source('bns', 'population') }}
-- depends_on: {{ source('bns', 'income') }}
-- depends_on: {{ source('bns', 'unemployment') }}
-- depends_on: {{ source('taldau', 'income') }}
{{ config(materialized='view') }}

{{ read_landing('rows/*.parquet', {
    'release_id': 'string',
    'table_name': 'string',
    'row_no': 'integer',
    'column_no': 'integer',
    'source_ref': 'string',
    'cell_kind': 'string',
    'indicator_code': 'string',
    'source_series': 'string',
    'region_label': 'string',
    'specialty_code': 'string',
    'sex_code': 'string',
    'residence_code': 'string',
    'age_code': 'string',
    'partner_code': 'string',
    'period_start': 'date',
    'period_end': 'date',
    'printed_text': 'string',
    'value': 'decimal(24, 6)',
    'decimals': 'integer',
    'obs_status': 'string',
    'unit_code': 'string'
}) }}
