"""The metrics that the article's statements are compared with: each a name, a rule and its subjects.

A statement without a number, such as who leads or what dominates, becomes a count, a share, a rank or a
year, by a rule that the method states. A subject is a year, a window of years (2000_2024), a code, or several
joined by + (regions by code, macro-regions by name); after a colon stands what they are looked at in.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from analysis_py.article_trend import ASYMPTOTIC, MODELS, Trend, fit_trends, slope
from analysis_py.clustering import WARD, hierarchical
from analysis_py.correlation import is_constant
from analysis_py.metric import (
    UNDEFINED,
    Answer,
    Definition,
    Figure,
    Known,
    UnknownValueError,
    metric_vintages,
)

# The period of the article's tables; what is counted on 1 January of the year after ends it.
FIRST, LAST = 2000, 2024
WINDOW = f"{FIRST}_{LAST}"
# Of these years internal migration is held.
INTERNAL_YEARS = (2022, 2023, 2024)
# The first 1 January after East Kazakhstan, Karaganda and Almaty region were divided.
BOUNDARIES_SINCE = 2023

BALANCE, BY_SPECIALTY, NATIONAL = "migration_balance", "migration_balance_by_specialty", "external_balance"
INCOME, FOOD = "income_per_capita", "food_spend_per_capita"
CHILDREN, POOR = "children_per_household", "below_food_basket"
POPULATION, INTERNAL, NOMINAL = "population", "internal_balance", "nominal_income_per_capita"
CORRELATED = (INCOME, FOOD, CHILDREN, POOR)
INDICATORS = (BALANCE, BY_SPECIALTY, NATIONAL, *CORRELATED, POPULATION, INTERNAL, NOMINAL)
# Of core.fct_revision, which may have millions of rows by sex, age and partner.
NEEDED = f"""
    indicator_code in {INDICATORS} and sex_code = '_T' and residence_code = '_T' and partner_code = '_T'
    and age_code in ('_T', 'Y_GT15')
"""

COUNTRY, ASTANA = "00", "71"
MINIMUM_FOR_R = 3
PRINTED_R_SQUARED = 0.39
NAMED_DONORS, NAMED_RECIPIENTS, RICHEST = "35+39+55+63", "19+23+47+61+79", "35+71+75"
SERIES: Mapping[str, Callable[[Any], Any]] = {"annual": np.asarray, "cumulative": np.cumsum}

Floats = NDArray[np.float64]
Years = NDArray[np.int64]
# Region and specialty -> figure.
Cells = Mapping[tuple[str, str], Figure]


def article_metrics(
    revisions: pd.DataFrame, regions: pd.DataFrame, specialties: pd.DataFrame
) -> pd.DataFrame:
    """Every metric of the article at every vintage, as `metric_vintages` gives them.

    `revisions` are the rows of core.fct_revision that are NEEDED; of them, figures of months and quarters are
    left out. `regions` is core.dim_region, `specialties` core.dim_specialty.
    """
    starts, ends = revisions["period_start"].dt, revisions["period_end"].dt
    of_years = revisions[(starts.day_of_year == 1) & (ends.day_of_year <= 2)]
    of_country = of_years["indicator_code"].eq(NATIONAL) & of_years["region_code"].eq(COUNTRY)
    years = {*range(FIRST, LAST + 1), *of_years.loc[of_country, "period_start"].dt.year}
    codes = sorted(specialties["specialty_code"])
    return metric_vintages(of_years, definitions(Areas(regions), sorted(years), codes))


class Areas:
    """The regions, and which of them a subject names."""

    def __init__(self, regions: pd.DataFrame) -> None:
        regions = regions[regions["region_kind"] != "country"].sort_values("region_code")
        codes = regions["region_code"].tolist()
        self.all: list[str] = codes
        self.name: dict[str, str] = dict(zip(codes, regions["name_en"], strict=True))
        self.macro_region: dict[str, str] = dict(zip(codes, regions["macro_region"], strict=True))
        self.unit: dict[str, str] = dict(zip(codes, regions["harmonised_unit"], strict=True))
        ended = regions.dropna(subset=["valid_to"])
        self.abolished_on = dict(zip(ended["region_code"], pd.to_datetime(ended["valid_to"]), strict=True))
        self.today = [code for code in codes if code not in self.abolished_on]

    def members(self, subject: str, *, ever: bool = False) -> list[str]:
        """Codes of the regions of today, or of all ever, in macro-regions or named by code."""
        wanted = subject.split("+")
        among = self.all if ever else self.today
        return [code for code in among if code in wanted or self.macro_region[code] in wanted]


Metric = Callable[[Areas, str, Known], Answer]


def definitions(areas: Areas, years: Sequence[int], specialties: Sequence[str]) -> list[Definition]:
    """Metric, subject, method and function of each."""
    return [
        (metric, subject, method, partial(function, areas, subject))
        for metric, method, function, subjects in _table(areas, [str(year) for year in years], specialties)
        for subject in subjects
    ]


def _table(
    areas: Areas, years: Sequence[str], specialties: Sequence[str]
) -> Iterator[tuple[str, str, Metric, Sequence[str]]]:
    """Metric, method, function and subjects."""
    yield "external_balance", "published figure", _of_year, years
    yield "external_balance_sum", "sum of the years", _window(np.sum), ["2000_2018", WINDOW]
    yield (
        "external_balance_change",
        "last year less the first",
        _window(lambda b: b[-1] - b[0]),
        ["2019_2024"],
    )
    yield "external_balance_range", "highest year less the lowest", _window(np.ptp), ["2020_2024"]
    yield "positive_years", "years with a positive balance", _window(lambda b: (b > 0).sum()), ["2004_2007"]
    negative = _window(lambda b: (b < 0).sum())
    yield "negative_years", "years with a negative balance", negative, ["2000_2003", WINDOW]
    yield "highest_year", "year of the highest balance", _year(lambda b: b.argmax()), [WINDOW]
    yield "lowest_year", "year of the lowest balance", _year(lambda b: b.argmin()), ["2012_2024"]
    yield "first_positive_year", "first year with a positive balance", _year(_begin_of_run), [WINDOW]
    yield (
        "positive_run_last_year",
        "last of the years in a row with a positive balance",
        _year(_last_of_run),
        [WINDOW],
    )
    yield "negative_again_year", "first negative year after the positive ones", _year(_after_run), [WINDOW]
    models = [f"{series}:{model}" for series in SERIES for model in MODELS]
    yield "trend_r_squared", "R² of the trend by least squares", _trend_r_squared, models
    yield "trend_slope", "slope of the straight line, persons a year", _trend_slope, list(SERIES)
    approach = (
        "rate a year at which an exponential curve nears its asymptote, 0 where it is the straight line"
    )
    yield "asymptotic_rate", approach, _asymptotic_rate, list(SERIES)
    nearest = (
        "nearest R² of the trends that are no straight line, through the annual or the cumulative balance"
    )
    yield "nonlinear_trend_r_squared", nearest, _nonlinear, [str(PRINTED_R_SQUARED)]

    groups = ["technical", "pedagogical+economic+legal", "technical+pedagogical+economic+legal"]
    yield "specialty_balance", "sum of the regions", _specialty_balance, specialties
    yield "balance_of_all_specialties", "sum of regions and specialties", _all_specialties, [WINDOW]
    yield "share_of_net", "share of the net balance of all specialties", _share_of_net, groups
    among = "how many of these are among as many {} with the largest losses"
    yield "largest_losses", among.format("specialties"), _largest_losses, groups[1:]
    both = ("technical", "pedagogical")
    yield "leading_regions", among.format("regions"), _leading_regions, [f"59+63:{one}" for one in both]
    yield (
        "leading_areas",
        among.format("macro-regions"),
        _leading_areas,
        [f"north+east:{one}" for one in both],
    )
    both = ("medical", "agricultural")
    yield (
        "positive_cells",
        "how many of these have a positive balance",
        _positive,
        [f"47+51:{one}" for one in both],
    )
    with_abolished = "sum of the regions, the abolished one too"
    yield "area_specialty_balance", with_abolished, _area_balance, [f"south:{one}" for one in both]
    yield "area_balance", with_abolished, _area_balance, ["south+west", "east+north"]

    yield "region_balance_by_specialty", "sum of the specialties", _region_by_specialty, areas.all
    yield "region_balance", "published figure", partial(_of_region, BALANCE, FIRST), areas.today
    for indicator in (INCOME, CHILDREN, POOR):
        yield indicator, "published figure", partial(_of_region, indicator, LAST), areas.today
    yield "income_rank", "rank by income, 1 the highest", partial(_rank, INCOME, -1), areas.today
    yield "outflow_rank", "rank by balance, 1 the largest loss", partial(_rank, BALANCE, 1), areas.today
    yield (
        "highest_incomes",
        "how many of these are among as many with the highest incomes",
        _highest,
        [RICHEST],
    )
    yield "losses_above_mean", "how many of these lost more persons than the mean", _above_mean, [RICHEST]
    lies = "1 where core.dim_region puts the region into that macro-region, else 0"
    yield "lies_in", lies, _lies_in, [f"{code}:south" for code in ("43", "47", "51", "61")]
    groups = [NAMED_RECIPIENTS, NAMED_DONORS, "centre+east+north"]
    yield (
        "children_lowest",
        "lowest mean number of children among these",
        partial(_children_edge, min),
        groups,
    )
    yield (
        "children_highest",
        "highest mean number of children among these",
        partial(_children_edge, max),
        groups,
    )
    less = "mean over the regions before the colon less that over those after it, every region alike"
    yield "children_difference", less, _children_difference, ["south:east+north", "south+west:east+north"]
    negative_share, positive_share = (
        "share of these with a negative balance",
        "share of these with a positive balance",
    )
    yield "share_of_donors", negative_share, partial(_share_by_sign, -1), ["east+north", "centre+east+north"]
    yield "share_of_recipients", positive_share, partial(_share_by_sign, 1), ["south+west"]
    within = "share of the regions with a positive balance that lie there"
    yield "recipients_within", within, _recipients_within, ["south+west"]
    ends = ["external_balance", "balance_by_specialty", "balance_by_region"]
    yield "first_year", "first year of the period of the figures", partial(_end_of_period, 0), ends
    yield "last_year", "last year of the period of the figures", partial(_end_of_period, -1), ends
    ari = (
        "adjusted Rand index of Ward's two clusters, on balance, income and children, with the roles by sign"
    )
    yield "cluster_ari", ari, _cluster_ari, ["2:role_by_sign"]

    yield (
        "pearson_r",
        "Pearson of the regional balances, persons, pairwise",
        partial(_pearson, False),
        CORRELATED,
    )
    yield "pearson_n", "regions with both figures", _pearson_n, CORRELATED
    complete = "Pearson over the regions for which all four indicators are known"
    yield "pearson_r_complete", complete, partial(_pearson, True), [INCOME]
    over_years = (
        "Pearson of the country's annual balance with its nominal monthly income, over the years with both"
    )
    yield "pearson_r_over_years", over_years, _pearson_over_years, [NOMINAL]

    span = f"{INTERNAL_YEARS[0]}-{INTERNAL_YEARS[-1]}"
    yield "internal_balance", f"sum of the regions, {span}", _internal, ["south+west", "71", "75"]
    together = f"internal balance of {span} and external balance of {FIRST}-{LAST} (above 15) together"
    yield "internal_and_external_balance", together, _internal_and_external, ["71", "75"]
    changed = (
        f"share of the territories, Astana apart, that {{}} population from 1 January {FIRST} to {LAST + 1}"
    )
    yield "share_shrinking", changed.format("lost"), partial(_share_changing, -1), ["east+north"]
    yield "share_growing", changed.format("gained"), partial(_share_changing, 1), ["south"]
    change = f"population of all territories, 1 January {LAST + 1} less {FIRST}"
    yield "population_change", change, _population_change, ["east+north", "south"]
    rate = f"mean change a year, either way, per cent, 1 January {BOUNDARIES_SINCE} to {LAST + 1}"
    yield "population_change_rate", rate, _population_change_rate, ["63", "79"]


# --- the annual balance of the country --------------------------------------------------------------------


def _of_year(areas: Areas, subject: str, known: Known) -> Answer:
    figure = known.one(NATIONAL, COUNTRY, int(subject))
    return Answer(figure.value, [figure])


def _annual(subject: str, known: Known) -> tuple[list[Figure], Floats, Years]:
    """Figures, balances and years of a window without gaps."""
    first, last = map(int, subject.split("_"))
    figures = [known.one(NATIONAL, COUNTRY, year) for year in range(first, last + 1)]
    return figures, np.array([figure.value for figure in figures]), np.arange(first, last + 1)


def _window(function: Callable[[Floats], Any]) -> Metric:
    """A measure of the balances of a window."""

    def metric(areas: Areas, subject: str, known: Known) -> Answer:
        figures, balance, _ = _annual(subject, known)
        return Answer(function(balance), figures)

    return metric


def _year(function: Callable[[Floats], Any]) -> Metric:
    """The year at the position that a function finds in the balances of a window."""

    def metric(areas: Areas, subject: str, known: Known) -> Answer:
        figures, balance, years = _annual(subject, known)
        year = int(years[function(balance)])
        return Answer(year, figures, f"{balance[function(balance)]:.0f} in {year}")

    return metric


def _position(condition: NDArray[np.bool_]) -> int:
    if not condition.any():
        raise UnknownValueError("there is no such year", UNDEFINED)
    return int(condition.argmax())


def _begin_of_run(balance: Floats) -> int:
    return _position(balance > 0)


def _last_of_run(balance: Floats) -> int:
    begin = _begin_of_run(balance)
    ended = balance[begin:] <= 0
    return begin + int(ended.argmax()) - 1 if ended.any() else len(balance) - 1


def _after_run(balance: Floats) -> int:
    later = np.arange(len(balance)) > _last_of_run(balance)
    return _position(later & (balance < 0))


# --- trends -----------------------------------------------------------------------------------------------


def _trends(series: str, known: Known) -> tuple[list[Figure], Floats, dict[str, Trend]]:
    figures, balance, years = _annual(WINDOW, known)
    values = SERIES[series](balance)
    if is_constant(values):
        raise UnknownValueError("the series does not vary", UNDEFINED)
    return figures, values, fit_trends(values, years)


def _trend_r_squared(areas: Areas, subject: str, known: Known) -> Answer:
    series, model = subject.split(":")
    figures, _, trends = _trends(series, known)
    return Answer(trends[model].r_squared, figures)


def _trend_slope(areas: Areas, subject: str, known: Known) -> Answer:
    figures, values, _ = _trends(subject, known)
    return Answer(slope(values), figures)


def _asymptotic_rate(areas: Areas, subject: str, known: Known) -> Answer:
    figures, _, trends = _trends(subject, known)
    return Answer(trends[ASYMPTOTIC].rate, figures)


def _nonlinear(areas: Areas, subject: str, known: Known) -> Answer:
    """The nearest of the curves; the detail names it, and the straight lines that give the printed figure."""
    curves, lines = [], []
    for series in SERIES:
        figures, _, trends = _trends(series, known)
        for model, trend in trends.items():
            said = f"{trend.r_squared:.4f} {model.replace('_', ' ')}, {series} balance"
            if not trend.is_line:
                curves.append((abs(trend.r_squared - float(subject)), trend.r_squared, said))
            elif f"{trend.r_squared:.2f}" == subject:
                lines.append(said)
    if not curves:
        raise UnknownValueError("every trend is a straight line", UNDEFINED)
    _, value, said = min(curves)
    told = f"; straight lines, some in disguise, give the printed figure: {'; '.join(lines)}" if lines else ""
    return Answer(value, figures, said + told)


# --- regions and specialties ------------------------------------------------------------------------------


def _cells(
    known: Known, regions: Iterable[str] | None = None, specialties: Iterable[str] | None = None
) -> dict[tuple[str, str], Figure]:
    """The balances of the period by region and specialty. Raises UnknownValueError where there are none."""
    of_regions, of_specialties = set(regions or ()), set(specialties or ())
    found = {
        (region, specialty): figure
        for (region, specialty, first, last), figure in known.of(BY_SPECIALTY).items()
        if (first, last) == (FIRST, LAST)
        and (not of_regions or region in of_regions)
        and (not of_specialties or specialty in of_specialties)
    }
    if not found:
        said = ", ".join([*sorted(of_regions), *sorted(of_specialties)])
        raise UnknownValueError(f"no balance by specialty for {FIRST}-{LAST}{said and f' of {said}'}")
    return found


def _sum_up(cells: Mapping[Any, Figure], detail: str = "") -> Answer:
    return Answer(sum(figure.value for figure in cells.values()), list(cells.values()), detail)


def _sums(cells: Cells, name: Callable[[tuple[str, str]], str]) -> dict[str, float]:
    """Balances summed by region, specialty or area, the largest loss first."""
    sums: dict[str, float] = {}
    for key, figure in cells.items():
        sums[name(key)] = sums.get(name(key), 0) + figure.value
    return dict(sorted(sums.items(), key=lambda item: (item[1], item[0])))


def _listed(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.0f}" for name, value in values.items())


def _first(values: Mapping[str, float], count: int) -> dict[str, float]:
    return dict(list(values.items())[:count])


def _specialty_balance(areas: Areas, subject: str, known: Known) -> Answer:
    return _sum_up(_cells(known, specialties=[subject]))


def _all_specialties(areas: Areas, subject: str, known: Known) -> Answer:
    """The sum; the detail names the years at which the running sum of the annual series looks like it."""
    answer = _sum_up(_cells(known))
    try:
        _, balance, years = _annual(subject, known)
    except UnknownValueError:
        return answer
    running = dict(zip(years.tolist(), np.cumsum(balance).tolist(), strict=True))
    alike = [
        f"{value:.0f} at {year}"
        for year, value in running.items()
        if round(value, -3) == round(answer.value, -3)
    ]
    detail = f"a coincidence: the running sum of the annual balance, of all ages, is {', '.join(alike)}"
    return Answer(answer.value, answer.figures, detail if alike else "")


def _share_of_net(areas: Areas, subject: str, known: Known) -> Answer:
    cells = _cells(known)
    answer, sums = _sum_up(cells), _sums(cells, lambda key: key[1])
    if answer.value == 0:
        raise UnknownValueError("the balance of all specialties is zero", UNDEFINED)
    parts = {name: sums.get(name, 0.0) for name in subject.split("+")}
    largest, loss = next(iter(sums.items()))
    alone = f"; the largest, {largest}, alone {loss / answer.value:.3f}"
    detail = f"of {answer.value:.0f}: {_listed(parts)}{'' if largest in parts else alone}"
    return Answer(sum(parts.values()) / answer.value, answer.figures, detail)


def _largest_losses(areas: Areas, subject: str, known: Known) -> Answer:
    cells, named = _cells(known), subject.split("+")
    sums = _sums(cells, lambda key: key[1])
    largest = _first(sums, len(named))
    detail = f"the largest: {_listed(largest)}; these: {_listed({name: sums.get(name, 0) for name in named})}"
    return Answer(len(set(largest) & set(named)), list(cells.values()), detail)


def _leading_regions(areas: Areas, subject: str, known: Known) -> Answer:
    codes, specialty = subject.split(":")
    cells, named = _cells(known, specialties=[specialty]), codes.split("+")
    sums = _sums(cells, lambda key: key[0])
    largest = {f"{areas.name[code]} ({areas.macro_region[code]})": sums[code] for code in _first(sums, 4)}
    order = list(sums)
    places = [f"{areas.name[code]} number {order.index(code) + 1}" for code in named if code in sums]
    detail = f"the largest: {_listed(largest)}; {', '.join(places)}"
    return Answer(len(set(order[: len(named)]) & set(named)), list(cells.values()), detail)


def _leading_areas(areas: Areas, subject: str, known: Known) -> Answer:
    names, specialty = subject.split(":")
    cells, named = _cells(known, specialties=[specialty]), names.split("+")
    sums = _sums(cells, lambda key: areas.macro_region[key[0]])
    return Answer(len(set(_first(sums, len(named))) & set(named)), list(cells.values()), _listed(sums))


def _positive(areas: Areas, subject: str, known: Known) -> Answer:
    codes, specialty = subject.split(":")
    figures = list(_cells(known, codes.split("+"), [specialty]).values())
    return Answer(sum(figure.value > 0 for figure in figures), figures)


def _area_balance(areas: Areas, subject: str, known: Known) -> Answer:
    area, _, specialty = subject.partition(":")
    return _sum_up(_cells(known, areas.members(area, ever=True), specialty and [specialty]))


def _region_by_specialty(areas: Areas, subject: str, known: Known) -> Answer:
    ended = areas.abolished_on.get(subject)
    detail = (
        f"the region was abolished on {ended:%Y-%m-%d}: its figures are of the years before" if ended else ""
    )
    return _sum_up(_cells(known, [subject]), detail)


def _of_region(indicator: str, first: int, areas: Areas, subject: str, known: Known) -> Answer:
    figure = known.one(indicator, subject, first, LAST)
    return Answer(figure.value, [figure])


def _every(areas: Areas, indicator: str, known: Known, subject: str = "") -> dict[str, Figure]:
    """The figures of the regions of a subject, or of all of today, each of which must be known."""
    years = (FIRST, LAST) if indicator == BALANCE else (LAST, LAST)
    codes = areas.members(subject) if subject else areas.today
    return {code: known.one(indicator, code, *years) for code in codes}


def _values(areas: Areas, figures: Mapping[str, Figure]) -> dict[str, float]:
    return {areas.name[code]: figure.value for code, figure in figures.items()}


def _rank(indicator: str, sign: int, areas: Areas, subject: str, known: Known) -> Answer:
    """1 for the lowest where sign is 1, for the highest where it is -1; equal ones share the better rank."""
    figures = _every(areas, indicator, known)
    own = figures[subject]
    rank = 1 + sum(sign * figure.value < sign * own.value for figure in figures.values())
    return Answer(rank, list(figures.values()), f"{own.value:.0f}, number {rank} of {len(figures)}")


def _highest(areas: Areas, subject: str, known: Known) -> Answer:
    incomes, named = _every(areas, INCOME, known), areas.members(subject)
    top = sorted(incomes, key=lambda code: -incomes[code].value)[: len(named)]
    detail = f"the highest: {_listed(_values(areas, {code: incomes[code] for code in top}))}"
    return Answer(len(set(top) & set(named)), list(incomes.values()), detail)


def _above_mean(areas: Areas, subject: str, known: Known) -> Answer:
    balances = _every(areas, BALANCE, known)
    mean = float(np.mean([figure.value for figure in balances.values()]))
    named = {code: balances[code] for code in areas.members(subject)}
    detail = f"the mean is {mean:.0f}; {_listed(_values(areas, named))}"
    return Answer(sum(figure.value < mean for figure in named.values()), list(balances.values()), detail)


def _lies_in(areas: Areas, subject: str, known: Known) -> Answer:
    code, area = subject.split(":")
    found = areas.macro_region[code]
    return Answer(found == area, [], f"{areas.name[code]} lies in the {found}")


def _children_edge(edge: Callable[..., str], areas: Areas, subject: str, known: Known) -> Answer:
    figures = _every(areas, CHILDREN, known, subject)
    found = edge(figures, key=lambda code: figures[code].value)
    return Answer(figures[found].value, list(figures.values()), areas.name[found])


def _children_difference(areas: Areas, subject: str, known: Known) -> Answer:
    sides = [list(_every(areas, CHILDREN, known, side).values()) for side in subject.split(":")]
    one, other = (float(np.mean([figure.value for figure in side])) for side in sides)
    return Answer(one - other, [*sides[0], *sides[1]], f"{one:.2f} less {other:.2f}")


def _share_by_sign(sign: int, areas: Areas, subject: str, known: Known) -> Answer:
    balances = _every(areas, BALANCE, known, subject)
    others = {code: figure for code, figure in balances.items() if figure.value * sign <= 0}
    count = len(balances) - len(others)
    detail = f"{count} of {len(balances)}" + (f"; not {_listed(_values(areas, others))}" if others else "")
    return Answer(count / len(balances), list(balances.values()), detail)


def _recipients_within(areas: Areas, subject: str, known: Known) -> Answer:
    balances = _every(areas, BALANCE, known)
    recipients = [code for code, figure in balances.items() if figure.value > 0]
    if not recipients:
        raise UnknownValueError("no region has a positive balance", UNDEFINED)
    inside = set(recipients) & set(areas.members(subject))
    named = ", ".join(f"{areas.name[code]} ({areas.macro_region[code]})" for code in recipients)
    detail = f"{len(inside)} of {len(recipients)}: {named}"
    return Answer(len(inside) / len(recipients), list(balances.values()), detail)


def _end_of_period(end: int, areas: Areas, subject: str, known: Known) -> Answer:
    """First (0) or last (-1) year of those with a figure, or of the period that figures are summed over.

    The regional balances are of the period of the balances by specialty where each equals their sum.
    """
    if subject == NATIONAL:
        found = [(year, known.find(NATIONAL, COUNTRY, year)) for year in range(FIRST, LAST + 1)]
        there = [(year, figure) for year, figure in found if figure]
        if not there:
            raise UnknownValueError(f"no figure of {NATIONAL} in {FIRST}-{LAST}")
        return Answer(there[end][0], [figure for _, figure in there])
    cells, year = _cells(known), (FIRST, LAST)[end]
    if subject == "balance_by_specialty":
        return Answer(year, list(cells.values()))
    balances, sums = _every(areas, BALANCE, known), _sums(cells, lambda key: key[0])
    equal = sum(sums.get(code) == figure.value for code, figure in balances.items())
    share = f"{equal} of {len(balances)} regions"
    if equal < len(balances):
        raise UnknownValueError(
            f"equal to the sums by specialty in {share}: the period is not known", UNDEFINED
        )
    total = sum(figure.value for figure in balances.values())
    alone = known.find(NATIONAL, COUNTRY, LAST)
    said = f", the country's balance of {LAST} alone {alone.value:.0f}" if alone else ""
    detail = (
        f"equal to the sums by specialty of {FIRST}-{LAST} in {share}; the regions sum to {total:.0f}{said}"
    )
    return Answer(year, list(balances.values()), detail)


def _cluster_ari(areas: Areas, subject: str, known: Known) -> Answer:
    figures = {name: _every(areas, name, known) for name in (BALANCE, INCOME, CHILDREN)}
    frame = pd.DataFrame({name: {c: f.value for c, f in of.items()} for name, of in figures.items()})
    if any(is_constant(frame[name].to_numpy()) for name in frame):
        raise UnknownValueError("a figure does not vary over the regions", UNDEFINED)
    roles = pd.Series(np.sign(frame[BALANCE]), dtype="int64")
    result = hierarchical(frame, roles, methods=[WARD], k_values=[2]).assignment
    clusters = result.set_index("region_code")["cluster_id"].reindex(frame.index)
    sizes = " and ".join(str(size) for size in sorted(clusters.value_counts()))
    detail = f"clusters of {sizes}, {(roles < 0).sum()} donors and {(roles > 0).sum()} recipients"
    cells = [figure for of in figures.values() for figure in of.values()]
    return Answer(adjusted_rand_score(roles, clusters), cells, detail)


# --- correlations -----------------------------------------------------------------------------------------


def _pairs(areas: Areas, indicator: str, known: Known) -> dict[str, tuple[Figure, Figure]]:
    """Balance and indicator of the regions that have both."""
    found = {
        code: (known.find(BALANCE, code, FIRST, LAST), known.find(indicator, code, LAST))
        for code in areas.today
    }
    return {code: (one, other) for code, (one, other) in found.items() if one and other}


def _r(pairs: Sequence[tuple[Figure, Figure]], of: str) -> Answer:
    if len(pairs) < MINIMUM_FOR_R:
        raise UnknownValueError(f"{len(pairs)} of at least {MINIMUM_FOR_R} {of} with both figures", UNDEFINED)
    x, y = (np.array([pair[side].value for pair in pairs]) for side in (0, 1))
    if is_constant(x) or is_constant(y):
        raise UnknownValueError("a figure does not vary", UNDEFINED)
    r = float(np.corrcoef(x / np.abs(x).max(), y / np.abs(y).max())[0, 1])
    return Answer(r, [figure for pair in pairs for figure in pair], f"n = {len(pairs)} {of}")


def _pearson(complete: bool, areas: Areas, subject: str, known: Known) -> Answer:
    pairs = _pairs(areas, subject, known)
    if complete:
        others = [_pairs(areas, indicator, known) for indicator in CORRELATED]
        pairs = {code: pair for code, pair in pairs.items() if all(code in other for other in others)}
    return _r(list(pairs.values()), "regions")


def _pearson_n(areas: Areas, subject: str, known: Known) -> Answer:
    pairs = _pairs(areas, subject, known)
    if not pairs:
        raise UnknownValueError(f"no region with a balance and {subject}")
    return Answer(len(pairs), [other for _, other in pairs.values()])


def _pearson_over_years(areas: Areas, subject: str, known: Known) -> Answer:
    years = range(FIRST, LAST + 1)
    found = [(known.find(NATIONAL, COUNTRY, year), known.find(subject, COUNTRY, year)) for year in years]
    return _r([(balance, income) for balance, income in found if balance and income], "years")


# --- internal migration and population --------------------------------------------------------------------


def _internal(areas: Areas, subject: str, known: Known) -> Answer:
    cells = {
        (code, str(year)): known.one(INTERNAL, code, year)
        for code in areas.members(subject)
        for year in INTERNAL_YEARS
    }
    return _sum_up(cells, _listed(_sums(cells, lambda key: areas.name[key[0]])))


def _internal_and_external(areas: Areas, subject: str, known: Known) -> Answer:
    internal, external = _internal(areas, subject, known), known.one(BALANCE, subject, FIRST, LAST)
    detail = f"internal {internal.value:.0f}, external {external.value:.0f}"
    return Answer(internal.value + external.value, [*internal.figures, external], detail)


def _unit_changes(areas: Areas, area: str, known: Known) -> tuple[list[Figure], dict[str, float]]:
    """Figures, and the change of the population of each harmonised unit of an area."""
    figures: list[Figure] = []
    changes: dict[str, float] = {}
    units = sorted({areas.unit[code] for code in areas.members(area, ever=True)})
    for unit in units:
        codes = [code for code, its_unit in areas.unit.items() if its_unit == unit]
        sides = [
            [figure for code in codes if (figure := known.find(POPULATION, code, year))]
            for year in (FIRST, LAST + 1)
        ]
        if not all(sides):
            raise UnknownValueError(f"no population of unit {unit} on 1 January {FIRST} or {LAST + 1}")
        first, last = (sum(figure.value for figure in side) for side in sides)
        figures += [*sides[0], *sides[1]]
        changes[unit] = last - first
    return figures, changes


def _share_changing(sign: int, areas: Areas, subject: str, known: Known) -> Answer:
    figures, changes = _unit_changes(areas, subject, known)
    counted = {areas.name[unit]: change for unit, change in changes.items() if unit != ASTANA}
    share = sum(change * sign > 0 for change in counted.values()) / len(counted)
    return Answer(share, figures, _listed(counted))


def _population_change(areas: Areas, subject: str, known: Known) -> Answer:
    figures, changes = _unit_changes(areas, subject, known)
    total = sum(changes.values())
    return Answer(total, figures, _listed({areas.name[unit]: change for unit, change in changes.items()}))


def _population_change_rate(areas: Areas, subject: str, known: Known) -> Answer:
    first, last = (known.one(POPULATION, subject, year) for year in (BOUNDARIES_SINCE, LAST + 1))
    change = (last.value / first.value) ** (1 / (LAST + 1 - BOUNDARIES_SINCE)) - 1
    return Answer(abs(100 * change), [first, last], f"{first.value:.0f} to {last.value:.0f}")
