"""Measures of regions, specialties, correlations and populations, for analysis_py.article_metric.

As in analysis_py.article_country. Two sets of regions count: those of today, of which Table 1 has figures,
and all that there have been, by which Table 3 is arranged.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from analysis_py.article_country import COUNTRY, FIRST, LAST, NATIONAL, annual
from analysis_py.clustering import WARD, cluster
from analysis_py.correlation import MINIMUM_FOR_INTERVAL, PEARSON, fisher_interval, is_constant
from analysis_py.metric import TOTAL, UNDEFINED, Answer, Figure, Known, UnknownValueError

# Of these years internal migration is held, and of these the balance over all flows too.
INTERNAL_YEARS = (2022, 2023, 2024)
DERIVED_YEARS = (2023, 2024)
# The first 1 January after East Kazakhstan, Karaganda and Almaty region were divided.
BOUNDARIES_SINCE = 2023

BALANCE, BY_SPECIALTY = "migration_balance", "migration_balance_by_specialty"
INCOME, FOOD = "income_per_capita", "food_spend_per_capita"
CHILDREN, POOR = "children_per_household", "below_food_basket"
POPULATION, INTERNAL, NOMINAL = "population", "internal_balance", "nominal_income_per_capita"
ALL_FLOWS = "all_flows_balance"
CORRELATED = (INCOME, FOOD, CHILDREN, POOR)
# Specialties of Table 3 that say nothing about a qualification.
UNQUALIFIED = ("other", "not_stated")

ASTANA = "71"
SERIES_BREAK = "B"
MINIMUM_FOR_R = 3

# Region and specialty -> figure.
Cells = Mapping[tuple[str, str], Figure]


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


# --- regions and specialties ------------------------------------------------------------------------------


def _cells(
    known: Known, regions: Iterable[str] | None = None, specialties: Iterable[str] | None = None
) -> dict[tuple[str, str], Figure]:
    """The balances of the period by region and specialty, without the totals that a release may give.

    Raises UnknownValueError where there are none.
    """
    of_regions, of_specialties = set(regions or ()), set(specialties or ())
    found = {
        (region, specialty): figure
        for (region, specialty, first, last), figure in known.of(BY_SPECIALTY).items()
        if (first, last) == (FIRST, LAST)
        and region != COUNTRY
        and specialty != TOTAL
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


def specialty_balance(areas: Areas, subject: str, known: Known) -> Answer:
    return _sum_up(_cells(known, specialties=[subject]))


def all_specialties(areas: Areas, subject: str, known: Known) -> Answer:
    """The sum; the detail names the years at which the running sum of the annual series looks like it."""
    answer = _sum_up(_cells(known))
    try:
        _, balance, years = annual(subject, known)
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


def share_of_net(areas: Areas, subject: str, known: Known) -> Answer:
    cells = _cells(known)
    answer, sums = _sum_up(cells), _sums(cells, lambda key: key[1])
    if answer.value == 0:
        raise UnknownValueError("the balance of all specialties is zero", UNDEFINED)
    parts = {name: sums.get(name, 0.0) for name in subject.split("+")}
    largest, loss = next(iter(sums.items()))
    alone = f"; the largest, {largest}, alone {loss / answer.value:.3f}"
    detail = f"of {answer.value:.0f}: {_listed(parts)}{'' if largest in parts else alone}"
    return Answer(sum(parts.values()) / answer.value, answer.figures, detail)


def largest_losses(areas: Areas, subject: str, known: Known) -> Answer:
    cells, named = _cells(known), subject.split("+")
    sums = _sums(cells, lambda key: key[1])
    largest = _first(sums, len(named))
    detail = f"the largest: {_listed(largest)}; these: {_listed({name: sums.get(name, 0) for name in named})}"
    return Answer(len(set(largest) & set(named)), list(cells.values()), detail)


def leading_regions(areas: Areas, subject: str, known: Known) -> Answer:
    codes, specialty = subject.split(":")
    cells, named = _cells(known, specialties=[specialty]), codes.split("+")
    sums = _sums(cells, lambda key: key[0])
    largest = {f"{areas.name[code]} ({areas.macro_region[code]})": sums[code] for code in _first(sums, 4)}
    order = list(sums)
    places = [f"{areas.name[code]} number {order.index(code) + 1}" for code in named if code in sums]
    detail = f"the largest: {_listed(largest)}; {', '.join(places)}"
    return Answer(len(set(order[: len(named)]) & set(named)), list(cells.values()), detail)


def leading_areas(areas: Areas, subject: str, known: Known) -> Answer:
    names, specialty = subject.split(":")
    cells, named = _cells(known, specialties=[specialty]), names.split("+")
    sums = _sums(cells, lambda key: areas.macro_region[key[0]])
    return Answer(len(set(_first(sums, len(named))) & set(named)), list(cells.values()), _listed(sums))


def positive(areas: Areas, subject: str, known: Known) -> Answer:
    codes, specialty = subject.split(":")
    figures = list(_cells(known, codes.split("+"), [specialty]).values())
    return Answer(sum(figure.value > 0 for figure in figures), figures)


def area_balance(areas: Areas, subject: str, known: Known) -> Answer:
    area, _, specialty = subject.partition(":")
    return _sum_up(_cells(known, areas.members(area, ever=True), specialty and [specialty]))


def region_by_specialty(areas: Areas, subject: str, known: Known) -> Answer:
    ended = areas.abolished_on.get(subject)
    detail = (
        f"the region was abolished on {ended:%Y-%m-%d}: its figures are of the years before" if ended else ""
    )
    return _sum_up(_cells(known, [subject]), detail)


def qualified_balance(areas: Areas, subject: str, known: Known) -> Answer:
    cells = {key: one for key, one in _cells(known, [subject]).items() if key[1] not in UNQUALIFIED}
    if not cells:
        raise UnknownValueError(f"no balance of region {subject} by a named specialty for {FIRST}-{LAST}")
    return _sum_up(cells, _listed(_sums(cells, lambda key: key[1])))


def qualified_donors(areas: Areas, subject: str, known: Known) -> Answer:
    found = {code: qualified_balance(areas, code, known) for code in areas.members(subject)}
    sums = {areas.name[code]: answer.value for code, answer in found.items()}
    share = sum(balance < 0 for balance in sums.values()) / len(sums)
    return Answer(share, [figure for answer in found.values() for figure in answer.figures], _listed(sums))


def of_region(indicator: str, first: int, areas: Areas, subject: str, known: Known) -> Answer:
    figure = known.one(indicator, subject, first, LAST)
    return Answer(figure.value, [figure])


def _every(areas: Areas, indicator: str, known: Known, subject: str = "") -> dict[str, Figure]:
    """The figures of the regions of a subject, or of all of today, each of which must be known."""
    years = (FIRST, LAST) if indicator == BALANCE else (LAST, LAST)
    codes = areas.members(subject) if subject else areas.today
    return {code: known.one(indicator, code, *years) for code in codes}


def _values(areas: Areas, figures: Mapping[str, Figure]) -> dict[str, float]:
    return {areas.name[code]: figure.value for code, figure in figures.items()}


def rank(indicator: str, sign: int, areas: Areas, subject: str, known: Known) -> Answer:
    """1 for the lowest where sign is 1, for the highest where it is -1; equal ones share the better rank."""
    figures = _every(areas, indicator, known)
    own = figures[subject]
    rank = 1 + sum(sign * figure.value < sign * own.value for figure in figures.values())
    return Answer(rank, list(figures.values()), f"{own.value:.0f}, number {rank} of {len(figures)}")


def income_rank(areas: Areas, subject: str, known: Known) -> Answer:
    """1 the highest; the detail tells the rank by the number of the poor, where that is known."""
    answer = rank(INCOME, -1, areas, subject, known)
    poor = {code: figure for code in areas.today if (figure := known.find(POOR, code, LAST))}
    if subject not in poor:
        return answer
    place = 1 + sum(figure.value > poor[subject].value for figure in poor.values())
    detail = f"{answer.detail}; by persons below the food basket number {place} of {len(poor)}"
    return Answer(answer.value, [*answer.figures, *poor.values()], detail)


def highest(areas: Areas, subject: str, known: Known) -> Answer:
    incomes, named = _every(areas, INCOME, known), areas.members(subject)
    top = sorted(incomes, key=lambda code: -incomes[code].value)[: len(named)]
    detail = f"the highest: {_listed(_values(areas, {code: incomes[code] for code in top}))}"
    return Answer(len(set(top) & set(named)), list(incomes.values()), detail)


def in_losing_half(areas: Areas, subject: str, known: Known) -> Answer:
    """How many of these are in the half that loses more; the detail counts those beyond the mean too."""
    balances = {code: figure.value for code, figure in _every(areas, BALANCE, known).items()}
    mean, named = float(np.mean(list(balances.values()))), areas.members(subject)
    place = {code: 1 + sum(other < balances[code] for other in balances.values()) for code in named}
    said = ", ".join(f"{areas.name[code]} {balances[code]:.0f} number {place[code]}" for code in named)
    beyond = sum(balances[code] < mean for code in named)
    detail = f"{said} of {len(balances)}; {beyond} of {len(named)} lost more than the mean of {mean:.0f}"
    found = sum(2 * number <= len(balances) for number in place.values())
    return Answer(found, list(_every(areas, BALANCE, known).values()), detail)


def lies_in(areas: Areas, subject: str, known: Known) -> Answer:
    code, area = subject.split(":")
    found = areas.macro_region[code]
    return Answer(found == area, [], f"{areas.name[code]} lies in the {found}")


def children_edge(edge: Callable[..., str], areas: Areas, subject: str, known: Known) -> Answer:
    figures = _every(areas, CHILDREN, known, subject)
    found = edge(figures, key=lambda code: figures[code].value)
    return Answer(figures[found].value, list(figures.values()), areas.name[found])


def children_difference(areas: Areas, subject: str, known: Known) -> Answer:
    sides = [list(_every(areas, CHILDREN, known, side).values()) for side in subject.split(":")]
    one, other = (float(np.mean([figure.value for figure in side])) for side in sides)
    return Answer(one - other, [*sides[0], *sides[1]], f"{one:.2f} less {other:.2f}")


def share_by_sign(sign: int, areas: Areas, subject: str, known: Known) -> Answer:
    balances = _every(areas, BALANCE, known, subject)
    others = {code: figure for code, figure in balances.items() if figure.value * sign <= 0}
    count = len(balances) - len(others)
    detail = f"{count} of {len(balances)}" + (f"; not {_listed(_values(areas, others))}" if others else "")
    return Answer(count / len(balances), list(balances.values()), detail)


def share_with_sign(areas: Areas, subject: str, known: Known) -> Answer:
    """1 unless a balance is zero: whatever the figures, their signs make two groups."""
    balances = _every(areas, BALANCE, known)
    donors, recipients = (sum(sign * one.value > 0 for one in balances.values()) for sign in (-1, 1))
    detail = f"{donors} donors and {recipients} recipients of {len(balances)}"
    return Answer((donors + recipients) / len(balances), list(balances.values()), detail)


def recipients_within(areas: Areas, subject: str, known: Known) -> Answer:
    balances = _every(areas, BALANCE, known)
    recipients = [code for code, figure in balances.items() if figure.value > 0]
    if not recipients:
        raise UnknownValueError("no region has a positive balance", UNDEFINED)
    inside = set(recipients) & set(areas.members(subject))
    named = ", ".join(f"{areas.name[code]} ({areas.macro_region[code]})" for code in recipients)
    detail = f"{len(inside)} of {len(recipients)}: {named}"
    return Answer(len(inside) / len(recipients), list(balances.values()), detail)


def end_of_period(end: int, areas: Areas, subject: str, known: Known) -> Answer:
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


def cluster_ari(areas: Areas, subject: str, known: Known) -> Answer:
    figures = {name: _every(areas, name, known) for name in (BALANCE, INCOME, CHILDREN)}
    frame = pd.DataFrame({name: {c: f.value for c, f in of.items()} for name, of in figures.items()})
    if any(is_constant(frame[name].to_numpy()) for name in frame):
        raise UnknownValueError("a figure does not vary over the regions", UNDEFINED)
    roles = pd.Series(np.sign(frame[BALANCE]), dtype="int64")
    result = cluster(frame, roles, methods=[WARD], k_values=[2]).assignment
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


def pearson(complete: bool, areas: Areas, subject: str, known: Known) -> Answer:
    pairs = _pairs(areas, subject, known)
    if complete:
        others = [_pairs(areas, indicator, known) for indicator in CORRELATED]
        pairs = {code: pair for code, pair in pairs.items() if all(code in other for other in others)}
    return _r(list(pairs.values()), "regions")


def pearson_end(end: int, areas: Areas, subject: str, known: Known) -> Answer:
    """Lower (0) or upper (1) end of Fisher's 95 % interval of r."""
    found, n = pearson(False, areas, subject, known), len(_pairs(areas, subject, known))
    if n < MINIMUM_FOR_INTERVAL[PEARSON]:
        raise UnknownValueError(f"{n} regions are too few for an interval", UNDEFINED)
    detail = f"r = {found.value:.4f}, {found.detail}"
    return Answer(fisher_interval(PEARSON, found.value, n)[end], found.figures, detail)


def pearson_n(areas: Areas, subject: str, known: Known) -> Answer:
    pairs = _pairs(areas, subject, known)
    if not pairs:
        raise UnknownValueError(f"no region with a balance and {subject}")
    return Answer(len(pairs), [other for _, other in pairs.values()])


def pearson_over_years(areas: Areas, subject: str, known: Known) -> Answer:
    years = range(FIRST, LAST + 1)
    found = [(known.find(NATIONAL, COUNTRY, year), known.find(subject, COUNTRY, year)) for year in years]
    return _r([(balance, income) for balance, income in found if balance and income], "years")


# --- internal migration and population --------------------------------------------------------------------


def internal(areas: Areas, subject: str, known: Known) -> Answer:
    cells = {
        (code, str(year)): known.one(INTERNAL, code, year)
        for code in areas.members(subject)
        for year in INTERNAL_YEARS
    }
    return _sum_up(cells, _listed(_sums(cells, lambda key: areas.name[key[0]])))


def internal_share(areas: Areas, subject: str, known: Known) -> Answer:
    """Share of these whose internal balance is positive; the detail names them."""
    found = internal(areas, subject, known)
    sums = {code: internal(areas, code, known).value for code in areas.members(subject)}
    gaining = {areas.name[code]: value for code, value in sums.items() if value > 0}
    detail = f"{len(gaining)} of {len(sums)}" + (f": {_listed(gaining)}" if gaining else "")
    return Answer(len(gaining) / len(sums), found.figures, detail)


def derived_donors(areas: Areas, subject: str, known: Known) -> Answer:
    """Share of these and of the years with a negative balance over all flows without the internal ones."""
    figures: list[Figure] = []
    said, negative, codes = [], 0, areas.members(subject)
    for year in DERIVED_YEARS:
        sides = [(known.one(ALL_FLOWS, code, year), known.one(INTERNAL, code, year)) for code in codes]
        balances = {
            areas.name[code]: flows.value - internal_flows.value
            for code, (flows, internal_flows) in zip(codes, sides, strict=True)
        }
        others = {name: balance for name, balance in balances.items() if balance >= 0}
        lost = len(balances) - len(others)
        told = f", not {_listed(others)}" if others else ""
        said.append(f"{year}: {lost} of {len(balances)}{told}, together {sum(balances.values()):.0f}")
        figures += [figure for side in sides for figure in side]
        negative += lost
    return Answer(negative / (len(codes) * len(DERIVED_YEARS)), figures, "; ".join(said))


def internal_and_external(areas: Areas, subject: str, known: Known) -> Answer:
    inner, external = internal(areas, subject, known), known.one(BALANCE, subject, FIRST, LAST)
    detail = f"internal {inner.value:.0f}, external {external.value:.0f}"
    return Answer(inner.value + external.value, [*inner.figures, external], detail)


def _unit_counts(areas: Areas, unit: str, year: int, known: Known) -> list[Figure]:
    """The populations on 1 January of the regions of a harmonised unit."""
    codes = [code for code, its_unit in areas.unit.items() if its_unit == unit]
    found = [figure for code in codes if (figure := known.find(POPULATION, code, year))]
    if not found:
        raise UnknownValueError(f"no population of unit {unit} on 1 January {year}")
    return found


def _units(areas: Areas, area: str) -> list[str]:
    return sorted({areas.unit[code] for code in areas.members(area, ever=True)})


def _unit_changes(areas: Areas, area: str, known: Known) -> tuple[list[Figure], dict[str, float]]:
    """Figures, and the change of the population of each harmonised unit of an area."""
    figures: list[Figure] = []
    changes: dict[str, float] = {}
    for unit in _units(areas, area):
        sides = [_unit_counts(areas, unit, year, known) for year in (FIRST, LAST + 1)]
        first, last = (sum(figure.value for figure in side) for side in sides)
        figures += [*sides[0], *sides[1]]
        changes[unit] = last - first
    return figures, changes


def share_changing(sign: int, areas: Areas, subject: str, known: Known) -> Answer:
    figures, changes = _unit_changes(areas, subject, known)
    counted = {areas.name[unit]: change for unit, change in changes.items() if unit != ASTANA}
    share = sum(change * sign > 0 for change in counted.values()) / len(counted)
    return Answer(share, figures, _listed(counted))


def share_changing_yearly(sign: int, areas: Areas, subject: str, known: Known) -> Answer:
    """Share of those whose population changes one way in every year that no break of the series begins.

    The detail counts those years of each, and names the breaks, from the status of the figures.
    """
    figures: list[Figure] = []
    said, steady, units = [], 0, [unit for unit in _units(areas, subject) if unit != ASTANA]
    breaks: set[int] = set()
    for unit in units:
        by_year = {year: _unit_counts(areas, unit, year, known) for year in range(FIRST, LAST + 2)}
        broken = {
            year for year, side in by_year.items() if any(one.obs_status == SERIES_BREAK for one in side)
        } - {FIRST}
        total = {year: sum(figure.value for figure in side) for year, side in by_year.items()}
        changes = [total[year] - total[year - 1] for year in range(FIRST + 1, LAST + 2) if year not in broken]
        that_way = sum(change * sign > 0 for change in changes)
        steady += that_way == len(changes)
        said.append(f"{areas.name[unit]} in {that_way} of {len(changes)} years, by {sum(changes):.0f}")
        figures += [figure for side in by_year.values() for figure in side]
        breaks |= broken
    told = f"; the series breaks in {', '.join(map(str, sorted(breaks)))}" if breaks else ""
    return Answer(steady / len(units), figures, ", ".join(said) + told)


def population_change(areas: Areas, subject: str, known: Known) -> Answer:
    figures, changes = _unit_changes(areas, subject, known)
    total = sum(changes.values())
    return Answer(total, figures, _listed({areas.name[unit]: change for unit, change in changes.items()}))


def _growth(codes: Sequence[str], known: Known) -> Answer:
    sides = [[known.one(POPULATION, code, year) for code in codes] for year in (BOUNDARIES_SINCE, LAST + 1)]
    first, last = (sum(figure.value for figure in side) for side in sides)
    if first <= 0 or last <= 0:
        raise UnknownValueError("a population of nobody", UNDEFINED)
    rate = 100 * ((last / first) ** (1 / (LAST + 1 - BOUNDARIES_SINCE)) - 1)
    return Answer(rate, [*sides[0], *sides[1]], f"{first:.0f} to {last:.0f}")


def population_change_rate(areas: Areas, subject: str, known: Known) -> Answer:
    found = _growth([subject], known)
    return Answer(abs(found.value), found.figures, found.detail)


def population_growth(areas: Areas, subject: str, known: Known) -> Answer:
    """The rate with its sign; after a colon stands the country, the sum of its regions, to be taken off."""
    sides = [[code] if code != COUNTRY else areas.today for code in subject.split(":")]
    found = [_growth(codes, known) for codes in sides]
    value = found[0].value - sum(other.value for other in found[1:])
    said = ", ".join(f"{one.value:.2f}: {one.detail}" for one in found)
    return Answer(value, [figure for one in found for figure in one.figures], said)
