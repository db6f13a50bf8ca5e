{#- The figures to be made anew in the facts: those that changed releases give, and those that releases which have
    changed or gone gave so far. Nothing where the facts are not there yet: then all are made. -#}
{% set key = observation_key() | join(', ') %}
-- depends_on: {{ ref('int_release') }}

select distinct {{ key }}
from {{ ref('int_observation') }}
where {{ is_changed_release('release_id') if only_changed_keys() else 'false' }}
{% if only_changed_keys() %}
    union
    select {{ key }}
    from {{ revision_before() }}
    where {{ is_changed_release('release_id') }}
{% endif %}
