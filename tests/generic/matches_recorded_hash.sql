{% test matches_recorded_hash(model) %}
    {#- A release never changes after it has been recorded: the file must still have the hash of release_table.csv. -#}
    {% set table_name = model.identifier %}
    select
        file.filename as file_name,
        sha256(file.content) as found_sha256,
        recorded.sha256 as recorded_sha256
    from read_blob('seeds/published/{{ table_name }}.csv') as file
    left join {{ ref('release_table') }} as recorded on recorded.table_name = '{{ table_name }}'
    where recorded.sha256 is null or sha256(file.content) <> recorded.sha256
{% endtest %}
