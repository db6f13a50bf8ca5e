{{ read_landing('runs/*.json', {
    'run_id': 'string',
    'started_at': 'timestamp',
    'ended_at': 'timestamp',
    'status': 'string',
    'exit_status': 'integer',
    'version_id': 'string',
    'sources_failed': 'integer',
    'files_landed': 'integer',
    'files_refused': 'integer',
    'error': 'string'
}) }}
