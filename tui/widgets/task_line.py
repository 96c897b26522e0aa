"""One line of the task table: its content, what changed in it, and how it is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from backend_adapters.model import TaskKey
from tui.progress_text import PROGRESS_WIDTH
from tui.text import cell_width, fit_cells
from tui.widgets.columns import LEFT_EDGE, SLOT_GAP, Cell, Slot, cell_runs, place_cells
from tui.widgets.group_line import GroupLine, fold_sign
from tui.widgets.list_cursor import FOLD_HEAD, NO_LINE, LineKey
from tui.widgets.table_palette import Palette
from tui.widgets.wrapping import wrap_sentence

CHANGED_CELLS_LIMIT = 3
"""With more changed cells than this, the whole row is repainted."""

PROBLEM_SIGN = "!"
"""At the left edge, behind a mark: the task needs a person."""


class TaskLine(NamedTuple):
    """A row as it stands on the screen. Equal lines look the same."""

    task_key: TaskKey
    cells: tuple[Cell, ...]
    marked: bool
    cursor: bool
    old: bool = False
    """The row is from an earlier session: its server has not confirmed it."""
    problem: bool = False
    """The task needs a person."""


class FoldLine(NamedTuple):
    """The line that stands for the unfinished tasks which have no room above the others."""

    text: str
    cursor: bool


class RuleLine(NamedTuple):
    """The rule between the unfinished tasks and the others, with a text at either end."""

    left: str
    right: str


FrameLine: TypeAlias = TaskLine | GroupLine | FoldLine | RuleLine | None
"""What stands on one line of the rows' area; None where it is empty."""


class FrameSlots(NamedTuple):
    """Where the cells of the lines stand: one place for each cell, None where its column isn't shown."""

    tasks: Sequence[Slot | None] = ()
    groups: Sequence[Slot | None] = ()

    def of_line(self, line: TaskLine | GroupLine) -> Sequence[Slot | None]:
        """The places of the cells of a line."""
        return self.tasks if isinstance(line, TaskLine) else self.groups


def changed_regions(
    old: Sequence[FrameLine], new: Sequence[FrameLine], slots: FrameSlots, width: int
) -> list[Region]:
    """Return the regions to repaint to get from `old` to `new`, relative to the area of the lines.

    Few cells of a row are repainted one by one, more as the whole row; more than half of the rows as one
    area, because every region costs the terminal a jump and a style.
    """
    cells: list[Region] = []
    rows: list[Region] = []
    for y, (before, after) in enumerate(zip(old, new, strict=True)):
        if before == after:
            continue
        changed = None
        if isinstance(before, TaskLine | GroupLine) and type(before) is type(after):
            changed = _changed_cells(before, after, slots.of_line(after), y)
        if changed is None:
            rows.append(Region(0, y, width, 1))
        else:
            cells += changed
    return [Region(0, 0, width, len(new))] if len(rows) * 2 > len(new) else rows + cells


def _changed_cells(
    before: TaskLine | GroupLine, after: TaskLine | GroupLine, slots: Sequence[Slot | None], y: int
) -> list[Region] | None:
    """The changed cells of one row, or None where the row is better repainted whole."""
    if before.cursor != after.cursor or _is_old(before) is not _is_old(after):
        return None
    was, now = place_cells(slots, before.cells), place_cells(slots, after.cells)
    if [slot for slot, _ in was] != [slot for slot, _ in now]:
        return None
    changed = [
        _changed_part(slot, old, cell, y)
        for (slot, cell), (_, old) in zip(now, was, strict=True)
        if cell != old
    ]
    if _edge_sign(before, ascii=True) != _edge_sign(after, ascii=True) or _is_problem(
        before
    ) is not _is_problem(after):
        changed.append(Region(0, y, LEFT_EDGE, 1))
    return changed if len(changed) <= CHANGED_CELLS_LIMIT else None


def line_key(line: FrameLine) -> LineKey:
    """What a drawn line is of."""
    if isinstance(line, TaskLine):
        return LineKey(task_key=line.task_key)
    if isinstance(line, GroupLine):
        return LineKey(head=line.key)
    return LineKey(head=FOLD_HEAD) if isinstance(line, FoldLine) else NO_LINE


def _edge_sign(line: TaskLine | GroupLine, *, ascii: bool) -> str:
    """The sign at the left edge: a mark, that a row is old, or whether a group is folded."""
    if isinstance(line, GroupLine):
        return fold_sign(line, ascii=ascii)
    if line.old:
        return ":" if ascii else "┊"
    return ("*" if ascii else "▌") if line.marked else ""


def _is_old(line: TaskLine | GroupLine) -> bool:
    return isinstance(line, TaskLine) and line.old


def _is_problem(line: TaskLine | GroupLine) -> bool:
    return isinstance(line, TaskLine) and line.problem


def paint_frame_line(
    line: TaskLine | GroupLine | FoldLine | RuleLine,
    slots: FrameSlots,
    width: int,
    palette: Palette,
    *,
    ascii: bool,
) -> Strip:
    """Draw a line of the rows' area in exactly `width` cells."""
    if isinstance(line, FoldLine):
        return paint_fold(line, width, palette, ascii=ascii)
    if isinstance(line, RuleLine):
        return paint_rule(line, width, palette, ascii=ascii)
    return _paint_cells(line, slots.of_line(line), width, palette, ascii=ascii)


def _changed_part(slot: Slot, was: Cell, now: Cell, y: int) -> Region:
    """What of a cell differs: the bar at its end alone, or all of it."""
    has_bar = was.percent is not None and now.percent is not None and slot.width > PROGRESS_WIDTH
    if has_bar and was.with_percent(now.percent) == now:
        return Region(slot.x + slot.width - PROGRESS_WIDTH, y, PROGRESS_WIDTH, 1)
    return Region(slot.x, y, slot.width, 1)


def _paint_cells(
    line: TaskLine | GroupLine, slots: Sequence[Slot | None], width: int, palette: Palette, *, ascii: bool
) -> Strip:
    """Draw a task, or the head of a group, in exactly `width` cells."""
    runs: list[tuple[str, str]] = []
    if _is_problem(line):
        before = _edge_sign(line, ascii=ascii)
        look = "old" if isinstance(line, TaskLine) and line.old else "mark"
        runs += [(before, look)] if before else []
        runs.append((fit_cells(PROBLEM_SIGN, LEFT_EDGE - cell_width(before)), "stuck"))
    elif sign := _edge_sign(line, ascii=ascii):
        edge = next((slot.x for slot in slots if slot is not None), LEFT_EDGE)
        look = "text" if isinstance(line, GroupLine) else "old" if line.old else "mark"
        runs.append((fit_cells(sign, edge), look))
    elif line.cells:
        # Blank cells have the style of their neighbour, so that both are one segment.
        runs.append((" " * LEFT_EDGE, line.cells[0].style))
    placed = place_cells(slots, line.cells)
    has_progress = any(slot.key == "progress" for slot, _ in placed)
    for slot, cell in placed:
        runs += cell_runs(cell.with_percent(None) if has_progress else cell, slot, ascii=ascii)
        runs.append((" " * SLOT_GAP, runs[-1][1]))
    return make_strip(
        runs, width, {look: palette[look, line.cursor] for _, look in runs}, palette["text", line.cursor]
    )


def paint_fold(line: FoldLine, width: int, palette: Palette, *, ascii: bool) -> Strip:
    """Draw the line of the folded tasks in exactly `width` cells."""
    text = fit_cells(" " * LEFT_EDGE + line.text, width, ascii=ascii)
    styles = {"waiting": palette["waiting", line.cursor]}
    return make_strip([(text, "waiting")], width, styles, palette["text", line.cursor])


def paint_rule(line: RuleLine, width: int, palette: Palette, *, ascii: bool) -> Strip:
    """Draw the rule in exactly `width` cells; where both texts have no room, the right one is left out."""
    dash = "-" if ascii else "─"
    left = f"{dash} {line.left} " if line.left else ""
    right = f" {line.right} {dash}" if line.right else ""
    if cell_width(left + right) > width:
        right = ""
    middle = dash * max(0, width - cell_width(left + right))
    runs = [
        (fit_cells(left, min(width, cell_width(left)), ascii=ascii), "head"),
        (middle, "head"),
        (right, "mark"),
    ]
    return make_strip(
        runs, width, {look: palette[look, False] for look in ("head", "mark")}, palette["head", False]
    )


def paint_head(
    slots: Sequence[Slot],
    width: int,
    palette: Palette,
    sort: tuple[str, bool] | None,
    *,
    ascii: bool,
    moments: bool = False,
) -> Strip:
    """Draw the line of heads; the arrow of the sorted column stands in the gap behind its head.

    `moments`: ages are told as the moments of creation, and the head says so.
    """
    runs = [(" " * slots[0].x, "head")]
    for slot in slots:
        column = slot.column
        name = "CREATED" if moments and slot.key == "age" else column.title
        arrow, look = " ", "head"
        if sort is not None and sort[0] == slot.key:
            arrow, look = ("^v" if ascii else "▴▾")[sort[1]], "sorted"
        if column.right:
            runs += [(fit_cells(name, slot.width, align="right", ascii=ascii) + arrow, look), (" ", "head")]
        else:
            title = fit_cells(name, min(slot.width, len(name)), ascii=ascii) + arrow
            runs += [(title, look), (" " * max(0, slot.width + SLOT_GAP - len(title)), "head")]
    return make_strip(runs, width, {look: palette[look, False] for _, look in runs}, palette["head", False])


def paint_empty(sentences: tuple[str, ...], y: int, size: Size, palette: Palette, *, ascii: bool) -> Strip:
    """Draw line `y` of an empty table of this size, in whose middle the sentences stand."""
    width = size.width
    lines = _wrap_empty_text(sentences, max(20, width - 6))
    start = max(0, (size.height - len(lines)) // 2 - 1)
    if not start <= y < start + len(lines):
        return Strip.blank(width, palette["text", False])
    text, look = lines[y - start]
    text = fit_cells(text, min(width, max(0, width - 4)), ascii=ascii).rstrip()
    left = " " * max(0, (width - cell_width(text)) // 2)
    return make_strip(
        [(left, look), (text, look)], width, {look: palette[look, False]}, palette["text", False]
    )


# Cached: drawing each line of the screen needs all of them.
@lru_cache(maxsize=1)
def _wrap_empty_text(sentences: tuple[str, ...], width: int) -> list[tuple[str, str]]:
    """Wrap the sentences of an empty table; returns each line with its look."""
    return [
        (line, "empty" if at else "text")
        for at, sentence in enumerate(sentences)
        for line in wrap_sentence(sentence, width)
    ]


def make_strip(
    runs: Sequence[tuple[str, str]], width: int, styles: Mapping[str, Style], rest: Style
) -> Strip:
    """Join runs of (text, look) into a strip of exactly `width` cells; equal looks become one segment."""
    segments: list[Segment] = []
    total = 0
    for text, look in runs:
        total += cell_width(text)
        style = styles[look]
        if segments and segments[-1].style == style:
            segments[-1] = Segment(segments[-1].text + text, style)
        elif text:
            segments.append(Segment(text, style))
    return Strip(segments, total).adjust_cell_length(width, rest)
