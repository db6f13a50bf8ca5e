"""The peer of the benchmark `warm_build`: the public marts by one plain script, without dbt, tests or audit.

    python -m bench.plain SEEDS DATABASE

Reads the same CSV files and writes the same tables, columns and figures, as one would by hand: SQL on one
DuckDB connection, scipy and scikit-learn for the statistics. It shares no code with the models or with
analysis_py. `audit.expectation_result` and `audit.identity_check` are not made, as nothing is checked, nor
`analysis.claim_history`, as of vintages it knows the last, nor what rests on random draws or says more of the
clusters and correlations than their figures, nor forecasts, panel and tests of series, which
`tests/integration/test_forecast_and_poverty.py` recomputes.
"""

import sys
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from scipy.cluster import hierarchy
from scipy.optimize import root
from scipy.spatial.distance import cdist, pdist
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.mixture import GaussianMixture

from bench import correlations, plain_metric
from saldo import __version__

INDICATORS = {
    "income_per_capita_kzt": "income_per_capita",
    "food_spend_per_capita_kzt": "food_spend_per_capita",
    "children_per_household": "children_per_household",
    "below_food_basket_persons": "below_food_basket",
}
BALANCES = {"persons": "migration_balance_persons", "per_1000": "balance_per_1000"}

Floats = NDArray[np.float64]

DIMENSIONS = """
create schema core; create schema regional; create schema specialty; create schema national;
create schema analysis; create schema audit;

create table core.dim_region as
select * replace (cast(valid_from as date) as valid_from, cast(valid_to as date) as valid_to)
from region order by region_code;

create table core.dim_specialty as
select specialty_code, cast(sort_order as integer) as sort_order, name_en, name_ru, name_kk
from specialty order by sort_order;

create table core.dim_code as
select code_list, code, cast(sort_order as integer) as sort_order, name_en, name_ru, name_kk from code;

create table core.dim_indicator as
select
    indicator_code, name_en, name_ru, name_kk, unit_code, definition, aggregation, source,
    cast(may_be_negative as boolean) as may_be_negative
from indicator order by indicator_code;

create table core.bridge_region_boundary as
select * replace (cast(event_date as date) as event_date)
from boundary_event order by all;

create table core.bridge_region_contiguity as
select * replace (cast(border_km as integer) as border_km) from region_contiguity order by all;

create table core.dim_correction as
select * replace (cast(corrected_on as date) as corrected_on) from correction order by correction_id;

create table core.dim_release as
with file as (
    select
        release_id,
        if(
            count(*) = 1, any_value(sha256),
            sha256(string_agg(sha256 || '  ' || table_name || '.csv' || chr(10), '' order by table_name))
        ) as sha256,
        cast(sum(cast(figure_count as bigint) + cast(control_total_count as bigint)) as bigint) as row_count
    from release_table group by release_id
)
select
    release_id, publisher, who.text_ru as publisher_ru, who.text_kk as publisher_kk,
    title, named.text_ru as title_ru, named.text_kk as title_kk,
    cast(published_on as date) as published_on, published_on_note, file.sha256,
    layout, territory_set, file.row_count, source_url, terms_of_use,
    terms.text_ru as terms_of_use_ru, terms.text_kk as terms_of_use_kk, cast(null as date) as withdrawn_on,
    cast(published_on as timestamp) + to_seconds(cast(sequence_in_day as bigint)) as known_from,
    cast(recorded_at as timestamp) as recorded_at
from release inner join file using (release_id)
left join release_text as who on who.text_en = publisher
left join release_text as named on named.text_en = title
left join release_text as terms on terms.text_en = terms_of_use
order by known_from;
"""

CELLS = """
create temp table cell as
with long as (
    from sheet
    unpivot include nulls (printed for cell_column in (* exclude (table_name, row_no, c1)))
),

labelled as (
    select
        long.table_name,
        trim(long.c1) as row_label,
        trim(header.printed) as column_label,
        try_cast(left(trim(long.c1), 4) as integer) as year,
        try_cast(regexp_extract(trim(long.c1), '-Q([1-4])$', 1) as integer) as quarter,
        nullif(trim(long.printed), '') as printed,
        concat(
            long.table_name, ', row ', long.row_no, ' (', trim(long.c1), '), column ',
            substr(long.cell_column, 2), ' (', trim(header.printed), ')'
        ) as source_ref
    from long
    inner join long as header using (table_name, cell_column)
    where header.row_no = '0' and header.printed is not null and long.row_no <> '0'
)

select
    release.release_id,
    labelled.table_name,
    labelled.row_label,
    labelled.column_label,
    case
        when labelled.row_label = 'Итого' and labelled.column_label = 'Всего' then 'grand_total'
        when labelled.column_label = 'Всего' then 'row_total'
        when labelled.row_label in ('Итого', 'Республика Казахстан') then 'column_total'
        else 'fact'
    end as cell_kind,
    meaning.indicator_code,
    label.region_code,
    meaning.specialty_code,
    meaning.age_code,
    coalesce(cast(meaning.period_start as date), make_date(year, coalesce(3 * quarter - 2, 1), 1))
        as period_start,
    coalesce(
        cast(meaning.period_end as date),
        cast(make_date(year, coalesce(3 * quarter, 12), 1) + interval 1 month as date)
    ) as period_end,
    cast(if(mark.meaning is null, number, null) as decimal(24, 6)) as value,
    meaning.unit_code,
    if(mark.meaning is null, cast(length(split_part(number, '.', 2)) as integer), null) as decimals,
    if(mark.meaning is null, 'A', mark.obs_status) as obs_status,
    meaning.source_series,
    cast(release.declares_back_cast as boolean) as declares_back_cast,
    labelled.source_ref
from (
    select
        *,
        if(
            length(split_part(printed, '.', 2)) > 6, printf('%.1f', cast(printed as double)),
            replace(printed, ',', '.')
        ) as number
    from labelled
) as labelled
inner join release_table using (table_name)
inner join release on release.release_id = release_table.release_id
inner join table_column as meaning
    on meaning.table_name = labelled.table_name and meaning.column_label = labelled.column_label
inner join region_label as label
    on label.label_set = release.label_set
    and label.label = case
        when labelled.table_name in ('article_table_2', 'bns_poverty_2017_11_29') then 'Республика Казахстан'
        when labelled.table_name = 'bns_unemployment_2001_2023' then labelled.column_label
        else labelled.row_label
    end
    and (label.applies_from is null or meaning.period_start >= label.applies_from)
    and (label.applies_to is null or meaning.period_start < label.applies_to)
left join missing_mark as mark
    on mark.table_name = labelled.table_name and mark.mark is not distinct from labelled.printed
    and coalesce(mark.column_label, labelled.column_label) = labelled.column_label
"""

OBSERVATIONS = """
create temp table observation as
with changed as (
    select
        release_id, table_name, row_label, column_label, max(correction_id) as correction_id,
        cast(max(corrected) filter (attribute = 'value') as decimal(24, 6)) as value,
        cast(max(corrected) filter (attribute = 'period_start') as date) as period_start,
        cast(max(corrected) filter (attribute = 'period_end') as date) as period_end
    from correction group by all
),

corrected as (
    select
        cell.* replace (
            coalesce(changed.value, cell.value) as value,
            coalesce(changed.period_start, cell.period_start) as period_start,
            coalesce(changed.period_end, cell.period_end) as period_end
        ),
        changed.correction_id
    from cell
    left join changed
        on changed.table_name = cell.table_name and changed.column_label = cell.column_label
        and (changed.row_label is null or changed.row_label = cell.row_label)
    where cell.cell_kind = 'fact' and cell.obs_status is not null
)

select
    corrected.* replace (
        case
            when period_end <= region.valid_from or period_start >= region.valid_to then 'E'
            when series_break.break_on is not null and obs_status = 'A' then 'B'
            else obs_status
        end as obs_status
    )
from corrected
inner join core.dim_region as region using (region_code)
left join series_break
    on series_break.source_series = corrected.source_series and series_break.break_on = corrected.period_start
    and coalesce(series_break.region_code, corrected.region_code) = corrected.region_code;

create table core.fct_control_total as
with summed as (
    select
        total.release_id, total.table_name, total.cell_kind as control_kind, total.indicator_code,
        total.region_code, total.specialty_code, '_T' as sex_code, '_T' as residence_code, total.age_code,
        '_T' as partner_code, total.period_start, total.period_end,
        total.value as published_value,
        cast(sum(part.value) as decimal(24, 6)) as summed_value,
        count(part.value) as parts_count,
        total.source_ref
    from cell as total
    left join observation as part
        on part.table_name = total.table_name and part.indicator_code = total.indicator_code
        and part.period_start = total.period_start and part.period_end = total.period_end
        and total.region_code in ('00', part.region_code)
        and total.specialty_code in ('_T', part.specialty_code)
    where total.cell_kind <> 'fact'
    group by all
)

select
    * exclude (source_ref), cast(summed_value - published_value as decimal(24, 6)) as difference, source_ref
from summed
order by release_id, table_name, control_kind, period_start, region_code, specialty_code;

create table core.fct_revision as
with said as (
    select
        observation.*, cast(series.preference as integer) as series_preference, release.known_from,
        release.recorded_at
    from observation
    inner join core.dim_release as release using (release_id)
    inner join source_series as series using (source_series)
),

changed as (
    select * from said
    window vintage as (
        partition by
            indicator_code, region_code, specialty_code, age_code, period_start, period_end, source_series
        order by known_from
    )
    qualify
        row_number() over vintage = 1
        or value is distinct from lag(value) over vintage
        or obs_status is distinct from lag(obs_status) over vintage
),

interval as (
    select *, lead(known_from) over vintage as known_to
    from changed
    window vintage as (
        partition by
            indicator_code, region_code, specialty_code, age_code, period_start, period_end, source_series
        order by known_from
    )
)

select
    indicator_code, region_code, specialty_code, '_T' as sex_code, '_T' as residence_code, age_code,
    '_T' as partner_code, period_start, period_end, value, unit_code, decimals, obs_status, source_series,
    release_id, source_ref, correction_id, series_preference, known_from,
    known_to, recorded_at,
    known_to is null and series_preference = min(series_preference) filter (known_to is null) over (
        partition by indicator_code, region_code, specialty_code, age_code, period_start, period_end
    ) as is_latest
from interval;

create view core.fct_observation as
select * exclude (series_preference, known_from, known_to, recorded_at, is_latest)
from core.fct_revision
where is_latest;
"""

HEADLINE = """
create table core.headline_observation as
select * exclude (sex_code, residence_code, partner_code) from core.fct_observation;
"""

REVISIONS = """
create table core.figure_revision as
with said as (
    select
        observation.*, release.known_from,
        first_value(release) over vintage as first_release,
        first_value(observation.value) over vintage as first_value,
        row_number() over vintage as vintage_no
    from observation
    inner join core.dim_release as release using (release_id)
    where observation.value is not null
    window vintage as (
        partition by
            indicator_code, region_code, specialty_code, age_code, period_start, period_end, source_series
        order by release.known_from
    )
),

later as (
    select *, cast(datesub('year', first_release.known_from::date, known_from::date) as integer) as years
    from said where vintage_no > 1
),

aged as (
    select * from (select *, unnest(['latest', 'years_' || years]) as age from later)
    qualify row_number() over (
        partition by
            indicator_code, region_code, specialty_code, age_code, period_start, period_end, source_series,
            age
        order by known_from desc
    ) = 1
)

select
    aged.indicator_code, aged.region_code, aged.specialty_code, '_T' as sex_code, '_T' as residence_code,
    aged.age_code, '_T' as partner_code, aged.period_start, aged.period_end, aged.source_series, aged.age,
    if(aged.age = 'latest', null, aged.years) as age_years, aged.unit_code, aged.first_value,
    aged.value as later_value, cast(aged.value - aged.first_value as decimal(24, 6)) as revision,
    max_by(earlier.value, earlier.period_start) filter (
        earlier.known_from <= aged.first_release.known_from
        and coalesce(earlier.known_to > aged.first_release.known_from, true)
    ) as first_value_before,
    max_by(earlier.value, earlier.period_start) filter (
        earlier.known_from <= aged.known_from and coalesce(earlier.known_to > aged.known_from, true)
    ) as later_value_before,
    aged.first_release.release_id as first_release_id, aged.release_id as later_release_id,
    aged.first_release.known_from as first_known_from, aged.known_from as later_known_from
from aged
left join core.fct_revision as earlier
    on earlier.indicator_code = aged.indicator_code and earlier.region_code = aged.region_code
    and earlier.specialty_code = aged.specialty_code and earlier.age_code = aged.age_code
    and earlier.source_series = aged.source_series and earlier.period_start < aged.period_start
group by all;
"""

REVISION_SUMMARY = """
create table core.revision_summary as
select
    indicator_code, age, cast(age_years as integer) as age_years, unit_code,
    cast(n as integer) as n, cast(n_periods as integer) as n_periods, cast(n_revised as integer) as n_revised,
    mean_revision, mean_absolute_revision, median_revision, root_mean_square_revision, sd_revision,
    min_revision, max_revision, mean_revision_percent, mean_absolute_revision_percent, relative_status,
    share_upward, share_right_sign, cast(n_direction as integer) as n_direction, share_right_direction,
    t_statistic, t_p_value, t_status,
    cast(null as double) as news_intercept, cast(null as double) as news_slope,
    cast(null as double) as news_p_value, regression_status as news_status,
    cast(null as double) as noise_intercept, cast(null as double) as noise_slope,
    cast(null as double) as noise_p_value, regression_status as noise_status, reason
from revision order by all;
"""

RELEASE_LOG = """
create table audit.release_log as
with said as (
    select
        table_name,
        lag(release_id) over vintage is null as is_new,
        (value, obs_status) is distinct from lag((value, obs_status)) over vintage as is_changed
    from observation inner join core.dim_release as release using (release_id)
    window vintage as (
        partition by
            indicator_code, region_code, specialty_code, age_code, period_start, period_end, source_series
        order by release.known_from
    )
)
select
    file.release_id, file.table_name || '.csv' as file_name, file.sha256, 'landed' as status,
    cast(null as varchar) as reason,
    cast(file.figure_count as bigint) + cast(file.control_total_count as bigint) as rows_read,
    count(*) filter (is_new) as rows_new, count(*) filter (is_changed and not is_new) as rows_revised,
    cast(release.recorded_at as timestamp) as recorded_at, 'seeds/published' as kept_in
from release_table as file
inner join release using (release_id)
inner join said using (table_name)
group by all
order by file_name;

create table audit.run_log (
    run_id varchar, started_at timestamp, ended_at timestamp, status varchar, exit_status integer,
    version_id varchar, sources_failed integer, files_landed integer, files_refused integer, error varchar
);
"""

MARTS = """
create table national.external_balance_annual as
select
    cast(year(period_start) as integer) as year,
    cast(value as bigint) as balance_persons,
    cast(sum(value) over (order by period_start) as bigint) as cumulative_persons,
    release_id,
    source_ref
from core.fct_observation where indicator_code = 'external_balance' and value is not null
order by year;

create table analysis.poverty_comparison as
with figure as (
    select
        indicator_code, region_code, cast(year(period_start) as integer) as year,
        cast(value as double) as value, obs_status
    from core.fct_observation
    where
        indicator_code in ('poverty_share', 'unemployment_rate', 'nominal_income_per_capita')
        and value is not null and period_end = period_start + interval 1 year
),

stretch as (
    select
        figure.*,
        before.value as value_before,
        (
            select coalesce(max(broken.year) filter (broken.obs_status = 'B'), min(broken.year))
            from figure as broken
            where
                broken.indicator_code = figure.indicator_code and broken.region_code = figure.region_code
                and broken.year <= figure.year
        ) as stretch_first_year,
        (
            select count(*) from figure as earlier
            where
                earlier.indicator_code = figure.indicator_code and earlier.region_code = figure.region_code
                and earlier.year < figure.year
        ) as years_before
    from figure
    left join figure as before
        on before.indicator_code = figure.indicator_code and before.region_code = figure.region_code
        and before.year = figure.year - 1
)

select
    stretch.indicator_code, stretch.region_code, stretch.year, stretch.value, stretch.obs_status,
    if(stretch.obs_status = 'B', null, stretch.value - stretch.value_before) as change,
    if(stretch.obs_status = 'B', null, 100 * (stretch.value / stretch.value_before - 1)) as change_percent,
    stretch.stretch_first_year,
    stretch.value - start.value as change_in_stretch,
    country.value as national_value,
    stretch.value - country.value as difference_from_national,
    case
        when years_before > 0 and value_before is null then 'gap'
        when years_before > 0 and stretch.obs_status = 'B' then 'break'
        when country.value is null then 'no_national'
        when years_before = 0 then 'first' else 'ok'
    end as status,
    array_to_string(
        [
            why for why in [
                if(years_before = 0, 'no change: no year before', null),
                if(
                    years_before > 0 and value_before is null,
                    'no change: no figure of the year before', null
                ),
                if(
                    value_before is not null and stretch.obs_status = 'B',
                    'no change: the line or the method is another one from this year on', null
                ),
                if(
                    value_before <= 0 and stretch.obs_status <> 'B', 'no change in per cent: none of 0', null
                ),
                if(country.value is null, 'no figure of the whole country for the year', null)
            ] if why is not null
        ],
        '; '
    ) as reason
from stretch
inner join figure as start
    on start.indicator_code = stretch.indicator_code and start.region_code = stretch.region_code
    and start.year = stretch.stretch_first_year
left join figure as country
    on country.indicator_code = stretch.indicator_code and country.region_code = '00'
    and country.year = stretch.year
order by stretch.indicator_code, stretch.region_code, stretch.year;

create table specialty.region_specialty_balance as
select
    region_code, specialty_code, period_start, period_end, cast(value as bigint) as balance_persons,
    release_id, source_ref, correction_id
from core.fct_observation where indicator_code = 'migration_balance_by_specialty' and value is not null
order by region_code, specialty_code;

create table specialty.specialty_structure as
with summed as (
    select
        specialty_code, period_start, period_end,
        cast(sum(balance_persons) as bigint) as balance_persons,
        cast(greatest(-sum(balance_persons), 0) as bigint) as loss_persons
    from specialty.region_specialty_balance group by all
)
select
    *,
    balance_persons / sum(balance_persons) over (partition by period_start, period_end) as share_of_net,
    loss_persons / sum(loss_persons) over (partition by period_start, period_end) as share_of_losses
from summed
order by loss_persons desc;

create table regional.region_balance as
select region_code, period_start, period_end, cast(sum(balance_persons) as bigint) as balance_persons
from specialty.region_specialty_balance group by all
order by region_code;

create table regional.region_profile as
with long as (
    select *, cast(year(period_end - 1) as integer) as reference_year, indicator_code as i
    from core.fct_observation
),

pivoted as (
    select
        region_code,
        reference_year,
        cast(max(value) filter (i = 'income_per_capita') as decimal(18, 2)) as income_per_capita_kzt,
        cast(max(value) filter (i = 'food_spend_per_capita') as decimal(18, 2)) as food_spend_per_capita_kzt,
        cast(max(value) filter (i = 'migration_balance') as bigint) as migration_balance_persons,
        max(period_start) filter (i = 'migration_balance') as balance_period_start,
        max(period_end) filter (i = 'migration_balance') as balance_period_end,
        cast(max(value) filter (i = 'children_per_household') as decimal(9, 2)) as children_per_household,
        cast(max(value) filter (i = 'below_food_basket') as bigint) as below_food_basket_persons,
        cast(max(value) filter (i = 'population') as bigint) as population_persons
    from long
    group by region_code, reference_year
    having income_per_capita_kzt is not null
)

select
    pivoted.*,
    1000 * migration_balance_persons / population_persons as balance_per_1000,
    balance_per_1000 / ((
        least(balance_period_end, coalesce(region.valid_to, balance_period_end))
        - greatest(balance_period_start, coalesce(region.valid_from, balance_period_start))
    ) / 365.25) as balance_per_1000_per_year,
    case sign(migration_balance_persons) when -1 then 'donor' when 1 then 'recipient' end as role_by_sign,
    if(abs(migration_balance_persons) <= 1000, 'near_zero', role_by_sign) as role,
    if(abs(migration_balance_persons) <= 500, 'near_zero', role_by_sign) as role_within_500,
    if(abs(migration_balance_persons) <= 2000, 'near_zero', role_by_sign) as role_within_2000
from pivoted inner join core.dim_region as region using (region_code)
order by reference_year, region_code;

create table regional.region_profile_harmonised as
with unit as (
    select
        region.harmonised_unit,
        profile.reference_year,
        profile.* exclude (region_code, reference_year),
        profile.population_persons / sum(profile.population_persons) over one as share,
        count(*) over one > count(profile.below_food_basket_persons) over one as poor_unknown
    from regional.region_profile as profile
    inner join core.dim_region as region using (region_code)
    window one as (partition by region.harmonised_unit, profile.reference_year)
),

balance as (
    select
        region.harmonised_unit, balance.period_start, balance.period_end,
        cast(sum(balance.balance_persons) as bigint) as persons
    from regional.region_balance as balance inner join core.dim_region as region using (region_code)
    group by all
),

summed as (
    select
        harmonised_unit,
        reference_year,
        cast(sum(share * income_per_capita_kzt) as decimal(18, 2)) as income_per_capita_kzt,
        cast(sum(share * food_spend_per_capita_kzt) as decimal(18, 2)) as food_spend_per_capita_kzt,
        sum(share * children_per_household) as children_per_household,
        cast(if(any_value(poor_unknown), null, sum(below_food_basket_persons)) as bigint)
            as below_food_basket_persons,
        cast(sum(population_persons) as bigint) as population_persons,
        cast(any_value(poor_unknown) as integer) as absent_figures
    from unit group by harmonised_unit, reference_year
)

select
    summed.*,
    balance.persons as migration_balance_persons,
    balance.period_start as balance_period_start,
    balance.period_end as balance_period_end,
    1000 * balance.persons / population_persons as balance_per_1000,
    case sign(balance.persons) when -1 then 'donor' when 1 then 'recipient' end as role_by_sign,
    if(abs(balance.persons) <= 1000, 'near_zero', role_by_sign) as role
from summed inner join balance using (harmonised_unit)
where reference_year = year(balance.period_end - 1)
order by reference_year, harmonised_unit;
"""

STATISTICS = """
create table analysis.fit_line as
select
    cast(reference_year as integer) as reference_year, territory_set, measure, indicator_code,
    cast(point_no as integer) as point_no, indicator_value, fitted, ci_low, ci_high, cast(n as integer) as n,
    cast(n - 2 as integer) as residual_df, slope, intercept, r_squared, 'ok' as status,
    cast(null as varchar) as reason
from fit;

create table analysis.correlation as
select
    cast(reference_year as integer) as reference_year, indicator_code, method, territory_set, missing_rule,
    measure, cast(n as integer) as n, r, p_value, p_adjusted, ci_low, ci_high,
    cast(null as double) as bca_low, cast(null as double) as bca_high, cast(null as double) as p_permutation,
    cast(permutations as integer) as permutations, 5000 as resamples, 2025 as seed, leave_one_out_low,
    leave_one_out_high, most_influential, r_without_it, effective_n, p_spatial,
    cast(null as varchar) as spatial_reason, 'ok' as status, cast(null as varchar) as reason
from correlation where variant = 'all' and held_fixed = 'none';

create table analysis.partial_correlation as
select
    cast(reference_year as integer) as reference_year, indicator_code, held_fixed, method, territory_set,
    missing_rule, measure, cast(n as integer) as n, r, p_value, p_adjusted, ci_low, ci_high,
    cast(null as double) as bca_low, cast(null as double) as bca_high, cast(null as double) as p_permutation,
    cast(permutations as integer) as permutations, 5000 as resamples, 2025 as seed, leave_one_out_low,
    leave_one_out_high, most_influential, r_without_it, effective_n, p_spatial,
    cast(null as varchar) as spatial_reason, 'ok' as status, cast(null as varchar) as reason
from correlation where variant = 'all' and held_fixed <> 'none';

create table analysis.correlation_sensitivity as
select
    cast(changed.reference_year as integer) as reference_year, changed.variant, changed.indicator_code,
    changed.held_fixed, changed.method, changed.territory_set, changed.missing_rule, changed.measure,
    cast(null as varchar) as variant_note, plain.r as r_unchanged, changed.r - plain.r as difference,
    cast(changed.n as integer) as n, changed.r, changed.p_value, changed.p_adjusted, changed.ci_low,
    changed.ci_high, cast(null as double) as bca_low, cast(null as double) as bca_high,
    cast(null as double) as p_permutation, cast(changed.permutations as integer) as permutations,
    5000 as resamples, 2025 as seed, changed.leave_one_out_low, changed.leave_one_out_high,
    changed.most_influential, changed.r_without_it, changed.effective_n, changed.p_spatial,
    cast(null as varchar) as spatial_reason, 'ok' as status, cast(null as varchar) as reason
from correlation as changed
inner join correlation as plain
    on plain.variant = 'all' and plain.reference_year = changed.reference_year
    and plain.territory_set = changed.territory_set
    and plain.measure = changed.measure and plain.method = changed.method
    and plain.missing_rule = changed.missing_rule
    and plain.indicator_code = replace(changed.indicator_code, 'nominal_', '')
    and plain.held_fixed = replace(changed.held_fixed, 'nominal_', '')
where changed.variant <> 'all';

create table analysis.regression as
select
    cast(reference_year as integer) as reference_year, territory_set, measure, model, term,
    cast(n as integer) as n, cast(residual_df as integer) as residual_df, coefficient, standard_error, t,
    p_value, ci_low, ci_high, standardised, vif, r_squared, adjusted_r_squared,
    if(residual_df < 8, 'warning', 'ok') as status,
    if(residual_df < 8,
        residual_df || ' residual degrees of freedom, below 8: too few to carry a conclusion', null) as reason
from regression;

create table analysis.regression_influence as
select
    cast(reference_year as integer) as reference_year, territory_set, measure, model, region_code, fitted,
    residual, leverage, studentised_residual, cooks_distance, is_influential
from influence;

create table analysis.spatial_autocorrelation as
select
    cast(reference_year as integer) as reference_year, territory_set, subject, cast(n as integer) as n,
    moran_i, expected_i, cast(null as double) as p_value, 10000 as permutations, 2025 as seed,
    if(residual_df < 8, 'warning', 'ok') as status,
    if(residual_df < 8,
        residual_df || ' residual degrees of freedom, below 8: too few to carry a conclusion', null) as reason
from moran;

create table analysis.cluster_assignment as
select
    cast(reference_year as integer) as reference_year, region_code, method, cast(k as integer) as k,
    territory_set, measure, cast(cluster_id as integer) as cluster_id, is_chosen_k
from assignment order by all;

create table analysis.cluster_quality as
select
    cast(reference_year as integer) as reference_year, method, cast(k as integer) as k,
    territory_set, measure, silhouette, cophenetic_r, ari_vs_role, cast(null as double) as bic,
    cast(null as double) as bic_of_one_cluster,
    cast(null as integer) as best_k_by_bic, is_chosen_k, 'ok' as status, cast(null as varchar) as reason
from quality order by all;

create table analysis.cluster_merge as
select
    cast(reference_year as integer) as reference_year, method, territory_set, measure,
    cast(step as integer) as step, left_node, right_node, height, cast(size as integer) as size
from merge order by all;
"""

NOMINAL_INCOME = """
select region_code, year(period_start) as year, value from core.fct_observation
where indicator_code = 'nominal_income_per_capita' and value is not null
    and period_end = period_start + interval 1 year
"""

STRUCTURE = """
create temp table loss as
select
    cell.*, -least(balance_persons, 0) as loss, population_persons as people, region.valid_from,
    region.valid_to, profile.region_code is not null and people > 0 as is_known
from specialty.region_specialty_balance as cell
inner join core.dim_region as region using (region_code)
left join regional.region_profile as profile
    on profile.region_code = cell.region_code and profile.reference_year = year(cell.period_end - 1);

create temp table of_region as
select
    region_code, period_start, period_end, any_value(people) as people, any_value(is_known) as is_known,
    any_value(valid_from) as valid_from, any_value(valid_to) as valid_to, sum(balance_persons) as balance,
    sum(loss) as loss,
    coalesce(sum(loss) filter (specialty_code not in ('other', 'not_stated')), 0) as qualified,
    coalesce(sum(loss) filter (specialty_code = 'other'), 0) as other,
    coalesce(sum(loss) filter (specialty_code = 'not_stated'), 0) as not_stated,
    arg_max(specialty_code, loss order by specialty_code) as largest
from loss group by all;

create temp table of_nation as
select
    period_start, period_end, sum(loss) as loss,
    sum(loss) filter (is_known) / sum(people) filter (is_known) as rate,
    sum(qualified) / sum(loss) as qualified
from of_region group by all;

create temp table of_specialty as
select
    specialty_code, period_start, period_end, sum(loss.loss) as loss,
    sum(loss.loss) / any_value(nation.loss) as q
from loss inner join of_nation as nation using (period_start, period_end) group by all;

create temp table said as
select
    region_code, period_start, period_end,
    case when loss = 0 then 'no_loss' when is_known then 'ok' else 'no_population' end as status,
    nullif(concat_ws(
        '; ', if(loss = 0, 'no balance below zero: no loss, so no structure', null),
        if(is_known, null, 'no population in the year in which the period ends: no rate, no size')
    ), '') as reason
from of_region;

create table specialty.region_specialty_structure as
select
    region_code, specialty_code, period_start, period_end, balance_persons,
    cast(loss.loss as bigint) as loss_persons,
    balance_persons / nullif(region.balance, 0) as share_of_region_net,
    loss.loss / nullif(region.loss, 0) as share_of_region_losses,
    loss.loss / specialty.loss as share_of_specialty_losses,
    q as national_share_of_losses,
    share_of_region_losses - q as share_difference,
    share_of_region_losses / q as location_quotient,
    1000 * loss.loss / loss.people as loss_per_1000,
    loss.people * nation.rate * q as size_persons,
    (region.loss - loss.people * nation.rate) * q as rate_persons,
    loss.loss - region.loss * q as mix_persons,
    status, reason
from loss
inner join of_region as region using (region_code, period_start, period_end)
inner join of_specialty as specialty using (specialty_code, period_start, period_end)
inner join of_nation as nation using (period_start, period_end)
inner join said using (region_code, period_start, period_end)
order by all;

create table specialty.region_loss_decomposition as
with compared as (
    select
        region.region_code, region.period_start, region.period_end,
        sum(abs(coalesce(loss.loss, 0) / nullif(region.loss, 0) - q)) / 2 as dissimilarity,
        arg_max(
            specialty_code, round(coalesce(loss.loss, 0) - region.loss * q, 6) order by specialty_code
        ) as excess
    from of_region as region
    inner join of_specialty as specialty using (period_start, period_end)
    left join loss using (region_code, specialty_code, period_start, period_end)
    group by all
)
select
    region_code, period_start, period_end, cast(balance as bigint) as balance_persons,
    cast(region.loss as bigint) as loss_persons, region.loss / nation.loss as share_of_losses,
    people as population_persons,
    (
        least(period_end, coalesce(valid_to, period_end))
        - greatest(period_start, coalesce(valid_from, period_start))
    ) / 365.25 as years_of_existence,
    1000 * region.loss / people as loss_per_1000,
    loss_per_1000 / years_of_existence as loss_per_1000_per_year,
    people * rate as size_persons,
    region.loss - people * rate as rate_persons,
    cast(region.qualified as bigint) as qualified_loss_persons,
    cast(other as bigint) as other_loss_persons,
    cast(not_stated as bigint) as not_stated_loss_persons,
    region.qualified / nullif(region.loss, 0) as qualified_share,
    nation.qualified as national_qualified_share,
    region.qualified / nullif(other, 0) as qualified_per_other,
    people * rate * nation.qualified as qualified_size_persons,
    (region.loss - people * rate) * nation.qualified as qualified_rate_persons,
    region.qualified - region.loss * nation.qualified as qualified_mix_persons,
    dissimilarity,
    if(region.loss > 0, largest, null) as largest_specialty_code,
    if(region.loss > 0, excess, null) as excess_specialty_code,
    status, reason
from of_region as region
inner join of_nation as nation using (period_start, period_end)
inner join compared using (region_code, period_start, period_end)
inner join said using (region_code, period_start, period_end)
order by all;
"""

STRUCTURE_STATISTICS = """
create table specialty.loss_concentration as
select
    cast(period_start as date) as period_start, cast(period_end as date) as period_end, dimension, loss_of,
    measure, value, code, cast(n as integer) as n, cast(n_with_loss as integer) as n_with_loss,
    'ok' as status, cast(null as varchar) as reason
from concentration order by all;

create table specialty.correspondence_coordinate as
select
    cast(period_start as date) as period_start, cast(period_end as date) as period_end, dimension, code,
    cast(axis as integer) as axis, mass, coordinate, contribution, cos2, inertia, axis_inertia, axis_share,
    status, if(status = 'ok', null, 'no balance below zero: no loss, so no structure') as reason
from coordinate order by all;
"""

TRENDS = """
create table analysis.trend_fit as
select
    series, model, cast(first_year as integer) as first_year, cast(last_year as integer) as last_year,
    cast(n as integer) as n, cast(n_parameters as integer) as n_parameters, r_squared, adjusted_r_squared,
    aicc,
    status = 'ok' and aicc = min(aicc) filter (status = 'ok') over (partition by series) as is_best,
    residual_lag_1, durbin_watson, break_years, same_curve_as, noise_lag_1, noise_r_squared, noise_share,
    1000 as n_simulations, 20251031 as seed, round(100 * r_squared) = 39 as reproduces_39_percent, status,
    reason, cast(null as varchar) as note
from trend order by all;

create table analysis.change_point as
select
    series, cast(n_breaks as integer) as n_breaks, cast(break_no as integer) as break_no,
    cast(break_year as integer) as break_year, cast(year_low as integer) as year_low,
    cast(year_high as integer) as year_high, slope_before, slope_after, cast(n as integer) as n,
    cast(2 + 2 * n_breaks as integer) as n_parameters, r_squared, aicc, bic, bic3,
    bic3 = min(bic3) over (partition by series) as is_chosen, residual_lag_1, 'ok' as status,
    cast(null as varchar) as reason, cast(null as varchar) as note
from line order by all;
"""

AUDIT = """
create table audit.cross_table_balance as
select
    observation.region_code, observation.period_start, observation.period_end,
    cast(observation.value as bigint) as table_1_persons,
    cast(total.published_value as bigint) as table_3_persons,
    table_1_persons - table_3_persons as difference
from core.fct_observation as observation
left join core.fct_control_total as total
    on total.region_code = observation.region_code and total.control_kind = 'row_total'
where observation.indicator_code = 'migration_balance'
order by region_code;

create table audit.table_coverage as
with found as (
    select
        table_name,
        count(distinct row_label) filter (cell_kind = 'fact') as observed_rows,
        count(distinct column_label) filter (cell_kind = 'fact') as observed_columns,
        count(value) filter (cell_kind = 'fact') as observed_figures,
        count(value) filter (cell_kind <> 'fact') as observed_control_totals
    from cell group by table_name
)
select
    release_id, table_name,
    cast(row_count as bigint) as expected_rows, observed_rows,
    cast(column_count as bigint) as expected_columns, observed_columns,
    cast(figure_count as bigint) as expected_figures, observed_figures,
    cast(control_total_count as bigint) as expected_control_totals, observed_control_totals
from release_table inner join found using (table_name)
order by table_name;
"""

TERRITORY_SET = """
insert into core.dim_code
select
    'territory_set', code || '_' || $2, 100 * sort_order + cast($2 as integer), name_en || ' (' || $2 || ')',
    name_ru || ' (' || $2 || ')', name_kk || ' (' || $2 || ')'
from core.dim_code
where code_list = 'territory_kind' and code = $1
"""

ABOUT = """
create table core.about as
select
    'saldo' as product, cast(? as varchar) as version, 'plain' as version_id, 1 as schema_version,
    cast(now() as timestamp) as built_at,
    count(*) as release_count, max(known_from) as latest_release_known_from,
    string_agg(distinct publisher, '; ' order by publisher) as publishers,
    'MIT' as code_licence, '' as data_terms, '' as data_terms_ru, '' as data_terms_kk,
    '' as how_to_cite, '' as how_to_cite_ru, '' as how_to_cite_kk
from core.dim_release
"""


def build(seeds: Path, database: Path) -> None:
    """Writes the marts made from the CSV files in `seeds` into the new file `database`."""
    with duckdb.connect(str(database)) as connection:
        load(connection, seeds)
        for step in (DIMENSIONS, CELLS, OBSERVATIONS, HEADLINE, REVISIONS, RELEASE_LOG, MARTS):
            connection.execute(step)
        pairs = connection.execute("from core.figure_revision").df()
        connection.register("revision", revisions(pairs, connection.execute("from core.dim_indicator").df()))
        connection.execute(REVISION_SUMMARY)
        profile = connection.execute("from regional.region_profile").df()
        harmonised = connection.execute("from regional.region_profile_harmonised").df()
        assignment, quality, merge = cluster(profile, harmonised)
        region = connection.execute("from core.dim_region").df()
        borders = connection.execute("from core.bridge_region_contiguity").df()
        nominal = connection.execute(NOMINAL_INCOME).df()
        connection.register(
            "correlation", correlations.correlations(profile, harmonised, region, borders, nominal)
        )
        terms, influence, moran = correlations.regressions(profile, harmonised, region, borders)
        connection.register("fit", correlations.lines(profile, nominal))
        connection.register("regression", terms)
        connection.register("influence", influence)
        connection.register("moran", moran)
        connection.register("assignment", assignment)
        connection.register("quality", quality)
        connection.register("merge", merge)
        connection.execute(STATISTICS)
        connection.execute(STRUCTURE)
        balances = connection.execute("from specialty.region_specialty_balance").df()
        connection.register("concentration", pd.DataFrame(concentration(balances)))
        connection.register("coordinate", pd.concat(coordinates(balances)))
        connection.execute(STRUCTURE_STATISTICS)
        trend, line, rates = trends(connection.execute("from national.external_balance_annual").df())
        connection.register("trend", trend)
        connection.register("line", line)
        connection.execute(TRENDS)
        annual = connection.execute("select balance_persons from national.external_balance_annual").df()
        balance = annual["balance_persons"].to_numpy(dtype="float64")
        connection.register("trend", plain_metric.trends(balance, trend, rates))
        connection.execute(plain_metric.METRICS)
        connection.execute(AUDIT)
        for kind, table in (("regions", profile), ("harmonised", harmonised)):
            for size in table.groupby("reference_year").size().unique():
                connection.execute(TERRITORY_SET, [kind, str(size)])
        connection.execute(ABOUT, [__version__])


def load(connection: duckdb.DuckDBPyConnection, seeds: Path) -> None:
    """Makes one table of all the printed tables and one of each reference file, every column text."""
    connection.execute(
        "create temp table sheet as"
        " select * exclude (filename), parse_filename(filename, true) as table_name"
        " from read_csv(?, header = true, all_varchar = true, union_by_name = true, filename = true)",
        [f"{seeds}/published/*.csv"],
    )
    for path in seeds.glob("reference/*.csv"):
        connection.execute(
            f"create temp table {path.stem} as from read_csv(?, header = true, all_varchar = true)",
            [str(path)],
        )


def revisions(pairs: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    """Measures of revision by indicator and age. No series has the figures for the regressions."""
    rows: list[dict[str, object]] = []
    for indicator in indicators.itertuples():
        key: dict[str, object] = {
            "indicator_code": indicator.indicator_code,
            "unit_code": indicator.unit_code,
        }
        of_indicator = pairs[pairs["indicator_code"] == indicator.indicator_code]
        relative = "balance" if indicator.may_be_negative else "share" if indicator.unit_code == "PT" else ""
        if of_indicator.empty:
            none = dict.fromkeys(["n", "n_periods", "n_revised", "n_direction"], 0)
            reason = "no figure of the indicator has been published twice in one series"
            statuses = {"t_status": "no_figure", "regression_status": "no_figure", "reason": reason}
            key |= {"age": "latest", "relative_status": relative or "no_figure"}
            rows.append({**key, **none, **statuses})
        for age, figures in of_indicator.groupby("age"):
            first, later, then, now = (
                figures[name].astype(float)
                for name in ("first_value", "later_value", "first_value_before", "later_value_before")
            )
            moved = later - first
            known = then.notna() & now.notna()
            test = stats.ttest_1samp(moved, 0)
            rows.append(
                {
                    **key,
                    "age": age,
                    "age_years": figures["age_years"].iloc[0],
                    "n": len(moved),
                    "n_periods": figures["period_start"].nunique(),
                    "n_revised": (moved != 0).sum(),
                    "mean_revision": moved.mean(),
                    "mean_absolute_revision": moved.abs().mean(),
                    "median_revision": moved.median(),
                    "root_mean_square_revision": (moved**2).mean() ** 0.5,
                    "sd_revision": moved.std(),
                    "min_revision": moved.min(),
                    "max_revision": moved.max(),
                    "mean_revision_percent": 100 * moved.sum() / later.abs().sum(),
                    "mean_absolute_revision_percent": 100 * moved.abs().sum() / later.abs().sum(),
                    "relative_status": relative or "ok",
                    "share_upward": (moved > 0).mean(),
                    "share_right_sign": (np.sign(first) == np.sign(later)).mean(),
                    "n_direction": known.sum(),
                    "share_right_direction": (np.sign(first - then) == np.sign(later - now))[known].mean(),
                    "t_statistic": test.statistic,
                    "t_p_value": test.pvalue,
                    "t_status": "ok",
                    "regression_status": "too_few",
                    "reason": f"no news and noise tests: {len(moved)} of at least 30 figures",
                }
            )
    return pd.DataFrame(rows)


def cluster(regions: pd.DataFrame, units: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Members, quality and merges of the clusters on balance, income and children per household."""
    members, quality, merges = [], [], []
    units = units.rename(columns={"harmonised_unit": "region_code"})
    for name, profile in {"regions_20": regions, "harmonised_16": units}.items():
        for year, of_year in profile.sort_values("region_code").groupby("reference_year"):
            codes = of_year["region_code"].tolist()
            for measure, balance in BALANCES.items():
                features = of_year[[balance, "income_per_capita_kzt", "children_per_household"]].astype(float)
                points = stats.zscore(features.to_numpy())
                for method, cuts, tree in partitions(points):
                    key = (year, name, measure, method)
                    cophenetic_r = hierarchy.cophenet(tree, pdist(points))[0] if tree is not None else np.nan
                    silhouettes = {k: silhouette_score(points, cut) for k, cut in cuts.items()}
                    chosen_k = max(silhouettes, key=silhouettes.__getitem__)
                    for k, cut in cuts.items():
                        agreement = adjusted_rand_score(of_year["role_by_sign"], cut)
                        quality.append((*key, k, k == chosen_k, silhouettes[k], cophenetic_r, agreement))
                        of_cut = zip(codes, pd.factorize(cut)[0] + 1, strict=True)
                        members += [(*key, k, k == chosen_k, *member) for member in of_cut]
                    nodes = codes + [f"n{step}" for step in range(1, len(codes))]
                    for step, (left, right, height, size) in enumerate(
                        tree if tree is not None else [], start=1
                    ):
                        merges.append((*key, step, nodes[int(left)], nodes[int(right)], height, size))
    key_names = ["reference_year", "territory_set", "measure", "method"]
    cut_names = [*key_names, "k", "is_chosen_k"]
    return (
        pd.DataFrame(members, columns=[*cut_names, "region_code", "cluster_id"]),
        pd.DataFrame(quality, columns=[*cut_names, "silhouette", "cophenetic_r", "ari_vs_role"]),
        pd.DataFrame(merges, columns=[*key_names, "step", "left_node", "right_node", "height", "size"]),
    )


def tables_of_losses(balances: pd.DataFrame) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Period and balances, regions by specialties."""
    for (start, end), rows in balances.groupby(["period_start", "period_end"]):
        table = rows.pivot_table(
            index="region_code", columns="specialty_code", values="balance_persons", aggfunc="sum"
        )
        yield {"period_start": start, "period_end": end}, table


def concentration(balances: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Measures of the concentration of losses over regions and specialties, and Cramér's V."""
    for period, table in tables_of_losses(balances):
        cells = (-table).clip(lower=0)
        for dimension, of in (("region", table.T), ("specialty", table)):
            for loss_of, losses in (
                ("totals", (-of.sum()).clip(lower=0)),
                ("cells", (-of).clip(lower=0).sum()),
            ):
                share, n = losses / losses.sum(), len(losses)
                index = float((share**2).sum())
                for measure, value in {
                    "hhi": index,
                    "hhi_normalised": (n * index - 1) / (n - 1),
                    "effective_number": 1 / index,
                    "share_of_largest": share.max(),
                    "share_of_three_largest": share.nlargest(3).sum(),
                }.items():
                    code = share.idxmax() if measure == "share_of_largest" else None
                    key = {"dimension": dimension, "loss_of": loss_of, "measure": measure, "code": code}
                    yield {**period, **key, "value": value, "n": n, "n_with_loss": (losses > 0).sum()}
        known = cells.fillna(0)
        losing = known.loc[known.sum(axis=1) > 0, known.sum() > 0].astype(int)
        association = stats.contingency.association(losing.to_numpy(), method="cramer")
        for measure, value in {
            "cramers_v": association,
            "inertia": association**2 * (min(losing.shape) - 1),
            "qualified_share": 1 - cells.filter(["other", "not_stated"]).sum().sum() / cells.sum().sum(),
        }.items():
            key = {"dimension": "region_by_specialty", "loss_of": "cells", "measure": measure, "code": None}
            yield {
                **period,
                **key,
                "value": value,
                "n": cells.count().sum(),
                "n_with_loss": (cells > 0).sum().sum(),
            }


def coordinates(balances: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Correspondence analysis of the losses, from the profiles of the regions."""
    for period, table in tables_of_losses(balances):
        losses = (-table).clip(lower=0).fillna(0)
        kept = losses.loc[losses.sum(axis=1) > 0, losses.sum() > 0]
        r, c = kept.sum(axis=1) / kept.sum().sum(), kept.sum() / kept.sum().sum()
        profiles = kept.div(kept.sum(axis=1), axis=0) - c
        weighted = profiles.mul(np.sqrt(r), axis=0) / np.sqrt(c)
        u, s, vt = np.linalg.svd(weighted.to_numpy(), full_matrices=False)
        axes = s > 1e-9
        u, s, v = u[:, axes], s[axes], vt[axes].T
        sign = np.sign([v[np.abs(v[:, axis]).argmax(), axis] for axis in range(len(s))])
        for dimension, mass, vectors, all_codes in (
            ("region", r, u, losses.index),
            ("specialty", c, v, losses.columns),
        ):
            points = pd.DataFrame(vectors * sign * s, index=mass.index, columns=range(1, len(s) + 1)).div(
                np.sqrt(mass), axis=0
            )
            long = (
                points.rename_axis("code")
                .reset_index()
                .melt("code", var_name="axis", value_name="coordinate")
            )
            long["mass"] = long["code"].map(mass)
            long["axis_inertia"] = long["axis"].map(dict(enumerate(s**2, start=1)))
            long["axis_share"] = long["axis_inertia"] / (s**2).sum()
            part = long["mass"] * long["coordinate"] ** 2
            long["contribution"] = part / long["axis_inertia"]
            long["inertia"] = part.groupby(long["code"]).transform("sum")
            long["cos2"] = part / long["inertia"]
            absent = pd.DataFrame({"code": all_codes.difference(mass.index), "axis": 1, "status": "no_loss"})
            whole = pd.concat([long.assign(status="ok"), absent], ignore_index=True)
            yield whole.assign(dimension=dimension).assign(**period)


def trends(annual: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, float]]:
    """Curves through the annual and the cumulative series, lines with 0 to 4 breaks, rates of approach."""
    years = annual["year"].to_numpy(float)
    n, t = len(years), years - years[0]
    about_mean = annual["balance_persons"].to_numpy(float) - annual["balance_persons"].mean()
    alike = float((about_mean[1:] * about_mean[:-1]).sum() / (about_mean**2).sum())
    noise = np.random.default_rng(20251031).standard_normal((1000, n))
    noise[:, 0] /= np.sqrt(1 - alike**2)
    for year in range(1, n):
        noise[:, year] += alike * noise[:, year - 1]
    places = {
        k: [ends for ends in combinations(range(2, n - 2), k) if all(b - a > 1 for a, b in pairwise(ends))]
        for k in range(5)
    }
    bent = {
        k: [np.column_stack([np.ones(n), t, *(np.maximum(t - b, 0) for b in ends)]) for ends in places[k]]
        for k in places
    }
    curves: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    rates: dict[str, float] = {}
    for series, column, made_up in (
        ("annual", "balance_persons", noise),
        ("cumulative", "cumulative_persons", noise.cumsum(axis=1)),
    ):
        y = annual[column].to_numpy(float)
        left = {k: np.array([squares_left(design, y) for design in bent[k]]) for k in bent}
        bic3 = {k: n * np.log(left[k].min() / n) + (3 * k + 2) * np.log(n) for k in left}
        chosen = min(bic3, key=lambda k: bic3[k])
        for k, squares in left.items():
            key = {"series": series, "n_breaks": k, "n": n, "bic3": bic3[k]}
            lines += [{**key, **row} for row in breaks(years, y, places[k], bent[k], squares)]
        best = int(left[chosen].argmin())
        for model, designs in families(t, years, bent[chosen]).items():
            design = designs[best if model == "segmented" else 0]
            row: dict[str, object] = {"series": series, "model": model, "n": n, "status": "ok"}
            row |= {"first_year": years[0], "last_year": years[-1]}
            fitted = design @ np.linalg.lstsq(design, y)[0]
            k = 3 if model == "asymptotic" else 2 + 2 * chosen if model == "segmented" else design.shape[1]
            if model == "segmented":
                row["break_years"] = ", ".join(str(int(years[b])) for b in places[chosen][best])
                open_number = "BIC3 falls up to the 4 breaks at which the search ends: their number is open"
                row["reason"] = open_number if chosen == 4 else None
            elif model == "logarithmic_calendar_year":
                same = "over so few years the logarithm of the calendar year is a straight line"
                row |= {"status": "degenerate", "same_curve_as": "linear", "reason": same}
            elif model == "asymptotic":
                curve, rates[series] = approach(t, y, designs[1:])
                fitted = fitted if curve is None else curve
                same = "the slower the approach, the better the fit: in the limit it is the straight line"
                if curve is None:
                    row |= {"status": "degenerate", "same_curve_as": "linear", "reason": same}
            row |= {"n_parameters": k, **goodness(y, fitted, k)}
            total = np.square(made_up.T - made_up.mean(axis=1)).sum(axis=0)
            explained = 1 - np.min([squares_left(one, made_up.T) for one in designs], axis=0) / total
            share = (explained >= row["r_squared"]).mean()
            row |= {"noise_lag_1": alike, "noise_r_squared": explained.mean(), "noise_share": share}
            curves.append(row)
    return pd.DataFrame(curves), pd.DataFrame(lines), rates


def families(t: Floats, years: Floats, bent: list[Floats]) -> dict[str, list[Floats]]:
    """The designs of each model, of which the best counts; of the asymptotic one, the line is the first."""
    ones = np.ones(len(t))
    rates = np.geomspace(1e-2, 1e3, 101) / t[-1]
    return {
        "linear": [np.vander(t, 2)],
        "quadratic": [np.vander(t, 3)],
        "cubic": [np.vander(t, 4)],
        "logarithmic": [np.column_stack([ones, np.log(t + 1)])],
        "logarithmic_calendar_year": [np.column_stack([ones, np.log(years)])],
        "asymptotic": [np.vander(t, 2), *(np.column_stack([ones, np.exp(-rate * t)]) for rate in rates)],
        "segmented": bent,
    }


def approach(t: Floats, y: Floats, designs: list[Floats]) -> tuple[Floats | None, float]:
    """The best a + b exp(-c t) and c, by the equations of least squares; None, 0 where the slowest is."""
    best = int(np.argmin([squares_left(design, y) for design in designs]))
    scale = np.abs(y).max()
    start, *_ = np.linalg.lstsq(designs[best], y / scale)

    def gradient(p: Floats) -> Floats:
        bend = np.exp(-p[2] * t)
        slopes = np.column_stack([np.ones(len(t)), bend, -p[1] * t * bend])
        return np.asarray(slopes.T @ (p[0] + p[1] * bend - y / scale))

    if best == 0:
        return None, 0
    a, b, c = root(gradient, [*start, -np.log(designs[best][1, 1]) / t[1]], tol=1e-14).x
    return np.asarray(scale * (a + b * np.exp(-c * t))), float(c)


def breaks(
    years: Floats, y: Floats, places: list[tuple[int, ...]], designs: list[Floats], squares: Floats
) -> Iterator[dict[str, object]]:
    """The rows of the best line with a number of breaks: slopes, and years that the figures leave open."""
    n, k, best = len(y), len(places[0]), int(squares.argmin())
    line, *_ = np.linalg.lstsq(designs[best], y)
    slopes = line[1:].cumsum()
    whole = goodness(y, designs[best] @ line, 2 + 2 * k)
    whole["bic"] = n * np.log(squares[best] / n) + (3 + 2 * k) * np.log(n)
    if not k:
        yield {**whole, "break_no": 0, "slope_before": slopes[0], "slope_after": slopes[0]}
    limit = squares[best] * (1 + stats.f.isf(0.05, 1, n - 2 - 2 * k) / (n - 2 - 2 * k))
    possible = np.array(places)[squares <= limit]
    for number in range(k):
        yield {
            **whole,
            "break_no": number + 1,
            "break_year": years[places[best][number]],
            "year_low": years[possible[:, number].min()],
            "year_high": years[possible[:, number].max()],
            "slope_before": slopes[number],
            "slope_after": slopes[number + 1],
        }


def squares_left(design: Floats, columns: Floats) -> Floats:
    """Sum of squared residuals of each column."""
    q, _ = np.linalg.qr(design)
    left: Floats = np.square(columns).sum(axis=0) - np.square(q.T @ columns).sum(axis=0)
    return left


def goodness(y: Floats, fitted: Floats, parameters: int) -> dict[str, float]:
    """R², adjusted R², AICc and autocorrelation of the residuals."""
    n, rest = len(y), y - fitted
    squares, k = (rest**2).sum(), parameters + 1
    r_squared = 1 - squares / ((y - y.mean()) ** 2).sum()
    return {
        "r_squared": r_squared,
        "adjusted_r_squared": 1 - (1 - r_squared) * (n - 1) / (n - parameters),
        "aicc": n * np.log(squares / n) + 2 * k * n / (n - k - 1),
        "residual_lag_1": (rest[1:] * rest[:-1]).sum() / squares,
        "durbin_watson": ((rest[1:] - rest[:-1]) ** 2).sum() / squares,
    }


def partitions(points: Floats) -> Iterator[tuple[str, dict[int, NDArray[np.int64]], Floats | None]]:
    """Each method with its groups by their number, and its tree."""
    for method in ("ward", "average", "complete"):
        tree = hierarchy.linkage(points, method)
        yield method, {k: hierarchy.fcluster(tree, k, "maxclust") for k in range(2, 7)}, tree
    k_means = {
        k: min((exchanged(points, k, seed) for seed in range(25)), key=lambda fit: fit[0])[1]
        for k in range(2, 7)
    }
    yield "k_means", k_means, None
    ward = hierarchy.linkage(points, "ward")
    mixtures = {}
    for k, groups in k_means.items():
        starts = (groups, hierarchy.fcluster(ward, k, "maxclust") - 1)
        fits = [mixture(points, start, k) for start in starts]
        mixtures[k] = max(fits, key=lambda fit: float(fit.lower_bound_)).predict(points)
    yield "gaussian_mixture", mixtures, None


def exchanged(points: Floats, k: int, seed: int) -> tuple[float, NDArray[np.int64]]:
    """Sum of squares and groups of k-means: any groups, then single regions moved while that lowers it."""
    regions = np.arange(len(points))
    groups = np.random.default_rng(seed).permutation(regions % k)
    while True:
        sizes = np.bincount(groups, minlength=k)
        means = np.stack([points[groups == group].mean(axis=0) for group in range(k)])
        squares = cdist(points, means) ** 2
        own, size = squares[regions, groups], sizes[groups]
        saved = own * size / np.maximum(size - 1, 1)
        change = squares * sizes / (sizes + 1) - np.where(size > 1, saved, 0)[:, None]
        change[regions, groups] = 0
        if change.min() >= -1e-9:
            return round(float(own.sum()), 9), groups
        region, group = np.unravel_index(change.argmin(), change.shape)
        groups[region] = group


def mixture(points: Floats, start: NDArray[np.int64], k: int) -> GaussianMixture:
    """A mixture of k normal distributions with one covariance, from these groups on."""
    means = np.stack([points[start == group].mean(axis=0) for group in range(k)])
    within = points - means[start]
    covariance = within.T @ within / len(points) + 1e-6 * np.eye(points.shape[1])
    return GaussianMixture(
        k,
        covariance_type="tied",
        weights_init=np.bincount(start, minlength=k) / len(points),
        means_init=means,
        precisions_init=np.linalg.inv(covariance),
        tol=1e-10,
        max_iter=5000,
    ).fit(points)


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))
