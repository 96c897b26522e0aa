"""The places of very many tasks in a few lines: how many are in each, and which places are production."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from textual.content import Content

from tui.screens.tasks.action_plan import PlaceTasks
from tui.text import cell_width, fit_cells, format_count, production_sign

_Part: TypeAlias = tuple[str, str, str]
"""The sign of production, the name of a place, and its count, each with the space behind it."""
_LEAST_PART = 6
"""Cells of the shortest part with the dot before it: `a 1 · `."""


def draw_place_counts(places: Sequence[PlaceTasks], width: int, most_lines: int, *, ascii: bool) -> Content:
    """The places with their counts, in their order; those without room are counted together at the end."""
    sign = f"{production_sign(ascii=ascii)} "
    parts = [
        (sign if place.production else "", f"{place.label or place.name} ", format_count(place.number))
        for place in places
    ]
    lines: list[list[_Part]] = []
    for number in range(min(len(parts), most_lines * width // _LEAST_PART), -1, -1):
        lines = _fill_lines([*parts[:number], *_count_rest(places[number:])], width, ascii=ascii)
        if len(lines) <= most_lines:
            break
    return Content("\n").join(_draw_line(line, ascii=ascii) for line in lines)


def _count_rest(places: Sequence[PlaceTasks]) -> list[_Part]:
    if not places:
        return []
    which = "1 more place" if len(places) == 1 else f"{format_count(len(places))} more places"
    production = sum(place.production for place in places)
    marks = f" ({format_count(production)} production)" if production else ""
    return [("", f"{which}{marks} ", format_count(sum(place.number for place in places)))]


def _fill_lines(parts: Sequence[_Part], width: int, *, ascii: bool) -> list[list[_Part]]:
    """The parts in lines of this width; only a name that is too long for one line is cut."""
    lines: list[list[_Part]] = []
    room = 0
    for sign, whole, count in parts:
        most = width - cell_width(sign + count) - 1
        is_cut = cell_width(whole) > most + 1
        name = f"{fit_cells(whole, max(1, most), ascii=ascii).rstrip()} " if is_cut else whole
        needed = cell_width(sign + name + count)
        if not lines or needed + 3 > room:
            lines.append([])
            room = width + 3
        lines[-1].append((sign, name, count))
        room -= needed + 3
    return lines


def _draw_line(line: Sequence[_Part], *, ascii: bool) -> Content:
    dot = " - " if ascii else " · "
    drawn = [
        Content.assemble((sign, "bold $text-error"), (name, "bold $foreground"), (count, "$text-muted"))
        for sign, name, count in line
    ]
    return Content.styled(dot, "$text-muted").join(drawn)
