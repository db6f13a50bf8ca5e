"""Takes docs/images anew from a report: `make screenshots`.

The first screen in three languages on a phone and on a desktop, and some sections, each in one language.
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.report_page import LANGUAGES, open_report
from tests.browser.tools import NO_CHROMIUM, chromium, launch

WIDTHS = {"phone": 390, "desktop": 1280}
SECTIONS = {  # section -> language, light or dark
    "income": ("en", "light"),
    "dynamics": ("ru", "light"),
    "map": ("kk", "light"),
    "clusters": ("en", "dark"),
    "specialties": ("ru", "dark"),
    "claims": ("en", "light"),
}
CLAIMS_ROWS = 900  # of the claims, the first in CSS pixels
MOST_BYTES = 300_000


def take(report: Path, folder: Path, path: str) -> list[Path]:
    """Writes the pictures as PNG into `folder`, with the browser at `path`."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright, path)
        for language in LANGUAGES:
            for device, width in WIDTHS.items():
                page = open_report(browser, report, language=language, width=width).page
                page.screenshot(path=folder / f"report-{language}-{device}.png")
                page.context.close()
        for section, (language, scheme) in SECTIONS.items():
            page = open_report(browser, report, language=language, scheme=scheme).page
            box = page.locator(f"#{section}").bounding_box()
            clip = box | {"height": min(box["height"], CLAIMS_ROWS)}
            page.screenshot(path=folder / f"report-{section}-{language}.png", clip=clip, full_page=True)
            page.context.close()
        browser.close()
    return sorted(folder.glob("report-*.png"))


def main(report: str, folder: str) -> int:
    """Takes the pictures; refuses those that are too heavy for a repository."""
    path = chromium()
    if path is None:
        print(f"error: {NO_CHROMIUM.partition(': ')[2]}", file=sys.stderr)
        return 5
    heavy = [one for one in take(Path(report), Path(folder), path) if one.stat().st_size > MOST_BYTES]
    for one in heavy:
        print(f"error: {one}: {one.stat().st_size:,} bytes are more than {MOST_BYTES:,}", file=sys.stderr)
    return 1 if heavy else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
