-- A statistic that cannot be made stands with its status and reason, and the build goes on: this says which.
{{ config(severity='warn') }}

{% set marts = [
    'correlation', 'partial_correlation', 'correlation_sensitivity', 'spatial_autocorrelation', 'regression'
] %}
{% for mart in marts %}
    select
        '{{ mart }}' as mart,
        reference_year,
        territory_set,
        status,
        reason,
        count(*) as statistics
    from {{ ref(mart) }}
    where status <> 'ok'
    group by reference_year, territory_set, status, reason
    {% if not loop.last %}union all{% endif %}
{% endfor %}
