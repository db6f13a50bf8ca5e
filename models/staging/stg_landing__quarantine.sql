{{ read_landing('quarantine/*/reason.json', {
    'sha256': 'string',
    'file_name': 'string',
    'received_at': 'timestamp',
    'reason': 'string',
    'message': 'string'
}) }}
