"""The colour of a place: one for each profile, the same in every session, and none that a status has."""

from __future__ import annotations

from zlib import crc32

from backend_adapters.model import Place
from tui.text import production_sign

PLACE_COLORS: tuple[tuple[str, str, str], ...] = (
    ("#4fc1b8", "#0a665e", "ansi_cyan"),
    ("#b09af2", "#6540bd", "ansi_magenta"),
    ("#ee9bd3", "#a02c78", "ansi_bright_magenta"),
    ("#b7cf6b", "#506400", "ansi_bright_blue"),
    ("#86d6f2", "#0d6382", "ansi_bright_cyan"),
    ("#d7b9a0", "#7a4f2b", "ansi_white"),
)
"""Of each look, its colour on dark, on light, and of the terminal's own 16."""
PLACE_LOOKS = tuple(f"place-{number}" for number in range(1, len(PLACE_COLORS) + 1))
_SPREAD = 9129
"""With this start value the usual names (prod, staging, dev, test …) have different colours."""
PRODUCTION_LOOK = "production"
"""The look of the sign before a production place."""


def place_look(profile: str) -> str:
    """The look of all places of a profile: by its name alone, so that it stays whatever else is open."""
    return PLACE_LOOKS[crc32(profile.encode(), _SPREAD) % len(PLACE_LOOKS)]


def write_place_styles(prefix: str) -> str:
    """The CSS of these looks as component classes, inside the rule of a widget."""
    rules = [f"& > .{prefix}{PRODUCTION_LOOK} {{ color: $text-error; text-style: bold; }}"]
    for look, (dark, light, ansi) in zip(PLACE_LOOKS, PLACE_COLORS, strict=True):
        rules += [
            f"& > .{prefix}{look} {{ color: {dark}; }}",
            f"&:light > .{prefix}{look} {{ color: {light}; }}",
            f"&:ansi > .{prefix}{look} {{ color: {ansi}; }}",
        ]
    return "\n".join(rules)


def place_sign(place: Place | None, *, ascii: bool) -> str:
    """The sign before a place; empty where it is not production."""
    return production_sign(ascii=ascii) if place is not None and place.production else ""
