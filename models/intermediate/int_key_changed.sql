{#- The figures to be made anew in the facts: those that changed releases give, and those that releases which have
    changed or gone gave so far. Nothing where the facts are not there yet: then all are made. -#}
{% set revision = load_relation(api.Relation.create(
    database=target.database | default(none), schema='core', identifier='fct_revision'
)) if execute and not should_full_refresh() else none %}
{% set key = observation_key() | join(', ') %}
{% set is_changed = is_changed_release('release_id') %}

select distinct {{ key }}
from {{ ref('int_observation') }}
where {{ is_changed if revision else 'false' }}
{% if revision %}
    union
    select {{ key }}
    from {{ revision }}
    where {{ is_changed }}
{% endif %}
