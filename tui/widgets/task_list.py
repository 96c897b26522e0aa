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
from tui.task_group import TaskGroup
from tui.text import format_count
from tui.textual_ext.widget import store_virtual_size
from tui.widgets.columns import (
    RowOverlay,
    Slot,
    arrange_columns,
    grow_widths,
    head_slots,
    row_cells,
    select_columns,
)
from tui.widgets.group_line import (
    GROUP_KEYS,
    GroupLine,
    arrange_group_columns,
    build_group_line,
    list_group_slots,
)
from tui.widgets.list_cursor import (
    FOLD_HEAD,
    NO_LINE,
    LineKey,
    ListCursor,
    RowLayout,
    choose_next_line,
    find_place,
    find_row,
)
from tui.widgets.row_blocks import RowBlocks, arrange_rows
from tui.widgets.row_groups import RowGroups
from tui.widgets.row_source import EmptyRows, RowSource
from tui.widgets.table_palette import TABLE_LOOKS, Palette, build_palette
from tui.widgets.task_line import (
    FoldLine,
    FrameLine,
    FrameSlots,
    RuleLine,
    TaskLine,
    changed_regions,
    line_key,
    paint_empty,
    paint_frame_line,
    paint_head,
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
        self._wide = self._graphs = self._reasons = False
        self._hidden: frozenset[str] = frozenset()
        self._keys = select_columns(wide=False, graphs=False)
        self._widths: dict[str, int] = {}
        self._frame_slots = FrameSlots()
        self._titled_slots: tuple[Slot, ...] = ()
        """The columns whose titles are drawn: those of the tasks, or of the groups where all are folded."""
        self._unfolded: set[str] = set()
        """The keys of the groups whose tasks are shown."""
        self._layout: RowLayout = RowBlocks()
        self._rule_text = ""
        self._newest_seen: TaskId | None = None
        """The first task below the block when that was last on the screen: those above it are new."""
        self._frame: list[FrameLine] = []
        self._frame_top = 0
        """The line of the frame at which the scrolled rows begin."""
        self._sort: tuple[str, bool] | None = None
        self._empty_text: tuple[str, ...] = ()
        self._cursor = ListCursor()
        self._cursor_y = 0
        """The line of the rows' area that the cursor was last drawn on."""
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
        before = self._cursor.key
        self._rows, self._overlays = rows, overlays
        self._cell_context = replace(self._cell_context, now=now_ms)
        self._find_cursor()
        self._is_settling = True
        self._scroll_at(self._top_after(was_top=was_top))
        self._update_frame()
        if before != self._cursor.key:
            self.cursor_moved(by_person=False)

    def tasks_near_screen(self, rows: RowSource, *, margin: int = 0) -> list[Task]:
        """The tasks of `rows` that the screen shows, and so many screens more below and above it."""
        layout = self._arrange_rows(rows)
        start, more = layout.height + self.scroll_offset.y, margin * self.size.height
        first = max(layout.height, start - more)
        last = min(layout.places, start + max(0, self._page_rows - layout.fixed_lines) + more)
        places = (*range(layout.height), *range(first, last))
        return [rows[row] for place in places if (row := layout.row_at(place)) is not None]

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

    @property
    def columns_left_out(self) -> tuple[str, ...]:
        """The columns that there is no room for."""
        shown = {slot.key for slot in self._frame_slots.tasks if slot is not None}
        return tuple(key for key in self._keys if key not in shown)

    def show_graphs(self, graphs: bool) -> None:
        """Say whether the rows belong to several graphs, so that a column names the graph."""
        if graphs != self._graphs:
            self._graphs = graphs
            self._update_columns()

    def show_reasons(self, reasons: bool) -> None:
        """Say whether some of the rows have failed, so that a column tells why."""
        if reasons != self._reasons:
            self._reasons = reasons
            self._update_columns()

    def hide_columns(self, keys: frozenset[str]) -> None:
        """Leave out columns that say the same in every row, unless all columns are shown."""
        if keys != self._hidden:
            self._hidden = keys
            if not self._wide:
                self._update_columns()

    def _update_columns(self) -> None:
        moments = self.time_format != "age"
        self._keys = select_columns(
            wide=self._wide,
            graphs=self._graphs,
            moments=moments,
            reasons=self._reasons,
            hidden=self._hidden,
        )
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
    def cursor_id(self) -> TaskId | None:
        """The id of the task under the cursor; None on the line of the folded tasks."""
        return self._cursor.key.task_id

    @property
    def cursor_task(self) -> Task | None:
        """The task under the cursor, as it is in the current rows."""
        row = self._cursor.find_row(self._rows)
        return None if row is None else self._rows[row]

    def place_cursor(self, task_id: TaskId) -> bool:
        """Move the cursor to a task and scroll to it; false where it is not among the rows."""
        row = self._rows.position(task_id)
        if row is not None:
            self._cursor.is_touched = True
            self._layout = self._arrange_rows(self._rows, keep=row)
            self._move_cursor_to(self._layout.place_of(row) or 0)
        return row is not None

    def start_at_top(self) -> None:
        """Forget the cursor: the next rows are of something else, and are shown from the first on."""
        self._cursor = ListCursor()
        self._is_scrolled_away = False
        self._newest_seen = None
        self._frame = []
        self._scroll_at(0)

    @property
    def has_cursor(self) -> bool:
        """Whether the cursor is on anything: a task, or a line that stands for several."""
        return self._cursor.key != NO_LINE

    @property
    def is_on_fold(self) -> bool:
        """Whether the cursor is on the line that stands for the folded tasks."""
        return self._cursor.key.head == FOLD_HEAD and self._layout.place_of_head(FOLD_HEAD) is not None

    def _arrange_rows(self, rows: RowSource, keep: int | None = None) -> RowLayout:
        if keep is None and self._cursor.is_touched:
            keep = self._cursor.find_row(rows)
        groups = rows.groups
        if groups:
            return RowGroups(groups, self._unfolded, keep)
        return arrange_rows(rows, self._page_rows, keep)

    def _follow_rows(self) -> None:
        """Arrange the rows as they are now: the source may have changed since it was shown."""
        self._layout = self._arrange_rows(self._rows)
        self._cursor.follow(self._rows, self._layout)

    def _find_cursor(self) -> None:
        """Find the cursor among new rows; where its task is gone, take the nearest one that remains.

        A cursor that nobody has touched stays at the top.
        """
        self._follow_rows()
        if not self._cursor.is_touched:
            self._put_cursor(0)
        elif self._cursor.find_place(self._rows, self._layout) is None:
            near = NO_LINE if self._cursor.key.head == FOLD_HEAD else self._next_surviving_line()
            self._layout = self._arrange_rows(self._rows, keep=find_row(near, self._rows))
            place = find_place(near, self._rows, self._layout)
            self._put_cursor(self._cursor.place if place is None else place)

    def _put_cursor(self, place: int) -> None:
        """Set the cursor to a place, and arrange the rows for it, without a scroll."""
        self._cursor.put_on(place, self._rows, self._layout)
        self._follow_rows()

    def _next_surviving_line(self) -> LineKey:
        """What is drawn next to the vanished line, and is still there."""

        def is_on_top(key: LineKey) -> bool | None:
            # A task that stands behind a fold now can be shown again, for the cursor.
            layout = self._arrange_rows(self._rows, keep=find_row(key, self._rows))
            place = find_place(key, self._rows, layout)
            return None if place is None else place < layout.height

        gone = self._cursor.key
        drawn = [(line_key(line), y < self._frame_top) for y, line in enumerate(self._frame)]
        if gone.head is not None:
            # From the head of a group to another one, not to a task of it that is elsewhere now.
            drawn = [(key, on_top) for key, on_top in drawn if key.head is not None]
        return choose_next_line(drawn, gone, is_on_top)

    def _cursor_line(self) -> int | None:
        """The line of the rows' area that the cursor is drawn on."""
        kinds = (TaskLine, GroupLine, FoldLine)
        return next(
            (y for y, line in enumerate(self._frame) if isinstance(line, kinds) and line.cursor), None
        )

    def _movement_start(self) -> int:
        """The place that the next movement starts from."""
        self._follow_rows()
        return self._cursor.place

    def _move_cursor_to(self, place: int) -> None:
        if not len(self._rows):
            return
        before, self._cursor.is_touched = self._cursor.key, True
        self._is_scrolled_away = False
        self._put_cursor(place)
        self._scroll_to_cursor()
        self._update_frame()
        if before != self._cursor.key:
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
        return max(1, self._page_rows - self._layout.fixed_lines)

    @property
    def _cursor_below(self) -> int:
        """The cursor's line, counted from the first one below the block; negative in the block."""
        return self._cursor.place - self._layout.height

    def _top_after(self, *, was_top: bool) -> int:
        """The first line to scroll to, counted below the block, after the rows have changed.

        New tasks push in at the top, until the cursor would leave the screen. What a person has scrolled to
        stays.
        """
        below, room = self._cursor_below, self._scrolled_rows
        if was_top and not self._is_scrolled_away and (below < room or not self._cursor.is_touched):
            return 0
        if self._is_scrolled_away or below < 0:
            return self._anchored_top()
        # The table may have become smaller since it was drawn.
        line = max(0, min(self._cursor_y - self._layout.fixed_lines, room - 1))
        return below - line

    def _anchored_top(self) -> int:
        """The first line to scroll to so that what is drawn below the block stays where it is."""
        for y, drawn in enumerate(self._frame[self._frame_top :]):
            place = find_place(line_key(drawn), self._rows, self._layout)
            if place is not None and place >= self._layout.height:
                return place - self._layout.height - y
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
        lines = HEAD_HEIGHT + self._layout.fixed_lines + self._layout.places - self._layout.height
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
        before, self._is_scrolled_away = self._cursor.key, False
        self._find_cursor()
        self._scroll_to_cursor()
        self._update_frame()
        if before != self._cursor.key:
            self.cursor_moved(by_person=False)

    def on_mount(self) -> None:
        """Mark terminals with 16 colours, in which a tint looks like the background."""
        few = self.app.console.color_system == "standard" and not self.app.is_headless
        self.set_class(few, "-few-colors")

    # --- drawing ---

    def _build_lines(self) -> list[FrameLine]:
        layout, room = self._layout, max(0, self.size.height - HEAD_HEIGHT)
        lines = [self._build_line_at(place) for place in range(layout.height)]
        if layout.has_rule:
            lines.append(RuleLine(self._rule_text, self.describe_new_tasks()))
        first = layout.height + self.scroll_offset.y
        for place in range(first, first + room - len(lines)):
            lines.append(self._build_line_at(place) if place < layout.places else None)
        return lines[:room]

    def _build_line_at(self, place: int) -> FrameLine:
        row = self._layout.row_at(place)
        if row is not None:
            return self._build_line(self._rows[row])
        layout = self._layout
        if isinstance(layout, RowGroups):
            group = layout.group_at(place)
            return None if group is None else self._build_group_line(group, layout)
        return FoldLine(layout.describe_folded() if isinstance(layout, RowBlocks) else "", self.is_on_fold)

    def _build_group_line(self, group: TaskGroup, layout: RowGroups) -> GroupLine:
        is_under_cursor = self._cursor.key.head == group.key
        folded = layout.is_folded(group.key)
        return build_group_line(group, self._cell_context, folded=folded, cursor=is_under_cursor)

    def _first_task_below(self) -> TaskId | None:
        """The first task that is scrolled."""
        row = self._layout.row_at(self._layout.height)
        return self._rows[row].id if row is not None and row < len(self._rows) else None

    @property
    def has_rule(self) -> bool:
        """Whether a rule is drawn, which says how many tasks are new."""
        return self._layout.has_rule

    def describe_new_tasks(self) -> str:
        """How many tasks came above the first one on the screen since the newest was seen: `↑ 5 new`."""
        row = None if self._newest_seen is None else self._rows.position(self._newest_seen)
        place = None if row is None else self._layout.place_of(row)
        new = 0 if place is None else min(place - self._layout.height, self.scroll_offset.y)
        return f"{'^' if self._cell_context.ascii else '↑'} {format_count(new)} new" if new > 0 else ""

    def _build_line(self, task: Task) -> TaskLine:
        task_id = task.id
        cells = row_cells(task, self._overlays.get(task_id), self._keys, self._cell_context)
        return TaskLine(task_id, cells, task_id in self._marks, task_id == self.cursor_id)

    def _update_frame(self) -> None:
        """Bring the drawn lines up to date, and ask for a repaint of what differs."""
        self._follow_rows()
        if self.scroll_offset.y == 0:
            self._newest_seen = self._first_task_below()
        before, lines = self._frame, self._build_lines()
        slots, head_slots = self._arrange_slots(lines)
        was_empty = not any(before)
        same_shape = (slots, head_slots) == (self._frame_slots, self._titled_slots)
        same_shape = same_shape and len(before) == len(lines) and was_empty is not any(lines)
        self._frame_top = self._layout.fixed_lines
        self._frame, self._frame_slots, self._titled_slots = lines, slots, head_slots
        self._cursor_y = self._cursor_y if (line := self._cursor_line()) is None else line
        if not same_shape:
            self.refresh()
            return
        regions = changed_regions(before, lines, slots, self._line_width)
        if regions:
            self.refresh(*(region.translate((0, HEAD_HEIGHT)) for region in regions))

    def _arrange_slots(self, lines: Sequence[FrameLine]) -> tuple[FrameSlots, tuple[Slot, ...]]:
        """Lay the columns out for these lines; returns the slots of the cells, and those with titles."""
        tasks = [line for line in lines if isinstance(line, TaskLine)]
        grow_widths(self._widths, self._keys, (line.cells for line in tasks))
        slots = titled = arrange_columns(self._line_width, self._keys, self._widths)
        groups: tuple[Slot, ...] = ()
        if isinstance(self._layout, RowGroups):
            heads = [line for line in lines if isinstance(line, GroupLine)]
            grow_widths(self._widths, GROUP_KEYS, (line.cells for line in heads))
            groups = arrange_group_columns(self._line_width, self._layout.groups[0].kind, self._widths)
            titled = groups if self._layout.is_all_folded else slots
        by_key = {slot.key: slot for slot in slots}
        return FrameSlots(tuple(by_key.get(key) for key in self._keys), list_group_slots(groups)), titled

    def render_line(self, y: int) -> Strip:
        """Draw one line of the widget."""
        width, palette, plain = self._line_width, self._get_palette(), self._cell_context.ascii
        if not len(self._rows) or not self._titled_slots:
            return self._render_empty_line(y)
        if y < HEAD_HEIGHT:
            moments = self.time_format != "age"
            return paint_head(
                self._titled_slots, width, palette, self._sort_shown(), ascii=plain, moments=moments
            )
        line = self._frame[y - HEAD_HEIGHT] if y - HEAD_HEIGHT < len(self._frame) else None
        if line is None:
            return Strip.blank(width, palette["text", False])
        return paint_frame_line(line, self._frame_slots, width, palette, ascii=plain)

    def _sort_shown(self) -> tuple[str, bool] | None:
        """The column with the arrow: AGE and CREATED stand for the same order, STATUS for a reason in it."""
        sort = self._sort
        if sort is not None and sort[0] == "age" and "age" not in self._keys:
            return ("created", sort[1])
        heads = [slot.key for slot in head_slots(self._titled_slots)]
        if sort is not None and sort[0] == "reason" and "reason" not in heads:
            # It stands behind the sign of the status.
            return ("status", sort[1])
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
