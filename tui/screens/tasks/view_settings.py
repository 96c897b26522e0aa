"""How the tasks are shown: filter, order, columns, times, interval; and what stays for the next screen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.model import FAILURES, Task
from tui.field_rules import Times
from tui.fields import COLUMNS, SORTS
from tui.monitor.filters import FilterError, compile_filter
from tui.monitor.monitor import Monitor
from tui.monitor.poller import INTERVALS
from tui.monitor.view import PROBLEMS_KEY, TAB_GROUPS, Order, Shape, TabGroup, make_problem_group
from tui.screens.tasks.interfaces import ScreenParts
from tui.screens.tasks.presenter import TasksPresenter
from tui.task_group import GroupKind
from tui.widgets.detail_tab import DetailTab

if TYPE_CHECKING:
    from tui.monitor.saved_views import SavedView, ViewPlace
    from tui.screens.tasks.screen import TasksScreen

GROUPING_HINTS: dict[GroupKind, str] = {
    "cause": "failures of the same kind",
    "place": "server and graph",
    "status": "running, waiting, failed…",
    "type": "gremlin, rebuild…",
}
TIMES: tuple[Times, ...] = ("age", "local", "utc")
"""In the order in which one key goes through them."""


class ViewSettings(Struct, frozen=True, kw_only=True):
    """The settings that do not depend on the graph: they stay when another place is shown."""

    order: Order
    grouped_by: GroupKind | None = None
    wide: bool
    times: Times
    utc: bool
    """Whether times are in UTC, as `--utc` asks for whatever the column AGE shows."""
    paused: bool
    chosen_tabs: Mapping[str, DetailTab]
    """The tabs of the detail that a person chose, by kind of state."""
    filter: str = ""
    """Of a saved view; in another place than that, what was typed is no filter."""
    group: TabGroup = TAB_GROUPS[0]
    hidden: tuple[ViewPlace, ...] = ()
    """The places whose rows a saved view hides."""

    @property
    def is_narrowed(self) -> bool:
        """Whether not all tasks are shown one by one."""
        return self.grouped_by is not None or bool(self.filter) or self.group != TAB_GROUPS[0]


def use_saved_view(view: SavedView, before: ViewSettings | None, *, utc: bool) -> ViewSettings:
    """The settings with which a view is opened; what it does not hold is as it was before."""
    # Imported here, as below: only a view needs it.
    from tui.monitor.saved_shape import restore_shape

    shape, _ = restore_shape(view)
    before = before or ViewSettings(
        order=shape.order, wide=False, times="utc" if utc else "age", utc=utc, paused=False, chosen_tabs={}
    )
    return replace(
        before,
        order=shape.order,
        grouped_by=shape.grouped_by,
        wide=view.wide,
        paused=False,
        filter=view.filter,
        group=shape.group,
        hidden=view.hidden,
    )


def drop_places(shape: Shape) -> Shape:
    """A shape for one place: one that sorts or groups by place is that of all tasks one by one."""
    order = Order() if shape.order.column == "place" else shape.order
    return replace(shape, order=order, grouped_by=None if shape.grouped_by == "place" else shape.grouped_by)


def _hide_places(monitor: Monitor, hidden: Collection[ViewPlace]) -> None:
    """Hide exactly these of several places."""
    from tui.monitor.saved_shape import name_found_place

    if monitor.is_joint:
        monitor.hide_named_places(lambda source: name_found_place(source) in hidden)


def _find_group(key: str, monitor: Monitor) -> TabGroup:
    """The status tab with a key; that of the problems has those of the monitor."""
    groups = (*TAB_GROUPS, make_problem_group(monitor.problems.has_problem))
    return next(group for group in groups if group.key == key)


class ViewController:
    """Changes how the tasks are shown."""

    def __init__(
        self, screen: TasksScreen, parts: ScreenParts, presenter: TasksPresenter, *, ascii: bool
    ) -> None:
        self._screen = screen
        self._parts = parts
        self._presenter = presenter
        self._ascii = ascii
        self._of_several: ViewSettings | None = None
        """The settings that the screen began with, which can be those of several places."""

    def read_settings(self, monitor: Monitor) -> ViewSettings:
        """The settings as they are now."""
        table, shape = self._parts.table, self._restore_places(monitor)
        return ViewSettings(
            order=shape.order,
            grouped_by=shape.grouped_by,
            wide=table.wide,
            times=table.time_format,
            utc=self._presenter.utc,
            paused=monitor.is_paused,
            chosen_tabs=self._screen.panes.tabs.chosen,
        )

    def _restore_places(self, monitor: Monitor) -> Shape:
        """The shape, with what one place alone left out of that of several and nobody has changed since."""
        shape, before = monitor.wanted, self._of_several
        if monitor.is_joint or before is None:
            return shape
        if before.order.column == "place" and shape.order == Order():
            shape = replace(shape, order=before.order)
        if before.grouped_by == "place" and shape.grouped_by is None:
            shape = replace(shape, grouped_by=before.grouped_by)
        return shape

    def apply_look(self, settings: ViewSettings) -> None:
        """Look as the screen before did, from the first rows on."""
        table = self._parts.table
        table.wide, table.time_format = settings.wide, settings.times
        self._presenter.show_utc(settings.utc)
        self._screen.panes.tabs.chosen.update(settings.chosen_tabs)

    def apply_settings(self, settings: ViewSettings, monitor: Monitor) -> None:
        """Order and group the rows as before. Where that was paused, everything is still read once."""
        self._of_several = settings
        shape = replace(
            monitor.wanted,
            order=settings.order,
            grouped_by=settings.grouped_by,
            group=_find_group(settings.group.key, monitor),
        )
        monitor.show_shape(shape if monitor.is_joint else drop_places(shape))
        if settings.hidden:
            _hide_places(monitor, settings.hidden)
        if settings.filter:
            self._show_filter(settings.filter)
        if settings.paused:
            monitor.set_paused(True)
            monitor.refresh_all()

    def show_saved_view(self, view: SavedView) -> None:
        """Show the tasks that are watched as a view of the same places does."""
        from tui.monitor.saved_shape import restore_shape

        shape, _ = restore_shape(view)
        self._parts.table.wide = view.wide
        if self._screen.monitor is not None:
            _hide_places(self._screen.monitor, view.hidden)
        if self._screen.monitor is not None and not self._screen.monitor.is_joint:
            shape = drop_places(shape)
        self._change_shape(lambda now: replace(shape, is_one_list=now.is_one_list))
        self.show_group(shape.group.key)
        self._show_filter(view.filter)

    def _show_filter(self, typed: str) -> None:
        """Show the rows that match now, and the filter in its line, which says why one can't be used."""
        self.filter_rows(typed)
        self._screen.call_later(self._write_filter, typed)

    async def _write_filter(self, typed: str) -> None:
        await self._screen.filter_line.show_text(typed)
        self.filter_rows(typed)

    def filter_rows(self, typed: str) -> None:
        """Show the rows that match a filter, or what is wrong with it."""
        bar = self._screen.filter_line
        try:
            parsed = compile_filter(typed, find_rule=self._find_rule)
        except FilterError as error:
            bar.show_error(str(error), error.position, error.length)
            return
        bar.clear_error()
        self._change_shape(lambda shape: replace(shape, filter=parsed))

    def show_group(self, key: str) -> None:
        """Show the tasks of one status tab."""
        monitor = self._screen.monitor
        if monitor is None:
            return
        group = _find_group(key, monitor)
        self._change_shape(lambda shape: replace(shape, group=group))
        # The footer has other keys for problems.
        self._screen.refresh_bindings()

    def show_problems(self) -> None:
        """Show all tasks that need a person, whatever was filtered before."""
        if self._screen.filter_line.text:
            self._screen.filter_line.set_text("")
            self.filter_rows("")
        self.show_group(PROBLEMS_KEY)

    def _find_rule(self, task: Task) -> str:
        monitor = self._screen.monitor
        return "" if monitor is None else monitor.problems.find_rule(task)

    def choose_sort_column(self) -> None:
        """Let the person choose the column to sort by."""
        if self._screen.monitor is None:
            return
        # Imported here, as all dialogs are: the first rows do not wait for them.
        from tui.screens.dialogs.choice_list import Choice
        from tui.screens.dialogs.picker import PickerScreen

        current = self._screen.monitor.wanted.order.column
        shows_places = self._parts.table.shows_places
        choices = [
            Choice(key, column.title.lower())
            for key, column in COLUMNS.items()
            if key in SORTS and (key != "place" or shows_places)
        ]
        picker = PickerScreen("Sort by", choices, current=current, ascii=self._ascii)
        self._screen.app.push_screen(picker, self.sort_by)

    def sort_by(self, column: str | None) -> None:
        """Sort by a column, the largest first where that is usual; None changes nothing."""
        if column is not None:
            order = Order(column, descending=SORTS[column].largest_first)
            self._change_shape(lambda shape: replace(shape, order=order))

    def sort_by_head(self, column: str) -> None:
        """Sort by the column whose head was clicked, or turn its order round."""
        if column not in SORTS:
            return
        monitor = self._screen.monitor
        if monitor is not None and monitor.wanted.order.column == column:
            self.invert_order()
        else:
            self.sort_by(column)

    @property
    def is_grouped(self) -> bool:
        """Whether the tasks are shown in groups."""
        monitor = self._screen.monitor
        return monitor is not None and monitor.wanted.grouped_by is not None

    def choose_grouping(self) -> None:
        """Let the person choose what to group by; where failures are shown their cause comes first."""
        monitor = self._screen.monitor
        if monitor is None:
            return
        if monitor.session_rows.last is not None:
            self._screen.show_message(
                "Rows of an earlier session are not grouped. Wait for the server's answer."
            )
            return
        from tui.screens.dialogs.choice_list import Choice
        from tui.screens.dialogs.picker import PickerScreen

        shape = monitor.wanted
        has_failures = shape.group.statuses is None or bool(FAILURES & shape.group.statuses)
        kinds: list[GroupKind] = ["status", "type"]
        if self._parts.table.shows_places:
            kinds.insert(0, "place")
        if has_failures:
            kinds.insert(0 if shape.group.statuses is not None else len(kinds), "cause")
        choices: list[Choice[GroupKind | Literal["none"]]] = [
            Choice(kind, kind, GROUPING_HINTS[kind]) for kind in kinds
        ]
        if shape.grouped_by is not None:
            choices.append(Choice("none", "no groups"))

        def choose(kind: GroupKind | Literal["none"] | None) -> None:
            if kind is not None:
                self.group_by(None if kind == "none" else kind)

        picker = PickerScreen("Group by", choices, current=shape.grouped_by, ascii=self._ascii)
        self._screen.app.push_screen(picker, choose)

    def group_by(self, kind: GroupKind | None) -> None:
        """Show the tasks in groups of a kind; None shows them in one list again."""
        self._change_shape(lambda shape: replace(shape, grouped_by=kind))

    def invert_order(self) -> None:
        """Turn the order round."""

        def invert(shape: Shape) -> Shape:
            return replace(shape, order=replace(shape.order, descending=not shape.order.descending))

        self._change_shape(invert)

    def _change_shape(self, change: Callable[[Shape], Shape]) -> None:
        monitor = self._screen.monitor
        if monitor is not None:
            monitor.show_shape(change(monitor.wanted))
            self._presenter.draw_header()

    def show_next_times(self) -> None:
        """Go on from ages to local times to UTC."""
        times = TIMES[(TIMES.index(self._parts.table.time_format) + 1) % len(TIMES)]
        self._parts.table.time_format = times
        self._presenter.show_utc(times == "utc")

    def change_interval(self, step: int) -> None:
        """Poll slower where `step` is positive, else faster."""
        monitor = self._screen.monitor
        if monitor is None:
            return
        now = monitor.interval
        slower = [interval for interval in INTERVALS if interval > now]
        faster = [interval for interval in reversed(INTERVALS) if interval < now]
        choices = slower if step > 0 else faster
        if choices:
            monitor.set_interval(choices[0])
            self._presenter.draw_header()
