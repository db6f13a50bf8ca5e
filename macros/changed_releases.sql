{% macro reference_version() %}
    {#- What the rows of a release depend on beside the release itself: the reference seeds and the models that
        code, correct and compare them. A change there makes every release a changed one. -#}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set parts = [] %}
    {% for node in graph.nodes.values() | sort(attribute='unique_id') %}
        {% if node.resource_type == 'seed' or node.resource_type == 'model' and node.fqn[1] in ('staging', 'intermediate') %}
            {% do parts.append(node.unique_id ~ node.checksum.checksum) %}
        {% endif %}
    {% endfor %}
    {{ return(local_md5(parts | join(' '))) }}
{% endmacro %}

{% macro absorbed_release_relation() %}
    {{ return(ref('int_release').incorporate(path={'identifier': 'absorbed_release'}, type='table')) }}
{% endmacro %}

{% macro record_absorbed_releases() %}
    {#- Run after fct_revision is built: the releases that it holds, and what they were read with. -#}
    {% if target.type == 'duckdb' and not var('spark_tables') %}
        create or replace table {{ absorbed_release_relation() }} as
        select release_id, reference_version from {{ ref('int_release') }}
    {% endif %}
{% endmacro %}

{% macro changed_releases() %}
    {#- The releases that fct_revision does not hold as they are now: new, read with other reference data, withdrawn, or
        gone. A list of texts in quotes; none where all are to be read. Names to look for are found quickly by DuckDB
        in millions of rows, names to leave out are not. -#}
    {% set absorbed = absorbed_release_relation() %}
    {% if not execute or flags.FULL_REFRESH or not load_relation(absorbed) %}{{ return(none) }}{% endif %}
    {% set found = run_query(
        "select distinct concat('''', coalesce(release.release_id, absorbed.release_id), '''') as name from "
        ~ ref('int_release') ~ " as release full outer join " ~ absorbed ~ " as absorbed"
        ~ " on release.release_id = absorbed.release_id and release.reference_version = absorbed.reference_version"
        ~ " where release.release_id is null or absorbed.release_id is null order by name"
    ) %}
    {{ return(found.columns[0].values() | list) }}
{% endmacro %}

{% macro is_changed_release(release_id) -%}
    {#- A condition: the release is one of them. -#}
    {%- set changed = changed_releases() -%}
    {%- if changed is none -%}true{%- elif changed -%}{{ release_id }} in ({{ changed | join(', ') }})
    {%- else -%}false{%- endif -%}
{%- endmacro %}

{% macro only_changed_releases(release_id) -%}
    {#- For an incremental model: on its first build, and on a full refresh, all releases. -#}
    {%- set is_changed = is_changed_release(release_id) -%}
    {{ is_changed if is_incremental() else 'true' }}
{%- endmacro %}

{% macro delete_changed_releases() %}
    {#- Before an incremental model of releases: what is about to be read again, or has gone. -#}
    {% if is_incremental() %}
        delete from {{ this }} where {{ is_changed_release('release_id') }}
    {% endif %}
{% endmacro %}

{% macro same_observation(left, right) -%}
    {%- for column in observation_key() -%}
        {{ left }}.{{ column }} = {{ right }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro is_changed_key(relation, changed=none) -%}
    {#- A condition: the figure is to be made anew. Not a join, before which DuckDB may group or sort all figures. Of
        millions most are passed over by one number of four columns, in half the time. -#}
    {%- set moment = identity_not_summed_columns() -%}
    {{ row_hash(relation, moment) }} in (
        select {{ row_hash('changed', moment) }} from {{ changed or ref('int_key_changed') }} as changed
    )
    and exists (
        select 1 from {{ changed or ref('int_key_changed') }} as changed
        where {{ same_observation('changed', relation) }}
    )
{%- endmacro %}

{% macro revision_before() %}
    {#- core.fct_revision as the build before left it: not by ref, for it is built after all that ask. -#}
    {{ return(api.Relation.create(database=target.database | default(none), schema='core', identifier='fct_revision')) }}
{% endmacro %}

{% macro only_changed_keys() %}
    {#- Whether models of figures make anew only those that changed releases touch. Without fct_revision nobody knows
        which these are. -#}
    {{ return(execute and not should_full_refresh() and load_relation(revision_before()) is not none) }}
{% endmacro %}

{% macro standing_figures(looked_for, its_columns, columns) %}
    {#- Query of the key and series of figures that some release in force gives: of those whose columns have the values that
        others have in theirs, and of few more. One number of a few columns passes over most of the millions in a
        fraction of the time that whole keys take. What releases give that have not changed the build before knew, and
        reading its table takes a third of the time. -#}
    {% set is_wanted %}
{{ row_hash('standing', columns) }} in (
            select {{ row_hash(looked_for, its_columns) }} from {{ looked_for }}
        )
    {%- endset %}
    {% set figure = (observation_key() + ['source_series']) | join(', ') %}
    {% if only_changed_keys() %}
        select {{ figure }} from {{ revision_before() }} as standing
        where {{ is_wanted }} and known_to is null and not ({{ is_changed_release('release_id') }})
        union all
        select {{ figure }} from {{ ref('int_compared_statement') }} as standing where {{ is_wanted }} and is_in_force
    {% else %}
        select {{ figure }} from {{ ref('int_observation') }} as standing where {{ is_wanted }} and is_in_force
    {% endif %}
{% endmacro %}

{% macro delete_changed_keys() %}
    {#- Before an incremental model of figures: those that are to be made anew. -#}
    {% if is_incremental() %}
        delete from {{ this }}
        {% if only_changed_keys() %}
            where {{ is_changed_key(this) }}
        {% endif %}
    {% elif only_changed_keys() %}
        {{ exceptions.raise_compiler_error(this ~ " is not there, but core.fct_revision is: run dbt build --full-refresh") }}
    {% endif %}
{% endmacro %}

{% macro changed_keys() %}
    {#- The relation of the figures that this build makes anew; none where it makes all of them, or nothing. -#}
    {% set changed = ref('int_key_changed') %}
    {% if execute and load_relation(changed) and run_query("select 1 from " ~ changed ~ " limit 1").rows %}
        {{ return(changed) }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}

{% macro changed_since() %}
    {#- When the first of the releases that have changed or gone was published, as a text; empty where none has,
        none where all are to be looked at: on the first build, and where most of millions of rows were published since.
        What was known before that day has not changed. -#}
    {% set release = ref('int_release') %}
    {% set absorbed = absorbed_release_relation() %}
    {% set result = release.incorporate(path={'identifier': 'int_identity_result'}, type='table') %}
    {% if not execute or flags.FULL_REFRESH or not load_relation(absorbed) or not load_relation(result) %}
        {{ return(none) }}
    {% endif %}
    {% set found = run_query(
        "select coalesce(cast(min(known_from) as string), '') from ("
        ~ "select release.known_from from " ~ release ~ " as release left join " ~ absorbed ~ " as absorbed"
        ~ " on release.release_id = absorbed.release_id and release.reference_version = absorbed.reference_version"
        ~ " where absorbed.release_id is null union all"
        ~ " select cast('0001-01-01' as timestamp) from " ~ absorbed ~ " as absorbed"
        ~ " left join " ~ release ~ " as release on absorbed.release_id = release.release_id"
        ~ " where release.release_id is null) as changed"
    ) %}
    {% set since = found.columns[0].values()[0] %}
    {% set rows = run_query(
        "select coalesce(sum(case when known_from >= cast('" ~ (since or '9999-12-31') ~ "' as timestamp) then row_count end), 0)"
        ~ " as rows_since, coalesce(sum(row_count), 0) as rows_in_all from " ~ release ~ " where is_in_force"
    ).rows[0] %}
    {% set is_most = rows[0] > var('rejudged_rows') and 2 * rows[0] > rows[1] %}
    {{ return(none if is_most else since) }}
{% endmacro %}

{% macro is_changed_vintage(known_from) -%}
    {#- A condition: what was known then is not what it was in the build before. -#}
    {%- set since = changed_since() -%}
    {%- if since is none -%}true{%- elif since -%}{{ known_from }} >= cast('{{ since }}' as timestamp)
    {%- else -%}false{%- endif -%}
{%- endmacro %}

{% macro delete_changed_vintages() %}
    {#- Before an incremental model of vintages: those to be looked at again, and those of releases that have gone. -#}
    {% if is_incremental() %}
        delete from {{ this }} where release_id not in (
            select release_id from {{ ref('int_release') }}
            where is_in_force and not ({{ is_changed_vintage('known_from') }})
        )
    {% endif %}
{% endmacro %}
