"""The task table alone on a screen, and ways to ask what it shows."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import App, ComposeResult
from textual.geometry import Region

from backend_adapters.model import Task, TaskStatus, build_task
from tui.styles.themes import THEMES
from tui.task_group import TaskGroup
from tui.widgets.columns import RowOverlay
from tui.widgets.task_table import TaskTable

NOW = 1_795_420_000_000


class TaskRows(list[Task]):
    """Rows as the engine gives them."""

    def __init__(self, rows: Iterable[Task] = (), *, running: int = 0, waiting: int = 0) -> None:
        super().__init__(rows)
        self.running_rows, self.waiting_rows = running, waiting
        self.expects_ended = False
        self.groups: tuple[TaskGroup, ...] = ()

    def position(self, task_id: str, /) -> int | None:
        return next((row for row, task in enumerate(self) if task.id == task_id), None)


def task(number: int, status: TaskStatus = TaskStatus.SUCCESS, **fields: object) -> Task:
    values: dict[str, object] = {
        "id": str(number),
        "type": "gremlin",
        "name": f"job {number}",
        "status": status,
        "raw_status": status.value,
        "created": NOW - 180_000,
        "updated": NOW - 168_000,
    }
    return build_task(**{**values, **fields})


def newest_first(count: int) -> TaskRows:
    return TaskRows(task(number) for number in range(count, 0, -1))


class CountingTable(TaskTable):
    """Notes every region it asks to have repainted; an empty tuple is the whole widget."""

    def __init__(self, **options: bool) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.painted: list[tuple[Region, ...]] = []

    def refresh(self, *regions: Region, **options: bool) -> CountingTable:
        if options.get("repaint", True):
            self.painted.append(regions)
        return super().refresh(*regions, **options)


class TaskTableApp(App[None]):
    """The table alone, and the messages it sends."""

    def __init__(self, **options: bool) -> None:
        super().__init__()
        self.table = CountingTable(**options)
        self.heard: list[object] = []
        self.by_person: list[bool] = []
        for theme in THEMES:
            self.register_theme(theme)

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.theme = THEMES[0].name
        self.table.focus()

    def on_task_table_cursor_moved(self, message: TaskTable.CursorMoved) -> None:
        self.heard.append(("cursor", message.task_key))
        self.by_person.append(message.by_person)

    def on_task_table_fold_opened(self) -> None:
        self.heard.append("fold")

    def on_task_table_marking_refused(self) -> None:
        self.heard.append("refused")

    def on_task_table_opened(self, message: TaskTable.Opened) -> None:
        self.heard.append(("opened", message.task_key))

    def on_task_table_marks_changed(self, message: TaskTable.MarksChanged) -> None:
        self.heard.append(("marks", message.keys))

    def on_task_table_head_clicked(self, message: TaskTable.HeadClicked) -> None:
        self.heard.append(("head", message.key))


def show(table: TaskTable, rows: TaskRows, now: int = NOW, **overlays: RowOverlay) -> None:
    table.show_rows(
        rows, overlays={key.lstrip("_"): overlay for key, overlay in overlays.items()}, now_ms=now
    )


def lines(table: TaskTable) -> list[str]:
    return [table.render_line(y).text for y in range(table.size.height)]


def ids(table: TaskTable) -> list[str]:
    return [line.split()[0] for line in (text.lstrip("▌ ") for text in lines(table)[1:]) if line]


def cursor_line(table: TaskTable) -> int | None:
    """The screen line that is drawn on the cursor's tint."""
    plain = table.get_component_rich_style("task-table--text").bgcolor
    for y in range(1, table.size.height):
        style = table.render_line(y)._segments[0].style
        if style is not None and style.bgcolor != plain:
            return y
    return None
