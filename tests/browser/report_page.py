"""The report as a browser shows it, and what a page like it must hold to.

Each check takes a page and returns its breaches, a line each; test_report_checks.py breaks pages to see them.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, Request

LANGUAGES = ("en", "ru", "kk")
SECTIONS = (
    "balance", "income", "dynamics", "map", "scatter", "clusters",
    "specialties", "attractiveness", "claims", "revisions", "notes",
)  # fmt: skip
CHARTS = (
    "balance_by_region", "income_correlation", "external_balance", "region_map", "indicator_scatter",
    "dendrogram", "cluster_profile", "cluster_projection", "specialty_heatmap", "attractiveness", "revision",
)  # fmt: skip
READY = "html[data-ready='true']"
OF_THE_PAGE = ("data:", "blob:", "about:")

BROKEN_SECTIONS = """wanted => {
    const found = [...document.querySelectorAll('main section[id]')].filter(one => wanted.includes(one.id));
    const order = found.map(section => section.id);
    const breaches = order.join() === wanted.join() ? [] : [`sections: ${order} instead of ${wanted}`];
    for (const section of found) {
        const heading = document.getElementById(section.getAttribute('aria-labelledby'));
        if (!heading || heading.tagName !== 'H2' || !section.contains(heading))
            breaches.push(`${section.id}: aria-labelledby names no h2 of the section`);
        else if (!heading.checkVisibility() || !heading.innerText.trim())
            breaches.push(`${section.id}: its heading is not to be seen`);
        if (section.innerText.trim().length < 80) breaches.push(`${section.id}: has hardly any text`);
    }
    return breaches;
}"""
BROKEN_CHARTS = """wanted => wanted.flatMap(name => {
    const figures = document.querySelectorAll(`figure[data-chart='${name}']`);
    if (figures.length !== 1) return [`${name}: ${figures.length} figures`];
    const [figure] = figures, breaches = [];
    const drawing = [...figure.querySelectorAll('svg, canvas')]
        .map(one => one.getBoundingClientRect()).find(box => box.width > 100 && box.height > 50);
    if (figure.dataset.state !== 'drawn') breaches.push(`${name}: data-state is ${figure.dataset.state}`);
    if (!drawing) breaches.push(`${name}: nothing is drawn`);
    if (!figure.querySelector('figcaption')?.innerText.trim()) breaches.push(`${name}: has no caption`);
    const rows = figure.querySelectorAll('details.table-alternative table tbody tr').length;
    if (!rows) breaches.push(`${name}: its table has no rows`);
    return breaches;
})"""
# What is read or heard, of the drawings, too; but nothing quoted: cells of the article, titles of releases.
VISIBLE_TEXT = """scope => {
    const copy = document.querySelector(scope).cloneNode(true);
    const foreign = `[lang]:not([lang='${document.documentElement.lang}'])`;
    const quoted = '#claims-table td.said + td, #claims-table details, #releases td';
    copy.querySelectorAll(`${quoted}, ${foreign}, script, style, code, a[href]`).forEach(one => one.remove());
    copy.querySelectorAll('td, th, p, li, text, option, h2, h3, label, button, dt, dd')
        .forEach(one => one.append(' \\n'));
    return copy.textContent;
}"""
TOO_WIDE = """() => {
    const limit = document.documentElement.clientWidth;
    const scrolled = document.scrollingElement.scrollWidth;
    if (scrolled <= limit) return [];
    const isClipped = one => one !== document.body
        && (getComputedStyle(one).overflowX !== 'visible' || isClipped(one.parentElement));
    const wide = [...document.querySelectorAll('body *')]
        .filter(one => one.getBoundingClientRect().right > limit + 1 && !isClipped(one.parentElement));
    const names = wide.slice(0, 5).map(one => one.tagName.toLowerCase() + (one.id ? '#' + one.id : '')
        + (one.className && one.className.baseVal === undefined ? '.' + one.className : ''));
    return [`the page is ${scrolled} px wide in a window of ${limit}: ${names.join(', ')}`];
}"""
# Boxes of texts as they lie on the screen, slanted ones, too: a pixel wider than their letters, without the
# room above and below them. Two that are the same are one: paper around a text is a text below it.
UNREADABLE_TEXTS = """() => [...document.querySelectorAll('figure .view svg')].flatMap(drawing => {
    const name = drawing.closest('figure').dataset.chart, edges = drawing.getBoundingClientRect();
    const cornersOf = text => {
        const {x, y, width, height} = text.getBBox(), trim = Math.min(height, 16) * 0.18;
        const [left, right, top, bottom] = [x - 1, x + width + 1, y + trim, y + height - trim];
        return [[left, top], [right, top], [right, bottom], [left, bottom]]
            .map(corner => new DOMPoint(...corner).matrixTransform(text.getScreenCTM()));
    };
    const seen = new Set();
    const texts = [...drawing.querySelectorAll('text')].map(text => {
        const lines = text.querySelectorAll('tspan'), style = getComputedStyle(text);
        const words = lines.length ? [...lines].map(line => line.textContent).join(' ') : text.textContent;
        const isHidden = !words.trim() || Number(style.opacity) === 0 || !text.checkVisibility();
        const corners = isHidden ? [] : cornersOf(text);
        const key = words + corners.map(({x, y}) => `${Math.round(x)},${Math.round(y)}`);
        return isHidden || seen.has(key) ? null : (seen.add(key), {words, corners});
    }).filter(Boolean);
    const isApart = (one, other) => [one, other].some(({corners}) => [0, 1].some(side => {
        const across = {x: corners[side + 1].y - corners[side].y, y: corners[side].x - corners[side + 1].x};
        const [a, b] = [one, other].map(each => each.corners.map(({x, y}) => x * across.x + y * across.y));
        return Math.max(...a) <= Math.min(...b) || Math.max(...b) <= Math.min(...a);
    }));
    const isOutside = ({corners}) => corners.some(({x, y}) =>
        x < edges.left - 1 || x > edges.right + 1 || y < edges.top - 1 || y > edges.bottom + 1);
    return [
        ...texts.flatMap((one, index) => texts.slice(index + 1).filter(other => !isApart(one, other))
            .map(other => `${name}: ${one.words} × ${other.words}`)),
        ...texts.filter(isOutside).map(({words}) => `${name}: ${words} is outside the drawing`),
        ...texts.filter(({words}) => words.endsWith('…')).map(({words}) => `${name}: ${words} is cut off`),
    ];
})"""
NOT_PRINTED = """() => [...document.querySelectorAll("figure[data-state='drawn']")].flatMap(figure => {
    const drawing = [...figure.querySelectorAll('svg, canvas')]
        .find(one => one.checkVisibility() && one.getBoundingClientRect().height > 50);
    return drawing ? [] : [`${figure.dataset.chart}: is not printed`];
})"""
# Words of the claims that a line ends within; one with a hyphen or a dash may end there.
BROKEN_WORDS = """() => {
    const table = document.querySelector('#claims-table'), found = new Set();
    const texts = document.createTreeWalker(table, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        if (!texts.currentNode.parentElement.checkVisibility()) continue;
        for (const word of texts.currentNode.data.matchAll(/[^\\s\\u2013\\u2014/:.-]+/g)) {
            const range = document.createRange();
            range.setStart(texts.currentNode, word.index);
            range.setEnd(texts.currentNode, word.index + word[0].length);
            const lines = new Set([...range.getClientRects()].map(box => Math.round(box.top)));
            if (lines.size > 1) found.add(word[0]);
        }
    }
    return [...found].map(word => `${word}: a line ends within it`);
}"""
# What is left of the markers of verdicts without backgrounds and colours.
LIKE_MARKERS = """() => {
    const seen = new Map(), breaches = [];
    for (const one of document.querySelectorAll('#verdicts .verdict')) {
        const style = getComputedStyle(one, '::before');
        const shape = [
            style.borderTopWidth, style.borderLeftWidth,
            style.borderTopLeftRadius, style.borderTopRightRadius,
        ].join();
        if (seen.has(shape)) breaches.push(`${one.dataset.verdict} looks like ${seen.get(shape)}`);
        seen.set(shape, one.dataset.verdict);
    }
    return breaches;
}"""
# A row of links that goes on beyond its edge must show that it does.
CUT_NAVIGATION = """() => {
    const row = document.querySelector('nav.parts ul'), edge = row.getBoundingClientRect().right;
    if (getComputedStyle(row).maskImage !== 'none') return [];
    return [...row.querySelectorAll('a')].filter(one => one.getBoundingClientRect().right > edge + 1)
        .map(one => `${one.hash} is cut off`);
}"""
# Luminance after WCAG 2: 0 is black, 1 is white.
LUMINANCES = """() => {
    const luminance = colour => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(value => value / 255)
            .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const style = getComputedStyle(document.body);
    return {text: luminance(style.color), background: luminance(style.backgroundColor)};
}"""
SERIOUS = """options => axe.run(document, {resultTypes: ['violations'], ...options})
    .then(found => found.violations
    .filter(violation => ['serious', 'critical'].includes(violation.impact))
    .map(violation => `${violation.id} (${violation.impact}): ${violation.help}: `
        + violation.nodes.slice(0, 5).map(node => node.target.join(' ')).join('; ')))"""

NOT_FILLED = re.compile(r"\bundefined\b|\bNaN\b|\[object |\{\w+\}|\bInfinity\b")
DECIMAL_POINT = re.compile(r"(?<![\d.,])\d{1,3}\.\d+(?![\d.])")
# One group after a single digit is no sign of another language: 1,234 has three decimals in Russian.
COMMA_THOUSANDS = re.compile(r"(?<![\d.,])(?:\d{2,3},\d{3}|\d{1,3}(?:,\d{3}){2,})(?![\d,])")
SPACE_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}[\u00a0\u202f]\d{3}(?!\d)")
DECIMAL_COMMA = re.compile(r"(?<![\d.,])\d+,(?:\d{1,2}|\d{4,})(?![\d,])")
# The second form is what Intl writes where it has no data of a language.
DATE_OF_A_MACHINE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{4} M\d{2} \d")
FOREIGN_NUMBERS = {
    "en": [SPACE_THOUSANDS, DECIMAL_COMMA, DATE_OF_A_MACHINE],
    "ru": [DECIMAL_POINT, COMMA_THOUSANDS, DATE_OF_A_MACHINE],
    "kk": [DECIMAL_POINT, COMMA_THOUSANDS, DATE_OF_A_MACHINE],
}
LICENCE = "CC BY 4.0"


@dataclass
class Report:
    """An open report.

    Attributes:
        address: of the page itself.
        requests: every other address that it has asked for.
        complaints: errors and warnings on the console, and uncaught exceptions.
    """

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def hears(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def records(self, request: Request) -> None:
        url = request.url.partition("#")[0]
        if url != self.address and not url.startswith(OF_THE_PAGE):
            self.requests.append(url)

    def choose_language(self, language: str) -> None:
        self.page.click(f"button[data-lang='{language}']")
        self.page.wait_for_selector(f"html[lang='{language}'][data-ready='true']", state="attached")

    def look(self, *, width: int = 1280, scheme: str = "light", media: str = "screen") -> Page:
        """The page in another window or light, or on paper."""
        self.page.emulate_media(media=media, color_scheme=scheme)
        if self.page.viewport_size != {"width": width, "height": 900}:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.wait_for_timeout(400)  # charts of several parts are drawn anew after a while
            self.page.wait_for_selector(READY, state="attached")
        return self.page

    def text(self, scope: str = "body") -> str:
        """What is to be read inside `scope`, of drawings and closed tables, too."""
        return self.page.evaluate(VISIBLE_TEXT, scope)


def open_report(
    browser: Browser,
    path: Path,
    *,
    language: str | None = "en",
    locale: str = "en-GB",
    scheme: str = "light",
    width: int = 1280,
    scale: float = 1,
    touch: bool = False,
) -> Report:
    """Opens a report as its readers do, from the disk, and waits until its charts are drawn.

    Args:
        language: asked for in the address; none leaves the choice to the page.
        locale: of the browser.
        scheme: `light` or `dark`, as the system prefers it.
        width: of the window, in CSS pixels.
        scale: pixels of the screen to a CSS pixel.
        touch: a phone, on which a finger taps.
    """
    context = browser.new_context(
        locale=locale,
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
        device_scale_factor=scale,
        has_touch=touch,
        is_mobile=touch,
        reduced_motion="reduce",
        offline=True,
    )
    report = Report(context.new_page(), address=path.absolute().as_uri())
    report.page.set_default_timeout(60_000)  # two workers may share two busy cores
    report.page.on("console", report.hears)
    report.page.on("pageerror", lambda error: report.complaints.append(f"exception: {error}"))
    report.page.on("request", report.records)
    report.page.on("websocket", lambda socket: report.requests.append(socket.url))
    report.page.goto(path.absolute().as_uri() + (f"#lang={language}" if language else ""))
    report.page.wait_for_selector(READY, state="attached")
    return report


def broken_sections(page: Page) -> list[str]:
    """Sections that are missing, out of order, unnamed or empty; charts without drawing, caption or table."""
    return page.evaluate(BROKEN_SECTIONS, list(SECTIONS)) + page.evaluate(BROKEN_CHARTS, list(CHARTS))


def unfilled_text(text: str) -> list[str]:
    """What a template left behind."""
    return _found(text, [NOT_FILLED])


def foreign_numbers(text: str, language: str) -> list[str]:
    """Numbers and dates written as another language writes them, or a machine."""
    return _found(text.replace(LICENCE, ""), FOREIGN_NUMBERS[language])


def _found(text: str, patterns: list[re.Pattern[str]]) -> list[str]:
    matches = [match for pattern in patterns for match in pattern.finditer(text)]
    return [f"{match[0]!r} in {text[max(match.start() - 30, 0) : match.end() + 30]!r}" for match in matches]


def too_wide(page: Page) -> list[str]:
    """Says so if the page scrolls sideways, and which elements stick out."""
    return page.evaluate(TOO_WIDE)


def unreadable_texts(page: Page) -> list[str]:
    """Texts of charts that lie on each other, stick out of their drawing or are cut off."""
    return page.evaluate(UNREADABLE_TEXTS)


def not_printed(page: Page) -> list[str]:
    """Charts that are drawn and not to be seen in the present medium."""
    return page.evaluate(NOT_PRINTED)


def broken_words(page: Page) -> list[str]:
    """Words of the claims' table that are broken between two lines."""
    return page.evaluate(BROKEN_WORDS)


def like_markers(page: Page) -> list[str]:
    """Verdicts whose markers have one shape, so that only colour or background would tell them apart."""
    return page.evaluate(LIKE_MARKERS)


def cut_navigation(page: Page) -> list[str]:
    """Links of the navigation that are out of sight without a hint."""
    return page.evaluate(CUT_NAVIGATION)


def serious_violations(page: Page, axe: Path, *rules: str) -> list[str]:
    """What axe-core calls serious or critical, by all of its rules or by some."""
    page.evaluate(axe.read_text(encoding="utf-8"))
    return page.evaluate(SERIOUS, {"runOnly": list(rules)} if rules else {})


def number(value: float | int, language: str, decimals: int = 0) -> str:
    """The number as a language writes it, in the spaces and signs of `plain`."""
    text = f"{value:,.{decimals}f}"
    return text if language == "en" else text.replace(",", " ").replace(".", ",")


def plain(text: str) -> str:
    """One kind of space and of minus sign, so that texts can be compared."""
    return re.sub(r"\s+", " ", re.sub("[\u2212\u2010-\u2012]", "-", text)).strip()


def parsed(text: str, language: str) -> float | None:
    """The number in a cell as that language writes it; None if it is none."""
    bare = plain(text).replace(" ", "").rstrip("%")
    bare = bare.replace(",", "") if language == "en" else bare.replace(",", ".")
    return float(bare) if re.fullmatch(r"[+-]?\d+(\.\d+)?", bare) else None
