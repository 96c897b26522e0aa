"""Opens and closes the detail beside the table, and moves the focus between the two."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.geometry import Size

from backend_adapters.model import Task
from tui.monitor.monitor import Monitor
from tui.screens.tasks.interfaces import ScreenParts
from tui.screens.tasks.tab_choice import TabChoice
from tui.task_group import TaskGroup
from tui.widgets.detail_tab import DetailTab

if TYPE_CHECKING:
    from tui.screens.tasks.detail_controller import DetailController
    from tui.screens.tasks.screen import TasksScreen
    from tui.widgets.detail_pane import DetailPane

MIN_WIDTH_BESIDE = 110
"""Columns from which the detail stands beside the table."""
MIN_HEIGHT_BELOW = 22
"""Lines from which it stands below the table; with fewer it takes the whole body."""


class PaneController:
    """Shows the table, the detail, or both; the styles follow classes of the screen.

    The detail is made when it is opened for the first time: the first rows do not wait for its widgets.
    """

    def __init__(self, screen: TasksScreen, parts: ScreenParts, *, ascii: bool) -> None:
        self.pane: DetailPane | None = None
        """None until it is opened."""
        self.detail: DetailController | None = None
        """None until the pane is opened, and before the first frame."""
        self.tabs = TabChoice()
        self._screen = screen
        self._table = parts.table
        self._ascii = ascii
        self._monitor: Monitor | None = None
        self._making = asyncio.Lock()

    def attach(self, monitor: Monitor) -> None:
        """Show the tasks of this monitor."""
        self._monitor = monitor
        self._create_controller()

    async def _make_pane(self) -> DetailPane | None:
        """The pane, and its views with it; None where the screen is being removed."""
        # Imported here, as it is mounted here: it brings the views of all tabs.
        from tui.widgets.detail_pane import DetailPane

        async with self._making:
            if self.pane is None and self._screen.can_draw:
                pane = DetailPane(ascii=self._ascii)
                await self._screen.query_one("#body").mount(pane)
                self.pane = pane
                self._create_controller()
        return self.pane

    def _create_controller(self) -> None:
        if self.pane is None or self._monitor is None:
            return
        from tui.screens.tasks.detail_controller import DetailController

        utc = self._screen.presenter.utc
        self.detail = DetailController(
            self.pane,
            self._monitor,
            self._screen.run_worker,
            self._screen.problems,
            utc=utc,
            ascii=self._ascii,
        )

    @property
    def is_reading(self) -> bool:
        """Whether the detail is open."""
        return self._screen.has_class("-detail")

    @property
    def selected_task(self) -> Task | None:
        """The task that is being read where the detail has the focus, else the one under the cursor."""
        if self.is_reading and self.detail is not None and not self._table.has_focus:
            return self.detail.task
        return self._table.cursor_task

    @property
    def selected_group(self) -> TaskGroup | None:
        """The group whose head is under the cursor, unless a task is being read."""
        return None if self.selected_task is not None else self._table.cursor_group

    def place_detail(self, size: Size) -> None:
        """Place the detail beside, below or over the table, as a screen of this size has room."""
        beside = size.width >= MIN_WIDTH_BESIDE
        below = not beside and size.height >= MIN_HEIGHT_BELOW
        self._screen.set_class(beside, "-beside")
        self._screen.set_class(below, "-below")
        self._screen.set_class(not beside and not below, "-over")

    async def _open_pane(self) -> DetailPane | None:
        """Show the task under the cursor; with the focus in an open detail, that one's task stays."""
        pane = await self._make_pane()
        if pane is None:
            return None
        if not self.is_reading or self._table.has_focus:
            self._screen.add_class("-detail")
            if self.detail is not None:
                self.detail.show_task(self._table.cursor_task, self._table.cursor_group)
            if self._table.cursor_key is not None:
                # The table gets smaller now: its cursor must not be left outside.
                self._screen.call_after_refresh(self._table.place_cursor, self._table.cursor_key)
        self._screen.refresh_bindings()
        return pane

    async def open_answer(self) -> None:
        """Open the detail at the tab that has the answer; the tab of an open one stays."""
        was_open = self.is_reading
        pane = await self._open_pane()
        if pane is None:
            return
        if not was_open:
            pane.show_tab(self._find_tab(self._shown_task))
        pane.focus_view()

    def _find_tab(self, task: Task | None) -> DetailTab:
        """The tab that has the answer: of a task that needs a person the one that says why."""
        is_problem = task is not None and self._screen.problems.is_told_first(task)
        return DetailTab.OVERVIEW if is_problem else self.tabs.find_tab(task)

    async def open_tab(self, tab: DetailTab) -> None:
        """Open the detail at a tab; in an open one a person has then chosen that tab."""
        was_open = self.is_reading
        pane = await self._open_pane()
        if pane is None:
            return
        pane.show_tab(tab)
        pane.focus_view()
        self.tabs.is_held = True
        if was_open:
            self.remember_tab()

    def remember_tab(self) -> None:
        """Note the open tab as the one that a person wants to see of such tasks."""
        if self.pane is not None:
            self.tabs.remember(self._shown_task, self.pane.tab)

    @property
    def _shown_task(self) -> Task | None:
        return self.detail.task if self.detail is not None else None

    def close_detail(self) -> None:
        """Show the table alone."""
        self._screen.remove_class("-detail", "-full")
        self.tabs.is_held = False
        if self.detail is not None:
            self.detail.clear_texts()
        self._screen.set_focus(self._table)
        self._screen.refresh_bindings()

    def end_search(self) -> bool:
        """End a search in a text; False where there is none."""
        return self.pane is not None and self.pane.end_search()

    def close_step(self) -> bool:
        """Take a full-screen detail back to its half, or close it; False where none is open."""
        if self._screen.has_class("-full") and self._screen.has_class("-beside"):
            self._screen.remove_class("-full")
        elif self.is_reading:
            self.close_detail()
        else:
            return False
        return True

    def follow_cursor(self, *, by_person: bool) -> None:
        """Show the task under the cursor; one that left the rows by itself stays open before its reader."""
        if self.is_reading and by_person and self.detail is not None and self.pane is not None:
            self.detail.show_task(self._table.cursor_task, self._table.cursor_group)
            task = self._shown_task
            is_on_any = task is not None or self._table.cursor_group is not None
            if is_on_any and not self.tabs.is_held:
                self.pane.show_tab(self._find_tab(task))
        self._screen.refresh_bindings()

    def read_open_tab(self) -> None:
        """Fetch what the open tab shows, where it is not here yet."""
        if self.detail is not None and self.is_reading:
            self.detail.fetch_open_tab()

    def focus_next_pane(self) -> None:
        """Go from the table to the detail, or back."""
        if self._table.has_focus and self.is_reading and self.pane is not None:
            self.pane.focus_view()
        else:
            self._screen.remove_class("-full")
            self._screen.app.stylesheet.update(self._screen)
            self._screen.set_focus(self._table)

    def toggle_full(self) -> None:
        """Give the whole body to the detail, or share it again."""
        self._screen.toggle_class("-full")
        if self._screen.has_class("-full") and self.pane is not None:
            self.pane.focus_view()
