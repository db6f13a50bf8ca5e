"""Metrics and claims of the plain script: the same figures in SQL and scipy, without how they came about."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

METRICS = """
create temp view annual as
select year, balance_persons as b from national.external_balance_annual where year between 2000 and 2024;

create temp view part as
select region_code, specialty_code, balance_persons as b, macro_region as area, valid_to is null as today
from specialty.region_specialty_balance inner join core.dim_region using (region_code);

create temp view place as
select
    region_code, migration_balance_persons as b, income_per_capita_kzt as income,
    children_per_household as children, below_food_basket_persons as poor, macro_region as area
from regional.region_profile inner join core.dim_region using (region_code) where reference_year = 2024;

create temp view changed as
select
    macro_region as area, harmonised_unit as unit,
    sum(if(period_start < '2001-01-01', -value, value)) as change
from core.fct_observation inner join core.dim_region using (region_code)
where indicator_code = 'population' and period_start in ('2000-01-01', '2025-01-01') and region_code <> '00'
group by all;

create temp view yearly as
with counted as (
    select
        macro_region as area, harmonised_unit as unit, period_start, sum(value) as value,
        bool_or(obs_status = 'B') as breaks
    from core.fct_observation inner join core.dim_region using (region_code)
    where
        indicator_code = 'population' and region_code <> '00' and dayofyear(period_start) = 1
        and period_start between '2000-01-01' and '2025-01-01'
    group by all
),

changed_by as (
    select
        *, value - lag(value) over (partition by unit order by period_start) as change
    from counted
)

select
    area, unit, count(*) as years, count(*) filter (change < 0) as falls,
    count(*) filter (change > 0) as rises
from changed_by where not breaks and change is not null group by all;

create temp view flow as
select region_code, macro_region as area, value
from core.fct_observation inner join core.dim_region using (region_code)
where indicator_code = 'internal_balance' and year(period_start) between 2022 and 2024;

create temp view growth as
with ends as (
    select
        region_code, arg_min(value, period_start) as before, arg_max(value, period_start) as later
    from core.fct_observation inner join core.dim_region using (region_code)
    where
        indicator_code = 'population' and valid_to is null and region_code <> '00'
        and period_start in ('2023-01-01', '2025-01-01')
    group by all
)

select region_code, 100 * (sqrt(later / before) - 1) as rate from ends where region_code in ('63', '79')
union all select '00', 100 * (sqrt(sum(later) / sum(before)) - 1) from ends;

create temp view run as
select min(year) as first, (select min(year) from annual where b <= 0 and year > min(up.year)) - 1 as last
from annual as up where b > 0;

create temp view figure as
select 'external_balance' as metric, year::varchar as subject, balance_persons::double as value
from national.external_balance_annual
union all select 'external_balance_sum', '2000_2018', sum(b) filter (year <= 2018) from annual
union all select 'external_balance_sum', '2000_2024', sum(b) from annual
union all select 'external_balance_change', '2019_2024', arg_max(b, year) - arg_min(b, year) from annual
where year >= 2019
union all select 'positive_years', '2004_2007', count(*) filter (b > 0) from annual
where year between 2004 and 2007
union all select 'variation_coefficient', '2000_2024', stddev_samp(b) / abs(avg(b)) from annual
union all select 'negative_years', '2000_2003', count(*) filter (b < 0) from annual where year <= 2003
union all select 'negative_years', '2000_2024', count(*) filter (b < 0) from annual
union all select 'highest_year', '2000_2024', arg_max(year, b) from annual
union all select 'lowest_year', '2012_2024', arg_min(year, b) from annual where year >= 2012
union all select 'first_positive_year', '2000_2024', first from run
union all select 'positive_run_last_year', '2000_2024', last from run
union all select 'negative_again_year', '2000_2024', min(year) from annual, run where b < 0 and year > last
union all select 'first_year', 'external_balance', min(year) from annual
union all select 'last_year', 'external_balance', max(year) from annual
union all select metric, 'balance_by_specialty', value from (
    select min(year(period_start)) as first_year, max(year(period_end)) - 1 as last_year
    from specialty.region_specialty_balance
) unpivot (value for metric in (first_year, last_year))
union all select metric, 'balance_by_region', value from (
    select min(year(balance_period_start)) as first_year, max(year(balance_period_end)) - 1 as last_year
    from regional.region_profile
) unpivot (value for metric in (first_year, last_year))
union all select 'specialty_balance', specialty_code, sum(b) from part group by all
union all select 'balance_of_all_specialties', '2000_2024', sum(b) from part
union all select 'share_of_net', 'technical', sum(b) filter (specialty_code = 'technical') / sum(b) from part
union all select
    'share_of_net', 'pedagogical+economic+legal',
    sum(b) filter (specialty_code in ('pedagogical', 'economic', 'legal')) / sum(b) from part
union all select
    'share_of_net', 'technical+pedagogical+economic+legal',
    sum(b) filter (specialty_code in ('technical', 'pedagogical', 'economic', 'legal')) / sum(b) from part
union all select
    'share_of_net', 'technical+agricultural+architecture_construction+medical+pedagogical+economic+legal',
    sum(b) filter (specialty_code not in ('other', 'not_stated')) / sum(b) from part
union all select 'largest_losses', 'pedagogical+economic+legal', count(*) from (
    select specialty_code from part group by all order by sum(b) limit 3
) where specialty_code in ('pedagogical', 'economic', 'legal')
union all select 'largest_losses', 'technical+pedagogical+economic+legal', count(*) from (
    select specialty_code from part group by all order by sum(b) limit 4
) where specialty_code in ('technical', 'pedagogical', 'economic', 'legal')
union all select 'leading_regions', '59+63:' || specialty_code, count(*) from (
    from part where specialty_code in ('technical', 'pedagogical')
    qualify row_number() over (partition by specialty_code order by b) <= 2
) where region_code in ('59', '63') group by all
union all select 'leading_areas', 'north+east:' || specialty_code, count(*) from (
    select specialty_code, area from part where specialty_code in ('technical', 'pedagogical') group by 1, 2
    qualify row_number() over (partition by specialty_code order by sum(b)) <= 2
) where area in ('north', 'east') group by all
union all select 'positive_cells', '47+51:' || specialty_code, count(*) filter (b > 0) from part
where region_code in ('47', '51') and specialty_code in ('medical', 'agricultural') group by all
union all select 'area_specialty_balance', 'south:' || specialty_code, sum(b) from part
where area = 'south' and specialty_code in ('medical', 'agricultural') group by all
union all select 'area_balance', 'south+west', sum(b) from part where area in ('south', 'west')
union all select 'area_balance', 'east+north', sum(b) from part where area in ('east', 'north')
union all select 'region_balance_by_specialty', region_code, sum(b) from part group by all
union all select 'qualified_balance', region_code, sum(b) from part
where region_code in ('71', '75') and specialty_code not in ('other', 'not_stated') group by all
union all select 'share_of_qualified_donors', 'east+north', avg((b < 0)::int) from (
    select sum(b) as b from part
    where today and area in ('east', 'north') and specialty_code not in ('other', 'not_stated')
    group by region_code
)
union all select 'region_balance', region_code, b from place
union all select 'income_per_capita', region_code, income from place
union all select 'children_per_household', region_code, children from place
union all select 'below_food_basket', region_code, poor from place
union all select 'income_rank', region_code, rank() over (order by income desc) from place
union all select 'outflow_rank', region_code, rank() over (order by b) from place
union all select 'highest_incomes', '35+71+75', count(*) from (from place order by income desc limit 3)
where region_code in ('35', '71', '75')
union all select 'in_losing_half', '35+71+75', count(*) from (from place order by b limit 10)
where region_code in ('35', '71', '75')
union all select 'lies_in', region_code || ':south', (macro_region = 'south')::int from core.dim_region
where region_code in ('43', '47', '51', '61')
union all select metric, 'centre+east+north', value from (
    select min(children) as children_lowest, max(children) as children_highest from place
    where area in ('centre', 'east', 'north')
) unpivot (value for metric in (children_lowest, children_highest))
union all select metric, '35+39+55+63', value from (
    select min(children) as children_lowest, max(children) as children_highest from place
    where region_code in ('35', '39', '55', '63')
) unpivot (value for metric in (children_lowest, children_highest))
union all select metric, '19+23+47+61+79', value from (
    select min(children) as children_lowest, max(children) as children_highest from place
    where region_code in ('19', '23', '47', '61', '79')
) unpivot (value for metric in (children_lowest, children_highest))
union all select
    'children_difference', 'south:east+north',
    avg(children) filter (area = 'south') - avg(children) filter (area in ('east', 'north')) from place
union all select
    'children_difference', 'south+west:east+north',
    avg(children) filter (area in ('south', 'west')) - avg(children) filter (area in ('east', 'north'))
from place
union all select 'share_of_donors', 'east+north', avg((b < 0)::int) from place where area in ('east', 'north')
union all select 'share_of_donors', 'centre+east+north', avg((b < 0)::int) from place
where area in ('centre', 'east', 'north')
union all select 'share_of_recipients', 'south+west', avg((b > 0)::int) from place
where area in ('south', 'west')
union all select 'share_with_sign', '2000_2024', avg((b <> 0)::int) from place
union all select 'recipients_within', 'south+west', avg((area in ('south', 'west'))::int) from place
where b > 0
union all select 'cluster_ari', '2:role_by_sign', ari_vs_role from analysis.cluster_quality
where
    reference_year = 2024 and method = 'ward' and k = 2 and measure = 'persons'
    and territory_set = 'regions_20'
union all select 'pearson_' || figure, indicator_code, value from (
    select indicator_code, r, ci_low as r_lower, ci_high as r_upper, cast(n as double) as n
    from analysis.correlation
    where
        reference_year = 2024 and method = 'pearson' and missing_rule = 'pairwise' and measure = 'persons'
        and territory_set = 'regions_20'
) unpivot (value for figure in (r, n, r_lower, r_upper))
union all select 'pearson_' || figure, indicator_code, value from (
    select indicator_code, r, ci_low as r_lower, ci_high as r_upper from analysis.correlation_sensitivity
    where
        reference_year = 2024 and method = 'pearson' and measure = 'persons' and held_fixed = 'none'
        and indicator_code = 'nominal_income_per_capita'
) unpivot (value for figure in (r, r_lower, r_upper))
union all select 'pearson_r_complete', indicator_code, r from analysis.correlation
where
    reference_year = 2024 and method = 'pearson' and missing_rule = 'complete' and measure = 'persons'
    and territory_set = 'regions_20' and indicator_code = 'income_per_capita'
union all select 'pearson_r_over_years', 'nominal_income_per_capita', corr(b, value) from annual
inner join core.fct_observation on indicator_code = 'nominal_income_per_capita' and year(period_start) = year
where region_code = '00'
union all select 'internal_balance', 'south+west', sum(value) from flow where area in ('south', 'west')
union all select 'internal_recipient_share', 'south+west', avg((value > 0)::int) from (
    select sum(value) as value from flow where area in ('south', 'west') group by region_code
)
union all select 'derived_external_donor_share', 'east+north', avg((flow.value < other.value)::int)
from core.fct_observation as flow inner join core.fct_observation as other
    on other.indicator_code = 'internal_balance' and other.region_code = flow.region_code
    and other.period_start = flow.period_start and other.period_end = flow.period_end
inner join core.dim_region as region on region.region_code = flow.region_code
where flow.indicator_code = 'all_flows_balance' and macro_region in ('east', 'north')
union all select 'internal_and_external_balance', region_code, sum(value) + any_value(b)
from flow inner join place using (region_code) where region_code in ('71', '75') group by all
union all select 'share_shrinking', 'east+north', avg((change < 0)::int) from changed
where area in ('east', 'north') and unit <> '71'
union all select 'share_growing', 'south', avg((change > 0)::int) from changed where area = 'south'
union all select 'yearly_share_shrinking', 'east+north', avg((falls = years)::int) from yearly
where area in ('east', 'north') and unit <> '71'
union all select 'yearly_share_growing', 'south', avg((rises = years)::int) from yearly where area = 'south'
union all select 'population_change', 'east+north', sum(change) from changed where area in ('east', 'north')
union all select 'population_change', '71+75', sum(change) from changed where unit in ('71', '75')
union all select 'population_change', 'south', sum(change) from changed where area = 'south'
union all select 'population_change_rate', region_code, abs(rate) from growth where region_code <> '00'
union all select 'population_growth_rate', '63', rate from growth where region_code = '63'
union all select
    'population_growth_rate', '79:00',
    sum(rate) filter (region_code = '79') - sum(rate) filter (region_code = '00')
from growth
union all select * from trend;

create temp view scaled as
with household as (
    select
        region_code, income_per_capita_kzt as income, food_spend_per_capita_kzt as food,
        children_per_household as children, below_food_basket_persons / population_persons as poor
    from regional.region_profile where reference_year = 2024
),

filled as (select * replace (coalesce(poor, avg(poor) over ()) as poor) from household)

select
    region_code,
    1 + 99 / 4 * (
        (income - min(income) over ()) / (max(income) over () - min(income) over ())
        + (food - min(food) over ()) / (max(food) over () - min(food) over ())
        + (max(children) over () - children) / (max(children) over () - min(children) over ())
        + (max(poor) over () - poor) / (max(poor) over () - min(poor) over ())
    ) as score
from filled;

create temp view computed as
select
    'attractiveness_score' as metric, region_code as subject, score as value,
    'analysis.attractiveness_index' as mart
from scaled
union all select
    'attractiveness_rank', region_code, rank() over (order by score desc), 'analysis.attractiveness_index'
from scaled
union all
select 'loss_hhi', dimension || ':' || loss_of, value, 'specialty.loss_concentration'
from specialty.loss_concentration where measure = 'hhi'
union all select 'cramers_v', dimension || ':' || loss_of, value, 'specialty.loss_concentration'
from specialty.loss_concentration where measure = 'cramers_v'
union all select
    'partial_r', measure || ':' || indicator_code || ':' || held_fixed, r, 'analysis.partial_correlation'
from analysis.partial_correlation
where
    reference_year = 2024 and territory_set = 'regions_20' and method = 'pearson'
    and missing_rule = 'pairwise'
union all select
    'nominal_income_r', measure || ':' || held_fixed, r, 'analysis.correlation_sensitivity'
from analysis.correlation_sensitivity
where reference_year = 2024 and method = 'pearson' and indicator_code = 'nominal_income_per_capita'
-- of the models that are tried none beats naive, the last figure for all years to come
union all select 'forecast', '2024:' || horizon, b, 'analysis.forecast_external_balance'
from annual, range(1, 6) as ahead (horizon) where year = 2024
union all select 'change_point', series || ':' || break_no, break_year, 'analysis.change_point'
from analysis.change_point where is_chosen and break_no is not null
union all select 'trend_noise_share', series || ':' || model, noise_share, 'analysis.trend_fit'
from analysis.trend_fit where first_year = 2000 and last_year = 2024
union all select 'moran_i', subject, moran_i, 'analysis.spatial_autocorrelation'
from analysis.spatial_autocorrelation
where
    reference_year = 2024 and territory_set = 'regions_20'
    and (subject like '%balance%' or subject like 'residuals%');

create table analysis.metric as
select
    metric, subject, value, '' as method, '' as detail, '' as release_id, '' as source_ref,
    if(value is null, 'missing', 'ok') as status, '' as reason, cast(null as timestamp) as known_from, mart
from (select *, cast(null as varchar) as mart from figure union all from computed);

create table analysis.claim_check as
with cut as (
    select claim_id, unnest(parts) as said, generate_subscripts(parts, 1) as i
    from (select claim_id, string_split(locator, ', ') as parts from claim)
),

place as (
    select
        claim_id,
        string_agg(replace(part_ru, '{n}', regexp_extract(said, '\\d+')), ', ' order by i) as locator_ru,
        string_agg(replace(part_kk, '{n}', regexp_extract(said, '\\d+')), ', ' order by i) as locator_kk
    from cut inner join locator_part on part = regexp_replace(said, '\\d+', '{n}')
    group by claim_id
),

known as (
    select * from figure
    union all select metric, subject, value from computed
),

claims as (
    select
        claim.*, cast(claimed_value as double) as claimed, cast(precision as double) / 2 as half,
        one.value as recomputed_value, other.value as alternative_recomputed_value
    from claim
    left join known as one on one.metric = claim.metric and one.subject = claim.subject
    left join known as other on other.metric = alternative_metric and other.subject = alternative_subject
),

judged as (
    select
        *,
        case comparison
            when 'above' then recomputed_value > claimed
            when 'below' then recomputed_value < claimed
            else abs(recomputed_value - claimed) <= coalesce(half, 0)
        end as holds,
        case alternative_comparison
            when 'above' then alternative_recomputed_value > alternative_value::double
            when 'below' then alternative_recomputed_value < alternative_value::double
            else abs(alternative_recomputed_value - alternative_value::double) <= coalesce(half, 0)
        end as holds_otherwise
    from claims
)

select
    claim_id, language, locator, locator_ru, locator_kk, figures, statement, statement_ru, statement_kk,
    metric, subject, printed_value, comparison, claimed as claimed_value, recomputed_value,
    alternative_metric, alternative_subject, alternative_recomputed_value,
    case
        when holds is null or (alternative_metric is not null and holds_otherwise is null)
            then 'not_checkable'
        when holds <> holds_otherwise then 'ambiguous'
        when not holds then 'contradicted'
        when comparison = 'equals' and recomputed_value <> claimed then 'confirmed_rounded'
        else 'confirmed'
    end as verdict,
    '' as reason, note as note_en, note_ru, note_kk, cast(headline_order as integer) as headline_order
from judged inner join claim_text using (claim_id) inner join place using (claim_id);

create table analysis.claim_figure as
select
    language, locator, cast(figure_no as integer) as figure_no, printed,
    coalesce(claim_id, kind) as belongs_to,
    case
        when claim_id is null then 'excluded'
        when printed_value is not null and string_split(figures, ' ')[1] = figure_no then 'printed_value'
        else 'subject'
    end as role,
    '' as reason
from article_figure
left join (select *, unnest(string_split(figures, ' ')) as figure_no from claim) as claim
    using (language, locator, figure_no)
left join claim_exclusion using (language, locator, figure_no);
"""


def trends(balance: Floats, curves: pd.DataFrame, rates: dict[str, float]) -> pd.DataFrame:
    """R² of the trends through the balances and their running sum, and slopes and rates; 0 of a line."""
    rows = [("trend_r_squared", f"{row.series}:{row.model}", row.r_squared) for row in curves.itertuples()]
    for name, y in (("annual", balance), ("cumulative", balance.cumsum())):
        rows.append(("asymptotic_rate", name, rates[name]))
        rows.append(("trend_slope", name, stats.linregress(np.arange(len(y)), y).slope))
    bent = curves[(curves["model"] != "linear") & (curves["same_curve_as"] != "linear")]["r_squared"]
    rows.append(("nonlinear_trend_r_squared", "0.39", min(bent, key=lambda value: abs(value - 0.39))))
    return pd.DataFrame(rows, columns=["metric", "subject", "value"])
