{% test matches_recorded_hash(model) %}
    {#- A release never changes after it has been recorded: the file must still have the hash of release_table.csv.
        The left join keeps a row where the file is not found, as when dbt was started from another folder. -#}
    {% set table_name = model.identifier %}
    select
        named.table_name,
        file.sha256 as found_sha256,
        recorded.sha256 as recorded_sha256
    from (select '{{ table_name }}' as table_name) as named
    left join {{ file_sha256('seeds/published/' ~ table_name ~ '.csv') }} as file on true
    left join {{ ref('release_table') }} as recorded on named.table_name = recorded.table_name
    where file.sha256 is distinct from recorded.sha256 or recorded.sha256 is null
{% endtest %}
