"""A virtual list of tasks: it draws only visible rows, repaints only what changed, and follows keys.

This is the task table without its keys. Whatever happens to the rows, the cursor stays on its task.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

from msgspec.structs import replace
from textual.geometry import Region, Size
from textual.strip import Strip

from backend_adapters.model import Millis, Task, TaskKey
from tui.field_rules import CellContext, Times
from tui.task_group import TaskGroup
from tui.text import format_count
from tui.widgets.columns import (
    ESTIMATE_MIN_WIDTH,
    Cell,
    RowOverlay,
    Slot,
    arrange_columns,
    grow_widths,
    head_slots,
    match_slots,
    row_cells,
    select_columns,
)
from tui.widgets.cursor_list import HEAD_HEIGHT, CursorList
from tui.widgets.group_line import (
    GROUP_KEYS,
    GroupLine,
    arrange_group_columns,
    build_group_line,
)
from tui.widgets.row_blocks import RowBlocks
from tui.widgets.row_groups import RowGroups
from tui.widgets.row_source import RowSource
from tui.widgets.table_palette import TABLE_LOOKS, Palette, build_palette
from tui.widgets.task_line import (
    FoldLine,
    FrameLine,
    FrameSlots,
    RuleLine,
    TaskLine,
    changed_regions,
    paint_empty,
    paint_frame_line,
    paint_head,
)


class TaskList(CursorList):
    """The tasks, one per line, under a line of heads: the unfinished ones stay, the others are scrolled.

    `show_when_empty` sets what an empty table says; `show_sort` only says which head carries the arrow.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"task-table--{look}" for look in (*TABLE_LOOKS, "cursor")}

    def __init__(self, *, ascii: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._overlays: Mapping[TaskKey, RowOverlay] = {}
        self._old: Collection[TaskKey] = ()
        self._problems: Collection[TaskKey] = ()
        """The rows of an earlier session, which are drawn grey."""
        self._cell_context = CellContext(now=0, ascii=ascii)
        self._wide = self._graphs = self._places = self._reasons = self._estimates = False
        self._hidden: frozenset[str] = frozenset()
        self._keys = select_columns(wide=False, graphs=False)
        self._widths: dict[str, int] = {}
        self._frame_slots = FrameSlots()
        self._titled_slots: tuple[Slot, ...] = ()
        """Where titles are drawn: those of the tasks' columns, or of the groups' where all are folded."""
        self._rule_text = ""
        self._sort: tuple[str, bool] | None = None
        self._empty_text: tuple[str, ...] = ()
        self._marks: dict[TaskKey, None] = {}
        self.marks: tuple[TaskKey, ...] = ()
        """The marked tasks in the order in which they were marked; the filter may hide some."""
        self._palette: Palette | None = None

    # --- what is shown ---

    def show_rows(
        self,
        rows: RowSource,
        *,
        overlays: Mapping[TaskKey, RowOverlay],
        now_ms: Millis,
        old: Collection[TaskKey] = (),
        problems: Collection[TaskKey] = (),
    ) -> None:
        """Show the current `rows`; the cursor, the marks and the scroll position follow the tasks.

        Those of `old` are from an earlier session: they are drawn grey, and can't be marked.
        Those of `problems` need a person, and carry a sign.
        """
        was_top = self.scroll_offset.y == 0
        self._rows, self._overlays, self._old, self._problems = rows, overlays, old, problems
        self._cell_context = replace(self._cell_context, now=now_ms)
        self._find_cursor()
        self._scroll_at(self._top_after(was_top=was_top))
        self._update_frame()
        # Rows that went before they were shown have taken the cursor with them.
        self._tell_move(by_person=False)

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
        for key in ("age", "group last", "group first"):
            self._widths.pop(key, None)
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

    def show_places(self, places: bool, *, production: bool = False) -> None:
        """Say whether the rows belong to several places, and whether any of these is production."""
        context = replace(self._cell_context, indents_places=production)
        if (places, context) != (self._places, self._cell_context):
            self._places, self._cell_context = places, context
            self._update_columns()

    @property
    def shows_places(self) -> bool:
        """Whether the rows belong to several places."""
        return self._places

    def show_reasons(self, reasons: bool) -> None:
        """Say whether some of the rows have failed, so that a column tells why."""
        if reasons != self._reasons:
            self._reasons = reasons
            self._update_columns()

    @property
    def wants_estimates(self) -> bool:
        """Whether there is room to tell when the rows end."""
        return self._wide or self._line_width >= ESTIMATE_MIN_WIDTH

    def show_estimates(self) -> None:
        """Say that it is known of some row when it ends; the column then stays, so that none jumps."""
        if not self._estimates:
            self._estimates = True
            self._update_columns()

    @property
    def _shows_estimates(self) -> bool:
        return self._wide or (self._estimates and self.wants_estimates and "eta" not in self._hidden)

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
            places=self._places,
            moments=moments,
            reasons=self._reasons,
            estimates=self._shows_estimates,
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
        folded = (
            layout.describe_folded(is_counted=self._places or not self._old)
            if isinstance(layout, RowBlocks)
            else ""
        )
        return FoldLine(folded, self.is_on_fold)

    def _build_group_line(self, group: TaskGroup, layout: RowGroups) -> GroupLine:
        is_under_cursor = self._cursor.key.head == group.key
        folded = layout.is_folded(group.key)
        return build_group_line(group, self._cell_context, folded=folded, cursor=is_under_cursor)

    def describe_new_tasks(self) -> str:
        """How many tasks came above the first one on the screen since the newest was seen: `↑ 5 new`."""
        row = None if self._newest_seen is None else self._rows.position(self._newest_seen)
        place = None if row is None else self._layout.place_of(row)
        new = 0 if place is None else min(place - self._layout.height, self.scroll_offset.y)
        return f"{'^' if self._cell_context.ascii else '↑'} {format_count(new)} new" if new > 0 else ""

    def _build_line(self, task: Task) -> TaskLine:
        key = task.key
        cells = row_cells(task, self._overlays.get(key), self._keys, self._cell_context)
        old = key in self._old
        if old:
            # The note of another cell is a sign, or stands in the place of its text.
            notes = [
                cell.note if name == "name" else "" for name, cell in zip(self._keys, cells, strict=True)
            ]
            cells = tuple(Cell(cell.text, "old", note) for cell, note in zip(cells, notes, strict=True))
        return TaskLine(key, cells, key in self._marks, key == self.cursor_key, old, key in self._problems)

    def _update_frame(self) -> None:
        """Bring the drawn lines up to date, and ask for a repaint of what differs."""
        if self._shows_estimates is not ("eta" in self._keys):
            # The size is another one.
            self._update_columns()
            return
        self._follow_rows()
        if self.scroll_offset.y == 0:
            self._newest_seen = self._first_task_below()
        before, lines = self._frame, self._build_lines()
        slots, titled = self._arrange_slots(lines)
        was_empty = not any(before)
        same_shape = (slots, titled) == (self._frame_slots, self._titled_slots)
        same_shape = same_shape and len(before) == len(lines) and was_empty is not any(lines)
        self._frame_top = self._layout.fixed_lines
        self._frame, self._frame_slots, self._titled_slots = lines, slots, titled
        self._cursor_y = self._cursor_y if (line := self._cursor_line()) is None else line
        if not same_shape:
            self.refresh()
            return
        regions = changed_regions(before, lines, slots, self._line_width)
        if regions:
            self.refresh(*(region.translate((0, HEAD_HEIGHT)) for region in regions))

    def _arrange_slots(self, lines: Sequence[FrameLine]) -> tuple[FrameSlots, tuple[Slot, ...]]:
        """Lay the columns out for these lines; returns the slots of the cells, and of the titles."""
        tasks = [line for line in lines if isinstance(line, TaskLine)]
        grow_widths(self._widths, self._keys, (line.cells for line in tasks))
        slots = arrange_columns(self._line_width, self._keys, self._widths)
        groups: tuple[Slot, ...] = ()
        if isinstance(self._layout, RowGroups):
            heads = [line for line in lines if isinstance(line, GroupLine)]
            grow_widths(self._widths, GROUP_KEYS, (line.cells for line in heads))
            groups = arrange_group_columns(self._line_width, self._layout.groups[0].kind, self._widths)
            titled = groups if self._layout.is_all_folded else head_slots(slots)
        else:
            titled = head_slots(slots, all_reasons=self._have_reasons(tasks))
        return FrameSlots(match_slots(self._keys, slots), match_slots(GROUP_KEYS, groups)), titled

    def _have_reasons(self, lines: Sequence[TaskLine]) -> bool:
        """Whether there are lines, and each tells why its task has failed."""
        if not lines or "reason" not in self._keys:
            return False
        at = self._keys.index("reason")
        return all(line.cells[at].text for line in lines)

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
        titles = [slot.key for slot in self._titled_slots]
        if sort is not None and sort[0] == "reason" and "reason" not in titles:
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
