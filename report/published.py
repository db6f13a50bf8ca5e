"""Reads from the published file what the page shows, as rows."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

# Of dbt_project.yml; a file with another one has other tables or columns.
SCHEMA_VERSION = 1

Row = dict[str, Any]
Rows = list[Row]

# The territories, measure and rules of the article.
AS_IN_ARTICLE = "territory_set = 'regions_20' and measure = 'persons'"

# Each part of the page, the mart that it stands on, and what is read. Orders are total: same file, same page.
QUERIES: Mapping[str, tuple[str, str]] = {
    "about": ("core.about", "select * from core.about"),
    "balance": (
        "regional.region_balance",
        """
        select
            balance.region_code, region.name_en, region.name_ru, region.name_kk, balance.balance_persons,
            profile.balance_per_1000, profile.role, profile.role_en, profile.role_ru, profile.role_kk,
            balance.period_start, balance.period_end, region.valid_to
        from regional.region_balance as balance
        inner join core.dim_region as region using (region_code)
        left join bi.region as profile using (region_code)
        order by balance.balance_persons, balance.region_code
        """,
    ),
    "region": ("bi.region", "select * from bi.region order by migration_balance_persons, region_code"),
    "specialty": ("bi.specialty", "select * from bi.specialty order by balance_persons, specialty_code"),
    "correlation": (
        "bi.correlation",
        f"""
        select * from bi.correlation
        where {AS_IN_ARTICLE} and method = 'pearson' and missing_rule = 'pairwise' and r is not null
        order by kind, variant, indicator_code, held_fixed
        """,  # noqa: S608 - a constant
    ),
    "external_balance": ("bi.external_balance", "select * from bi.external_balance order by year"),
    "region_indicator": (
        "bi.region_indicator",
        "select * from bi.region_indicator order by indicator_code, region_code",
    ),
    "indicator_fit": (
        "bi.indicator_fit",
        f"""
        select indicator_code, point_no, indicator_value, fitted, ci_low, ci_high, n, r_squared
        from bi.indicator_fit
        where {AS_IN_ARTICLE} and fitted is not null
        order by indicator_code, point_no
        """,  # noqa: S608 - a constant
    ),
    "cluster_merge": (
        "analysis.cluster_merge",
        f"""
        select * from analysis.cluster_merge
        where {AS_IN_ARTICLE} and method = 'ward'
        order by step
        """,  # noqa: S608 - a constant
    ),
    "region_cluster": (
        "bi.region_cluster",
        f"""
        select * from bi.region_cluster
        where {AS_IN_ARTICLE} and method = 'ward'
        order by cluster_id, region_code
        """,  # noqa: S608 - a constant
    ),
    "cluster_profile": (
        "analysis.cluster_profile",
        f"""
        select profile.*, quality.silhouette, quality.ari_vs_role, mixture.best_k_by_bic
        from analysis.cluster_profile as profile
        left join (
            select reference_year, max(best_k_by_bic) as best_k_by_bic
            from analysis.cluster_quality
            where territory_set = 'regions_20' and measure = 'persons' and method = 'gaussian_mixture'
            group by reference_year
        ) as mixture using (reference_year)
        inner join analysis.cluster_quality as quality
            using (reference_year, method, k, territory_set, measure)
        where {AS_IN_ARTICLE} and method = 'ward' and quality.is_chosen_k
        order by cluster_id
        """,  # noqa: S608 - a constant
    ),
    "cluster_projection": (
        "analysis.cluster_projection",
        f"select * from analysis.cluster_projection where {AS_IN_ARTICLE} order by kind, code",  # noqa: S608
    ),
    "region_specialty": (
        "bi.region_specialty",
        "select * from bi.region_specialty order by region_code, specialty_sort_order",
    ),
    "attractiveness": (
        "bi.attractiveness",
        "select * from bi.attractiveness where rank is not null order by rank, region_code",
    ),
    "claim": ("bi.claim", "select * from bi.claim order by claim_id"),
    "revision": (
        "bi.revision",
        """
        select * from bi.revision
        order by indicator_code, period_start, region_code, source_series, later_release_id
        """,
    ),
    "release": ("bi.release", "select * from bi.release order by published_on desc, release_id"),
    "indicator": ("core.dim_indicator", "select * from core.dim_indicator order by indicator_code"),
}


class NotReadableError(Exception):
    """The file is not one that this page can be made from; the text says why in one line."""


@dataclass(frozen=True)
class Published:
    """What the page is made from.

    Attributes:
        rows: by the names of QUERIES; a mart without rows has none.
    """

    rows: Mapping[str, Rows]

    def __getitem__(self, name: str) -> Rows:
        return self.rows[name]

    @property
    def about(self) -> Row:
        return self.rows["about"][0]


def read_published(connection: "duckdb.DuckDBPyConnection") -> Published:
    """Reads all that the page shows.

    Numbers come as int and float, days as text (2024-01-01).

    Raises:
        NotReadableError: the file has another schema version, or lacks a table or column.
    """
    import duckdb

    try:
        about = connection.execute("select schema_version from core.about").fetchall()
    except duckdb.Error as error:
        raise NotReadableError(f"it has no readable core.about ({_first_line(error)})") from None
    if [row[0] for row in about] != [SCHEMA_VERSION]:
        found = about[0][0] if about else "none"
        raise NotReadableError(f"its schema version is {found}; this report reads {SCHEMA_VERSION}")
    rows: dict[str, Rows] = {}
    for name, (mart, query) in QUERIES.items():
        try:
            rows[name] = _rows(connection, query)
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            failed = _failed(connection, query, error) or mart
            raise NotReadableError(f"{failed} is not what this report reads ({_first_line(error)})") from None
    return Published(rows)


def _failed(connection: "duckdb.DuckDBPyConnection", query: str, error: Exception) -> str | None:
    """Which of the tables and views of a query it is that fails; none if the error does not tell."""
    import duckdb

    read = re.findall(r"(?:from|join) (\w+\.\w+)(?: as (\w+))?", query)
    for name, _ in read:
        try:
            connection.execute(f"select * from {name} limit 0")  # noqa: S608 - of QUERIES
        except duckdb.Error:
            return str(name)
    # All are there, so one lacks a column; DuckDB names it by its alias.
    by_alias = {alias or name.partition(".")[2]: name for name, alias in read}
    found = re.search(r'"(\w+)" does not have a column', str(error))
    return by_alias.get(found[1]) if found else None


def _rows(connection: "duckdb.DuckDBPyConnection", query: str) -> Rows:
    found = connection.execute(query)
    columns = [column[0] for column in found.description or []]
    return [dict(zip(columns, map(_plain, row), strict=True)) for row in found.fetchall()]


def _plain(value: object) -> object:
    """A value that JSON can carry; what is no figure is null."""
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
