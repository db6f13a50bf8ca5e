"""Writes the page: one HTML file with its data, style and scripts in it, which asks no network."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import altair
import jinja2
import vl_convert
from markupsafe import Markup

from report import charts, palette
from report.contents import Column, Contents, latest_releases, make_contents, statement_of
from report.published import Published, Row
from report.shapes import Shape, read_shapes
from report.texts import Words, read_texts

FOLDER = Path(__file__).parent
NAMES = {"en": "English", "ru": "Русский", "kk": "Қазақша"}  # each in its own language
PARTS = (
    "balance",
    "income",
    "dynamics",
    "map",
    "scatter",
    "clusters",
    "specialties",
    "attractiveness",
    "claims",
    "revisions",
    "notes",
)
RELEASES = (
    Column("notes.publisher", "publisher_{lang}"),
    Column("notes.release", "title_{lang}"),
    Column("notes.published", "published_on", "date"),
    Column("notes.terms", "terms_of_use_{lang}"),
)
RELEASE_STEMS = ("publisher", "title", "terms_of_use")
SCRIPTS = ("labels", "page")  # in this order
# What a claim's row on the page shows; statements and findings come in the languages that the file has.
CLAIM = (
    "claim_id",
    "language",
    "locator",
    "printed_value",
    "verdict",
    "reason",
    "headline_order",
    "recomputed_value",
    "unit",
    "decimals",
    "alternative_recomputed_value",
    "alternative_unit",
    "alternative_decimals",
)
CLAIM_STEMS = ("locator", "statement", "finding", "verdict", "note", "unit", "alternative_unit")


@dataclass(frozen=True)
class Page:
    """The page, and what it could not show.

    Attributes:
        html: its text.
        empty: names of the charts, and of their parts, whose mart has no rows.
        unmapped: codes of the regions that have no outline.
    """

    html: str
    empty: list[str]
    unmapped: list[str]


def make_page(published: Published, shapes: Mapping[str, Shape] | None = None) -> Page:
    """Makes the page; the same rows give the same text.

    Args:
        published: the rows of the file.
        shapes: the outlines by region code; by default those that are kept with the project.
    """
    words = read_texts()
    contents = make_contents(published, words, read_shapes() if shapes is None else shapes)
    empty = [name for name, chart in contents.charts.items() if not chart.variants]
    return Page(
        _html(published, words, contents),
        [*empty, *contents.without],
        [row["region_code"] for row in contents.unmapped],
    )


def _html(published: Published, words: Mapping[str, Words], contents: Contents) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("page.html.j2").render(
        about=published.about,
        words=words,
        languages=NAMES,
        parts=PARTS,
        charts=contents.charts,
        figures=_Lenient(contents.figures),
        readings=contents.readings,
        indicators=contents.indicators,
        verdicts=contents.verdicts,
        unmapped=_joined(contents),
        former=contents.former,
        light=Markup(palette.style(palette.LIGHT)),  # noqa: S704 - our own constants, as the next three
        dark=Markup(palette.style(palette.DARK)),  # noqa: S704
        style=Markup((FOLDER / "assets/page.css").read_text(encoding="utf-8")),  # noqa: S704
        script=Markup(_script()),  # noqa: S704
        data=Markup(script_json(_data(published, words, contents))),  # noqa: S704 - escaped for a script
    )


def script_json(value: object) -> str:
    """JSON that may stand in a script element: no sign in it can end the element, or a line of JavaScript."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


class _Lenient(dict[str, Any]):
    """Figures of which one that is not there is null, as in the page."""

    def __missing__(self, name: str) -> None:
        return None


def _joined(contents: Contents) -> dict[str, str]:
    """The names of the regions without an outline, by language."""
    if not contents.unmapped:
        return {}
    return {language: ", ".join(names[language] for names in contents.unmapped) for language in NAMES}


def _data(published: Published, words: Mapping[str, Words], contents: Contents) -> dict[str, object]:
    claims = [
        {"statement_id": statement_of(row)}
        | {name: row[name] for name in CLAIM if row.get(name) is not None}
        | {key: row[key] for stem in CLAIM_STEMS for lang in NAMES if row.get(key := f"{stem}_{lang}")}
        for row in published["claim"]
    ]
    latest = latest_releases(published)
    releases = [
        {"published_on": row["published_on"], "is_of_latest_day": row in latest} | _texts(row)
        for row in published["release"]
    ]
    return {
        "texts": {language: said.texts for language, said in words.items()},
        "figures": contents.figures,
        "charts": {name: asdict(chart) for name, chart in contents.charts.items()},
        "config": charts.CONFIG,
        "palette": palette.LIGHT,
        "claims": claims,
        "verdicts": contents.verdicts,
        "releases": {"columns": [asdict(column) for column in RELEASES], "rows": releases},
    }


def _texts(release: Row) -> Row:
    """The texts of a release by language; null where nobody has translated them."""
    return {
        f"{stem}_{language}": release[stem] if language == "en" else release.get(f"{stem}_{language}")
        for stem in RELEASE_STEMS
        for language in NAMES
    }


def _script() -> str:
    """Vega, Vega-Lite and Vega-Embed with the page's script after them; nothing in it ends the element."""
    own = "".join((FOLDER / f"assets/{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    # The Vega-Lite for which Altair writes; vl-convert names it by its first two numbers.
    version = ".".join(altair.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    return vl_convert.javascript_bundle(own, vl_version=version).replace("</script", "<\\/script")
