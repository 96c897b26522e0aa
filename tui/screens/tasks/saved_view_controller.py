"""Saves what is shown as a view under a name, and opens a view that was saved."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from tui.monitor.saved_shape import make_saved_view, name_hidden_places
from tui.monitor.saved_views import SavedView, ViewError, ViewsFile
from tui.screens.dialogs.picker import PickerScreen
from tui.screens.dialogs.view_name import ViewNameScreen, describe_view, make_view_choice

if TYPE_CHECKING:
    from tui.screens.tasks.interfaces import TasksHost
    from tui.screens.tasks.screen import TasksScreen

NO_VIEWS = "No view has been saved yet. Press : and choose Save view…"


class SavedViewController:
    """The dialogs about saved views."""

    def __init__(self, screen: TasksScreen, host: TasksHost, *, ascii: bool) -> None:
        self._screen = screen
        self._host = host
        self._ascii = ascii
        self._opened = ""
        """The name of the view that was saved or opened last."""

    @property
    def _file(self) -> ViewsFile:
        return ViewsFile(tell=self._warn)

    def _warn(self, sentence: str) -> None:
        self._screen.show_message(sentence, severity="warning")

    def save_view(self) -> None:
        """Ask for a name, and save what is shown under it."""
        view = self._make_view()
        if view is None:
            return
        try:
            known = [one.name for one in self._file.list_views()]
        except ViewError as error:
            self._warn(str(error))
            return
        dialog = ViewNameScreen(describe_view(view), known, suggested=self._opened, ascii=self._ascii)
        self._screen.app.push_screen(dialog, self._save_as)

    def _make_view(self, name: str = "") -> SavedView | None:
        """What is shown now, or say why it can't be saved."""
        monitor, places = self._screen.monitor, self._host.list_view_places()
        if monitor is None or not places:
            self._warn("This can't be saved as a view: only servers can be opened again, not the demo.")
            return None
        wide = self._screen.parts.table.wide
        hidden = name_hidden_places(monitor.places)
        return make_saved_view(name, places, monitor.wanted, wide=wide, now=self._host.now(), hidden=hidden)

    def _save_as(self, name: str | None) -> None:
        view = self._make_view(name) if name is not None else None
        if view is None:
            return
        try:
            self._file.save_view(view)
        except ViewError as error:
            self._warn(str(error))
        else:
            self._opened = view.name
            command = f"graphtop --view {shlex.quote(view.name)}"
            how = f'To open it, press : and choose "Open view…", or run {command}.'
            self._screen.show_message(f"Saved the view {view.name}. {how}")

    def choose_view(self) -> None:
        """Choose a view and open it."""
        try:
            views = {view.name: view for view in self._file.list_views()}
        except ViewError as error:
            self._warn(str(error))
            return
        choices = [make_view_choice(view) for view in views.values()]

        def open_chosen(name: str | None) -> None:
            if name is not None:
                self._open_view(views[name])

        picker = PickerScreen("Open view", choices or None, loading=NO_VIEWS, ascii=self._ascii)
        self._screen.app.push_screen(picker, open_chosen)

    def _open_view(self, view: SavedView) -> None:
        self._opened = view.name
        if view.places == self._host.list_view_places():
            self._screen.view_controller.show_saved_view(view)
        else:
            self._host.open_view(view)
