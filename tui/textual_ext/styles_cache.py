"""What Textual keeps of widgets that are gone.

Textual 8.2 remembers the backgrounds of lines by a cache on a method, and with them the caches of the last
thousand widgets, each with all the lines that it last drew: 30 kB for each dialog that was opened (measured).
"""

from __future__ import annotations

from functools import lru_cache

from textual._styles_cache import StylesCache
from textual.color import Color
from textual.style import Style


@lru_cache(maxsize=1024)
def _find_backgrounds(base_background: Color, background: Color) -> tuple[Style, Style]:
    return Style(background=base_background + background), Style(background=base_background)


def _get_backgrounds(_cache: StylesCache, base_background: Color, background: Color) -> tuple[Style, Style]:
    """The styles inside and outside of a border, kept without the widget that they are for."""
    return _find_backgrounds(base_background, background)


def forget_removed_widgets() -> None:
    """Let go of what widgets drew once they are gone."""
    StylesCache.get_inner_outer = _get_backgrounds  # type: ignore[assignment, method-assign]
