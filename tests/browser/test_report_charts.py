"""Charts can be read at any width: no text lies on another, is cut off, or names what it does not mean."""

from collections.abc import Callable
from pathlib import Path

import pytest
from duckdb import DuckDBPyConnection
from playwright.sync_api import Page, expect

from tests.browser.report_page import READY, Report, number, plain, unreadable_texts

WIDTHS = [360, 390, 768, 1280]
# Draws a chart with another choice of its switch, and waits for it.
CHOOSE = """([chart, choice]) => {
    document.querySelector(`[data-switches='${chart}']`).value = choice;
    return draw(chart);
}"""
CHOICES = """() => [...document.querySelectorAll('[data-switches]')].flatMap(control =>
    [...control.options].map(option => [control.dataset.switches, option.value]))"""
# Labels with the box and the point of each, and all points, in px of the plot.
LABELS = """chart => {
    const {view} = views.get(chart), root = view.scenegraph().root;
    const at = kind => itemsOf(root, kind).map(({x, y, datum}) => ({x, y, code: datum.region_code}));
    const labels = view.data('labels').map(({text, x, y, width, size, from_x, from_y, has_leader}) => ({
        text: text.join(' '), left: x, right: x + width, top: y, bottom: y + text.length * (size + 1),
        from: {x: from_x, y: from_y}, has_leader,
    }));
    return {labels, points: [...at('points'), ...at('areas')]};
}"""
MAP_COLOURS = """() => {
    const fills = selector => new Set([...document.querySelectorAll(`#map svg ${selector}`)]
        .map(one => one.getAttribute('fill')).filter(fill => fill?.startsWith('var(')));
    const drawn = new Set([...fills('.mark-shape path'), ...fills('.points_marks path')]);
    return {drawn: [...drawn].sort(), explained: [...fills('.role-legend-symbol path')].sort()};
}"""
# On the screen, of a region's label on the map: the place that it names.
MIDDLE = """code => {
    const {view} = views.get('region_map'), box = document.querySelector('#map svg').getBoundingClientRect();
    const item = itemsOf(view.scenegraph().root, 'areas').find(one => one.datum.region_code === code);
    return [box.left + view.origin()[0] + item.x, box.top + view.origin()[1] + item.y];
}"""
PLACE = """([chart, drawing]) => {
    document.querySelector(`figure[data-chart='${chart}'] .view`).innerHTML = drawing;
}"""
WITH_LABELS = ["region_map", "indicator_scatter", "cluster_projection"]


def variants(page: Page) -> list[tuple[str, str]]:
    return [(chart, choice) for chart, choice in page.evaluate(CHOICES)]


def away(label: dict, point: dict) -> float:
    """How far a point is from the box of a label."""
    across = max(label["left"] - point["x"], 0, point["x"] - label["right"])
    down = max(label["top"] - point["y"], 0, point["y"] - label["bottom"])
    return (across**2 + down**2) ** 0.5


def misnaming(labels: list[dict], points: list[dict]) -> list[str]:
    """Labels that lie nearer to another point than to their own, and have no line to it."""
    return [
        label["text"]
        for label in labels
        if not label["has_leader"]
        and min(away(label, point) for point in points) < away(label, label["from"])
    ]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_text_lies_on_another_leaves_its_drawing_or_is_cut_off(shown: Report, width: int) -> None:
    page = shown.look(width=width)
    assert unreadable_texts(page) == []
    for chart, choice in variants(page):
        page.evaluate(CHOOSE, [chart, choice])
        assert unreadable_texts(page) == [], choice


@pytest.mark.parametrize("width", WIDTHS)
def test_every_label_is_nearest_to_its_own_point(shown: Report, width: int) -> None:
    page = shown.look(width=width)
    for chart, choice in [*variants(page), ("cluster_projection", "")]:
        if chart not in WITH_LABELS:
            continue
        if choice:
            page.evaluate(CHOOSE, [chart, choice])
        found = page.evaluate(LABELS, chart)
        assert len(found["labels"]) > 5, (chart, choice)
        assert misnaming(**found) == [], (chart, choice)


def test_a_label_that_is_nearer_to_another_point_is_seen() -> None:
    label = {"text": "Abai", "left": 10, "right": 60, "top": 10, "bottom": 20, "from": {"x": 0, "y": 15}}
    near, far = {"x": 61, "y": 15}, {"x": 90, "y": 15}
    assert misnaming([label | {"has_leader": False}], [label["from"], near, far]) == ["Abai"]
    assert misnaming([label | {"has_leader": True}], [label["from"], near, far]) == []
    assert misnaming([label | {"has_leader": False}], [label["from"], far]) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_regions_are_named_and_the_largest_loss_and_gain_first_of_all(
    shown: Report, language: str, published: DuckDBPyConnection, width: int
) -> None:
    page = shown.look(width=width)
    for chart, indicator in variants(page):
        if chart != "indicator_scatter":
            continue
        rows = published.execute(
            f"""
            select name_{language} from bi.region_indicator
            where indicator_code = ? and indicator_value is not null
            order by migration_balance_persons
            """,
            [indicator],
        ).fetchall()
        page.evaluate(CHOOSE, [chart, indicator])
        labels = [label["text"].replace("- ", "-") for label in page.evaluate(LABELS, chart)["labels"]]
        least = len(rows) - 4 if width < 520 else len(rows)
        assert len(labels) >= least, indicator
        for (name,) in (rows[0], rows[-1]):
            assert any(label in name for label in labels), (indicator, name)


def test_a_tap_on_the_map_names_the_region(
    open_page: Callable[..., Report], report: Path, published: DuckDBPyConnection
) -> None:
    page = open_page(report, language="ru", width=390, touch=True).page
    ((code, name, persons),) = published.execute(
        "select region_code, name_ru, migration_balance_persons from bi.region where region_kind = 'region' "
        "order by migration_balance_persons limit 1"
    ).fetchall()
    page.locator("figure[data-chart='region_map'] svg").scroll_into_view_if_needed()
    page.touchscreen.tap(*page.evaluate(MIDDLE, code))
    tip = page.locator("#vg-tooltip-element")
    expect(tip).to_be_visible()
    assert name in plain(tip.inner_text())
    assert number(abs(persons), "ru") in plain(tip.inner_text())
    box = tip.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.locator("#map-title").scroll_into_view_if_needed()
    page.mouse.wheel(0, 200)
    expect(tip).not_to_be_visible()


def test_the_legend_of_the_map_has_the_classes_that_are_drawn(english: Report) -> None:
    for chart, choice in variants(english.page):
        if chart == "region_map":
            english.page.evaluate(CHOOSE, [chart, choice])
            colours = english.page.evaluate(MAP_COLOURS)
            assert colours["drawn"] == colours["explained"] != [], choice


@pytest.mark.parametrize("chart", WITH_LABELS)
def test_a_chart_in_a_file_of_its_own_can_be_read_too(
    open_page: Callable[..., Report], report: Path, chart: str
) -> None:
    page = open_page(report, language="kk", width=390).page
    with page.expect_download() as download:
        page.click(f"figure[data-chart='{chart}'] button[data-download='svg']")
    drawing = Path(download.value.path()).read_text(encoding="utf-8")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.wait_for_timeout(400)
    page.wait_for_selector(READY, state="attached")
    page.evaluate(PLACE, [chart, drawing])
    assert page.locator(f"figure[data-chart='{chart}'] svg text").count() > 30
    assert unreadable_texts(page) == []


def test_regions_with_a_balance_that_are_not_on_the_map_are_named(
    shown: Report, language: str, published: DuckDBPyConnection
) -> None:
    former = published.execute(
        f"""
        select name_{language}, balance_persons from regional.region_balance
        inner join core.dim_region using (region_code)
        where region_code not in (select region_code from bi.region)
        """
    ).fetchall()
    assert former
    text = plain(shown.page.locator("#map").inner_text())
    for name, persons in former:
        assert name in text
        assert number(abs(persons), language) in text


def test_a_gain_has_no_location_quotient_and_regions_without_one_are_named(
    shown: Report, language: str, published: DuckDBPyConnection
) -> None:
    page = shown.look()
    page.evaluate(CHOOSE, ["specialty_heatmap", "location_quotient"])
    ((cells,),) = published.execute(
        "select count(*) from bi.region_specialty where location_quotient is not null and balance_persons < 0"
    ).fetchall()
    gaining = published.execute(
        f"""
        select name_{language} from bi.region_specialty
        group by all having count(*) filter (location_quotient is not null and balance_persons < 0) = 0
        """
    ).fetchall()
    assert gaining
    drawn = page.locator("figure[data-chart='specialty_heatmap'] .mark-rect path[fill^='var']")
    assert drawn.count() == cells
    note = page.locator("figure[data-chart='specialty_heatmap'] .figure-note").last.inner_text()
    words = set(plain(note).rstrip(".").replace(",", "").replace(":", "").split())
    assert [name for (name,) in gaining if not words & set(plain(name).split())] == []


def test_no_change_is_written_as_nought_without_a_sign(shown: Report) -> None:
    labels = shown.page.locator("figure[data-chart='revision'] .role-axis-label text").all_text_contents()
    assert "0%" in [plain(label).replace(" ", "") for label in labels]
