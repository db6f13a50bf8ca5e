"""The checks of the other files are seen to fail, each on a report that is broken on purpose."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.report_page import (
    broken_sections,
    foreign_numbers,
    not_printed,
    serious_violations,
    too_wide,
    unfilled_text,
)

Broken = Callable[[str, str], Path]
POLICY = 'http-equiv="Content-Security-Policy"'


@pytest.fixture
def broken(report: Path, tmp_path: Path) -> Broken:
    """`broken(old, new)` is the report with that one change in its HTML."""

    def change(old: str, new: str, *more: str) -> Path:
        text = report.read_text(encoding="utf-8")
        for before, after in [(old, new), *zip(more[::2], more[1::2], strict=True)]:
            assert before in text, before
            text = text.replace(before, after, 1)
        (tmp_path / "report.html").write_text(text, encoding="utf-8")
        return tmp_path / "report.html"

    return change


def style(rules: str) -> tuple[str, str]:
    return "</head>", f"<style>{rules}</style></head>"


def test_a_request_that_leaves_the_page_is_seen(open_page, broken: Broken) -> None:
    picture = '<img src="http://192.0.2.1/pixel.png" alt="">'
    opened = open_page(broken("</footer>", f"{picture}</footer>", POLICY, 'name="nothing"'))
    assert opened.requests == ["http://192.0.2.1/pixel.png"]


def test_what_the_policy_refuses_is_complained_of(open_page, broken: Broken) -> None:
    opened = open_page(broken("</footer>", '<img src="http://192.0.2.1/pixel.png" alt=""></footer>'))
    assert [line for line in opened.complaints if "Content Security Policy" in line]


def test_an_exception_is_complained_of(open_page, broken: Broken) -> None:
    opened = open_page(broken("</body>", "<script>no.such.thing()</script></body>"))
    assert [line for line in opened.complaints if "no is not defined" in line]


def test_a_section_without_its_heading_is_seen(open_page, broken: Broken) -> None:
    opened = open_page(broken('<section id="claims"', '<section id="claims-table-of"'))
    assert [line for line in broken_sections(opened.page) if line.startswith("sections: ")]


def test_low_contrast_and_a_button_without_a_name_are_seen(open_page, broken: Broken, axe: Path) -> None:
    low = style("#balance p { color: #bbb !important; background: #fff !important }")
    page = open_page(broken(*low, "</footer>", "<button></button></footer>")).page
    found = {line.split(" ")[0] for line in serious_violations(page, axe)}
    assert found >= {"color-contrast", "button-name"}


def test_an_element_that_sticks_out_is_named(open_page, broken: Broken) -> None:
    page = open_page(broken(*style("#income { width: 1000px }")), width=360).page
    assert "section#income" in "".join(too_wide(page))


def test_a_chart_that_is_not_printed_is_named(open_page, broken: Broken) -> None:
    page = open_page(broken(*style("@media print { figure svg, figure canvas { display: none !important } }"))).page
    assert not_printed(page) == []
    page.emulate_media(media="print")
    assert "region_map: is not printed" in not_printed(page)


@pytest.mark.parametrize(
    ("language", "wrong", "right"),
    [
        ("en", ["267\u00a0599", "0,57"], ["267,599", "0.57", "1,234.5", "[0.1, 0.2]"]),
        ("ru", ["267,599", "0.57"], ["267\u00a0599", "0,57", "28.11.2026", "[0,1; 0,2]"]),
        ("kk", ["267,599", "0.57"], ["267\u00a0599", "0,57", "28.11.2026", "1\u00a0234,5"]),
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
