"""The help: every key, the status signs, and the filter syntax, in as many columns as fit."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import ClassVar, TypeAlias

from msgspec import Struct
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from backend_adapters.model import TaskStatus
from tui.screens.dialogs.dialog import Dialog, DialogBand
from tui.screens.tasks.key_bindings import KeyCommand
from tui.text import cell_width, fit_cells, join_key_hints, production_sign, sanitize, status_glyph
from tui.widgets.status_style import status_style

COLUMN_GAP = 4
"""Cells between two columns."""

MIN_COLUMN_WIDTH = 44
"""Cells that a column needs at least to be readable."""

FILTER_LEGEND = (
    ("rebuild", "name, type, id or status contains it"),
    ('"two words"', "the same, for text with spaces"),
    ("!rebuild", "doesn't contain it"),
    ("/^g\\.V.*/", "matches a regular expression"),
    ("status=failed", "also type= graph= server= id= name="),
    ("type=a,b  !=a", "one of these; not this one"),
    ("age>1h", "also took< retries>= progress="),
    ("slow", "contains it, or is slow; also stuck problem"),
)
"""Examples of the filter syntax, and what they mean."""
PLACES_FILTER = ("place=prod", "also profile= graph= graphspace= dialect=")
"""The same, where several places are shown."""

STATUS_LEGEND = (
    (TaskStatus.RUNNING, "running"),
    (TaskStatus.NEW, "new, scheduling"),
    (TaskStatus.QUEUED, "scheduled, queued, restoring"),
    (TaskStatus.HANGING, "hanging: waiting for its dependencies"),
    (TaskStatus.CANCELLING, "cancelling, deleting"),
    (TaskStatus.SUCCESS, "success"),
    (TaskStatus.PARTIAL, "partly succeeded"),
    (TaskStatus.FAILED, "failed"),
    (TaskStatus.CANCELLED, "cancelled"),
    (TaskStatus.UNREADABLE, "unreadable: the server can't read it"),
    (TaskStatus.UNKNOWN, "a status unknown to graphtop"),
)
"""The signs of the statuses in words."""


class HelpBlock(Struct, frozen=True):
    """A titled part of the help: (left, its colour, right) for each line, and the width of the left side."""

    title: str
    lines: tuple[tuple[str, str, str], ...]
    left: int


HelpLine: TypeAlias = tuple[tuple[str, str], ...]
"""One drawn line as (text, style) pieces that fill their column."""


class HelpScreen(Dialog[None]):
    """Shows the keys it is given, by group in the order of the list, and two legends."""

    CSS_PATH = "../../styles/dialogs.tcss"
    AUTO_FOCUS = "#dialog"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "close", show=False),
        *(
            Binding(key, f"move('{action}')", show=False)
            for key, action in {
                "j": "scroll_down",
                "k": "scroll_up",
                "space": "page_down",
                "b": "page_up",
                "g": "scroll_home",
                "G": "scroll_end",
            }.items()
        ),
    ]

    def __init__(self, keys: Iterable[KeyCommand], *, ascii: bool = False, places: bool = False) -> None:
        """`places`: several of them are shown."""
        super().__init__(ascii=ascii)
        self._blocks = (
            *_build_key_blocks(keys),
            _build_status_block(ascii, places=places),
            _build_filter_block(places=places),
        )
        self._drawn_width = 0
        # Attributes, not queries: a resize may come while the dialog is being removed.
        self._dialog = VerticalScroll(id="dialog")
        self._text = Static(id="text", markup=False)

    def compose(self) -> ComposeResult:
        """One text in one scrolling pane."""
        with DialogBand(), self._dialog:
            yield self._text

    def on_mount(self) -> None:
        """Name the dialog."""
        self._dialog.border_title = "Help"
        self._dialog.border_subtitle = join_key_hints("j k scroll", "esc close", ascii=self._ascii)

    def on_resize(self) -> None:
        """Lay the columns out for the new width."""
        self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        width = self._dialog.scrollable_content_region.width
        if width > 0 and width != self._drawn_width:
            self._drawn_width = width
            self._text.update(layout_columns(self._blocks, width))

    def action_move(self, action: str) -> None:
        """Scroll."""
        getattr(self._dialog, f"action_{action}")()


def _build_key_blocks(keys: Iterable[KeyCommand]) -> list[HelpBlock]:
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for key in keys:
        groups.setdefault(key.group, []).append((sanitize(key.keys), "$text-primary", sanitize(key.text)))
    left = max((cell_width(line[0]) for lines in groups.values() for line in lines), default=0)
    return [HelpBlock(sanitize(title), tuple(lines), left) for title, lines in groups.items()]


def _build_status_block(ascii: bool, *, places: bool) -> HelpBlock:
    lines = (
        (status_glyph(status, ascii=ascii), f"$status-{status_style(status)}", text)
        for status, text in STATUS_LEGEND
    )
    # The sign of both: a problem stands at the left edge, a status in its column.
    stuck = ("!", "$status-stuck", "stuck for over a minute; left of a row: it needs a person")
    production = (production_sign(ascii=ascii), "$text-error", "before a place: it is production")
    return HelpBlock("Statuses", (*lines, stuck, *((production,) if places else ())), 1)


def _build_filter_block(*, places: bool) -> HelpBlock:
    legend = (*FILTER_LEGEND, PLACES_FILTER) if places else FILTER_LEGEND
    lines = tuple((example, "$text-primary", text) for example, text in legend)
    return HelpBlock("Filter ( / )", lines, max(cell_width(line[0]) for line in lines))


def layout_columns(blocks: Sequence[HelpBlock], width: int) -> Content:
    """Draw the blocks in one to three columns of equal width, `width` cells in all."""
    number = max(1, min(3, (width + COLUMN_GAP) // (MIN_COLUMN_WIDTH + COLUMN_GAP)))
    column = (width - COLUMN_GAP * (number - 1)) // number
    parts = _pack_columns([_draw_block(block, column) for block in blocks], number)
    blank: HelpLine = ((" " * column, ""),)
    height = max(map(len, parts), default=0)
    rows = [[part[row] if row < len(part) else blank for part in parts] for row in range(height)]
    lines = [Content(" " * COLUMN_GAP).join(Content.assemble(*line) for line in row) for row in rows]
    return Content("\n").join(lines)


def _draw_block(block: HelpBlock, width: int) -> list[HelpLine]:
    """A block as lines of `width` cells: its title, then left and right with the right one wrapped."""
    left = min(block.left, width // 2)
    right = max(1, width - left - 2)
    lines: list[HelpLine] = [
        ((fit_cells(key if not number else "", left), style), ("  ", ""), (fit_cells(piece, right), ""))
        for key, style, text in block.lines
        for number, piece in enumerate(textwrap.wrap(text, right) or [""])
    ]
    return [((fit_cells(block.title, width), "bold"),), *lines]


def _pack_columns(blocks: list[list[HelpLine]], number: int) -> list[list[HelpLine]]:
    """Share the blocks among `number` columns, in order, at the lowest height at which they fit."""
    height = max(map(len, blocks), default=0)
    while len(packed := _fill_columns(blocks, height)) > number:
        height += 1
    return packed


def _fill_columns(blocks: list[list[HelpLine]], height: int) -> list[list[HelpLine]]:
    """Fill columns of at most `height` lines, a blank line between two blocks."""
    parts: list[list[HelpLine]] = [[]]
    for block in blocks:
        if parts[-1] and len(parts[-1]) + 1 + len(block) > height:
            parts.append([])
        if parts[-1]:
            width = sum(cell_width(text) for text, _ in block[0])
            parts[-1].append(((" " * width, ""),))
        parts[-1].extend(block)
    return parts
