"""The metrics that the article's statements are compared with: each a name, a rule and its subjects.

A statement without a number, such as who leads or what dominates, becomes a count, a share, a rank or a
year, by a rule that the method states. A subject is a year, a window of years (2000_2024), a code, or several
joined by + (regions by code, macro-regions by name); after a colon stands what they are looked at in.
"""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import pandas as pd

from analysis_py import article_country as country
from analysis_py import article_region as region
from analysis_py.article_country import COUNTRY, FIRST, LAST, NATIONAL, SERIES, WINDOW, Measure
from analysis_py.article_region import (
    ALL_FLOWS,
    BALANCE,
    BOUNDARIES_SINCE,
    BY_SPECIALTY,
    CHILDREN,
    CORRELATED,
    DERIVED_YEARS,
    INCOME,
    INTERNAL,
    INTERNAL_YEARS,
    NOMINAL,
    POOR,
    POPULATION,
    UNQUALIFIED,
    Areas,
)
from analysis_py.article_trend import MODELS
from analysis_py.metric import Definition, metric_vintages

INDICATORS = (BALANCE, BY_SPECIALTY, NATIONAL, *CORRELATED, POPULATION, INTERNAL, NOMINAL, ALL_FLOWS)
# Of core.fct_revision, which may have millions of rows by sex, age and partner.
NEEDED = f"""
    indicator_code in {INDICATORS} and sex_code = '_T' and residence_code = '_T' and partner_code = '_T'
    and age_code in ('_T', 'Y_GT15')
"""
PRINTED_R_SQUARED = 0.39
NAMED_DONORS, NAMED_RECIPIENTS, RICHEST = "35+39+55+63", "19+23+47+61+79", "35+71+75"


def article_metrics(
    revisions: pd.DataFrame, regions: pd.DataFrame, specialties: pd.DataFrame
) -> pd.DataFrame:
    """Every metric of the article at every vintage, as `metric_vintages` gives them.

    `revisions` are the rows of core.fct_revision that are NEEDED. Of them count the balances of regions of
    persons above 15, all else of all ages, and whole years, or 1 January for populations. `regions` is
    core.dim_region, `specialties` core.dim_specialty.
    """
    indicator, starts, ends = revisions["indicator_code"], revisions["period_start"], revisions["period_end"]
    age = np.where(indicator.isin((BALANCE, BY_SPECIALTY)), "Y_GT15", "_T")
    last_day = np.where(indicator == POPULATION, 2, 1)
    whole = (starts.dt.day_of_year == 1) & (ends.dt.day_of_year == last_day)
    of_years = revisions[whole & (revisions["age_code"] == age)]
    of_country = of_years["indicator_code"].eq(NATIONAL) & of_years["region_code"].eq(COUNTRY)
    years = {*range(FIRST, LAST + 1), *of_years.loc[of_country, "period_start"].dt.year}
    codes = sorted(specialties["specialty_code"])
    return metric_vintages(of_years, definitions(Areas(regions), sorted(years), codes))


def definitions(areas: Areas, years: Sequence[int], specialties: Sequence[str]) -> list[Definition]:
    """Measure, subject, method and function of each."""
    return [
        (metric, subject, method, partial(function, areas, subject))
        for metric, method, function, subjects in _table(areas, [str(year) for year in years], specialties)
        for subject in subjects
    ]


def _table(
    areas: Areas, years: Sequence[str], specialties: Sequence[str]
) -> Iterator[tuple[str, str, Measure, Sequence[str]]]:
    """Measure, method, function and subjects."""
    yield "external_balance", "published figure", country.of_year, years
    yield "external_balance_sum", "sum of the years", country.window(np.sum), ["2000_2018", WINDOW]
    yield (
        "external_balance_change",
        "last year less the first",
        country.window(lambda b: b[-1] - b[0]),
        ["2019_2024"],
    )
    yield (
        "positive_years",
        "years with a positive balance",
        country.window(lambda b: (b > 0).sum()),
        ["2004_2007"],
    )
    varies = "standard deviation of the years' balances by the size of their mean"
    yield "variation_coefficient", varies, country.variation, [WINDOW]
    negative = country.window(lambda b: (b < 0).sum())
    yield "negative_years", "years with a negative balance", negative, ["2000_2003", WINDOW]
    yield "highest_year", "year of the highest balance", country.year_at(lambda b: b.argmax()), [WINDOW]
    yield "lowest_year", "year of the lowest balance", country.year_at(lambda b: b.argmin()), ["2012_2024"]
    yield (
        "first_positive_year",
        "first year with a positive balance",
        country.year_at(country.begin_of_run),
        [WINDOW],
    )
    yield (
        "positive_run_last_year",
        "last of the years in a row with a positive balance",
        country.year_at(country.last_of_run),
        [WINDOW],
    )
    yield (
        "negative_again_year",
        "first negative year after the positive ones",
        country.year_at(country.after_run),
        [WINDOW],
    )
    models = [f"{series}:{model}" for series in SERIES for model in MODELS]
    yield "trend_r_squared", "R² of the trend by least squares", country.trend_r_squared, models
    yield "trend_slope", "slope of the straight line, persons a year", country.trend_slope, list(SERIES)
    approach = (
        "rate a year at which an exponential curve nears its asymptote, 0 where it is the straight line"
    )
    yield "asymptotic_rate", approach, country.asymptotic_rate, list(SERIES)
    nearest = (
        "nearest R² of the trends that are no straight line, through the annual or the cumulative balance"
    )
    yield "nonlinear_trend_r_squared", nearest, country.nonlinear, [str(PRINTED_R_SQUARED)]

    groups = ["technical", "pedagogical+economic+legal", "technical+pedagogical+economic+legal"]
    named = "technical+agricultural+architecture_construction+medical+pedagogical+economic+legal"
    yield "specialty_balance", "sum of the regions", region.specialty_balance, specialties
    yield "balance_of_all_specialties", "sum of regions and specialties", region.all_specialties, [WINDOW]
    yield "share_of_net", "share of the net balance of all specialties", region.share_of_net, [*groups, named]
    among = "how many of these are among as many {} with the largest losses"
    yield "largest_losses", among.format("specialties"), region.largest_losses, groups[1:]
    both = ("technical", "pedagogical")
    yield "leading_regions", among.format("regions"), region.leading_regions, [f"59+63:{one}" for one in both]
    yield (
        "leading_areas",
        among.format("macro-regions"),
        region.leading_areas,
        [f"north+east:{one}" for one in both],
    )
    both = ("medical", "agricultural")
    yield (
        "positive_cells",
        "how many of these have a positive balance",
        region.positive,
        [f"47+51:{one}" for one in both],
    )
    with_abolished = "sum of the regions, the abolished one too"
    yield "area_specialty_balance", with_abolished, region.area_balance, [f"south:{one}" for one in both]
    yield "area_balance", with_abolished, region.area_balance, ["south+west", "east+north"]

    yield "region_balance_by_specialty", "sum of the specialties", region.region_by_specialty, areas.all
    qualified = f"sum of the specialties but {' and '.join(UNQUALIFIED)}"
    yield "qualified_balance", qualified, region.qualified_balance, ["71", "75"]
    lost = "share of these with a negative balance of the specialties but other and not_stated"
    yield "share_of_qualified_donors", lost, region.qualified_donors, ["east+north"]
    yield "region_balance", "published figure", partial(region.of_region, BALANCE, FIRST), areas.today
    for indicator in (INCOME, CHILDREN, POOR):
        yield indicator, "published figure", partial(region.of_region, indicator, LAST), areas.today
    yield "income_rank", "rank by income, 1 the highest", region.income_rank, areas.today
    yield "outflow_rank", "rank by balance, 1 the largest loss", partial(region.rank, BALANCE, 1), areas.today
    yield (
        "highest_incomes",
        "how many of these are among as many with the highest incomes",
        region.highest,
        [RICHEST],
    )
    half = "how many of these are in the half of the regions that loses more persons"
    yield "in_losing_half", half, region.in_losing_half, [RICHEST]
    lies = "1 where core.dim_region puts the region into that macro-region, else 0"
    yield "lies_in", lies, region.lies_in, [f"{code}:south" for code in ("43", "47", "51", "61")]
    groups = [NAMED_RECIPIENTS, NAMED_DONORS, "centre+east+north"]
    yield (
        "children_lowest",
        "lowest mean number of children among these",
        partial(region.children_edge, min),
        groups,
    )
    yield (
        "children_highest",
        "highest mean number of children among these",
        partial(region.children_edge, max),
        groups,
    )
    less = "mean over the regions before the colon less that over those after it, every region alike"
    yield (
        "children_difference",
        less,
        region.children_difference,
        ["south:east+north", "south+west:east+north"],
    )
    negative_share, positive_share = (
        "share of these with a negative balance",
        "share of these with a positive balance",
    )
    yield (
        "share_of_donors",
        negative_share,
        partial(region.share_by_sign, -1),
        ["east+north", "centre+east+north"],
    )
    yield "share_of_recipients", positive_share, partial(region.share_by_sign, 1), ["south+west"]
    by_sign = "share of the regions that their balance, by its sign, puts into one of two groups"
    yield "share_with_sign", by_sign, region.share_with_sign, [WINDOW]
    within = "share of the regions with a positive balance that lie there"
    yield "recipients_within", within, region.recipients_within, ["south+west"]
    ends = ["external_balance", "balance_by_specialty", "balance_by_region"]
    yield "first_year", "first year of the period of the figures", partial(region.end_of_period, 0), ends
    yield "last_year", "last year of the period of the figures", partial(region.end_of_period, -1), ends
    ari = (
        "adjusted Rand index of Ward's two clusters, on balance, income and children, with the roles by sign"
    )
    yield "cluster_ari", ari, region.cluster_ari, ["2:role_by_sign"]

    yield (
        "pearson_r",
        "Pearson of the regional balances, persons, pairwise",
        partial(region.pearson, False),
        (*CORRELATED, NOMINAL),
    )
    end_of = "{} end of the 95% interval (Fisher) of Pearson of the regional balances, persons, pairwise"
    for end, name in enumerate(("lower", "upper")):
        method, subjects = end_of.format(name), (*CORRELATED, NOMINAL)
        yield f"pearson_r_{name}", method, partial(region.pearson_end, end), subjects
    yield "pearson_n", "regions with both figures", region.pearson_n, CORRELATED
    complete = "Pearson over the regions for which all four indicators are known"
    yield "pearson_r_complete", complete, partial(region.pearson, True), [INCOME]
    over_years = (
        "Pearson of the country's annual balance with its nominal monthly income, over the years with both"
    )
    yield "pearson_r_over_years", over_years, region.pearson_over_years, [NOMINAL]

    span = f"{INTERNAL_YEARS[0]}-{INTERNAL_YEARS[-1]}"
    yield "internal_balance", f"sum of the regions, {span}", region.internal, ["south+west"]
    gain = f"share of these with a positive sum of {span}"
    yield "internal_recipient_share", gain, region.internal_share, ["south+west"]
    years_of = f"{DERIVED_YEARS[0]}-{DERIVED_YEARS[-1]}"
    derived = (
        f"share of these in the years {years_of} with a negative external balance, derived: the balance over "
        "all flows less the internal one, all ages"
    )
    yield "derived_external_donor_share", derived, region.derived_donors, ["east+north"]
    together = f"internal balance of {span} and external balance of {FIRST}-{LAST} (above 15) together"
    yield "internal_and_external_balance", together, region.internal_and_external, ["71", "75"]
    changed = (
        f"share of the territories, Astana apart, that {{}} population from 1 January {FIRST} to {LAST + 1}"
    )
    yield "share_shrinking", changed.format("lost"), partial(region.share_changing, -1), ["east+north"]
    yield "share_growing", changed.format("gained"), partial(region.share_changing, 1), ["south"]
    yearly = "share of the territories, Astana apart, that {} population in every year without a break"
    falls, rises = (partial(region.share_changing_yearly, sign) for sign in (-1, 1))
    yield "yearly_share_shrinking", yearly.format("lost"), falls, ["east+north"]
    yield "yearly_share_growing", yearly.format("gained"), rises, ["south"]
    change = f"population of all territories, 1 January {LAST + 1} less {FIRST}"
    yield "population_change", change, region.population_change, ["east+north", "south", "71+75"]
    rate = f"mean change a year{{}}, per cent, 1 January {BOUNDARIES_SINCE} to {LAST + 1}"
    yield "population_change_rate", rate.format(", either way"), region.population_change_rate, ["63", "79"]
    less = rate.format(", after a colon less that of the country")
    yield "population_growth_rate", less, region.population_growth, ["63", f"79:{COUNTRY}"]
