"""A virtual list of tasks: it draws only visible rows, repaints only what changed, and follows ids.

This is the task table without its keys. Whatever happens to the rows, the cursor stays on its task.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from msgspec.structs import replace
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from backend_adapters.model import Millis, Task, TaskId
from tui.field_rules import CellContext, Times
from tui.text import format_count
from tui.textual_ext.widget import store_virtual_size
from tui.widgets.columns import RowOverlay, Slot, arrange_columns, grow_widths, row_cells, select_columns
from tui.widgets.row_blocks import RowBlocks, arrange_rows
from tui.widgets.row_source import EmptyRows, RowSource
from tui.widgets.table_palette import TABLE_LOOKS, Palette, build_palette
from tui.widgets.task_line import (
    FoldLine,
    FrameLine,
    RuleLine,
    TaskLine,
    changed_regions,
    paint_empty,
    paint_fold,
    paint_head,
    paint_line,
    paint_rule,
)

HEAD_HEIGHT = 1
"""Lines that the column heads take."""


class TaskList(ScrollView):
    """The tasks, one per line, under a line of heads: the unfinished ones stay, the others are scrolled.

    `show_when_empty` sets what an empty table says; `show_sort` only says which head carries the arrow.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"task-table--{look}" for look in (*TABLE_LOOKS, "cursor")}

    def __init__(self, *, ascii: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: RowSource = EmptyRows()
        self._overlays: Mapping[TaskId, RowOverlay] = {}
        self._cell_context = CellContext(now=0, ascii=ascii)
        self._wide = self._graphs = False
        self._keys = select_columns(wide=False, graphs=False)
        self._widths: dict[str, int] = {}
        self._slots: tuple[Slot, ...] = ()
        self._cell_slots: list[Slot | None] = []
        """The slot of each cell of a line; None for a column that is not shown for lack of room."""
        self._blocks = RowBlocks()
        self._rule_text = ""
        self._newest_seen: TaskId | None = None
        """The first task below the block when that was last on the screen: those above it are new."""
        self._frame: list[FrameLine] = []
        self._frame_top = 0
        """The line of the frame at which the scrolled rows begin."""
        self._sort: tuple[str, bool] | None = None
        self._empty_text: tuple[str, ...] = ()
        self.cursor_id: TaskId | None = None
        """The id of the task under the cursor; None on the line of the folded tasks."""
        self._cursor_place = 0
        self._cursor_y = 0
        """The line of the rows' area that the cursor was last drawn on."""
        self._cursor_touched = False
        """A person has moved the cursor, or done something with its task: it stays there."""
        self._is_on_fold = False
        self._is_scrolled_away = False
        """The mouse has scrolled; the cursor may be out of sight."""
        self._marks: dict[TaskId, None] = {}
        self.marks: tuple[TaskId, ...] = ()
        """The marked tasks in the order in which they were marked; the filter may hide some."""
        self._is_settling = False
        self._palette: Palette | None = None

    # --- what is shown ---

    def show_rows(self, rows: RowSource, *, overlays: Mapping[TaskId, RowOverlay], now_ms: Millis) -> None:
        """Show the current `rows`; the cursor, the marks and the scroll position follow the ids."""
        was_top = self.scroll_offset.y == 0
        before = self.cursor_id
        self._rows, self._overlays = rows, overlays
        self._cell_context = replace(self._cell_context, now=now_ms)
        self._find_cursor()
        self._is_settling = True
        self._scroll_at(self._top_after(was_top=was_top))
        self._update_frame()
        if before != self.cursor_id:
            self.cursor_moved(by_person=False)

    def tasks_near_screen(self, rows: RowSource, *, margin: int = 0) -> list[Task]:
        """The tasks of `rows` that the screen shows, and so many screens more below and above it."""
        blocks = self._arrange_rows(rows)
        start, more = blocks.first + self.scroll_offset.y, margin * self.size.height
        first = max(blocks.first, start - more)
        last = min(blocks.count, start + max(0, self._page_rows - blocks.fixed_lines) + more)
        return [rows[row] for row in (*blocks.top, *range(first, last))]

    def show_rule(self, text: str) -> None:
        """Set what the rule below the unfinished tasks says of the others, for the rows shown next."""
        self._rule_text = text

    def update_time(self, now_ms: Millis) -> None:
        """Show ages and durations as of `now_ms`; only cells whose text changes are repainted."""
        self._cell_context = replace(self._cell_context, now=now_ms)
        self._update_frame()

    def show_when_empty(self, sentences: Sequence[str]) -> None:
        """Set the sentences that an empty table shows, the first one highlighted."""
        if self._empty_text != tuple(sentences):
            self._empty_text = tuple(sentences)
            if not len(self._rows):
                self.refresh()

    def show_sort(self, key: str, *, descending: bool) -> None:
        """Set the column whose head carries the arrow, and the arrow's direction."""
        if (key, descending) != self._sort:
            self._sort = (key, descending)
            self.refresh(Region(0, 0, self._line_width, HEAD_HEIGHT))

    @property
    def time_format(self) -> Times:
        """How the column AGE shows times: as an age, or as a local or UTC time."""
        return self._cell_context.times

    @time_format.setter
    def time_format(self, times: Times) -> None:
        self._cell_context = replace(self._cell_context, times=times)
        self._widths.pop("age", None)
        self._update_columns()

    @property
    def wide(self) -> bool:
        """Whether all columns are shown."""
        return self._wide

    @wide.setter
    def wide(self, wide: bool) -> None:
        self._wide = wide
        self._update_columns()

    def show_graphs(self, graphs: bool) -> None:
        """Say whether the rows belong to several graphs, so that a column names the graph."""
        if graphs != self._graphs:
            self._graphs = graphs
            self._update_columns()

    def _update_columns(self) -> None:
        moments = self.time_format != "age"
        self._keys = select_columns(wide=self._wide, graphs=self._graphs, moments=moments)
        self._frame = []
        self._update_frame()

    def reset_width(self, key: str) -> None:
        """Let one column shrink to what the visible rows need."""
        self._widths.pop(key, None)
        self._update_frame()

    def reset_widths(self) -> None:
        """Let all columns shrink to what the visible rows need, after a full load or for another source."""
        self._widths.clear()
        self._update_frame()

    # --- the cursor ---

    def cursor_moved(self, *, by_person: bool) -> None:
        """Called when the cursor has moved to another task, or there is none any more."""

    @property
    def cursor_task(self) -> Task | None:
        """The task under the cursor, as it is in the current rows."""
        row = None if self.cursor_id is None else self._rows.position(self.cursor_id)
        return None if row is None else self._rows[row]

    def place_cursor(self, task_id: TaskId) -> bool:
        """Move the cursor to a task and scroll to it; false where it is not among the rows."""
        row = self._rows.position(task_id)
        if row is not None:
            self._cursor_touched = True
            self._blocks = self._arrange_rows(self._rows, keep=row)
            self._move_cursor_to(self._blocks.place_of(row) or 0)
        return row is not None

    def start_at_top(self) -> None:
        """Forget the cursor: the next rows are of something else, and are shown from the first on."""
        self.cursor_id, self._cursor_place, self._cursor_touched = None, 0, False
        self._is_on_fold = self._is_scrolled_away = False
        self._newest_seen = None
        self._frame = []
        self._scroll_at(0)

    @property
    def is_on_fold(self) -> bool:
        """Whether the cursor is on the line that stands for the folded tasks."""
        return self._is_on_fold and self._blocks.fold_place is not None

    def _arrange_rows(self, rows: RowSource, keep: int | None = None) -> RowBlocks:
        if keep is None and self._cursor_touched and self.cursor_id is not None:
            keep = rows.position(self.cursor_id)
        return arrange_rows(rows, self._page_rows, keep)

    def _follow_rows(self) -> None:
        """Arrange the rows as they are now: the source may have changed since it was shown."""
        self._blocks = self._arrange_rows(self._rows)
        row = None if self.cursor_id is None else self._rows.position(self.cursor_id)
        place = self._blocks.fold_place if row is None else self._blocks.place_of(row)
        if place is not None and (self._is_on_fold or row is not None):
            self._cursor_place = place

    def _find_cursor(self) -> None:
        """Find the cursor among new rows; where its task is gone, take the nearest one that remains.

        A cursor that nobody has touched stays at the top.
        """
        self._follow_rows()
        if not self._cursor_touched:
            self._put_cursor(0)
        elif not self.is_on_fold and (self.cursor_id is None or self._rows.position(self.cursor_id) is None):
            row = None if self._is_on_fold else self._next_surviving_row()
            if row is not None:
                self._blocks = self._arrange_rows(self._rows, keep=row)
            self._put_cursor(self._cursor_place if row is None else self._blocks.place_of(row) or 0)

    def _put_cursor(self, place: int) -> None:
        """Set the cursor to a place, and arrange the rows for it, without a scroll."""
        self._cursor_place = max(0, min(place, self._blocks.places - 1))
        row = self._blocks.row_at(self._cursor_place)
        self._is_on_fold = row is None and self._cursor_place == self._blocks.fold_place
        self.cursor_id = self._rows[row].id if row is not None and row < len(self._rows) else None
        self._follow_rows()

    def _next_surviving_row(self) -> int | None:
        """The row of the task drawn below the vanished one, else above it; if possible in the same part."""
        lines = [(y, line.task_id) for y, line in enumerate(self._frame) if isinstance(line, TaskLine)]
        at = next((at for at, (_, task_id) in enumerate(lines) if task_id == self.cursor_id), None)
        if at is None:
            return None
        was_on_top = lines[at][0] < self._frame_top
        near = [self._rows.position(task_id) for _, task_id in (*lines[at + 1 :], *reversed(lines[:at]))]
        found = [row for row in near if row is not None]
        same = [row for row in found if (row < self._blocks.first) is was_on_top]
        return next(iter(same or found), None)

    def _cursor_line(self) -> int | None:
        """The line of the rows' area that the cursor is drawn on."""
        lines = ((y, line) for y, line in enumerate(self._frame) if isinstance(line, TaskLine | FoldLine))
        return next((y for y, line in lines if line.cursor), None)

    def _movement_start(self) -> int:
        """The place that the next movement starts from."""
        self._follow_rows()
        return self._cursor_place

    def _move_cursor_to(self, place: int) -> None:
        if not len(self._rows):
            return
        before, self._cursor_touched = self.cursor_id, True
        self._is_scrolled_away = False
        self._put_cursor(place)
        self._scroll_to_cursor()
        self._update_frame()
        if before != self.cursor_id:
            self.cursor_moved(by_person=True)

    # --- where the view stands ---

    @property
    def _line_width(self) -> int:
        """Width of a line in cells, without the room of the scrollbar, shown or not."""
        return max(0, self.size.width - self.scrollbar_gutter.width)

    @property
    def _page_rows(self) -> int:
        """How many rows fit on the screen."""
        return max(1, self.size.height - HEAD_HEIGHT)

    @property
    def _scrolled_rows(self) -> int:
        """How many rows fit below the block."""
        return max(1, self._page_rows - self._blocks.fixed_lines)

    @property
    def _cursor_below(self) -> int:
        """The cursor's row, counted from the first one below the block; negative in the block."""
        return self._cursor_place - self._blocks.height

    def _top_after(self, *, was_top: bool) -> int:
        """The first row to scroll to, counted below the block, after the rows have changed.

        New tasks push in at the top, until the cursor would leave the screen. What a person has scrolled to
        stays.
        """
        below, room = self._cursor_below, self._scrolled_rows
        if was_top and not self._is_scrolled_away and (below < room or not self._cursor_touched):
            return 0
        if self._is_scrolled_away or below < 0:
            return self._anchored_top()
        # The table may have become smaller since it was drawn.
        line = max(0, min(self._cursor_y - self._blocks.fixed_lines, room - 1))
        return below - line

    def _anchored_top(self) -> int:
        """The first row to scroll to so that what is drawn below the block stays where it is."""
        for y, drawn in enumerate(self._frame[self._frame_top :]):
            row = self._rows.position(drawn.task_id) if isinstance(drawn, TaskLine) else None
            if row is not None and row >= self._blocks.first:
                return row - self._blocks.first - y
        return self.scroll_offset.y

    def _scroll_to_cursor(self) -> None:
        """Scroll as little as needed to show the cursor, once the table has a size."""
        below, top = self._cursor_below, self.scroll_offset.y
        if self.size.height <= HEAD_HEIGHT:
            return
        self._scroll_at(top if below < 0 else max(min(top, below), below - self._scrolled_rows + 1))

    def scroll_cursor_back(self) -> None:
        """Show the cursor again where the mouse has scrolled away from it."""
        self._follow_rows()
        if self._is_scrolled_away and self._cursor_below >= 0:
            self._is_scrolled_away = False
            self._scroll_to_cursor()
            self._update_frame()

    def forget_new_tasks(self) -> None:
        """Count no task above the first one shown as new: another order or filter has brought it there."""
        self._newest_seen = None

    def _scroll_at(self, top: int) -> None:
        """Scroll without an update of the frame, which the caller makes."""
        self._is_settling = True
        # Setting `virtual_size` would repaint the table.
        lines = HEAD_HEIGHT + self._blocks.fixed_lines + self._blocks.below
        store_virtual_size(self, Size(0, lines))
        if top != self.scroll_offset.y or top > self.max_scroll_y:
            self.scroll_to(y=max(0, min(top, self.max_scroll_y)), animate=False, force=True)
        self._is_settling = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Repaint what differs; the base class repaints everything."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value
        if round(old_value) != round(new_value) and not self._is_settling:
            self._is_scrolled_away = True
            self._update_frame()

    def on_resize(self) -> None:
        """Keep the cursor visible in another size, and give the block its share."""
        before, self._is_scrolled_away = self.cursor_id, False
        self._find_cursor()
        self._scroll_to_cursor()
        self._update_frame()
        if before != self.cursor_id:
            self.cursor_moved(by_person=False)

    def on_mount(self) -> None:
        """Mark terminals with 16 colours, in which a tint looks like the background."""
        few = self.app.console.color_system == "standard" and not self.app.is_headless
        self.set_class(few, "-few-colors")

    # --- drawing ---

    def _build_lines(self) -> list[FrameLine]:
        rows, blocks = self._rows, self._blocks
        room = max(0, self.size.height - HEAD_HEIGHT)
        lines: list[FrameLine] = [self._build_line(rows[row]) for row in blocks.top]
        if blocks.folded:
            lines.append(FoldLine(blocks.describe_folded(), self.is_on_fold))
        if blocks.has_rule:
            lines.append(RuleLine(self._rule_text, self.describe_new_tasks()))
        first = blocks.first + self.scroll_offset.y
        for row in range(first, first + room - len(lines)):
            lines.append(self._build_line(rows[row]) if row < blocks.count else None)
        return lines[:room]

    @property
    def has_rule(self) -> bool:
        """Whether a rule is drawn, which says how many tasks are new."""
        return self._blocks.has_rule

    def describe_new_tasks(self) -> str:
        """How many tasks came above the first one on the screen since the newest was seen: `↑ 5 new`."""
        row = None if self._newest_seen is None else self._rows.position(self._newest_seen)
        new = 0 if row is None else min(row - self._blocks.first, self.scroll_offset.y)
        return f"{'^' if self._cell_context.ascii else '↑'} {format_count(new)} new" if new > 0 else ""

    def _build_line(self, task: Task) -> TaskLine:
        task_id = task.id
        cells = row_cells(task, self._overlays.get(task_id), self._keys, self._cell_context)
        return TaskLine(task_id, cells, task_id in self._marks, task_id == self.cursor_id)

    def _update_frame(self) -> None:
        """Bring the drawn lines up to date, and ask for a repaint of what differs."""
        self._follow_rows()
        if self.scroll_offset.y == 0:
            self._newest_seen = self._rows[self._blocks.first].id if self._blocks.below else None
        before, lines = self._frame, self._build_lines()
        tasks = [line for line in lines if isinstance(line, TaskLine)]
        grow_widths(self._widths, self._keys, (line.cells for line in tasks))
        slots = arrange_columns(self._line_width, self._keys, self._widths)
        was_empty = not any(before)
        same_shape = slots == self._slots and len(before) == len(lines) and was_empty is not any(lines)
        by_key = {slot.key: slot for slot in slots}
        self._frame_top = self._blocks.fixed_lines
        self._frame, self._slots, self._cell_slots = lines, slots, [by_key.get(key) for key in self._keys]
        self._cursor_y = self._cursor_y if (line := self._cursor_line()) is None else line
        if not same_shape:
            self.refresh()
            return
        regions = changed_regions(before, lines, self._cell_slots, self._line_width)
        if regions:
            self.refresh(*(region.translate((0, HEAD_HEIGHT)) for region in regions))

    def render_line(self, y: int) -> Strip:
        """Draw one line of the widget."""
        width, palette, plain = self._line_width, self._get_palette(), self._cell_context.ascii
        if not len(self._rows) or not self._slots:
            return self._render_empty_line(y)
        if y < HEAD_HEIGHT:
            moments = self.time_format != "age"
            return paint_head(self._slots, width, palette, self._sort_shown(), ascii=plain, moments=moments)
        line = self._frame[y - HEAD_HEIGHT] if y - HEAD_HEIGHT < len(self._frame) else None
        if line is None:
            return Strip.blank(width, palette["text", False])
        if isinstance(line, FoldLine):
            return paint_fold(line, width, palette, ascii=plain)
        if isinstance(line, RuleLine):
            return paint_rule(line, width, palette, ascii=plain)
        return paint_line(line, self._cell_slots, width, palette, ascii=plain)

    def _sort_shown(self) -> tuple[str, bool] | None:
        """The column with the arrow: AGE and CREATED stand for the same order."""
        sort = self._sort
        if sort is not None and sort[0] == "age" and "age" not in self._keys:
            return ("created", sort[1])
        return sort

    def _render_empty_line(self, y: int) -> Strip:
        size = Size(self._line_width, self.size.height)
        return paint_empty(self._empty_text, y, size, self._get_palette(), ascii=self._cell_context.ascii)

    def _get_palette(self) -> Palette:
        if self._palette is None:
            self._palette = build_palette(self)
        return self._palette

    def notify_style_update(self) -> None:
        """Forget the styles: the theme or the focus changed."""
        super().notify_style_update()
        self._palette = None
