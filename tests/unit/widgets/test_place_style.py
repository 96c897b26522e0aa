"""The colours of places: readable in every theme."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from tui.styles.themes import THEMES
from tui.widgets.place_style import PLACE_COLORS, write_place_styles

LEAST_CONTRAST = 4.5
"""What WCAG asks of text."""
BACKGROUNDS = {True: "#121212", False: "#efefef"}


def luminance(color: Color) -> float:
    parts = (value / 255 for value in (color.r, color.g, color.b))
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    "theme",
    [theme for theme in (*THEMES, *BUILTIN_THEMES.values()) if not theme.ansi],
    ids=lambda one: one.name,
)
def test_each_colour_is_readable_on_the_background_of_each_theme(theme: Theme) -> None:
    back = luminance(Color.parse(theme.background or BACKGROUNDS[theme.dark]))
    for dark, light, _ in PLACE_COLORS:
        front = luminance(Color.parse(dark if theme.dark else light))
        assert (max(front, back) + 0.05) / (min(front, back) + 0.05) >= LEAST_CONTRAST


def test_the_terminals_own_colours_are_different_ones() -> None:
    own = [ansi for _, _, ansi in PLACE_COLORS]
    assert len(set(own)) == len(own)
    assert all(f"{{ color: {ansi}; }}" in write_place_styles("x--") for ansi in own)
