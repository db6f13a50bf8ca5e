"""Structure of losses by region and specialty: shares, concentration, quotients, correspondence analysis.

A balance has a sign, so balances are no composition: a gain in one cell would lower the total and push the
shares of others above 1. All here but `share_of_region_net` is built on losses, max(0, -balance). Losses can
be taken of cells (region and specialty) or of totals, in which gains have been set off; where both are in
use, `loss_of` says which.

South Kazakhstan (51, abolished in 2018) enters as a region of its own. All its balances in the article's
release are gains, so it has no loss and no share in losses of cells or regions; but the totals of the
specialties are of all regions, and there its gains are set off against the losses of others.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis_py.tables import together, typed

OK, NO_LOSS, NO_POPULATION = "ok", "no_loss", "no_population"
TOO_FEW, NO_ASSOCIATION = "too_few", "no_association"
CELLS, TOTALS = "cells", "totals"
REGION, SPECIALTY, TABLE = "region", "specialty", "region_by_specialty"
# The table's other column: neither names a field, so whoever stands there is not counted as qualified.
OTHER, NOT_STATED = "other", "not_stated"

_PERIOD = {"period_start": "datetime64[us]", "period_end": "datetime64[us]"}
_STATUS = {"status": "str", "reason": "str"}
_STRUCTURE = {
    "region_code": "str",
    "specialty_code": "str",
    **_PERIOD,
    "balance_persons": "int64",
    "loss_persons": "int64",
    "share_of_region_net": "float64",
    "share_of_region_losses": "float64",
    "share_of_specialty_losses": "float64",
    "national_share_of_losses": "float64",
    "share_difference": "float64",
    "location_quotient": "float64",
    "loss_per_1000": "float64",
    "size_persons": "float64",
    "rate_persons": "float64",
    "mix_persons": "float64",
    **_STATUS,
}
_DECOMPOSITION = {
    "region_code": "str",
    **_PERIOD,
    "balance_persons": "int64",
    "loss_persons": "int64",
    "share_of_losses": "float64",
    "population_persons": "float64",
    "years_of_existence": "float64",
    "loss_per_1000": "float64",
    "loss_per_1000_per_year": "float64",
    "size_persons": "float64",
    "rate_persons": "float64",
    "qualified_loss_persons": "int64",
    "other_loss_persons": "int64",
    "not_stated_loss_persons": "int64",
    "qualified_share": "float64",
    "national_qualified_share": "float64",
    "qualified_per_other": "float64",
    "qualified_size_persons": "float64",
    "qualified_rate_persons": "float64",
    "qualified_mix_persons": "float64",
    "dissimilarity": "float64",
    "largest_specialty_code": "str",
    "excess_specialty_code": "str",
    **_STATUS,
}
_CONCENTRATION = {
    **_PERIOD,
    "dimension": "str",
    "loss_of": "str",
    "measure": "str",
    "value": "float64",
    "code": "str",
    "n": "int64",
    "n_with_loss": "int64",
    **_STATUS,
}
_COORDINATE = {
    **_PERIOD,
    "dimension": "str",
    "code": "str",
    "axis": "int64",
    "mass": "float64",
    "coordinate": "float64",
    "contribution": "float64",
    "cos2": "float64",
    "inertia": "float64",
    "axis_inertia": "float64",
    "axis_share": "float64",
    **_STATUS,
}
NO_LOSS_REASON = "no balance below zero: no loss, so no structure"

Floats = NDArray[np.float64]
Rows = list[dict[str, Any]]


class Correspondence(NamedTuple):
    """Correspondence analysis of an r x c table with K axes, largest first."""

    inertias: Floats  # K principal inertias; their sum is chi-square / n
    row_masses: Floats  # r
    column_masses: Floats  # c
    rows: Floats  # r x K principal coordinates
    columns: Floats  # c x K principal coordinates


class Parts(NamedTuple):
    """Each r x c: the three parts of the losses of `shift_share`."""

    size: Floats
    rate: Floats
    mix: Floats


# --- measures ---------------------------------------------------------------------------------------------


def hhi(losses: Floats) -> float:
    """Herfindahl-Hirschman index, the sum of squared shares: 1/n to 1, all in one; missing without loss.

    Source: U.S. Department of Justice, Herfindahl-Hirschman index (there shares are in per cent: x 10 000).
    """
    total = losses.sum()
    return float(np.square(losses / total).sum()) if total > 0 else float("nan")


def location_quotients(losses: Floats) -> Floats:
    """Share of a column in its row over its share in the table, r x c; missing where either has no loss.

    Source: Isard W. (1960), Methods of Regional Analysis, chapter 7.
    """
    expected = np.outer(losses.sum(axis=1), losses.sum(axis=0))
    return _divide(losses * losses.sum(), expected)


def total_inertia(losses: Floats) -> float:
    """Chi-square of independence over the sum of the table; of rows and columns without loss, none counts."""
    kept = _with_loss(losses)
    if kept.size == 0:
        return float("nan")
    expected = np.outer(kept.sum(axis=1), kept.sum(axis=0)) / kept.sum()
    return float((np.square(kept - expected) / expected).sum() / kept.sum())


def cramers_v(losses: Floats) -> float:
    """Cramér's V, 0 (each row has the same structure) to 1; missing below two rows or columns with a loss.

    Descriptive: the persons are all that were counted, not a sample, so no p-value belongs to it.
    Source: Cramér H. (1946), Mathematical Methods of Statistics, section 21.9.
    """
    smaller = min(_with_loss(losses).shape) - 1
    return float(np.sqrt(total_inertia(losses) / smaller)) if smaller > 0 else float("nan")


def correspondence(table: Floats) -> Correspondence:
    """Simple correspondence analysis of a table of counts without an empty row or column.

    Principal coordinates by the singular value decomposition of the standardised residuals. Axes without
    inertia are left out: with independence there is none. The sign of an axis is free; here the column that
    contributes most to it is on the positive side.

    Source: Greenacre M. (2017), Correspondence Analysis in Practice, 3rd edition, appendix A.
    """
    shares = table / table.sum()
    r, c = shares.sum(axis=1), shares.sum(axis=0)
    standardised = (shares - np.outer(r, c)) / np.sqrt(np.outer(r, c))
    u, singular, vt = np.linalg.svd(standardised, full_matrices=False)
    kept = singular > 1e-10
    u, singular, v = u[:, kept], singular[kept], vt[kept].T
    # Rounded, so that noise does not decide which of two equal contributions is the larger.
    leading = np.abs(v).round(10).argmax(axis=0)
    sign = np.sign(v[leading, np.arange(len(singular))])
    return Correspondence(
        inertias=np.square(singular),
        row_masses=r,
        column_masses=c,
        rows=u * sign * singular / np.sqrt(r)[:, np.newaxis],
        columns=v * sign * singular / np.sqrt(c)[:, np.newaxis],
    )


def shift_share(losses: Floats, population: Floats) -> Parts:
    """Splits each loss into size, rate and mix, which add up to it.

    `losses` is r x c (regions by specialties), `population` has the inhabitants of the r regions, missing
    where unknown. With L the loss of a region, P its population, l the national loss per inhabitant (of the
    regions with a population) and q the national shares of the specialties:

    - size: P l q, what the region would lose at the national rate with the national structure;
    - rate: (L - P l) q, what it loses more or less because its inhabitants leave more or less often;
    - mix: the loss less L q, because its structure is another than the national one.

    A stock of inhabitants by specialty is not published. So mix moves a region's loss between specialties and
    sums to zero over them, and over the regions of a specialty; size and rate sum to the region's loss.
    Size and rate are missing without a population, mix is not.

    Source: the three parts are those of Dunn E. S. (1960), A statistical and analytical technique for
    regional analysis, Papers of the Regional Science Association 6, 97-112, with the population in the place
    of the base year.
    """
    of_region = losses.sum(axis=1, keepdims=True)
    national = _divide(losses.sum(axis=0), losses.sum())
    known = np.isfinite(population) & (population > 0)
    national_rate = _divide(of_region[known].sum(), population[known].sum())
    at_national_rate = np.where(known, population * national_rate, np.nan)[:, np.newaxis]
    return Parts(
        size=at_national_rate * national,
        rate=(of_region - at_national_rate) * national,
        mix=losses - of_region * national,
    )


# --- tables -----------------------------------------------------------------------------------------------


def region_specialty_structure(balances: pd.DataFrame, profile: pd.DataFrame) -> pd.DataFrame:
    """Each region's loss by specialty beside the national structure, one row a balance.

    `balances` has the columns of specialty.region_specialty_balance: region_code, specialty_code,
    period_start, period_end, balance_persons; a cell that is not there counts as zero. `profile` has those of
    regional.region_profile: region_code, reference_year, population_persons.

    Returns the key, balance_persons, loss_persons and

    - share_of_region_net: of the region's balance, which can be negative or above 1;
    - share_of_region_losses, share_of_specialty_losses, national_share_of_losses (of the specialty in all
      losses), share_difference (the first less the last), location_quotient (the first over the last);
    - loss_per_1000: loss of the whole period per 1 000 inhabitants of the reference year;
    - size_persons, rate_persons, mix_persons of `shift_share`, which add up to the loss;
    - status: 'ok', 'no_loss' (the region has none: shares of it are missing), 'no_population'.

    Raises ValueError for an infinite balance or population.
    """
    parts = []
    for period, table in _periods(balances):
        losses, population = _losses(table), _population(profile, period, table)
        national = _divide(losses.sum(axis=0), losses.sum())
        own = _divide(losses, losses.sum(axis=1, keepdims=True))
        split = shift_share(losses, population)
        of_net = _divide(table.to_numpy(), table.to_numpy().sum(axis=1, keepdims=True))
        cells = {
            "balance_persons": table.to_numpy(),
            "loss_persons": losses,
            "share_of_region_net": of_net + 0.0,  # a share of nothing is 0, not the -0 that some clients show
            "share_of_region_losses": own,
            "share_of_specialty_losses": _divide(losses, losses.sum(axis=0)),
            "national_share_of_losses": np.broadcast_to(national, losses.shape),
            "share_difference": own - national,
            "location_quotient": location_quotients(losses),
            "loss_per_1000": 1000 * losses / population[:, np.newaxis],
            "size_persons": split.size,
            "rate_persons": split.rate,
            "mix_persons": split.mix,
        }
        codes = pd.MultiIndex.from_product(
            [table.index, table.columns], names=["region_code", "specialty_code"]
        )
        frame = pd.DataFrame({name: values.ravel() for name, values in cells.items()}, index=codes)
        statuses = pd.DataFrame(_statuses(losses, population), index=table.index)
        frame = frame.join(statuses, on="region_code").loc[frame.index.isin(_present(balances, period))]
        parts.append(frame.reset_index().assign(**period))
    return together(parts, _STRUCTURE)


def region_loss_decomposition(
    balances: pd.DataFrame, profile: pd.DataFrame, regions: pd.DataFrame
) -> pd.DataFrame:
    """Each region's loss: per inhabitant, by size and rate, qualified against other, beside the nation.

    `balances` and `profile` as in `region_specialty_structure`; `regions` has region_code, valid_from and
    valid_to of core.dim_region. The loss of a region is the sum of the losses of its cells.

    Returns a row for each region and period with

    - share_of_losses of all regions; loss_per_1000 inhabitants of the reference year, over the whole period
      and per year of it in which the region existed (years_of_existence);
    - size_persons and rate_persons of `shift_share`, which add up to the loss;
    - qualified_loss_persons (a named field of specialty), other_loss_persons, not_stated_loss_persons;
      qualified_share of the losses, its national value, qualified_per_other (their ratio); the qualified loss
      split into qualified_size_persons, qualified_rate_persons, qualified_mix_persons;
    - dissimilarity from the national structure, half the sum of the absolute differences of the shares: the
      share of the region's losses that would have to be in another specialty (Duncan O. D. and Duncan B.
      (1955), A methodological analysis of segregation indexes, American Sociological Review 20, 210-217);
    - largest_specialty_code by loss, excess_specialty_code by mix: where the region loses most more than by
      the national structure;
    - status: 'ok', 'no_loss', 'no_population'.
    """
    parts = []
    for period, table in _periods(balances):
        losses, population = _losses(table), _population(profile, period, table)
        total = losses.sum(axis=1)
        split = shift_share(losses, population)
        qualified = ~table.columns.isin([OTHER, NOT_STATED])
        own = _divide(losses, total[:, np.newaxis])
        national = _divide(losses.sum(axis=0), losses.sum())
        other = losses[:, table.columns == OTHER].sum(axis=1)
        years = _years(regions, period, table)
        excess = split.mix.round(6)  # so that rounding does not decide between equal ones
        qualified_loss = losses[:, qualified].sum(axis=1)
        specialties = pd.Series(table.columns)
        columns = {
            "region_code": table.index,
            "balance_persons": table.sum(axis=1).to_numpy(),
            "loss_persons": total,
            "share_of_losses": _divide(total, total.sum()),
            "population_persons": population,
            "years_of_existence": years,
            "loss_per_1000": 1000 * total / population,
            "loss_per_1000_per_year": 1000 * total / population / years,
            "size_persons": split.size.sum(axis=1),
            "rate_persons": split.rate.sum(axis=1),
            "qualified_loss_persons": qualified_loss,
            "other_loss_persons": other,
            "not_stated_loss_persons": losses[:, table.columns == NOT_STATED].sum(axis=1),
            "qualified_share": _divide(qualified_loss, total),
            "national_qualified_share": np.full(len(table), national[qualified].sum()),
            "qualified_per_other": _divide(qualified_loss, other),
            "qualified_size_persons": split.size[:, qualified].sum(axis=1),
            "qualified_rate_persons": split.rate[:, qualified].sum(axis=1),
            "qualified_mix_persons": split.mix[:, qualified].sum(axis=1),
            "dissimilarity": np.abs(own - national).sum(axis=1) / 2,
            "largest_specialty_code": specialties[losses.argmax(axis=1)].where(total > 0).array,
            "excess_specialty_code": specialties[excess.argmax(axis=1)].where(total > 0).array,
            **_statuses(losses, population),
        }
        parts.append(pd.DataFrame(columns).assign(**period))
    return together(parts, _DECOMPOSITION)


def loss_concentration(balances: pd.DataFrame) -> pd.DataFrame:
    """How concentrated losses are over regions and specialties, and how far the two depend on each other.

    `balances` as in `region_specialty_structure`. Returns, for each period, rows of a `dimension`, `loss_of`
    ('totals': of the balance of each region or specialty; 'cells': summed from the cells, where no gain sets
    off a loss) and `measure`:

    - dimension 'region' or 'specialty': hhi; hhi_normalised, (hhi - 1/n) / (1 - 1/n), 0 for equal shares;
      effective_number, 1 / hhi; share_of_largest, with its code; share_of_three_largest;
    - dimension 'region_by_specialty', of cells: cramers_v, inertia (chi-square over the losses), and
      qualified_share, of named specialties in all losses.

    `n` regions, specialties or cells have a figure, `n_with_loss` of them lose. status 'ok'; 'no_loss': the
    value is missing, there is nothing to share; 'too_few': one region or specialty, or for V fewer than two
    of either with a loss.
    """
    rows: Rows = []
    for period, table in _periods(balances):
        losses = _losses(table)
        for axis, (dimension, codes) in enumerate(((REGION, table.index), (SPECIALTY, table.columns))):
            totals = np.maximum(-table.to_numpy().sum(axis=1 - axis), 0)
            for loss_of, vector in ((TOTALS, totals), (CELLS, losses.sum(axis=1 - axis))):
                key = {**period, "dimension": dimension, "loss_of": loss_of}
                key |= {"n": len(vector), "n_with_loss": np.count_nonzero(vector)}
                rows += [key | row for row in _concentration(vector, codes)]
        kept = _with_loss(losses)
        key = {**period, "dimension": TABLE, "loss_of": CELLS}
        key |= {"n": len(_present(balances, period)), "n_with_loss": np.count_nonzero(losses)}
        qualified = losses[:, ~table.columns.isin([OTHER, NOT_STATED])].sum()
        few = (
            f"{kept.shape[0]} regions and {kept.shape[1]} specialties with a loss, at least 2 of each needed"
        )
        rows += [
            key | _valued("cramers_v", cramers_v(losses), few if kept.size else ""),
            key | _valued("inertia", total_inertia(losses)),
            key | _valued("qualified_share", float(_divide(qualified, losses.sum()))),
        ]
    return typed(rows, _CONCENTRATION)


def correspondence_coordinates(balances: pd.DataFrame) -> pd.DataFrame:
    """Correspondence analysis of the losses by region and specialty, for plotting both in one plane.

    `balances` as in `region_specialty_structure`. Returns for each period, dimension ('region', 'specialty'),
    code and axis (from 1, by inertia): mass (share of all losses), coordinate (principal, so distances
    between points of one dimension are chi-square distances), contribution (of the point to the inertia of
    the axis, sum 1), cos2 (of the axis to the inertia of the point, sum 1), inertia (of the point, all axes),
    axis_inertia and axis_share.

    A region or specialty without a loss has no profile: one row, axis 1, status 'no_loss'. Where all regions
    have one structure, or fewer than two of either lose, there is no axis: status 'no_association' or
    'too_few', axis 1 without coordinate.
    """
    parts = []
    for period, table in _periods(balances):
        losses = _losses(table)
        rows, columns = losses.sum(axis=1) > 0, losses.sum(axis=0) > 0
        enough = rows.sum() > 1 and columns.sum() > 1
        result = correspondence(losses[np.ix_(rows, columns)]) if enough else None
        for dimension, codes, kept in ((REGION, table.index, rows), (SPECIALTY, table.columns, columns)):
            points = _points(result, dimension, codes[kept])
            absent = pd.DataFrame({"code": codes[~kept], "status": NO_LOSS, "reason": NO_LOSS_REASON})
            frame = pd.concat([points, absent.assign(axis=1)], ignore_index=True)
            parts.append(frame.assign(dimension=dimension, **period))
    return together(parts, _COORDINATE)


# --- helpers ----------------------------------------------------------------------------------------------


def _periods(balances: pd.DataFrame) -> Iterator[tuple[dict[str, Any], pd.DataFrame]]:
    """Each period with its table of balances, regions by specialties in the order of their codes."""
    if np.isinf(balances["balance_persons"].to_numpy(dtype="float64", na_value=np.nan)).any():
        raise ValueError("column 'balance_persons' holds an infinite value")
    known = balances[balances["balance_persons"].notna()]
    for _, rows in known.groupby(["period_start", "period_end"]):
        table = rows.pivot(index="region_code", columns="specialty_code", values="balance_persons")
        period = {name: pd.Timestamp(rows[name].iloc[0]) for name in ("period_start", "period_end")}
        yield period, table.fillna(0).astype("float64").sort_index().sort_index(axis=1)


def _present(balances: pd.DataFrame, period: dict[str, Any]) -> list[tuple[str, str]]:
    """Region and specialty of each balance of the period."""
    of_period = balances[
        (balances["period_start"] == period["period_start"])
        & (balances["period_end"] == period["period_end"])
        & balances["balance_persons"].notna()
    ]
    return list(zip(of_period["region_code"], of_period["specialty_code"], strict=True))


def _losses(table: pd.DataFrame) -> Floats:
    losses: Floats = np.maximum(-table.to_numpy(), 0.0)
    return losses


def _population(profile: pd.DataFrame, period: dict[str, Any], table: pd.DataFrame) -> Floats:
    """Inhabitants of each region in the year in which the period ends; missing where unknown or zero."""
    year = (period["period_end"] - pd.Timedelta(days=1)).year
    of_year = profile[profile["reference_year"] == year].set_index("region_code")["population_persons"]
    values = of_year.reindex(table.index).to_numpy(dtype="float64", na_value=np.nan)
    if np.isinf(values).any():
        raise ValueError("column 'population_persons' holds an infinite value")
    return np.where(values > 0, values, np.nan)


def _years(regions: pd.DataFrame, period: dict[str, Any], table: pd.DataFrame) -> Floats:
    """Years of the period in which each region existed."""
    validity = regions.set_index("region_code")[["valid_from", "valid_to"]].reindex(table.index)
    start = (
        pd.to_datetime(validity["valid_from"])
        .fillna(period["period_start"])
        .clip(lower=period["period_start"])
    )
    end = pd.to_datetime(validity["valid_to"]).fillna(period["period_end"]).clip(upper=period["period_end"])
    years = (end - start).dt.days.to_numpy(dtype="float64") / 365.25
    return np.where(years > 0, years, np.nan)


def _statuses(losses: Floats, population: Floats) -> dict[str, list[str | None]]:
    """Status and reason of each region; without a loss that is the status, whatever the population."""
    statuses: list[str | None] = []
    reasons: list[str | None] = []
    for loss, inhabitants in zip(losses.sum(axis=1), population, strict=True):
        said = {} if loss else {NO_LOSS: NO_LOSS_REASON}
        if np.isnan(inhabitants):
            said[NO_POPULATION] = "no population in the year in which the period ends: no rate, no size"
        statuses.append(next(iter(said), OK))
        reasons.append("; ".join(said.values()) or None)
    return {"status": statuses, "reason": reasons}


def _concentration(losses: Floats, codes: pd.Index) -> Rows:
    """The measures of one vector of losses."""
    n, total = len(losses), losses.sum()
    index = hhi(losses)
    largest = np.sort(losses)[::-1]
    leader = {"code": codes[int(losses.argmax())]} if total else {}
    normalised = (index - 1 / n) / (1 - 1 / n) if n > 1 else float("nan")
    return [
        _valued("hhi", index),
        _valued("hhi_normalised", normalised, "one alone" if total and n == 1 else ""),
        _valued("effective_number", 1 / index),
        _valued("share_of_largest", float(_divide(largest[0], total))) | leader,
        _valued("share_of_three_largest", float(_divide(largest[:3].sum(), total))),
    ]


def _valued(measure: str, value: float, too_few: str = "") -> dict[str, Any]:
    """Measure, value, status and reason; `too_few` says why a value is missing although there are losses."""
    row: dict[str, Any] = {"measure": measure, "value": value, "status": OK}
    if np.isnan(value):
        row |= (
            {"status": TOO_FEW, "reason": too_few}
            if too_few
            else {"status": NO_LOSS, "reason": NO_LOSS_REASON}
        )
    return row


def _points(result: Correspondence | None, dimension: str, codes: pd.Index) -> pd.DataFrame:
    """Rows of the points of one dimension, axis by axis."""
    if result is None or not len(result.inertias):
        status, reason = (
            (TOO_FEW, "fewer than two regions or specialties with a loss")
            if result is None
            else (NO_ASSOCIATION, "all regions have the same structure")
        )
        return pd.DataFrame({"code": codes, "axis": 1, "status": status, "reason": reason})
    masses, points = (
        (result.row_masses, result.rows) if dimension == REGION else (result.column_masses, result.columns)
    )
    inertia = masses[:, np.newaxis] * np.square(points)
    axes = len(result.inertias)
    return pd.DataFrame(
        {
            "code": np.repeat(codes, axes),
            "axis": np.tile(np.arange(1, axes + 1), len(codes)),
            "mass": np.repeat(masses, axes),
            "coordinate": points.ravel(),
            "contribution": (inertia / result.inertias).ravel(),
            "cos2": _divide(inertia, inertia.sum(axis=1, keepdims=True)).ravel(),
            "inertia": np.repeat(inertia.sum(axis=1), axes),
            "axis_inertia": np.tile(result.inertias, len(codes)),
            "axis_share": np.tile(result.inertias / result.inertias.sum(), len(codes)),
            "status": OK,
        }
    )


def _with_loss(losses: Floats) -> Floats:
    """The table without empty rows and columns."""
    return losses[np.ix_(losses.sum(axis=1) > 0, losses.sum(axis=0) > 0)]


def _divide(numerator: Any, denominator: Any) -> Floats:
    """Quotient, missing where the denominator is zero."""
    numerator, denominator = np.broadcast_arrays(np.asarray(numerator, float), np.asarray(denominator, float))
    quotient = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=quotient, where=denominator != 0)
    return quotient
