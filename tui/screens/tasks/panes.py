"""Opens and closes the detail beside the table, and moves the focus between the two."""

from __future__ import annotations

from textual.geometry import Size
from textual.screen import Screen

from backend_adapters.model import Task
from tui.screens.tasks.detail_controller import DetailController
from tui.screens.tasks.interfaces import ScreenParts
from tui.screens.tasks.tab_choice import TabChoice
from tui.task_group import TaskGroup
from tui.widgets.detail_pane import DetailTab

MIN_WIDTH_BESIDE = 110
"""Columns from which the detail stands beside the table."""
MIN_HEIGHT_BELOW = 22
"""Lines from which it stands below the table; with fewer it takes the whole body."""


class PaneController:
    """Shows the table, the detail, or both; the styles follow classes of the screen."""

    def __init__(self, screen: Screen[None], parts: ScreenParts) -> None:
        self.detail: DetailController | None = None
        """None before the first frame."""
        self.tabs = TabChoice()
        self._screen = screen
        self._table = parts.table
        self._pane = parts.pane

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

    def open_detail(self) -> None:
        """Show the task under the cursor; with the focus in an open detail, that one's task stays."""
        if not self.is_reading or self._table.has_focus:
            self._screen.add_class("-detail")
            if self.detail is not None:
                self.detail.show_task(self._table.cursor_task, self._table.cursor_group)
            if self._table.cursor_id is not None:
                # The table gets smaller now: its cursor must not be left outside.
                self._screen.call_after_refresh(self._table.place_cursor, self._table.cursor_id)
        self._screen.refresh_bindings()

    def open_answer(self) -> None:
        """Open the detail at the tab that has the answer; the tab of an open one stays."""
        was_open = self.is_reading
        self.open_detail()
        if not was_open:
            self._pane.show_tab(self.tabs.find_tab(self._shown_task))
        self._pane.focus_view()

    def open_tab(self, tab: DetailTab) -> None:
        """Open the detail at a tab; in an open one a person has then chosen that tab."""
        was_open = self.is_reading
        self.open_detail()
        self._pane.show_tab(tab)
        self._pane.focus_view()
        self.tabs.is_held = True
        if was_open:
            self.remember_tab()

    def remember_tab(self) -> None:
        """Note the open tab as the one that a person wants to see of such tasks."""
        self.tabs.remember(self._shown_task, self._pane.tab)

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
        if self.is_reading and by_person and self.detail is not None:
            self.detail.show_task(self._table.cursor_task, self._table.cursor_group)
            task = self._shown_task
            is_on_any = task is not None or self._table.cursor_group is not None
            if is_on_any and not self.tabs.is_held:
                self._pane.show_tab(self.tabs.find_tab(task))
        self._screen.refresh_bindings()

    def read_open_tab(self) -> None:
        """Fetch what the open tab shows, where it is not here yet."""
        if self.detail is not None and self.is_reading:
            self.detail.fetch_open_tab()

    def focus_next_pane(self) -> None:
        """Go from the table to the detail, or back."""
        if self._table.has_focus and self.is_reading:
            self._pane.focus_view()
        else:
            self._screen.remove_class("-full")
            self._screen.app.stylesheet.update(self._screen)
            self._screen.set_focus(self._table)

    def toggle_full(self) -> None:
        """Give the whole body to the detail, or share it again."""
        self._screen.toggle_class("-full")
        if self._screen.has_class("-full"):
            self._pane.focus_view()
