"""The table of tasks: the list with its styles, its keys, its marks and the mouse."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message

from backend_adapters.model import TaskKey
from tui.textual_ext.widget import store_border_subtitle, store_border_title
from tui.widgets.cursor_list import HEAD_HEIGHT
from tui.widgets.group_line import GROUP_KEYS
from tui.widgets.grouped_list import GroupedList
from tui.widgets.list_cursor import NO_LINE, find_place
from tui.widgets.place_style import write_place_styles
from tui.widgets.task_line import line_key


class TaskTable(GroupedList, can_focus=True):
    """The tasks, with a cursor and marks that are held by key. See `TaskList` for what it shows."""

    DEFAULT_CSS = """
    TaskTable {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
        scrollbar-color: $foreground 20%;
        scrollbar-color-hover: $foreground 35%;
        scrollbar-color-active: $primary;
        & > .task-table--head { color: $text-disabled; }
        & > .task-table--sorted { color: $text-muted; }
        & > .task-table--text { color: $text; }
        & > .task-table--done { color: $text-muted; }
        & > .task-table--dim { color: $text-disabled; }
        & > .task-table--empty { color: $text-muted; }
        & > .task-table--mark { color: $primary; text-style: bold; }
        & > .task-table--running { color: $text-primary; }
        & > .task-table--waiting { color: $text-muted; }
        & > .task-table--success { color: $text-success 65%; }
        & > .task-table--failed { color: $text-error; }
        & > .task-table--cancelled { color: $text-warning 75%; }
        & > .task-table--transient { color: $text-warning; text-style: italic; }
        & > .task-table--stuck { color: $text-error; text-style: bold; }
        & > .task-table--old { color: $text-disabled; }
        & > .task-table--unknown { color: $text-muted; text-style: italic; }
        & > .task-table--cursor { background: $foreground 7%; color: $text; }
        &:focus > .task-table--cursor { background: $primary 20%; color: $text; }
        &:light > .task-table--success { color: $text-success 85%; }
        &:light > .task-table--cancelled { color: $text-warning; }
        PLACES
        &:ansi {
            & > .task-table--head, & > .task-table--done, & > .task-table--dim, & > .task-table--empty,
            & > .task-table--waiting, & > .task-table--success, & > .task-table--old { text-style: dim; }
            & > .task-table--success { color: $success; }
            & > .task-table--cancelled { color: $warning; }
            & > .task-table--cursor { background: ansi_default; text-style: bold; }
        }
        &:ansi:focus > .task-table--cursor { background: ansi_default; text-style: reverse; }
        &.-few-colors > .task-table--cursor { text-style: bold; }
        &.-few-colors:focus > .task-table--cursor { text-style: reverse; }
    }
    """.replace("PLACES", write_place_styles("task-table--"))

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Detail"),
        Binding("enter", "show_tasks", "Tasks"),
        Binding("space", "mark", "Mark"),
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home,g", "first", show=False),
        Binding("end,G", "last", show=False),
        Binding("V", "mark_range", show=False),
        Binding("asterisk", "mark_all", show=False),
        Binding("U", "unmark_all", show=False),
    ]

    @dataclass
    class CursorMoved(Message):
        """The cursor is on another task, or on none: a person moved it, or its task left the rows."""

        task_key: TaskKey | None
        by_person: bool

        def can_replace(self, message: Message) -> bool:
            """Only the last position matters."""
            return isinstance(message, TaskTable.CursorMoved) and message.by_person == self.by_person

    @dataclass
    class Opened(Message):
        """A person asked to see a task."""

        task_key: TaskKey

    @dataclass
    class FoldOpened(Message):
        """A person asked to see the tasks that one line stands for."""

    @dataclass
    class MarkingRefused(Message):
        """A person wanted to mark tasks that stand behind the head of a folded group, or old rows."""

        is_old: bool = False

    @dataclass
    class MarksChanged(Message):
        """The marks have changed: `keys` are those of the marked tasks, in the order of their marking."""

        keys: tuple[TaskKey, ...]

    @dataclass
    class HeadClicked(Message):
        """A person clicked a column's head: `key` is the column's."""

        key: str

    _is_click_on_task = False
    """Whether the last click chose something, which a double click opens."""

    def cursor_moved(self, *, by_person: bool) -> None:
        """Post where the cursor is now."""
        self.post_message(self.CursorMoved(self.cursor_key, by_person))

    # --- the titles in the border ---

    def set_titles(self, title: Content, subtitle: Content) -> None:
        """Set both and repaint only the border: setting `border_title` repaints all rows, 10 kB each time."""
        if store_border_title(self, title):
            self._repaint_edge(-self.gutter.top)
        if store_border_subtitle(self, subtitle):
            self._repaint_edge(self.size.height)

    def _repaint_edge(self, y: int) -> None:
        self.refresh(Region(-self.gutter.left, y, self.outer_size.width, 1))

    # --- marks ---

    def is_marked(self, task_key: TaskKey) -> bool:
        """Whether a task is marked."""
        return task_key in self._marks

    def drop_marks(self, keys: Iterable[TaskKey]) -> None:
        """Unmark tasks, such as those that are gone."""
        gone = self._marks.keys() & set(keys)
        if gone:
            self._set_marks({key: None for key in self._marks if key not in gone})

    def _set_marks(self, marks: dict[TaskKey, None]) -> None:
        if marks.keys() != self._marks.keys():
            self._marks, self.marks = marks, tuple(marks)
            self._update_frame()
            self.post_message(self.MarksChanged(self.marks))

    def action_mark(self) -> None:
        """Mark or unmark the task under the cursor, or all of an unfolded group, and move down."""
        keys = self._keys_under_cursor()
        marked = [key for key in keys if key in self._marks]
        if len(marked) == len(keys):
            self._set_marks({key: None for key in self._marks if key not in keys})
        else:
            self._set_marks(self._marks | dict.fromkeys(keys))
        if keys:
            # From the head of a group to what comes after its tasks.
            step = 1 if self.cursor_key is not None else 1 + len(keys)
            self._move_cursor_to(self._movement_start() + step)

    def _keys_under_cursor(self) -> Collection[TaskKey]:
        """The task under the cursor, or those below the head of a group; none where it is folded."""
        if self.cursor_key is not None:
            return self._leave_out_old((self.cursor_key,))
        # Before the group is asked for: it may have fewer tasks than when it was drawn.
        here, group = self._movement_start(), self.cursor_group
        if group is None:
            return ()
        if self.is_group_folded(group):
            self.post_message(self.MarkingRefused())
            return ()
        return dict.fromkeys(self._keys_between(here + 1, here + 1 + group.count))

    def action_mark_range(self) -> None:
        """Mark everything from the task marked last to the cursor."""
        last = next(reversed(self._marks), None)
        here, row = self._movement_start(), None if last is None else self._rows.position(last)
        start = None if row is None else self._layout.place_of(row)
        first, end = sorted((here if start is None else start, here))
        keys = self._leave_out_old(self._keys_between(first, end + 1))
        self._set_marks(self._marks | dict.fromkeys(keys))

    def _leave_out_old(self, keys: Iterable[TaskKey]) -> tuple[TaskKey, ...]:
        """These keys without those of old rows; where no other is left, it is said why."""
        wanted = tuple(keys)
        kept = tuple(key for key in wanted if key not in self._old) if self._old else wanted
        if wanted and not kept:
            self.post_message(self.MarkingRefused(is_old=True))
        return kept

    def _keys_between(self, first: int, end: int) -> Iterator[TaskKey]:
        """The keys of the tasks at these places: none that is folded."""
        tasks, at = iter(self._rows), 0
        # Of one place all keys are ids: `key` would be called for each of 100,000 tasks.
        is_one_place = not len(self._rows) or self._rows[0].place is None
        for rows in self._layout.row_ranges(first, end):
            for task in islice(tasks, rows.start - at, rows.stop - at):
                yield task.id if is_one_place else task.key
            at = rows.stop

    def action_mark_all(self) -> None:
        """Mark every task that passes the filter, but for those that are folded."""
        self._follow_rows()
        known = dict.fromkeys(self._keys_between(0, self._layout.places))
        keys = dict.fromkeys(self._leave_out_old(known)) if self._old else known
        if not known and len(self._rows):
            self.post_message(self.MarkingRefused())
        self._set_marks(self._marks | keys)

    def action_unmark_all(self) -> None:
        """Unmark every task, shown or not."""
        self._set_marks({})

    # --- keys and mouse ---

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer enter for what is under the cursor: a task, or the tasks that one line stands for."""
        del parameters
        is_on_task = self.cursor_key is not None
        if action == "show_tasks":
            return not is_on_task and (self.is_on_fold or self.cursor_group is not None)
        if action == "open" and not is_on_task:
            return None if self.cursor_group is None and not self.is_on_fold else False
        can_mark = len(self._rows) and not self.is_on_old_row
        return None if action == "mark" and not can_mark else True

    @property
    def is_on_old_row(self) -> bool:
        """Whether the cursor is on a row of an earlier session."""
        return self.cursor_key is not None and self.cursor_key in self._old

    def action_show_tasks(self) -> None:
        """Show the tasks that the line under the cursor stands for, or hide those of a group again."""
        self.action_open()

    def action_open(self) -> None:
        """Ask for the detail of the task under the cursor, or for the folded tasks of its line."""
        self._cursor.is_touched = True
        if self.cursor_key is not None:
            self.post_message(self.Opened(self.cursor_key))
        elif self.is_on_fold:
            self.post_message(self.FoldOpened())
        else:
            self.toggle_group()

    def action_move(self, rows: int) -> None:
        """Move the cursor by some rows, down where positive."""
        self._move_cursor_to(self._movement_start() + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor and the view by pages."""
        here, step = self._movement_start(), pages * max(1, self._scrolled_rows - 1)
        self._scroll_at(self.scroll_offset.y + step)
        self._move_cursor_to(here + step)

    def action_first(self) -> None:
        """Go to the first task, and show what came above the others."""
        self._follow_rows()
        self._scroll_at(0)
        self._move_cursor_to(0)

    def action_last(self) -> None:
        """Go to the last task."""
        self._follow_rows()
        self._move_cursor_to(self._layout.places - 1)

    def on_click(self, event: events.Click) -> None:
        """Select the task that is drawn under the pointer; open it on a double click; sort on a head."""
        spot = event.get_content_offset(self)
        if spot is None or not len(self._rows):
            return
        if spot.y < HEAD_HEIGHT:
            self._click_head(spot.x)
            return
        if event.chain == 1:
            self._is_click_on_task = self._click_line(spot.y - HEAD_HEIGHT)
        elif event.chain == 2 and self._is_click_on_task:
            # What the first click has chosen: that may have moved the lines.
            self.action_open()

    def _click_line(self, y: int) -> bool:
        """Put the cursor on what is drawn on a line; false where that is nothing."""
        key = line_key(self._frame[y]) if y < len(self._frame) else NO_LINE
        if key.task_key is not None:
            return self.place_cursor(key.task_key)
        self._follow_rows()
        place = find_place(key, self._rows, self._layout)
        if place is not None:
            self._move_cursor_to(place)
        return place is not None

    def on_key(self) -> None:
        """Show the cursor before a key does something with its task."""
        self.scroll_cursor_back()

    def _click_head(self, x: int) -> None:
        for slot in self._titled_slots:
            if slot.x <= x <= slot.x + slot.width and slot.key not in GROUP_KEYS:
                self.post_message(self.HeadClicked(slot.key))
