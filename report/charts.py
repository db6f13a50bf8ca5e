"""The charts as Vega-Lite, described by Altair: one function a chart.

Each takes the words of a language, and rows only where a scale or an order hangs on them, and returns a
specification whose data are named: the page adds them, once for all languages. Colours are names of the
palette.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import altair as alt

from report.layout import Row, Rows
from report.palette import CLUSTERS, STEPS, named
from report.texts import Words

Spec = dict[str, Any]


class Extent(NamedTuple):
    """The least and the largest value on each axis of a plot."""

    x: list[float]
    y: list[float]


def extent_of(x: Iterable[float], y: Iterable[float]) -> Extent:
    """The extent of points; one value at least on each axis."""
    return Extent(*([min(axis), max(axis)] for axis in (list(x), list(y))))


FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
NARROW = "narrow"  # a parameter that the page sets: the chart has the width of a phone
LOSS, GAIN, INK, MUTED, PAPER = map(named, ("loss", "gain", "ink", "muted", "paper"))
SIGN = alt.Scale(domain=["loss", "gain"], range=[LOSS, GAIN])
# A text is drawn twice: first with the paper's colour around it, then itself.
NO_STYLE: Spec = {}
HALO: Sequence[Spec] = ({"stroke": PAPER, "strokeWidth": 3.5, "strokeJoin": "round"}, NO_STYLE)
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]

SLANT, LETTER, COLUMN = 40, 7.2, 48.0  # of a heat map: angle of a head, px of its letters and of a column
AUTOSIZE = {"type": "fit-x", "contains": "padding"}

# Of all charts; the page hands it to Vega-Embed.
CONFIG: Spec = {
    "aria": False,  # the figure itself is an image with a name, and a table stands beside it
    "background": "transparent",
    "font": FONT,
    "padding": 4,
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "gridColor": named("line"),
        "domainColor": named("edge"),
        "tickColor": named("edge"),
        "labelLimit": 230,
        "titleLimit": 420,
    },
    "legend": {
        "labelColor": INK,
        "titleColor": MUTED,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "labelLimit": 320,
        "titleLimit": 420,
    },
    "title": {"color": INK, "subtitleColor": MUTED, "fontSize": 16, "subtitleFontSize": 12},
    "text": {"fill": INK, "fontSize": 12},
}


def _chart(data: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(name=data))


def _spec(chart: alt.TopLevelMixin) -> Spec:
    """The specification alone: without the settings of Altair, in place of which CONFIG stands."""
    spec: Spec = chart.to_dict()
    kept = {name: value for name, value in spec.items() if name not in ("config", "$schema")}
    kept["params"] = [{"name": NARROW, "value": False}]
    return kept | ({"autosize": AUTOSIZE} if kept.get("width") == "container" else {})


def _tips(*fields: tuple[str, str, str]) -> list[alt.Tooltip]:
    """Tooltips of (field with its type, title, format)."""
    return [
        alt.Tooltip(field, title=title, format=form) if form else alt.Tooltip(field, title=title)
        for field, title, form in fields
    ]


def _when_narrow(narrow: float, wide: float) -> alt.ExprRef:
    return alt.ExprRef(f"{NARROW} ? {narrow} : {wide}")


def _names(words: Words, rows: Rows) -> alt.Y:
    """Regions from top to bottom in the order of the rows."""
    label = words.of("label")
    order = list(dict.fromkeys(row[label] for row in rows))
    small = _when_narrow(10, 12)
    axis = alt.Axis(
        title=None, ticks=False, domain=False, labelColor=INK, labelPadding=8, labelFontSize=small
    )
    return alt.Y(f"{label}:N", sort=order, axis=axis)


def balance_by_region(words: Words, rows: Rows) -> Spec:
    """Bars of the balance by region, in persons, from the largest loss to the largest gain."""
    value = alt.X("balance_persons:Q", axis=None, scale=alt.Scale(padding=_when_narrow(62, 64), nice=False))
    base = _chart("balance_by_region").encode(
        y=_names(words, rows),
        tooltip=_tips(
            (f"{words.of('name')}:N", words("chart.region"), ""),
            ("balance_persons:Q", words("chart.persons"), ",d"),
            ("balance_per_1000:Q", words("chart.per_1000"), ",.1f"),
        ),
    )
    bars = base.mark_bar(height={"band": 0.72}).encode(
        x=value, color=alt.Color("sign:N", scale=SIGN, legend=None)
    )
    losses = base.mark_text(align="right", dx=-5).encode(
        x=value, text=alt.Text("balance_persons:Q", format=",d")
    )
    gains = base.mark_text(align="left", dx=5).encode(
        x=value, text=alt.Text("balance_persons:Q", format="+,d")
    )
    zero = (
        _chart("balance_by_region")
        .mark_rule(color=named("edge"))
        .encode(x=alt.XDatum(0, type="quantitative", axis=None))
    )
    layers = [
        bars,
        zero,
        losses.transform_filter("datum.balance_persons < 0"),
        gains.transform_filter("datum.balance_persons >= 0"),
    ]
    return _spec(alt.layer(*layers).properties(width="container", height=24 * len(rows)))


def income_correlation(words: Words, rows: Rows) -> Spec:
    """Coefficients with their 95 % intervals, a line each, between -1 and 1; its words stand above each."""
    order = [row["row"] for row in rows]
    y = alt.Y("row:N", sort=order, axis=None, scale=alt.Scale(paddingOuter=0.3))
    axis = alt.Axis(title=words("chart.r"), values=[-1, -0.5, 0, 0.5, 1], format=".1f")
    x = alt.X("r:Q", scale=alt.Scale(domain=[-1, 1]), axis=axis)
    base = _chart("income_correlation").encode(y=y)
    left = alt.datum(-1, type="quantitative")
    zero = (
        _chart("income_correlation")
        .mark_rule(color=named("edge"))
        .encode(x=alt.datum(0, type="quantitative"))
    )
    interval = base.mark_rule(strokeWidth=2, color=named("accent")).encode(
        x=alt.X("ci_low:Q"), x2="ci_high:Q"
    )
    tips = _tips(("r:Q", "r", "+.2f"), ("ci_low:Q", "95 %: ≥", "+.2f"), ("ci_high:Q", "95 %: ≤", "+.2f"))
    point = base.mark_point(size=90, filled=True, opacity=1, color=named("accent")).encode(x=x, tooltip=tips)
    figures = (
        "'r = ' + format(datum.r, '.2f') + '  [' + format(datum.ci_low, '.2f') + '; ' "
        "+ format(datum.ci_high, '.2f') + ']  n = ' + datum.n"
    )
    words_above = base.encode(x=left, text=f"{words.of('label')}:N")
    numbers_below = base.transform_calculate(numbers=figures).encode(x=left, text="numbers:N")
    styles: list[tuple[alt.Chart, dict[str, Any]]] = [
        (words_above, {"dy": -24, "fontSize": _when_narrow(12, 13), "limit": {"expr": "width"}}),
        (numbers_below, {"dy": 14, "color": MUTED}),
    ]
    texts = [chart.mark_text(align="left", **style, **halo) for chart, style in styles for halo in HALO]
    chart = alt.layer(zero, interval, point, *texts)
    return _spec(chart.properties(width="container", height=72 * len(rows)))


def external_balance(words: Words, rows: Rows) -> Spec:
    """Annual bars with the forecast as a fan and the breaks of the trend, above the running sum."""
    years = [row["year"] for row in rows]
    scale = alt.Scale(domain=[min(years) - 0.7, max(years) + 0.7], nice=False)
    ticks = [year for year in range(min(years), max(years) + 1) if year % 5 == 0]
    calendar = alt.Axis(title=None, format="d", values=ticks, grid=False)
    x = alt.X("year:Q", scale=scale, axis=calendar)
    zero = alt.datum(0, type="quantitative")
    rule = _chart("external_balance").mark_rule(color=named("edge")).encode(y=zero)
    base = _chart("external_balance")
    axis = alt.Axis(
        title=words("chart.annual"), titleAnchor="start", titleAngle=0, titleAlign="left", titleY=-12
    )
    axis.tickCount, axis.format = 5, ",d"

    breaks = base.transform_filter("datum.is_change_point").encode(x=x)
    ranges = breaks.mark_rect(color=named("wash")).encode(
        x=alt.X("change_year_low:Q", scale=scale), x2="change_year_high:Q"
    )
    lines = breaks.mark_rule(strokeDash=[4, 3], color=MUTED)
    years_of_breaks = [
        breaks.mark_text(align="left", dx=4, dy=8, baseline="top", color=MUTED, **halo).encode(
            y=alt.value(0), text="year:N"
        )
        for halo in HALO
    ]
    bars = (
        base.transform_filter("datum.kind == 'published'")
        .transform_calculate(
            start="datum.year - 0.38",
            end="datum.year + 0.38",
            sign="datum.balance_persons < 0 ? 'loss' : 'gain'",
        )
        .mark_rect()
        .encode(
            x=alt.X("start:Q", scale=scale, axis=calendar),
            x2="end:Q",
            y=alt.Y("balance_persons:Q", axis=axis),
            y2=zero,
            color=alt.Color("sign:N", scale=SIGN, legend=None),
            tooltip=_tips(
                ("year:Q", words("chart.year"), "d"), ("balance_persons:Q", words("chart.annual"), ",d")
            ),
        )
    )
    forecast = base.transform_filter("datum.kind == 'forecast'").encode(
        x=x,
        tooltip=_tips(
            ("year:Q", words("chart.year"), "d"),
            ("forecast_persons:Q", words("chart.forecast"), ",d"),
            ("low_80:Q", "80 %: ≥", ",d"),
            ("high_80:Q", "80 %: ≤", ",d"),
            ("low_95:Q", "95 %: ≥", ",d"),
            ("high_95:Q", "95 %: ≤", ",d"),
        ),
    )
    fan = [
        forecast.mark_area(opacity=opacity, color=MUTED).encode(
            y=alt.Y(f"low_{level}:Q"), y2=f"high_{level}:Q"
        )
        for level, opacity in (("95", 0.22), ("80", 0.32))
    ]
    middle = forecast.mark_line(
        color=INK, strokeDash=[5, 3], point={"color": INK, "size": 22, "filled": True}
    ).encode(y="forecast_persons:Q")
    layers = [bars, rule]
    if any(row["kind"] == "forecast" for row in rows):  # else its scale would have no end
        layers = [bars, *fan, middle, rule]
    if any(row["is_change_point"] for row in rows):
        layers = [ranges, *layers, lines, *years_of_breaks]
    annual = alt.layer(*layers).properties(width=640, height=270)

    running = base.transform_filter("datum.cumulative_persons != null")
    total = alt.Axis(
        title=words("chart.cumulative"), titleAnchor="start", titleAngle=0, titleAlign="left", titleY=-12
    )
    total.tickCount, total.format = 4, ",d"
    sums = [row["cumulative_persons"] for row in rows if row["cumulative_persons"] is not None] or [0]
    edge, beyond = _clear_of(sums)
    margin = 0.2 * (max(*sums, 0) - min(*sums, 0))
    around = [min(*sums, 0) - margin * (beyond > 0), max(*sums, 0) + margin * (beyond < 0)]
    line = running.mark_line(color=named("accent"), strokeWidth=2.5).encode(
        x=x,
        y=alt.Y("cumulative_persons:Q", axis=total, scale=alt.Scale(domain=around, nice=False)),
        tooltip=_tips(
            ("year:Q", words("chart.year"), "d"), ("cumulative_persons:Q", words("chart.cumulative"), ",d")
        ),
    )
    last = (
        running.transform_filter("datum.is_last")
        .mark_text(align="right", dy=beyond, fontWeight="bold", color=named("accent"))
        .encode(
            x=x,
            y=alt.datum(edge, type="quantitative"),
            text=alt.Text("cumulative_persons:Q", format=",d"),
        )
    )
    end = running.transform_filter("datum.is_last").mark_point(
        filled=True, color=named("accent"), opacity=1, size=45
    )
    cumulative = alt.layer(rule, line, end.encode(x=x, y="cumulative_persons:Q"), last)
    return _spec(alt.vconcat(annual, cumulative.properties(width=640, height=150), spacing=34))


def _clear_of(values: Sequence[float]) -> tuple[float, int]:
    """Where a figure at the end of a line meets none of its last points: a height, and px down from there."""
    recent, last = values[-8:], values[-1]  # as far as the figure reaches on a phone
    if max(recent) - last < last - min(recent):
        return max(recent), -14
    return min(recent), 14


def _class_of(measure: str, breaks: Sequence[float]) -> str:
    """The expression for the class of a value, from 0: how many breaks it has reached."""
    return " + ".join(f"(datum.{measure} >= {one:g} ? 1 : 0)" for one in breaks)


def _class_colour(colours: Sequence[str], legend: alt.Legend | None) -> alt.Color:
    scale = alt.Scale(domain=list(range(len(colours))), range=list(colours))
    return alt.Color("step:O", scale=scale, legend=legend)


def _legend(title: str, breaks: Sequence[float], form: str, present: Sequence[int]) -> alt.Legend:
    """The ranges of the classes that are present in words, with numbers as the language writes them.

    Vega-Lite draws a threshold scale as a gradient only, on which the breaks near zero cover each other.
    """
    ends = [f"format({one:g}, '{form}')" for one in breaks]
    inner = [f"{low} + ' … ' + {high}" for low, high in pairwise(ends)]
    labels = [f"'< ' + {ends[0]}", *inner, f"'≥ ' + {ends[-1]}"]
    expression = f"[{', '.join(labels)}][datum.value]"
    return alt.Legend(
        title=title,
        values=list(present),
        orient="bottom",
        columns=_when_narrow(2, 4),
        symbolType="square",
        symbolSize=160,
        labelExpr=expression,
    )


def region_map(words: Words, measure: str, breaks: Sequence[float], present: Sequence[int]) -> Spec:
    """The regions coloured by their balance: measure is balance_persons or balance_per_1000.

    present: the classes that have a region.
    """
    form = ",d" if measure == "balance_persons" else ",.1f"
    title = words("chart.persons" if measure == "balance_persons" else "chart.per_1000")
    colours = [named(step) for step in STEPS]
    color = _class_colour(colours, _legend(title, breaks, form, present))
    found = alt.LookupData(
        data=alt.NamedData(name="regions"),
        key="region_code",
        fields=["balance_persons", "balance_per_1000", words.of("name")],
    )
    tips = _tips(
        (f"{words.of('name')}:N", words("chart.region"), ""),
        ("balance_persons:Q", words("chart.persons"), ",d"),
        ("balance_per_1000:Q", words("chart.per_1000"), ",.1f"),
    )
    areas = (
        _chart("shapes")
        .transform_lookup(lookup="region_code", from_=found)
        .transform_calculate(step=_class_of(measure, breaks))
        .mark_geoshape(stroke=PAPER, strokeWidth=1)
        .encode(color=color, tooltip=tips)
    )
    # Regions have no mark of their own where their label stands; towns have their circle.
    place = _chart("regions").encode(longitude="longitude:Q", latitude="latitude:Q")
    middles = (
        place.transform_filter("!datum.is_city && datum.longitude != null")
        .mark_circle(size=1, opacity=0)
        .properties(name="areas")
    )
    towns = (
        place.transform_filter("datum.is_city && datum.longitude != null")
        .transform_calculate(step=_class_of(measure, breaks))
        .mark_circle(size=_when_narrow(80, 150), stroke=INK, strokeWidth=1.2, opacity=1)
        .encode(color=color, tooltip=tips)
        .properties(name="points")
    )
    chart = alt.layer(areas, middles, towns, *_labels())
    projected = chart.project(type="conicEqualArea", rotate=[-67, 0, 0], parallels=[43, 53])
    return _spec(projected.properties(width="container", height=470))


def _labels() -> list[alt.Chart]:
    """The labels for which the page finds room in a plot that is drawn (assets/labels.js), in px of the plot.

    Each has the colour of the paper around it, since a line or an area may be below.
    """
    base = _chart("labels")
    left, top = alt.X("from_x:Q", scale=None), alt.Y("from_y:Q", scale=None)
    leaders = (
        base.transform_filter("datum.has_leader")
        .mark_rule(color=named("edge"), strokeWidth=1)
        .encode(x=left, y=top, x2="to_x:Q", y2="to_y:Q")
    )
    style: Spec = {
        "align": "center",
        "baseline": "top",
        "fontSize": {"expr": "datum.size"},
        "lineHeight": {"expr": "datum.size + 1"},
        "fontStyle": {"expr": "datum.is_arrow ? 'italic' : 'normal'"},
    }
    texts = base.transform_calculate(middle="datum.x + datum.width / 2").encode(
        x=alt.X("middle:Q", scale=None), y=alt.Y("y:Q", scale=None), text="text:N"
    )
    return [leaders, *(texts.mark_text(**style, **halo) for halo in HALO)]


def indicator_scatter(words: Words, indicator: Row, extent: Extent, *, fitted: bool) -> Spec:
    """The balance over an indicator with the names of the regions; if it is fitted, the line in its band."""
    code, label = indicator["indicator_code"], indicator[words.of("indicator")]
    only = f"datum.indicator_code == '{code}'"
    # The caption names the indicator.
    axis = alt.Axis(title=indicator[words.of("unit")], format=",~r", tickCount=_when_narrow(3, 6), grid=False)
    x = alt.X("indicator_value:Q", axis=axis, scale=alt.Scale(domain=extent.x, padding=24, nice=False))
    vertical = alt.Axis(
        title=words("chart.balance_persons"), titleAnchor="start", titleAngle=0, titleAlign="left", titleY=-12
    )
    vertical.format, vertical.tickCount = ",d", 6
    y = alt.Y(
        "migration_balance_persons:Q", axis=vertical, scale=alt.Scale(domain=extent.y, padding=18, nice=False)
    )
    fit = _chart("fit").transform_filter(only)
    band = fit.mark_area(color=named("accent"), opacity=0.14).encode(x=x, y=alt.Y("ci_low:Q"), y2="ci_high:Q")
    line = fit.mark_line(color=named("accent"), strokeWidth=2).encode(x=x, y="fitted:Q")
    zero = (
        _chart("indicator_scatter").mark_rule(color=named("edge")).encode(y=alt.datum(0, type="quantitative"))
    )
    points = (
        _chart("indicator_scatter")
        .transform_filter(only)
        .mark_circle(size=58, color=named("accent"), opacity=1)
        .encode(
            x=x,
            y=y,
            tooltip=_tips(
                (f"{words.of('name')}:N", words("chart.region"), ""),
                ("indicator_value:Q", label, ",~r"),
                ("migration_balance_persons:Q", words("chart.persons"), ",d"),
            ),
        )
        .properties(name="points")
    )
    fits = [band, line] if fitted else []
    return _spec(alt.layer(zero, *fits, points, *_labels()).properties(width="container", height=440))


def _cluster(words: Words, names: Sequence[str], legend: alt.Legend | None) -> dict[str, Any]:
    """Colour and shape of clusters by their names."""
    field = f"{words.of('cluster')}:N"
    colours = [named(CLUSTERS[index % len(CLUSTERS)]) for index in range(len(names))]
    shapes = [SHAPES[index % len(SHAPES)] for index in range(len(names))]
    return {
        "color": alt.Color(field, scale=alt.Scale(domain=list(names), range=colours), legend=legend),
        "shape": alt.Shape(field, scale=alt.Scale(domain=list(names), range=shapes), legend=legend),
    }


def _cluster_legend() -> alt.Legend:
    lines = f"{NARROW} ? split(datum.label, ', ') : datum.label"
    return alt.Legend(title=None, orient="top", direction="vertical", offset=12, labelExpr=lines)


def dendrogram(words: Words, leaves: Rows, names: Sequence[str], cut: float | None) -> Spec:
    """The tree of the regions, leaves at the left, and a line at the height at which it is cut."""
    span = [0, 10 * len(leaves)]
    axis = alt.Axis(title=words("chart.height"), grid=True, tickCount=6, format=".0f")
    x = alt.X("height:Q", axis=axis, scale=alt.Scale(nice=False, padding=10, domainMin=0))
    y = alt.Y("position:Q", axis=None, scale=alt.Scale(domain=span, nice=False, reverse=True))
    lines = (
        _chart("links")
        .mark_line(color=named("edge"), strokeWidth=1.6)
        .encode(x=x, y=y, detail="link:N", order="point:O")
    )
    marks = (
        _chart("dendrogram")
        .mark_point(size=60, filled=True, opacity=1)
        .encode(
            x=alt.X("height:Q"),
            y=_names(words, leaves),
            **_cluster(words, names, _cluster_legend()),
            tooltip=_tips(
                (f"{words.of('name')}:N", words("chart.region"), ""),
                (f"{words.of('cluster')}:N", words("chart.cluster"), ""),
            ),
        )
    )
    layers: list[alt.Chart | alt.LayerChart] = [lines]
    if cut is not None:
        at = alt.datum(cut, type="quantitative")
        layers.append(_chart("links").mark_rule(strokeDash=[5, 4], color=MUTED).encode(x=at))
    chart = alt.layer(*layers, marks).resolve_scale(y="independent")
    return _spec(chart.properties(width="container", height=22 * len(leaves)))


def _line_words(data: str, y: alt.Y, field: str, lines: str) -> list[alt.Chart]:
    """Words above a line of a chart, from its left end; on a phone as `lines` has them, with line breaks."""
    once = _chart(data).transform_aggregate(
        [alt.AggregatedFieldDef(op="count", **{"as": "rows"})], groupby=[field, lines]
    )
    shown = f"({NARROW} ? datum['{lines}'] : datum['{field}'])"
    style: Spec = {
        "align": "left",
        "dy": {"expr": "-17 - 15 * (length(split(datum.words, '\\n')) - 1)"},
        "fontSize": 13,
        "lineHeight": 15,
        "lineBreak": "\n",
    }
    words = once.transform_calculate(words=shown).encode(x=alt.value(0), y=y, text="words:N")
    return [words.mark_text(**style, **halo) for halo in HALO]


def cluster_profile(words: Words, rows: Rows, names: Sequence[str]) -> Spec:
    """Each cluster's means, in standard deviations of the regions from their mean, a line a feature."""
    feature, label = words.of("feature"), words.of("label")
    order = list(dict.fromkeys(row[label] for row in rows))
    y = alt.Y(f"{label}:N", sort=order, axis=_lines(), scale=alt.Scale(paddingOuter=0.35))
    axis = alt.Axis(title=words("chart.deviation"), format=".1f", tickCount=6, grid=False)
    x = alt.X("deviation:Q", axis=axis, scale=alt.Scale(padding=16))
    zero = (
        _chart("cluster_profile").mark_rule(color=named("edge")).encode(x=alt.datum(0, type="quantitative"))
    )
    points = (
        _chart("cluster_profile")
        .mark_point(size=130, filled=True, opacity=1)
        .encode(
            x=x,
            y=y,
            **_cluster(words, names, _cluster_legend()),
            tooltip=_tips(
                (f"{words.of('cluster')}:N", words("chart.cluster"), ""),
                (f"{feature}:N", words("chart.feature"), ""),
                ("mean:Q", words("chart.mean"), ",.1f"),
                ("deviation:Q", words("chart.deviation"), "+.2f"),
            ),
        )
    )
    layers = [zero, points, *_line_words("cluster_profile", y, label, label)]
    return _spec(alt.layer(*layers).properties(width="container", height=24 + 56 * len(order)))


def _lines() -> alt.Axis:
    """An axis of lines that have their words above them."""
    return alt.Axis(title=None, ticks=False, domain=False, grid=True, labels=False)


def cluster_projection(words: Words, names: Sequence[str], extent: Extent) -> Spec:
    """The regions in the plane of the two first principal components, by cluster; the features as arrows."""
    first, second = words("chart.axis_1"), words("chart.axis_2")
    grey: dict[str, Any] = {"grid": False, "format": ".1f", "tickCount": 5}
    x = alt.X(
        "axis_1:Q",
        axis=alt.Axis(title=first, **grey),
        scale=alt.Scale(domain=extent.x, padding=30, nice=False),
    )
    y = alt.Y(
        "axis_2:Q",
        axis=alt.Axis(title=second, **grey),
        scale=alt.Scale(domain=extent.y, padding=24, nice=False),
    )
    zeros = [
        _chart("cluster_projection")
        .mark_rule(color=named("line"))
        .encode(x=alt.datum(0, type="quantitative")),
        _chart("cluster_projection")
        .mark_rule(color=named("line"))
        .encode(y=alt.datum(0, type="quantitative")),
    ]
    points = (
        _chart("cluster_projection")
        .mark_point(size=75, filled=True, opacity=1)
        .encode(
            x=x,
            y=y,
            **_cluster(words, names, _cluster_legend()),
            tooltip=_tips(
                (f"{words.of('name')}:N", words("chart.region"), ""),
                (f"{words.of('cluster')}:N", words("chart.cluster"), ""),
            ),
        )
        .properties(name="points")
    )
    arrows = _chart("features").encode(x="axis_1:Q", y="axis_2:Q")
    stems = (
        _chart("features")
        .mark_rule(color=MUTED, strokeWidth=1.2)
        .encode(x="axis_1:Q", y="axis_2:Q", x2=alt.datum(0), y2=alt.datum(0))
    )
    heads = arrows.mark_circle(size=1, opacity=0).properties(name="arrows")
    return _spec(
        alt.layer(*zeros, stems, heads, points, *_labels()).properties(width="container", height=420)
    )


def specialty_heatmap(
    words: Words,
    regions: Rows,
    specialties: Rows,
    measure: str,
    breaks: Sequence[float],
    present: Sequence[int],
) -> Spec:
    """Regions by specialties: measure is balance_persons, or location_quotient of the losses.

    present: the classes that have a cell.
    """
    quotient = measure == "location_quotient"
    form = ".2f" if quotient else ",d"
    steps = list(reversed(STEPS)) if quotient else list(STEPS)
    title = words("chart.quotient" if quotient else "chart.balance_persons")
    label = words.of("specialty")
    order = [row[words.of("name")] for row in specialties]
    axis = alt.Axis(
        title=None, orient="top", ticks=False, domain=False, labelAngle=-SLANT, labelColor=INK, labelPadding=6
    )
    base = _chart("specialty_heatmap").encode(
        x=alt.X(f"{label}:N", sort=order, axis=axis, scale=alt.Scale(padding=0.04)),
        y=_names(words, regions).scale(padding=0.06),
        tooltip=_tips(
            (f"{words.of('name')}:N", words("chart.region"), ""),
            (f"{label}:N", words("chart.specialty"), ""),
            ("balance_persons:Q", words("chart.persons"), ",d"),
            ("location_quotient:Q", words("chart.quotient"), ".2f"),
        ),
    )
    # A cell with a gain has no loss of which it could have a share.
    known = base.transform_filter(
        f"datum.{measure} != null" + (" && datum.balance_persons < 0" if quotient else "")
    ).transform_calculate(step=_class_of(measure, breaks))
    colours, inks = ([named(f"{ground}{step}") for step in steps] for ground in ("", "on-"))
    cells = known.mark_rect().encode(color=_class_colour(colours, _legend(title, breaks, form, present)))
    figures = known.mark_text(fontSize=11).encode(
        text=alt.Text(f"{measure}:Q", format=form), color=_class_colour(inks, None)
    )
    chart = alt.layer(cells, figures).resolve_scale(color="independent")
    room = {"left": 4, "top": 4, "right": _overhang(order), "bottom": 4}
    return _spec(chart.properties(width="container", height=24 * len(regions), padding=room))


def _overhang(heads: Sequence[str]) -> float:
    """How far the slanted heads of columns lean out of a plot at most, in px; Vega reckons no room for it."""
    slant = math.cos(math.radians(SLANT))
    leaning = [slant * LETTER * len(head) - (after + 0.5) * COLUMN for after, head in enumerate(heads[::-1])]
    return max([4.0, *leaning])


def attractiveness(words: Words, rows: Rows) -> Spec:
    """The rank of each region and the interval of its rank, the first at the top."""
    axis = alt.Axis(title=words("chart.rank"), orient="top", format="d", tickMinStep=1, tickCount=7)
    scale = alt.Scale(domain=[0.5, len(rows) + 0.5], nice=False)
    base = _chart("attractiveness").encode(
        y=_names(words, rows),
        tooltip=_tips(
            (f"{words.of('name')}:N", words("chart.region"), ""),
            ("rank:Q", words("chart.rank"), "d"),
            ("rank_low:Q", words("chart.rank_low"), "d"),
            ("rank_high:Q", words("chart.rank_high"), "d"),
            ("score:Q", words("chart.score"), ".2f"),
        ),
    )
    intervals = base.mark_rule(strokeWidth=5, opacity=0.3, color=named("accent"), strokeCap="round").encode(
        x=alt.X("rank_low:Q", scale=scale, axis=axis), x2="rank_high:Q"
    )
    ranks = base.mark_circle(size=90, opacity=1, color=named("accent")).encode(
        x=alt.X("rank:Q", scale=scale, axis=axis)
    )
    return _spec(alt.layer(intervals, ranks).properties(width="container", height=22 * len(rows)))


def revision(words: Words, rows: Rows) -> Spec:
    """Each revised figure: its change in per cent of the first publication, a line an indicator."""
    indicator, lines = words.of("indicator"), words.of("lines")
    order = list(dict.fromkeys(row[indicator] for row in rows))
    y = alt.Y(f"{indicator}:N", sort=order, axis=_lines(), scale=alt.Scale(paddingOuter=0.35))
    axis = alt.Axis(title=words("chart.change"), format="+.3~%", tickCount=_when_narrow(3, 6), grid=False)
    axis.labelExpr = "datum.value ? datum.label : format(0, '~%')"
    x = alt.X("change:Q", axis=axis, scale=alt.Scale(padding=14))
    zero = _chart("revision").mark_rule(color=named("edge")).encode(x=alt.datum(0, type="quantitative"))
    points = (
        _chart("revision")
        .transform_filter("datum.change != null")
        .mark_point(size=70, filled=True, opacity=0.6, color=named("accent"))
        .encode(
            x=x,
            y=y,
            tooltip=_tips(
                (f"{indicator}:N", words("chart.indicator"), ""),
                (f"{words.of('name')}:N", words("chart.region"), ""),
                ("period:N", words("chart.period"), ""),
                ("first_value:Q", words("chart.first_value"), ",~r"),
                ("later_value:Q", words("chart.later_value"), ",~r"),
                ("change:Q", words("chart.change"), "+.3%"),
            ),
        )
    )
    layers = [zero, points, *_line_words("revision", y, indicator, lines)]
    most = max(row[lines].count("\n") for row in rows)
    height = 24 + (56 + 15 * most) * len(order)
    return _spec(alt.layer(*layers).properties(width="container", height=height))
