"""The widgets of the confirm dialog: its buttons, its input, and the list of tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar, get_args

from rich.segment import Segment
from textual import events
from textual.containers import Vertical
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Button

from backend_adapters.model import Task, TaskKey
from tui.screens.dialogs.dialog import EarlyInputGuard
from tui.screens.tasks.action_plan import PlaceTasks
from tui.task_name import readable_name
from tui.text import cell_width, fit_cells, production_sign, sanitize, sanitize_label, status_glyph
from tui.widgets.line_input import LineInput
from tui.widgets.status_style import StatusStyle, status_style, status_word


def describe_status(task: Task, ascii: bool) -> str:
    """The status as a glyph and a word."""
    glyph = status_glyph(task.status, ascii=ascii)
    return fit_cells(f"{glyph} {sanitize_label(status_word(task))}", 14, ascii=ascii).rstrip()


class DialogPart(Vertical):
    """A part of what is inside the dialog's frame; calls back once it needs another height."""

    def __init__(self, on_new_height: Callable[[], None], *, id: str) -> None:
        super().__init__(id=id)
        self._on_new_height = on_new_height

    @property
    def whole_height(self) -> int:
        """The lines that it needs, also where it has fewer and scrolls."""
        return self.virtual_size.height + self.gutter.height

    def on_resize(self) -> None:
        """Report the new height."""
        self.call_after_refresh(self._on_new_height)

    def watch_virtual_size(self) -> None:
        """Report that what scrolls has another height."""
        self.call_after_refresh(self._on_new_height)


class ConfirmButton(EarlyInputGuard, Button, inherit_bindings=False):
    """Yes or No, with a label that names the action. `ConfirmScreen.on_key` handles enter."""


class ConfirmInput(EarlyInputGuard, LineInput):
    """Where a person confirms by typing. `n` and `q` stay keys of the dialog unless the answer holds them."""

    joins_keys = False

    def __init__(self, word: str) -> None:
        super().__init__(id="typed", longest=max(40, len(word)))
        self._letters = set(word.casefold())

    async def on_key(self, event: events.Key) -> None:
        """Leave a key that means no to the dialog."""
        if event.character in ("n", "q") and event.character not in self._letters:
            event.prevent_default()


def _place_heads(heads: Iterable[PlaceTasks]) -> Iterator[tuple[int, PlaceTasks]]:
    """The heads with the lines that they stand on."""
    line = 0
    for head in heads:
        yield line, head
        line += 1 + head.number


class TaskRows(EarlyInputGuard, ScrollView, can_focus=True):
    """The tasks of the dialog, a line each; only visible lines are drawn, so 2,000 open as fast as two."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--id",
        "rows--name",
        "rows--news",
        "rows--place",
        "rows--production",
        *(f"rows--{look}" for look in get_args(StatusStyle)),
    }

    def __init__(
        self,
        tasks: tuple[Task, ...],
        on_hidden: Callable[[int, int], None],
        *,
        heads: tuple[PlaceTasks, ...] = (),
        ascii: bool,
    ) -> None:
        """`on_hidden` is called with the number of tasks below the visible ones, and of all if it scrolls.

        Each of `heads` stands above its tasks, which are in the same order.
        """
        super().__init__(id="rows")
        self._on_hidden = on_hidden
        self._tasks = tasks
        self._head_lines = dict(_place_heads(heads))
        self._ascii = ascii
        self._changes: dict[TaskKey, str] = {}
        self._id_width = min(12, max(2, *(cell_width(sanitize(task.id)) for task in tasks)))
        statuses = {(task.status, task.raw_status): task for task in tasks}.values()
        self._status_width = max(6, *(cell_width(describe_status(task, ascii)) for task in statuses))
        self._line_count = len(tasks) + len(heads)
        self.virtual_size = Size(0, self._line_count)

    @property
    def last_head_line(self) -> int:
        """The line that the head of the last place stands on; -1 where there are no heads."""
        return max(self._head_lines, default=-1)

    def on_resize(self) -> None:
        """Tell how many rows are not visible now."""
        self.call_after_refresh(self._tell_hidden)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell how many rows are below after a scroll."""
        super().watch_scroll_y(old_value, new_value)
        self._tell_hidden()

    def _tell_hidden(self) -> None:
        visible, total = self.scrollable_content_region.height, self._line_count
        end = visible + self.scroll_offset.y
        below = max(0, total - end) - sum(line >= end for line in self._head_lines)
        self._on_hidden(below, len(self._tasks) if total > visible > 0 else 0)

    def show_changes(self, changes: dict[TaskKey, str]) -> None:
        """Show what became of some tasks at the end of their lines."""
        if changes != self._changes:
            self._changes = changes
            self.refresh()

    def render_head(self) -> str:
        """The heads of the columns, aligned with them."""
        task_id = fit_cells("ID", self._id_width, align="right")
        return f"{task_id}  {fit_cells('STATUS', self._status_width)}  NAME"

    def render_line(self, y: int) -> Strip:
        """One task as a line: id, status, name, and what changed at the right; or the head of a place."""
        line = self.scroll_offset.y + y
        width = self.scrollable_content_region.width
        if line >= self._line_count:
            return Strip.blank(width, self.rich_style)
        if (head := self._head_lines.get(line)) is not None:
            pieces = self._draw_head(head, width)
        else:
            index = line - sum(above < line for above in self._head_lines)
            pieces = self._draw_task(self._tasks[index], width)
        return Strip(pieces).adjust_cell_length(width, self.rich_style)

    def _draw_head(self, head: PlaceTasks, width: int) -> Iterable[Segment]:
        """The place, with its sign where it is production, and how many tasks of it follow."""
        style = self.get_component_rich_style
        sign = f"{production_sign(ascii=self._ascii)} " if head.production else ""
        count = f"  {head.count}"
        yield Segment(sign, style("rows--production"))
        room = max(0, width - cell_width(sign) - cell_width(count))
        yield Segment(fit_cells(head.name, room, ascii=self._ascii).rstrip(), style("rows--place"))
        yield Segment(count, style("rows--id"))

    def _draw_task(self, task: Task, width: int) -> Iterable[Segment]:
        style = self.get_component_rich_style
        change = self._changes.get(task.key, "")
        room = width - self._id_width - self._status_width - 5
        room -= cell_width(change) + 2 if change else 0
        task_id = fit_cells(sanitize(task.id), self._id_width, align="right", keep="tail", ascii=self._ascii)
        yield Segment(f"{task_id}  ", style("rows--id"))
        status = fit_cells(describe_status(task, self._ascii), self._status_width)
        yield Segment(f"{status}  ", style(f"rows--{status_style(task.status)}"))
        name = fit_cells(sanitize_label(readable_name(task)), max(0, room), ascii=self._ascii)
        yield Segment(name, style("rows--name"))
        if change:
            yield Segment(f"  {change}", style("rows--news"))
