-- What is fetched from these sources comes here by way of landing.
-- depends_on: {{ source('bns', 'migration_balance') }}
-- depends_on: {{ source('bns', 'population') }}
-- depends_on: {{ source('bns', 'income') }}
-- depends_on: {{ source('bns', 'unemployment') }}
-- depends_on: {{ source('taldau', 'income') }}
{{ read_landing('releases/*.json', {
    'release_id': 'string',
    'publisher': 'string',
    'title': 'string',
    'published_on': 'date',
    'published_on_note': 'string',
    'sequence_in_day': 'integer',
    'recorded_at': 'timestamp',
    'file_name': 'string',
    'sha256': 'string',
    'layout': 'string',
    'label_set': 'string',
    'declares_back_cast': 'boolean',
    'territory_set': 'string',
    'source_url': 'string',
    'terms_of_use': 'string',
    'row_count': 'bigint',
    'control_total_count': 'bigint',
    'withdrawn_on': 'date',
    'withdrawn_reason': 'string'
}) }}
