"""The marts by hand-written DuckDB SQL: python marts_sql.py LANDING SEEDS FILE MEMORY_LIMIT

Codes, vintages, latest figures, control totals, revisions and their measures, of landed releases alone, into
a DuckDB file. Latest figures are a view and rows come in any order, as in the project. It takes from the data
that each indicator is of one series, that totals are sums over regions and that periods are months;
corrections, breaks of series and withdrawals it does not know.
"""

import sys

import duckdb

KEY = (
    "indicator_code, region_code, specialty_code, sex_code, residence_code, age_code, partner_code,"
    " period_start, period_end"
)
DIMENSIONS = "indicator_code, region_code, specialty_code, sex_code, residence_code, age_code, partner_code"
FIGURE = f"{KEY}, source_series"
SAID = "value, unit_code, decimals, obs_status, release_id, source_ref"
OF_A_TOTAL = (
    "release_id, table_name, indicator_code, specialty_code, sex_code, residence_code, age_code,"
    " partner_code, period_start, period_end"
)
STATEMENTS = """
    create temp view release as
    select
        release_id, cast(recorded_at as timestamp) as recorded_at,
        cast(published_on as timestamp) + sequence_in_day * interval 1 second as known_from
    from read_json('{landing}/releases/*.json', columns = {{
        release_id: 'varchar', published_on: 'date', sequence_in_day: 'integer', recorded_at: 'varchar'
    }});

    create temp view cell as
    select
        landed.*, release.known_from, release.recorded_at,
        cast(series.preference as integer) as series_preference,
        coalesce(label.region_code, error('unknown label ' || region_label)) as region_code
    from (
        select *, parse_filename(filename, true) as release_id
        from read_parquet('{landing}/rows/*.parquet', filename = true)
    ) as landed
    inner join release using (release_id)
    inner join read_csv('{seeds}/reference/source_series.csv', all_varchar = true) as series
        using (source_series)
    left join read_csv('{seeds}/reference/region_label.csv', all_varchar = true) as label
        on landed.label_set = label.label_set and landed.region_label = label.label;
"""
FACTS = f"""
    create table fct_revision as
    with compared as (
        select
            {FIGURE}, {SAID}, series_preference, known_from, recorded_at,
            row_number() over figure as vintage_no,
            lag(value) over figure as previous_value,
            lag(obs_status) over figure as previous_status
        from cell
        where cell_kind = 'fact'
        window figure as (partition by {FIGURE} order by known_from)
    )
    select
        {FIGURE}, {SAID}, series_preference, known_from,
        lead(known_from) over (partition by {FIGURE} order by known_from) as known_to,
        recorded_at
    from compared
    where
        vintage_no = 1 or value is distinct from previous_value
        or obs_status is distinct from previous_status;

    create view fct_observation as select {FIGURE}, {SAID} from fct_revision where known_to is null;

    create table fct_control_total as
    select
        {OF_A_TOTAL}, total.region_code, total.cell_kind as control_kind, total.value as published_value,
        cast(part.summed_value as decimal(24, 6)) as summed_value,
        coalesce(part.parts_count, 0) as parts_count,
        cast(part.summed_value - total.value as decimal(24, 6)) as difference, total.source_ref
    from cell as total
    left join (
        select {OF_A_TOTAL}, sum(value) as summed_value, count(value) as parts_count
        from cell
        where cell_kind = 'fact' and value is not null
        group by all
    ) as part using ({OF_A_TOTAL})
    where total.cell_kind <> 'fact';
"""  # noqa: S608
REVISIONS = f"""
    create temp table first_release as
    select source_series, min(known_from) as first_from from cell
    where cell_kind = 'fact'
    group by source_series;

    create temp table restated as
    with later as (
        -- what only the first release of a series says has not been said again
        select distinct {FIGURE} from cell inner join first_release using (source_series)
        where cell_kind = 'fact' and known_from > first_from
    )
    select
        {FIGURE}, value, unit_code, release_id, known_from,
        row_number() over (partition by {FIGURE} order by known_from) as vintage_no,
        row_number() over (partition by {FIGURE} order by known_from desc) as from_the_latest
    from cell inner join later using ({FIGURE})
    where cell_kind = 'fact' and value is not null;

    create table figure_revision as
    with aged as (
        select
            later.*, first.value as first_value, first.release_id as first_release_id,
            first.known_from as first_known_from,
            date_sub('year', cast(first.known_from as date), cast(later.known_from as date)) as age_years
        from restated as later
        inner join (select * from restated where vintage_no = 1) as first using ({FIGURE})
        where later.vintage_no > 1
    ),
    listed as (
        select *, concat('years_', age_years) as age from (
            select *, row_number() over (partition by {FIGURE}, age_years order by known_from desc) as n
            from aged
        ) where n = 1
        union all by name
        select *, 'latest' as age from aged where from_the_latest = 1
    ),
    -- the month before, if anything was ever said of it
    before as (
        select {DIMENSIONS}, source_series, period_end as next_start, value, known_from, known_to
        from fct_revision
    )
    select
        {", ".join(f"listed.{column}" for column in KEY.split(", "))}, listed.source_series, listed.age,
        case when listed.age <> 'latest' then listed.age_years end as age_years, listed.unit_code,
        listed.first_value, listed.value as later_value, listed.value - listed.first_value as revision,
        old.value as first_value_before, new.value as later_value_before,
        listed.first_release_id, listed.release_id as later_release_id, listed.first_known_from,
        listed.known_from as later_known_from
    from listed
    {{joins}};

    create table revision_summary as
    with compared as (
        select
            *, cast(revision as double) as r,
            sign(first_value) = sign(later_value) as right_sign,
            sign(first_value - first_value_before) = sign(later_value - later_value_before) as right_direction
        from figure_revision
    )
    select
        indicator_code, age, count(*) as n, count(distinct period_start) as n_periods,
        count(*) filter (r <> 0) as n_revised, avg(r) as mean_revision, avg(abs(r)) as mean_absolute_revision,
        median(r) as median_revision, sqrt(avg(r * r)) as root_mean_square_revision,
        stddev_samp(r) as sd_revision, min(r) as min_revision, max(r) as max_revision,
        avg(cast(r > 0 as integer)) as share_upward, avg(cast(right_sign as integer)) as share_right_sign,
        count(right_direction) as n_direction, avg(cast(right_direction as integer)) as share_right_direction
    from compared
    group by indicator_code, age;
"""  # noqa: S608
JOINS = "\n".join(
    f"""
    left join before as {name}
        on listed.period_start = {name}.next_start
        and {" and ".join(f"listed.{column} = {name}.{column}" for column in DIMENSIONS.split(", "))}
        and listed.source_series = {name}.source_series
        and {moment} >= {name}.known_from and ({moment} < {name}.known_to or {name}.known_to is null)"""
    for name, moment in (("old", "listed.first_known_from"), ("new", "listed.known_from"))
)


def main() -> None:
    """Makes the marts of this process's arguments."""
    landing, seeds, file, memory_limit = sys.argv[1:]
    with duckdb.connect(file) as connection:
        connection.execute("set timezone = 'UTC'; set preserve_insertion_order = false")
        if memory_limit:
            connection.execute(f"set memory_limit = '{memory_limit}'")
        connection.execute(STATEMENTS.format(landing=landing, seeds=seeds))
        connection.execute(FACTS)
        connection.execute(REVISIONS.format(joins=JOINS))


if __name__ == "__main__":
    main()
