"""The colours of the page by the part that they play; the style sheet and the charts only name them.

Loss and gain are orange and blue, which people with any common colour blindness tell apart; text on its
ground has a contrast of 4.5 and more, marks of 3 and more (WCAG 2.2, 1.4.3 and 1.4.11), as a test computes.
"""

from collections.abc import Mapping

# Steps of a diverging scale, from large losses over about nothing to large gains.
STEPS = ("loss-3", "loss-2", "loss-1", "zero", "gain-1", "gain-2", "gain-3")
CLUSTERS = ("cluster-1", "cluster-2", "cluster-3", "cluster-4", "cluster-5", "cluster-6")

LIGHT: Mapping[str, str] = {
    "paper": "#ffffff",
    "wash": "#f4f3ef",
    "ink": "#1b1f24",
    "muted": "#545b64",
    "edge": "#80868e",
    "line": "#dddbd5",
    "accent": "#1b5e8c",
    "loss": "#a8471a",
    "gain": "#1b5e8c",
    "near-zero": "#80868e",
    "loss-3": "#8c3a12",
    "loss-2": "#cd7440",
    "loss-1": "#f0cdb3",
    "zero": "#efede8",
    "gain-1": "#bcd6e8",
    "gain-2": "#67a1cb",
    "gain-3": "#1b5e8c",
    "on-loss-3": "#ffffff",
    "on-loss-2": "#1b1f24",
    "on-loss-1": "#1b1f24",
    "on-zero": "#1b1f24",
    "on-gain-1": "#1b1f24",
    "on-gain-2": "#1b1f24",
    "on-gain-3": "#ffffff",
    "cluster-1": "#1b5e8c",
    "cluster-2": "#a8471a",
    "cluster-3": "#3b7d5e",
    "cluster-4": "#7b4b94",
    "cluster-5": "#8a6d00",
    "cluster-6": "#545b64",
}

DARK: Mapping[str, str] = {
    "paper": "#14181d",
    "wash": "#1f252c",
    "ink": "#e9e7e2",
    "muted": "#aab1b9",
    "edge": "#7d858e",
    "line": "#323941",
    "accent": "#86bde2",
    "loss": "#ec9a68",
    "gain": "#86bde2",
    "near-zero": "#8a929b",
    "loss-3": "#f4a26d",
    "loss-2": "#c07242",
    "loss-1": "#6a4431",
    "zero": "#363c44",
    "gain-1": "#2e4a5f",
    "gain-2": "#528cb7",
    "gain-3": "#93c9ec",
    "on-loss-3": "#14181d",
    "on-loss-2": "#14181d",
    "on-loss-1": "#ffffff",
    "on-zero": "#ffffff",
    "on-gain-1": "#ffffff",
    "on-gain-2": "#14181d",
    "on-gain-3": "#14181d",
    "cluster-1": "#86bde2",
    "cluster-2": "#ec9a68",
    "cluster-3": "#86c5a4",
    "cluster-4": "#c39bd8",
    "cluster-5": "#d8b94a",
    "cluster-6": "#aab1b9",
}


def named(colour: str) -> str:
    """How a style or a chart names a colour; raises ValueError for one that the palette does not have."""
    if colour not in LIGHT:
        raise ValueError(f"no colour {colour!r} in the palette")
    return f"var(--{colour})"


def style(palette: Mapping[str, str]) -> str:
    """The declarations of a style rule that set the colours."""
    return " ".join(f"--{name}: {value};" for name, value in palette.items())
