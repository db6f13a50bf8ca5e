"""From the rows of the published file to what the page holds: charts with their data, and figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean, stdev
from textwrap import fill
from typing import Any

from report import charts
from report.charts import Spec
from report.layout import Row, Rows, short_names, symmetric_breaks, tree
from report.published import QUERIES, Published
from report.shapes import Shape
from report.texts import LANGUAGES, Words

INCOME, NOMINAL_INCOME, CHILDREN = "income_per_capita", "nominal_income_per_capita", "children_per_household"
# The correlations that stand beside each other: kind, variant, indicator, what is held fixed, and its text.
COMPARED = (
    ("correlation", "none", INCOME, "none", "income.row_article"),
    ("correlation_sensitivity", "nominal_income", NOMINAL_INCOME, "none", "income.row_nominal"),
    ("partial_correlation", "none", INCOME, CHILDREN, "income.row_partial"),
    ("correlation", "none", CHILDREN, "none", "income.row_children"),
)
# Features of a cluster: the column of bi.region, that of analysis.cluster_profile, the indicator, and the
# text that names it in charts.
FEATURES = (
    ("migration_balance_persons", "mean_migration_balance_persons", "migration_balance", "clusters.balance"),
    ("income_per_capita_kzt", "mean_income_per_capita_kzt", INCOME, "clusters.income"),
    ("children_per_household", "mean_children_per_household", CHILDREN, "clusters.children"),
    ("food_spend_per_capita_kzt", "mean_food_spend_per_capita_kzt", "food_spend_per_capita", "clusters.food"),
)
LINE = 42  # letters that a phone has room for
FORECAST = "analysis.forecast_external_balance"
# Parts of the file that have a row a region, or more, for a chart that names the regions.
OF_REGIONS = ("balance", "region", "region_indicator", "region_cluster", "region_specialty", "attractiveness")
QUOTIENTS = (0.33, 0.5, 0.8, 1.25, 2, 3)  # of location quotients; near 1 a region loses as the country does


@dataclass(frozen=True)
class Column:
    """A column of a chart's table: the key of its heading, its field, how its numbers are written."""

    label: str
    field: str
    format: str = ""


@dataclass(frozen=True)
class Variant:
    """What a switch of a chart can choose.

    Attributes:
        specs: a specification by language.
        fields: figures of its caption and notes.
        only: what its rows have in common.
        notes: keys of the texts that its caption has beside those of every variant.
    """

    specs: Mapping[str, Spec]
    fields: Mapping[str, Any] = field(default_factory=dict)
    only: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Chart:
    """A chart in all languages.

    Attributes:
        mart: where its figures come from, to be named when it has no rows.
        datasets: rows by name, the one named `table` among them, which is its table and its CSV.
        columns: of that table.
        variants: by the value of its switch; `only` where it has none, nothing where it has no rows.
        aspect: the most that its height may be of its width, if it has a shape to keep.
    """

    mart: str
    datasets: Mapping[str, Rows]
    table: str
    columns: Sequence[Column]
    variants: Mapping[str, Variant]
    aspect: float | None = None


@dataclass(frozen=True)
class Contents:
    """What the page holds.

    Attributes:
        charts: by the names of the figures.
        figures: numbers, days and labels that sentences name; without a figure null, or not there.
        readings: of the compared correlations, a sentence each by language.
        indicators: that can be chosen for the scatter plot, with their names.
        verdicts: of the claims, with names and how many statements have each.
        unmapped: region_code and names of the regions that have no outline.
        former: names, balance and the year of abolition, if any, of the regions that are not in bi.region.
        without: names of the parts of charts whose mart has no rows.
    """

    charts: Mapping[str, Chart]
    figures: Mapping[str, Any]
    readings: Sequence[Row]
    indicators: Sequence[Row]
    verdicts: Sequence[Row]
    unmapped: Sequence[Row]
    former: Sequence[Row]
    without: Sequence[str]


def make_contents(published: Published, words: Mapping[str, Words], shapes: Mapping[str, Shape]) -> Contents:
    """Makes all charts and figures.

    Args:
        published: the rows of the file.
        words: the texts by language.
        shapes: the outlines by region code.
    """
    published = _with_labels(published, words)
    compared = _compared(published["correlation"], words)
    made = {
        "balance_by_region": _balance(published, words),
        "income_correlation": _income(compared, words),
        "external_balance": _dynamics(published, words),
        "region_map": _map(published, words, shapes),
        "indicator_scatter": _scatter(published, words),
        "dendrogram": _dendrogram(published, words),
        "cluster_profile": _profile(published, words),
        "cluster_projection": _projection(published, words),
        "specialty_heatmap": _heatmap(published, words),
        "attractiveness": _attractiveness(published, words),
        "revision": _revision(published, words),
    }
    return Contents(
        charts=made,
        figures=_figures(published, compared),
        readings=[_labels(row, "reading") for row in compared if row.get("reading_en")],
        indicators=_indicators(published["region_indicator"]),
        verdicts=_verdicts(published["claim"]),
        unmapped=[
            {"region_code": row["region_code"]} | _labels(row)
            for row in published["region"]
            if row["region_code"] not in shapes
        ],
        former=_former(published),
        without=[] if not published["external_balance"] or _has_forecast(published) else ["forecast"],
    )


def _former(published: Published) -> Rows:
    present = {row["region_code"] for row in published["region"]}
    return [
        {"region": _labels(row), "persons": row["balance_persons"]}
        | {"year": int(row["valid_to"][:4]) if row["valid_to"] else None}
        for row in published["balance"]
        if present and row["region_code"] not in present
    ]


def _has_forecast(published: Published) -> bool:
    return any(row["kind"] == "forecast" for row in published["external_balance"])


def _labels(row: Row, stem: str = "name") -> Row:
    """The labels of a row by language; English where a language has none, the code where there is no name."""
    english = row.get(f"{stem}_en") or row.get(stem) or ""
    return {language: row.get(f"{stem}_{language}") or english for language in LANGUAGES}


def _spread(stem: str, labels: Row) -> Row:
    """Labels by language as fields of a row."""
    return {f"{stem}_{language}": labels[language] for language in LANGUAGES}


def _with_labels(published: Published, words: Mapping[str, Words]) -> Published:
    """The rows with `label_en` and so on, the names of the regions as charts write them."""
    names = {row["region_code"]: _labels(row) for part in OF_REGIONS for row in published[part]}
    labels: dict[str, Row] = {code: {} for code in names}
    for language, said in words.items():
        short = short_names([name[language] for name in names.values()], said("chart.kinds_of_regions"))
        for code, label in zip(names, short, strict=True):
            labels[code][f"label_{language}"] = label
    of_regions = {part: [row | labels[row["region_code"]] for row in published[part]] for part in OF_REGIONS}
    return Published({**published.rows, **of_regions})


def _only(
    draw: Callable[[Words], Spec],
    words: Mapping[str, Words],
    rows: Rows,
    *,
    notes: Sequence[str] = (),
    **fields: Any,
) -> dict[str, Variant]:
    if not rows:
        return {}
    specs = {language: draw(said) for language, said in words.items()}
    return {"only": Variant(specs, fields, notes=notes)}


def _balance(published: Published, words: Mapping[str, Words]) -> Chart:
    rows = [row | {"sign": "loss" if row["balance_persons"] < 0 else "gain"} for row in published["balance"]]
    return Chart(
        QUERIES["balance"][0],
        {"balance_by_region": rows},
        "balance_by_region",
        [
            Column("chart.region", "name_{lang}"),
            Column("chart.persons", "balance_persons", "0"),
            Column("chart.per_1000", "balance_per_1000", "1"),
            Column("chart.role", "role_{lang}"),
        ],
        _only(lambda said: charts.balance_by_region(said, rows), words, rows),
    )


def _compared(correlations: Rows, words: Mapping[str, Words]) -> Rows:
    """The correlations of COMPARED that the file has, each with its words."""
    keys = ("kind", "variant", "indicator_code", "held_fixed")
    found = {tuple(row[key] for key in keys): row for row in correlations}
    return [
        found[key] | {"row": number, **_spread("label", {lang: said(text) for lang, said in words.items()})}
        for number, (*parts, text) in enumerate(COMPARED)
        if (key := tuple(parts)) in found
    ]


def _income(rows: Rows, words: Mapping[str, Words]) -> Chart:
    return Chart(
        QUERIES["correlation"][0],
        {"income_correlation": rows},
        "income_correlation",
        [
            Column("chart.balance_with", "label_{lang}"),
            Column("chart.r", "r", "2"),
            Column("chart.low", "ci_low", "2"),
            Column("chart.high", "ci_high", "2"),
            Column("chart.p", "p_value", "p_alone"),
            Column("chart.n", "n", "0"),
        ],
        _only(lambda said: charts.income_correlation(said, rows), words, rows),
    )


def _dynamics(published: Published, words: Mapping[str, Words]) -> Chart:
    rows = published["external_balance"]
    last = max((row["year"] for row in rows if row["kind"] == "published"), default=None)
    rows = [row | {"is_last": row["year"] == last} for row in rows]
    notes = ["dynamics.forecast_note" if _has_forecast(published) else "dynamics.no_forecast"]
    if any(row["is_change_point"] for row in rows):
        notes.append("dynamics.breaks_note")
    notes.append("dynamics.sum_note")
    return Chart(
        QUERIES["external_balance"][0],
        {"external_balance": rows},
        "external_balance",
        [
            Column("chart.year", "year", "year"),
            Column("chart.kind", "kind_{lang}"),
            Column("chart.annual", "balance_persons", "0"),
            Column("chart.cumulative", "cumulative_persons", "0"),
            Column("chart.forecast", "forecast_persons", "0"),
            Column("chart.low_80", "low_80", "0"),
            Column("chart.high_80", "high_80", "0"),
            Column("chart.low_95", "low_95", "0"),
            Column("chart.high_95", "high_95", "0"),
            Column("chart.is_break", "is_change_point"),
            Column("chart.break_low", "change_year_low", "year"),
            Column("chart.break_high", "change_year_high", "year"),
        ],
        _only(
            lambda said: charts.external_balance(said, rows), words, rows, notes=notes, forecast_mart=FORECAST
        ),
    )


def _steps(values: Sequence[float], breaks: Sequence[float]) -> list[int]:
    """The classes that have a value, as charts number them."""
    return sorted({sum(value >= one for one in breaks) for value in values})


def _map(published: Published, words: Mapping[str, Words], shapes: Mapping[str, Shape]) -> Chart:
    rows = [
        {key: row[key] for key in ("region_code", "balance_per_1000")}
        | _spread("name", _labels(row))
        | _spread("label", _labels(row, "label"))
        | {"balance_persons": row["migration_balance_persons"], "is_city": row["region_kind"] == "city"}
        | {"longitude": shape.longitude if shape else None, "latitude": shape.latitude if shape else None}
        for row in published["region"]
        for shape in [shapes.get(row["region_code"])]
    ]
    outlines = [shapes[row["region_code"]].feature for row in rows if row["longitude"] is not None]
    variants = {}
    for measure, column in (("persons", "balance_persons"), ("per_1000", "balance_per_1000")):
        values = [row[column] for row in rows if row[column] is not None]
        breaks = symmetric_breaks(values)
        steps = _steps(values, breaks)
        specs = {lang: charts.region_map(said, column, breaks, steps) for lang, said in words.items()}
        variants[measure] = Variant(specs)
    return Chart(
        QUERIES["region"][0],
        {"regions": rows, "shapes": outlines},
        "regions",
        [
            Column("chart.region", "name_{lang}"),
            Column("chart.persons", "balance_persons", "0"),
            Column("chart.per_1000", "balance_per_1000", "1"),
        ],
        variants if outlines else {},
        aspect=0.62,
    )


def _indicators(rows: Rows) -> Rows:
    """The indicators of the scatter plot; first the article's income and the one to hold against it."""
    names = {row["indicator_code"]: _labels(row, "indicator") for row in rows}
    first = [code for code in (INCOME, NOMINAL_INCOME, CHILDREN) if code in names]
    return [
        {"code": code, "names": names[code]} for code in [*first, *(one for one in names if one not in first)]
    ]


def _scatter(published: Published, words: Mapping[str, Words]) -> Chart:
    plain = {
        row["indicator_code"]: row
        for row in sorted(published["correlation"], key=lambda row: row["kind"] == "correlation")
        if row["held_fixed"] == "none" and row["variant"] in ("none", "nominal_income")
    }
    rows: Rows = []
    variants: dict[str, Variant] = {}
    for indicator in _indicators(published["region_indicator"]):
        code = indicator["code"]
        of_one = [row for row in published["region_indicator"] if row["indicator_code"] == code]
        of_one = [row for row in of_one if row["migration_balance_persons"] is not None]
        if not of_one:
            continue
        rows += of_one
        found = plain.get(code, {})
        fields = {name: found.get(name) for name in ("n", "r", "p_value", "ci_low", "ci_high")}
        fit = [row for row in published["indicator_fit"] if row["indicator_code"] == code]
        extent = charts.extent_of(
            [row["indicator_value"] for row in (*of_one, *fit)],
            [
                *(row["migration_balance_persons"] for row in of_one),
                *(row[end] for row in fit for end in ("ci_low", "ci_high")),
                0,
            ],
        )
        variants[code] = Variant(
            {
                lang: charts.indicator_scatter(said, of_one[0], extent, fitted=bool(fit))
                for lang, said in words.items()
            },
            fields | {"indicator": indicator["names"]},
            {"indicator_code": code},
        )
    return Chart(
        QUERIES["region_indicator"][0],
        {"indicator_scatter": rows, "fit": published["indicator_fit"]},
        "indicator_scatter",
        [
            Column("chart.region", "name_{lang}"),
            Column("chart.indicator", "indicator_{lang}"),
            Column("chart.value", "indicator_value", "figure"),
            Column("chart.unit", "unit_{lang}"),
            Column("chart.persons", "migration_balance_persons", "0"),
        ],
        variants,
    )


def _cluster_names(published: Published, said: Words) -> list[str]:
    return [row[said.of("name")] for row in published["cluster_profile"]]


def _cut(merges: Rows, clusters: int) -> float | None:
    """The height between the merge that leaves so many clusters and the next one."""
    heights = sorted(merge["height"] for merge in merges)
    if not 1 < clusters <= len(heights):
        return None
    return float(heights[-clusters] + heights[-clusters + 1]) / 2


def _dendrogram(published: Published, words: Mapping[str, Words]) -> Chart:
    merges, clusters = published["cluster_merge"], published["region_cluster"]
    of_region = {row["region_code"]: row for row in clusters}
    drawn = tree(merges) if merges and clusters else None
    leaves = [
        leaf
        | {"height": 0, "region_code": leaf["code"]}
        | _spread("name", _labels(of_region[leaf["code"]]))
        | _spread("label", _labels(of_region[leaf["code"]], "label"))
        | _spread("cluster", _labels(of_region[leaf["code"]], "cluster"))
        for leaf in (drawn.leaves if drawn else [])
    ]
    cut = _cut(merges, len(published["cluster_profile"]))
    return Chart(
        QUERIES["cluster_merge"][0],
        {"dendrogram": leaves, "links": drawn.lines if drawn else []},
        "dendrogram",
        [Column("chart.region", "name_{lang}"), Column("chart.cluster", "cluster_{lang}")],
        _only(
            lambda said: charts.dendrogram(said, leaves, _cluster_names(published, said), cut), words, leaves
        ),
    )


def _profile(published: Published, words: Mapping[str, Words]) -> Chart:
    names = {row["indicator_code"]: _labels(row) for row in published["indicator"]}
    rows: Rows = []
    for column, averaged, indicator, text in FEATURES:
        known = [row[column] for row in published["region"] if row[column] is not None]
        if len(known) < 2 or not stdev(known) or indicator not in names:
            continue
        rows += [
            {"cluster_id": profile["cluster_id"], "size": profile["size"], "mean": profile[averaged]}
            | {"deviation": (profile[averaged] - mean(known)) / stdev(known)}
            | _spread("cluster", _labels(profile))
            | _spread("feature", names[indicator])
            | _spread("label", {lang: said(text) for lang, said in words.items()})
            for profile in published["cluster_profile"]
            if profile[averaged] is not None
        ]
    return Chart(
        QUERIES["cluster_profile"][0],
        {"cluster_profile": rows},
        "cluster_profile",
        [
            Column("chart.cluster", "cluster_{lang}"),
            Column("chart.regions", "size", "0"),
            Column("chart.feature", "feature_{lang}"),
            Column("chart.mean", "mean", "figure"),
            Column("chart.deviation", "deviation", "2"),
        ],
        _only(lambda said: charts.cluster_profile(said, rows, _cluster_names(published, said)), words, rows),
    )


def _projection(published: Published, words: Mapping[str, Words]) -> Chart:
    clusters = [row for row in published["region_cluster"] if row["axis_1"] is not None]
    names = {row["indicator_code"]: _labels(row) for row in published["indicator"]}
    features_of = {column: (indicator, text) for column, _, indicator, text in FEATURES}
    features = [
        {"axis_1": 2 * row["axis_1"], "axis_2": 2 * row["axis_2"]}
        | _spread("feature", names[indicator])
        | _spread("label", {lang: said(text) for lang, said in words.items()})
        for row in published["cluster_projection"]
        for indicator, text in [features_of.get(row["code"], (None, ""))]
        if row["kind"] == "feature" and indicator in names
    ]
    drawn = [*clusters, *features, {"axis_1": 0, "axis_2": 0}]
    extent = charts.extent_of([row["axis_1"] for row in drawn], [row["axis_2"] for row in drawn])
    shares: Row = {name: clusters[0][name] if clusters else None for name in ("share_1", "share_2")}
    return Chart(
        QUERIES["region_cluster"][0],
        {"cluster_projection": clusters, "features": features},
        "cluster_projection",
        [
            Column("chart.region", "name_{lang}"),
            Column("chart.cluster", "cluster_{lang}"),
            Column("chart.axis_1", "axis_1", "2"),
            Column("chart.axis_2", "axis_2", "2"),
        ],
        _only(
            lambda said: charts.cluster_projection(said, _cluster_names(published, said), extent),
            words,
            clusters,
            **shares,
        ),
    )


def _heatmap(published: Published, words: Mapping[str, Words]) -> Chart:
    rows, regions, specialties = published["region_specialty"], published["balance"], published["specialty"]
    persons = [row["balance_persons"] for row in rows if row["balance_persons"] is not None]
    losing = [row for row in rows if row["balance_persons"] is not None and row["balance_persons"] < 0]
    quotients = [row["location_quotient"] for row in losing if row["location_quotient"] is not None]
    drawn = {row["region_code"] for row in losing if row["location_quotient"] is not None}
    left_out = [row for row in regions if row["region_code"] not in drawn]
    names = {lang: ", ".join(row[f"label_{lang}"] for row in left_out) for lang in LANGUAGES}

    def draw(measure: str, breaks: Sequence[float], values: Sequence[float]) -> dict[str, Spec]:
        present = _steps(values, breaks)
        shown = [row for row in regions if measure != "location_quotient" or row["region_code"] in drawn]
        return {
            lang: charts.specialty_heatmap(said, shown, specialties, measure, breaks, present)
            for lang, said in words.items()
        }

    without = ["specialties.left_out"] if left_out else []
    variants = {
        "balance_persons": Variant(
            draw("balance_persons", symmetric_breaks(persons), persons), notes=["specialties.persons_note"]
        ),
        "location_quotient": Variant(
            draw("location_quotient", QUOTIENTS, quotients),
            {"left_out": names},
            notes=["specialties.quotient_note", *without],
        ),
    }
    return Chart(
        QUERIES["region_specialty"][0],
        {"specialty_heatmap": rows},
        "specialty_heatmap",
        [
            Column("chart.region", "name_{lang}"),
            Column("chart.specialty", "specialty_{lang}"),
            Column("chart.persons", "balance_persons", "0"),
            Column("chart.quotient", "location_quotient", "2"),
        ],
        variants if rows else {},
    )


def _attractiveness(published: Published, words: Mapping[str, Words]) -> Chart:
    rows = published["attractiveness"]
    return Chart(
        QUERIES["attractiveness"][0],
        {"attractiveness": rows},
        "attractiveness",
        [
            Column("chart.region", "name_{lang}"),
            Column("chart.rank", "rank", "0"),
            Column("chart.rank_low", "rank_low", "0"),
            Column("chart.rank_high", "rank_high", "0"),
            Column("chart.score", "score", "2"),
        ],
        _only(lambda said: charts.attractiveness(said, rows), words, rows),
    )


def _revision(published: Published, words: Mapping[str, Words]) -> Chart:
    rows = [
        row
        | {"change": row["revision"] / abs(row["first_value"]) if row["first_value"] else None}
        | {"period": _period(row["period_start"], row["period_end"])}
        | _spread("lines", {lang: fill(_labels(row, "indicator")[lang], LINE) for lang in LANGUAGES})
        for row in published["revision"]
        if row["revision"]
    ]
    return Chart(
        QUERIES["revision"][0],
        {"revision": rows},
        "revision",
        [
            Column("chart.indicator", "indicator_{lang}"),
            Column("chart.region", "name_{lang}"),
            Column("chart.period", "period", "period"),
            Column("chart.first_value", "first_value", "figure"),
            Column("chart.later_value", "later_value", "figure"),
            Column("chart.change", "change", "%3"),
        ],
        _only(lambda said: charts.revision(said, rows), words, rows),
    )


def _period(start: str, end: str) -> str:
    """A calendar year by its number, other periods by their first day."""
    whole_year = start[4:] == end[4:] == "-01-01" and int(end[:4]) == int(start[:4]) + 1
    return start[:4] if whole_year else start


def statement_of(claim: Row) -> str:
    """What the claims have in common that say the same in other places; a file may lack it."""
    return str(claim.get("statement_id") or claim["claim_id"])


def _verdicts(claims: Rows) -> Rows:
    order = {row["verdict"]: row.get("verdict_sort_order") or 0 for row in claims}
    names = {row["verdict"]: _spread("name", _labels(row, "verdict")) for row in claims}
    said = {(row["verdict"], statement_of(row)) for row in claims}
    return [
        {"verdict": verdict, "count": sum(one == verdict for one, _ in said), **names[verdict]}
        for verdict in sorted(order, key=lambda one: (order[one], one))
    ]


def _figures(published: Published, compared: Rows) -> Row:
    """The figures that sentences name; what a mart without rows would give is not there."""
    found: Row = {}
    for part in (_of_balance, _of_claims, _of_dynamics, _of_clusters, _of_rest):
        found |= part(published)
    by_row = {row["row"]: row for row in compared}
    for name, number in (("article", 0), ("nominal", 1), ("partial", 2), ("children", 3)):
        if number in by_row:
            keys = ("r", "ci_low", "ci_high", "p_value", "n")
            found |= {f"{name}_{key}": by_row[number][key] for key in keys}
    return found


def _of_balance(published: Published) -> Row:
    rows, regions, specialties = published["balance"], published["region"], published["specialty"]
    if not rows:
        return {}
    losses = [-row["balance_persons"] for row in rows if row["balance_persons"] < 0]
    found: Row = {
        "total": sum(row["balance_persons"] for row in rows),
        "first_year": int(rows[0]["period_start"][:4]),
        "last_year": int(rows[0]["period_end"][:4]) - 1,
        "regions": len(rows),
        "losing": len(losses),
        "top_share": sum(losses[:4]) / sum(losses) if losses else None,
        "gain": rows[-1]["balance_persons"],
        "gain_name": _labels(rows[-1]),
        "gain_until": int(rows[-1]["valid_to"][:4]) if rows[-1]["valid_to"] else None,
    }
    for number, row in enumerate(rows[:4], start=1):
        found |= {f"loss_{number}": row["balance_persons"], f"loss_{number}_name": _labels(row)}
    rated = [row for row in regions if row["balance_per_1000"] is not None]
    if rated:
        worst = min(rated, key=lambda row: (row["balance_per_1000"], row["region_code"]))
        found |= {"rate": worst["balance_per_1000"], "rate_name": _labels(worst)}
    found["present"] = len(regions)
    found["reference_year"] = regions[0]["reference_year"] if regions else None
    for role in ("donor", "near_zero", "recipient"):
        found[role] = sum(row["role"] == role for row in regions) if regions else None
    if specialties:
        first = specialties[0]
        found |= {"specialty": first["balance_persons"], "specialty_name": _labels(first)}
        found |= {"specialty_share": first["share_of_losses"]}
    return found


def _of_claims(published: Published) -> Row:
    counts = {row["verdict"]: row["count"] for row in _verdicts(published["claim"])}
    found: Row = {name: counts.get(name, 0) for name in ("contradicted", "ambiguous", "not_checkable")}
    found["confirmed"] = counts.get("confirmed", 0) + counts.get("confirmed_rounded", 0)
    return found | {"statements": sum(counts.values())}


def _of_dynamics(published: Published) -> Row:
    rows = published["external_balance"]
    known = [row for row in rows if row["kind"] == "published"]
    found: Row = {}
    if known:
        worst, best = (pick(known, key=lambda row: row["balance_persons"]) for pick in (min, max))
        found = {
            "all_ages": known[-1]["cumulative_persons"],
            "all_first_year": known[0]["year"],
            "all_last_year": known[-1]["year"],
            "latest": known[-1]["balance_persons"],
            "worst": worst["balance_persons"],
            "worst_year": worst["year"],
            "best": best["balance_persons"],
            "best_year": best["year"],
        }
    breaks = [row for row in known if row["is_change_point"]]
    spans = [
        f"{row['year']} [{row['change_year_low']}\u2013{row['change_year_high']}]"
        if row["change_year_low"] != row["change_year_high"]
        else str(row["year"])
        for row in breaks
    ]
    found |= {"breaks": ", ".join(spans) or None}
    ahead = [row for row in rows if row["kind"] == "forecast"]
    if ahead:
        keys = ("forecast_persons", "low_80", "high_80", "low_95", "high_95")
        found |= {f"next_{key}": ahead[0][key] for key in keys} | {"next_year": ahead[0]["year"]}
    return found


def _of_clusters(published: Published) -> Row:
    profiles = published["cluster_profile"]
    if not profiles:
        return {}
    keys = ("silhouette", "ari_vs_role", "best_k_by_bic")
    return {"clusters": len(profiles)} | {key: profiles[0][key] for key in keys}


def _of_rest(published: Published) -> Row:
    about, ranks = published.about, published["attractiveness"]
    revised = [row for row in published["revision"] if row["revision"]]
    found: Row = {
        "version": about["version_id"],
        "built": about["built_at"],
        "known": about["latest_release_known_from"],
        "releases": about["release_count"],
        "cite": _labels(about, "how_to_cite"),
        "data_terms": _labels(about, "data_terms"),
        "again": len(published["revision"]),
        "revised": len(revised),
    }
    if ranks:
        found |= {"first_name": _labels(ranks[0]), "last_name": _labels(ranks[-1])}
        found |= {"first_low": ranks[0]["rank_low"], "first_high": ranks[0]["rank_high"]}
        widths = sorted(row["rank_high"] - row["rank_low"] + 1 for row in ranks)
        found |= {"rank_width": widths[len(widths) // 2], "ranked": len(ranks)}
    if latest := latest_releases(published):
        found["last_day"] = latest[0]["published_on"]
        for what in ("new", "revised"):
            counts = [row[f"rows_{what}"] for row in latest if row[f"rows_{what}"] is not None]
            found[f"last_{what}"] = sum(counts) if counts else None
    return found


def latest_releases(published: Published) -> Rows:
    """The releases of the latest day, of those that stand: there may be several, and none is the last one."""
    standing = [row for row in published["release"] if row["withdrawn_on"] is None]
    return [row for row in standing if row["published_on"] == standing[0]["published_on"]]
