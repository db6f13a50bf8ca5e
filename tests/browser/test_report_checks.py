"""The checks of the other files are seen to fail, on a report that is broken on purpose."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.report_page import (
    Report,
    broken_sections,
    broken_words,
    cut_navigation,
    foreign_numbers,
    like_markers,
    not_printed,
    open_report,
    serious_violations,
    too_wide,
    unfilled_text,
    unreadable_texts,
)

LEAVES = "http://192.0.2.1/pixel.png"
STYLE = """<style>
    #balance p { color: #bbb !important; background: #fff !important }
    #notes { width: 1400px }
    nav.parts ul { flex-wrap: nowrap !important; width: 300px; overflow: hidden }
    #claims-table .finding { width: 2em; overflow-wrap: anywhere }
    .verdict::before { border: 2px solid !important; border-radius: 0 !important; width: 9px !important }
    @media print { [data-chart='region_map'] svg { display: none !important } }
</style>"""
# Two slanted texts that cross each other and would not touch if they were level, and two texts alone.
SPOILED = """() => {
    const drawing = document.querySelector("figure[data-chart='balance_by_region'] svg");
    drawing.replaceChildren();
    const add = (words, x, y, angle) => {
        const text = document.createElementNS(drawing.namespaceURI, 'text');
        text.textContent = words;
        text.setAttribute('transform', `translate(${x} ${y}) rotate(${angle})`);
        drawing.append(text);
    };
    add('first', 100, 100, 30);
    add('first', 100, 100, 30);
    add('second', 118, 112, -30);
    add('slanted beside it', 160, 200, 40);
    add('slanted, too', 184, 200, 40);
    add('far', -60, 300, 0);
    add('cut…', 100, 300, 0);
}"""
CHANGES = {  # old -> new, once each in the report's HTML
    'http-equiv="Content-Security-Policy"': 'name="nothing"',
    "</head>": f"{STYLE}</head>",
    '<section id="claims"': '<section id="claimed"',
    "</footer>": f'<img src="{LEAVES}" alt=""><button></button></footer>',
    "<footer": "<script>no.such.thing()</script><footer",
}


def changed(report: Path, page: Path, changes: dict[str, str]) -> Path:
    text = report.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new, 1)
    page.write_text(text, encoding="utf-8")
    return page


@pytest.fixture(scope="module")
def broken(browser: Browser, report: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """The report with each of CHANGES."""
    page = changed(report, tmp_path_factory.mktemp("broken") / "report.html", CHANGES)
    broken = open_report(browser, page)
    yield broken
    broken.page.context.close()


def test_a_request_that_leaves_the_page_is_seen(broken: Report) -> None:
    assert broken.requests == [LEAVES]


def test_an_exception_is_complained_of(broken: Report) -> None:
    assert [line for line in broken.complaints if line.startswith("exception: ")]


def test_what_the_page_s_own_policy_refuses_is_complained_of(open_page, report: Path, tmp_path: Path) -> None:
    picture = {"</footer>": f'<img src="{LEAVES}" alt=""></footer>'}
    opened = open_page(changed(report, tmp_path / "report.html", picture))
    assert [line for line in opened.complaints if "Content Security Policy" in line]


def test_a_missing_section_is_seen(broken: Report) -> None:
    assert [line for line in broken_sections(broken.page) if line.startswith("sections: ")]


def test_low_contrast_and_a_button_without_a_name_are_seen(broken: Report, axe: Path) -> None:
    found = {line.split(" ")[0] for line in serious_violations(broken.page, axe)}
    assert found >= {"color-contrast", "button-name"}


def test_an_element_that_sticks_out_is_named(broken: Report) -> None:
    assert ": section#notes" in "".join(too_wide(broken.page))


def test_a_cut_navigation_a_broken_word_and_markers_of_one_shape_are_named(broken: Report) -> None:
    assert "#notes is cut off" in cut_navigation(broken.page)
    assert [line for line in broken_words(broken.page) if line.endswith(": a line ends within it")]
    assert "contradicted looks like ambiguous" in like_markers(broken.page)


def test_texts_that_lie_on_each_other_stick_out_or_are_cut_off_are_named(open_page, report: Path) -> None:
    page = open_page(report).page
    assert unreadable_texts(page) == []
    page.evaluate(SPOILED)
    assert unreadable_texts(page) == [
        "balance_by_region: first × second",
        "balance_by_region: far is outside the drawing",
        "balance_by_region: cut… is cut off",
    ]


def test_a_chart_that_is_not_printed_is_named(broken: Report) -> None:
    assert "region_map: is not printed" not in not_printed(broken.page)
    assert "region_map: is not printed" in not_printed(broken.look(media="print"))


@pytest.mark.parametrize(
    ("language", "wrong", "right"),
    [
        (
            "en",
            ["267\u00a0599", "0,57", "2024-01-01"],
            ["267,599", "0.57", "1,234.5", "[0.1, 0.2]", "1 January 2024"],
        ),
        (
            "ru",
            ["267,599", "1,234,567", "0.57"],
            ["267\u00a0599", "0,57", "0,009", "28.11.2026", "[0,1; 0,2]"],
        ),
        ("kk", ["267,599", "0.57", "1970 M01 1"], ["267\u00a0599", "0,57", "28.11.2026", "1\u00a0234,5"]),
    ],
)
def test_a_number_of_another_language_is_seen(language: str, wrong: list[str], right: list[str]) -> None:
    for text in wrong:
        assert len(foreign_numbers(f"the sum is {text} persons", language)) == 1, text
    for text in right:
        assert foreign_numbers(f"the sum is {text} persons", language) == [], text


def test_what_a_template_left_behind_is_seen() -> None:
    for text in ("undefined persons", "r = NaN", "[object Object]", "of {count} persons"):
        assert len(unfilled_text(text)) == 1, text
    assert unfilled_text("an undefinedness of {} things") == []
