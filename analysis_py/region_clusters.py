"""Clusters of the regions and of the harmonised units: which measures and features, and what follows."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis_py.cluster_profile import profile, projection
from analysis_py.cluster_stability import agreement, stability
from analysis_py.clustering import K_VALUES, METHODS, MINIMUM_REGIONS, cluster
from analysis_py.correlation import is_constant
from analysis_py.regional import MEASURES
from analysis_py.tables import stack, together

# The balance in one of MEASURES is the first feature; the others are the same for both.
OTHER_FEATURES = ("income_per_capita_kzt", "children_per_household")
DESCRIBED = (*MEASURES.values(), *OTHER_FEATURES, "food_spend_per_capita_kzt")
OK, TOO_FEW, MISSING, CONSTANT, EMPTY = "ok", "too_few", "missing_figure", "constant", "empty_cluster"
STATUSES = (OK, TOO_FEW, MISSING, CONSTANT, EMPTY)
SET = ("reference_year", "territory_set", "measure")

# Every column of the seven tables. A whole number that a table lacks is empty.
_STACK = {
    "result": "str",
    "row_no": "int64",
    "reference_year": "Int64",
    **dict.fromkeys(("territory_set", "measure", "other_territory_set", "other_measure"), "str"),
    **dict.fromkeys(("region_code", "method", "other_method", "members", "status", "reason"), "str"),
    **dict.fromkeys(("left_node", "right_node", "kind", "code", "stability"), "str"),
    **dict.fromkeys(("name_en", "name_ru", "name_kk", "moved_regions"), "str"),
    **dict.fromkeys(
        ("k", "other_k", "best_k_by_bic", "cluster_id", "step", "size", "n", "moved", "resamples", "seed"),
        "Int64",
    ),
    "is_chosen_k": "boolean",
    **dict.fromkeys(("silhouette", "cophenetic_r", "ari_vs_role", "bic", "bic_of_one_cluster"), "float64"),
    **dict.fromkeys(("height", "jaccard_mean", "dissolved_share", "recovered_share"), "float64"),
    **dict.fromkeys(("adjusted_rand", "axis_1", "axis_2", "share_1", "share_2"), "float64"),
    **{f"mean_{name}": "float64" for name in DESCRIBED},
}


class RegionClusters(NamedTuple):
    """The seven tables of `region_clusters`, which describes them."""

    assignment: pd.DataFrame
    quality: pd.DataFrame
    merge: pd.DataFrame
    stability: pd.DataFrame
    agreement: pd.DataFrame
    profile: pd.DataFrame
    projection: pd.DataFrame


class _Set(NamedTuple):
    """Territories that are clustered together: what they are called, and their profiles by region_code."""

    labels: dict[str, Any]
    regions: pd.DataFrame
    features: pd.DataFrame


def region_clusters(regions: pd.DataFrame, units: pd.DataFrame, unit_of_region: pd.Series) -> RegionClusters:
    """Clusters on balance, income and children per household, of each year, territory set and measure.

    `regions` has the columns of regional.region_profile, `units` those of
    regional.region_profile_harmonised, and `unit_of_region` gives the harmonised unit by region_code. Each
    table of the result has reference_year, territory_set (regions_ or harmonised_ and their number),
    measure, and

    - assignment, merge: as in `cluster`;
    - quality: as in `cluster`, a row for every method and k, with status and reason where there are no
      clusters: too_few territories (for that k), a missing_figure (without the territory it would be another
      set), a constant feature, an empty_cluster of a mixture;
    - stability, profile: as in those functions, of each method at its chosen k;
    - agreement: of each pair of partitions (method, territory set, measure) at their chosen k:
      adjusted_rand, moved and moved_regions as in `agreement`, n; regions and units are compared on the
      regions, each with the cluster of its unit;
    - projection: as in `projection`.

    Raises ValueError for an infinite value, naming the column. Without profiles the tables are empty.
    """
    tables: dict[str, list[pd.DataFrame]] = {name: [] for name in RegionClusters._fields}
    for one in _sets(regions, units):
        for name, table in _tables(one).items():
            tables[name].append(table.assign(**one.labels))
    joined = {name: together(parts) for name, parts in tables.items()}
    joined["agreement"] = _agreements(joined["assignment"], unit_of_region)
    return RegionClusters(**joined)


def stacked(regions: pd.DataFrame, units: pd.DataFrame, dim_region: pd.DataFrame) -> pd.DataFrame:
    """The tables of `region_clusters` under each other: which one in `result`, row_no from 1 within each.

    One table, since a dbt model returns one and the clusters are found once. `dim_region` has region_code and
    harmonised_unit. Columns and types are the same whatever the rows.
    """
    unit_of_region = dim_region.set_index("region_code")["harmonised_unit"]
    return stack(region_clusters(regions, units, unit_of_region)._asdict(), _STACK)


def _sets(regions: pd.DataFrame, units: pd.DataFrame) -> Iterator[_Set]:
    kinds = {"regions": regions, "harmonised": units.rename(columns={"harmonised_unit": "region_code"})}
    for kind, profiles in kinds.items():
        for year, of_year in profiles.groupby("reference_year"):
            of_year = of_year.set_index("region_code").sort_index()
            for measure, balance in MEASURES.items():
                features = of_year[[balance, *OTHER_FEATURES]].astype("float64")
                labels = {
                    "reference_year": year,
                    "territory_set": f"{kind}_{len(of_year)}",
                    "measure": measure,
                }
                yield _Set(labels, of_year, features)


def _tables(one: _Set) -> dict[str, pd.DataFrame]:
    status, reason = _fault(one.features)
    if status != OK:
        nothing = cluster(one.features[:0], one.regions["role_by_sign"][:0]).quality
        return {"quality": _every_k(nothing, len(one.features), status, reason)}
    roles = one.regions["role_by_sign"].fillna("neither")  # a balance of zero
    assignment, quality, merge = cluster(one.features, roles)
    chosen = assignment[assignment["is_chosen_k"]]
    return {
        "assignment": assignment,
        "quality": _every_k(quality, len(one.features), status, reason),
        "merge": merge,
        "stability": stability(one.features, chosen),
        "profile": profile(one.features, one.regions[list(DESCRIBED)], chosen),
        "projection": projection(one.features),
    }


def _fault(features: pd.DataFrame) -> tuple[str, str]:
    """Why the territories cannot be clustered: status and reason, or ok."""
    infinite = [name for name in features if np.isinf(features[name]).any()]
    if infinite:
        raise ValueError(f"column {infinite[0]!r} holds an infinite value")
    if len(features) < MINIMUM_REGIONS:
        return TOO_FEW, f"{len(features)} territories, {MINIMUM_REGIONS} are needed"
    for name, values_of_one in features.items():
        missing = features.index[values_of_one.isna()]
        if len(missing):
            return MISSING, f"no {name} of {' '.join(missing)}"
        if is_constant(values_of_one.to_numpy()):
            return CONSTANT, f"{name} does not vary"
    return OK, ""


def _every_k(quality: pd.DataFrame, territories: int, status: str, reason: str) -> pd.DataFrame:
    """Quality with a row for each method and k: status ok, or the given one, or why there is no such k."""
    grid = pd.MultiIndex.from_product([METHODS, K_VALUES], names=["method", "k"]).to_frame(index=False)
    every = grid.merge(quality.assign(status=OK), how="left", on=["method", "k"])
    absent = every["status"].isna()
    too_few = absent & (every["k"] >= territories)
    every.loc[absent, "status"], every.loc[absent, "reason"] = (
        EMPTY,
        "a group has no territory",
    )
    every.loc[too_few, "status"], every.loc[too_few, "reason"] = TOO_FEW, f"{territories} territories"
    if status != OK:
        every["status"], every["reason"] = status, reason
    return every.assign(is_chosen_k=every["is_chosen_k"].eq(True))


def _agreements(assignment: pd.DataFrame, unit_of_region: pd.Series) -> pd.DataFrame:
    """Agreement of each pair of the chosen partitions of a year."""
    rows = []
    key = ["reference_year", "method", "territory_set", "measure", "k"]
    chosen = assignment[assignment["is_chosen_k"]] if len(assignment) else pd.DataFrame(columns=[*key])
    partitions = [
        (dict(zip(key, values, strict=True)), members.set_index("region_code")["cluster_id"])
        for values, members in chosen.groupby(key, sort=False)
    ]
    for (left, left_members), (right, right_members) in combinations(partitions, 2):
        if left["reference_year"] != right["reference_year"]:
            continue
        if left["territory_set"] != right["territory_set"]:
            # The regions come first: each has the cluster of its unit.
            units = unit_of_region.reindex(left_members.index)
            right_members = right_members.reindex(units).set_axis(left_members.index).dropna()
            left_members = left_members[right_members.index]
        adjusted_rand, moved = agreement(left_members, right_members)
        others = {f"other_{name}": right[name] for name in key[1:]}
        figures = {"n": len(left_members), "adjusted_rand": adjusted_rand}
        rows.append(left | others | figures | {"moved": len(moved), "moved_regions": " ".join(moved)})
    return pd.DataFrame(rows)
