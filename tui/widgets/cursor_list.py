"""A list of rows with a cursor that is held by what it is on, and with the scroll position that follows it.

It draws nothing: where its rows stand, it asks of their arrangement.
"""

from __future__ import annotations

from collections.abc import Collection

from textual.geometry import Size
from textual.scroll_view import ScrollView

from backend_adapters.model import Task, TaskKey
from tui.textual_ext.widget import store_virtual_size
from tui.widgets.group_line import GroupLine
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
from tui.widgets.task_line import FoldLine, FrameLine, TaskLine, line_key

HEAD_HEIGHT = 1
"""Lines that the column heads take."""


class CursorList(ScrollView):
    """Rows in an arrangement, one line each, below a line of heads."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: RowSource = EmptyRows()
        self._layout: RowLayout = RowBlocks()
        self._unfolded: set[str] = set()
        """The keys of the groups whose tasks are shown."""
        self._frame: list[FrameLine] = []
        """The lines as they were last drawn."""
        self._frame_top = 0
        """The line of the frame at which the scrolled rows begin."""
        self._cursor = ListCursor()
        self._told_key = NO_LINE
        """What the cursor was on when its move was last told."""
        self._cursor_y = 0
        """The line of the rows' area that the cursor was last drawn on."""
        self._is_scrolled_away = False
        """The mouse has scrolled; the cursor may be out of sight."""
        self._is_settling = False
        self._newest_seen: TaskKey | None = None
        """The first task below the block when that was last on the screen: those above it are new."""

    def _update_frame(self) -> None:
        """Called when the lines to be drawn may have changed."""
        raise NotImplementedError

    # --- the cursor ---

    def cursor_moved(self, *, by_person: bool) -> None:
        """Called when the cursor has moved to another task, or there is none any more."""

    def _tell_move(self, *, by_person: bool) -> None:
        """Tell, once, that the cursor is on something else than when a move was last told."""
        if self._told_key != self._cursor.key:
            self._told_key = self._cursor.key
            self.cursor_moved(by_person=by_person)

    @property
    def cursor_key(self) -> TaskKey | None:
        """The key of the task under the cursor; None on the line of the folded tasks."""
        return self._cursor.key.task_key

    @property
    def cursor_task(self) -> Task | None:
        """The task under the cursor, as it is in the current rows."""
        row = self._cursor.find_row(self._rows)
        return None if row is None else self._rows[row]

    def place_cursor(self, task_key: TaskKey) -> bool:
        """Move the cursor to a task and scroll to it; false where it is not among the rows."""
        row = self._rows.position(task_key)
        if row is not None:
            self._cursor.is_touched = True
            self._layout = self._arrange_rows(self._rows, keep=row)
            self._move_cursor_to(self._layout.place_of(row) or 0)
        return row is not None

    def leave_tasks(self, keys: Collection[TaskKey]) -> None:
        """Move the cursor on where its task is one of these: they are other tasks than were drawn."""
        if self.cursor_key in keys:
            self._follow_rows()
            self._go_to_next_line(self._next_surviving_line(but=keys))

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
            self._go_to_next_line(
                NO_LINE if self._cursor.key.head == FOLD_HEAD else self._next_surviving_line()
            )

    def _go_to_next_line(self, near: LineKey) -> None:
        """Set the cursor to a line, or to the place that it had, without a scroll."""
        self._layout = self._arrange_rows(self._rows, keep=find_row(near, self._rows))
        place = find_place(near, self._rows, self._layout)
        self._put_cursor(self._cursor.place if place is None else place)

    def _put_cursor(self, place: int) -> None:
        """Set the cursor to a place, and arrange the rows for it, without a scroll."""
        self._cursor.put_on(place, self._rows, self._layout)
        self._follow_rows()

    def _next_surviving_line(self, but: Collection[TaskKey] = ()) -> LineKey:
        """What is drawn next to the vanished line, and is still there; none of the tasks `but`."""

        def is_on_top(key: LineKey) -> bool | None:
            if key.task_key in but:
                return None
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
        self._cursor.is_touched = True
        self._is_scrolled_away = False
        self._put_cursor(place)
        self._scroll_to_cursor()
        self._update_frame()
        self._tell_move(by_person=True)

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
        self._is_scrolled_away = False
        self._find_cursor()
        self._scroll_to_cursor()
        self._update_frame()
        self._tell_move(by_person=False)

    def _first_task_below(self) -> TaskKey | None:
        """The first task that is scrolled."""
        row = self._layout.row_at(self._layout.height)
        return self._rows[row].key if row is not None and row < len(self._rows) else None

    @property
    def has_rule(self) -> bool:
        """Whether a rule is drawn, which says how many tasks are new."""
        return self._layout.has_rule
