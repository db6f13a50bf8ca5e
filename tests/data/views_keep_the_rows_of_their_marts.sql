-- A row whose name is not found would be missing in a chart, and nobody would miss it.
{% set headline = "age = 'latest' and sex_code = '_T' and residence_code = '_T' and partner_code = '_T'" %}
{% set pairs = [
    ('bi_attractiveness', 'true', 'attractiveness_index', 'true'),
    ('bi_claim', 'true', 'claim_check', 'true'),
    ('bi_cluster_merge', 'true', 'cluster_merge', "method = 'ward'"),
    ('bi_correlation', "kind = 'correlation'", 'correlation', 'true'),
    ('bi_correlation', "kind = 'partial_correlation'", 'partial_correlation', 'true'),
    ('bi_correlation', "kind = 'correlation_sensitivity'", 'correlation_sensitivity', 'true'),
    ('bi_correlation', 'reading is not null', 'correlation_reading', 'true'),
    ('bi_external_balance', "kind = 'published'", 'external_balance_annual', 'true'),
    ('bi_indicator_fit', 'true', 'fit_line', 'true'),
    ('bi_observation', 'true', 'headline_observation', 'true'),
    ('bi_region', 'true', 'region_profile', 'true'),
    ('bi_region_cluster', 'cluster_en is not null', 'cluster_assignment', 'is_chosen_k'),
    ('bi_region_specialty', 'true', 'region_specialty_structure', 'true'),
    ('bi_release', 'true', 'dim_release', 'true'),
    ('bi_revision', 'true', 'figure_revision', headline ~ " and age_code in ('_T', 'Y_GT15')"),
    ('bi_specialty', 'true', 'specialty_structure', 'true'),
] %}

with counted as (
    {% for view, of_view, mart, of_mart in pairs %}
        select
            '{{ view }}' as view_name,
            '{{ mart }}' as mart_name,
            (select count(*) from {{ ref(view) }} where {{ of_view }}) as rows_of_view,
            (select count(*) from {{ ref(mart) }} where {{ of_mart }}) as rows_of_mart
        union all
    {% endfor %}
    select
        'bi_region_indicator' as view_name,
        'region_profile' as mart_name,
        (select count(*) from {{ ref('bi_region_indicator') }}) as rows_of_view,
        (
            select
                count(income_per_capita_kzt) + count(nominal_income_per_capita_kzt_month)
                + count(food_spend_per_capita_kzt) + count(children_per_household) + count(below_food_basket_persons)
            from {{ ref('bi_region') }}
        ) as rows_of_mart
    union all
    -- members of the clusters with a profile are all that were clustered
    select
        'bi_cluster_profile' as view_name,
        'cluster_assignment' as mart_name,
        (select coalesce(sum(size), 0) from {{ ref('bi_cluster_profile') }}) as rows_of_view,
        (select count(*) from {{ ref('cluster_assignment') }} where is_chosen_k) as rows_of_mart
)

select
    view_name,
    mart_name,
    rows_of_view,
    rows_of_mart
from counted
where rows_of_view <> rows_of_mart
