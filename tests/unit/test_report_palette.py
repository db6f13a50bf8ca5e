"""The contrasts of the report's colours, in light and in dark (WCAG 2.2)."""

from collections.abc import Mapping

import pytest

from report.palette import CLUSTERS, DARK, LIGHT, STEPS, named

TEXT, MARK = 4.5, 3.0
THEMES = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_definition() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@THEMES
def test_text_is_readable_on_its_ground(palette: Mapping[str, str]) -> None:
    pairs = [(ink, ground) for ink in ("ink", "muted", "accent") for ground in ("paper", "wash")]
    pairs += [("loss", "paper"), *((f"on-{step}", step) for step in STEPS)]
    weak = {pair: contrast(palette[pair[0]], palette[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < TEXT} == {}


@THEMES
def test_marks_stand_out_from_the_paper(palette: Mapping[str, str]) -> None:
    marks = ("loss", "gain", "near-zero", "edge", *CLUSTERS)
    weak = {mark: contrast(palette[mark], palette["paper"]) for mark in marks}
    assert {mark: ratio for mark, ratio in weak.items() if ratio < MARK} == {}


def test_both_themes_have_the_same_colours() -> None:
    assert list(LIGHT) == list(DARK)


def test_a_colour_that_is_not_there_is_named() -> None:
    assert named("loss") == "var(--loss)"
    with pytest.raises(ValueError, match="no colour 'lost'"):
        named("lost")
