"""A driver for tests in one process: a terminal that shows what an application sends it."""

from __future__ import annotations

from typing import Any

from textual._context import visible_screen_stack
from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver
from textual.strip import Strip

from tests.support.emulated_screen import EmulatedScreen, SeenCell, read_cells
from tui.textual_ext.cell_app import CellApp, is_at_rest


class EmulatedDriver(HeadlessDriver):
    """A terminal of the size of the application, to be given to `run_test(headless=False)`."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self.sent = 0
        """Characters that were sent."""
        self._emulated = EmulatedScreen(*self._get_terminal_size())
        self._emulated.feed(b"\x1b[?7l")

    @property
    def is_headless(self) -> bool:
        """Whether nothing is to be drawn."""
        return False

    @property
    def emulated(self) -> EmulatedScreen:
        """The terminal, in the size that it was given last."""
        width, height = self._get_terminal_size()
        screen = self._emulated.screen
        if (screen.columns, screen.lines) != (width, height):
            screen.resize(height, width)
        return self._emulated

    def write(self, data: str) -> None:
        """Show it."""
        self.sent += len(data)
        self.emulated.feed(data.encode())


def terminal_of(app: App[Any]) -> EmulatedDriver:
    """The terminal that an application draws on."""
    driver = app._driver
    assert isinstance(driver, EmulatedDriver)
    return driver


def is_shown(app: CellApp) -> bool:
    """Whether the application is at rest and its terminal shows what it has drawn."""
    if not is_at_rest(app) or app._frame_timer is not None or not app.screen_stack:
        return False
    return not find_differences(app)


def find_differences(app: CellApp) -> list[tuple[int, int, SeenCell, SeenCell]]:
    """Line, column, what the terminal shows and what it should show, for each cell where they differ."""
    return [
        (y, x, seen, wanted)
        for y, lines in enumerate(
            zip(read_cells(terminal_of(app).emulated), read_cells(_draw_whole(app)), strict=True)
        )
        for x, (seen, wanted) in enumerate(zip(*lines, strict=True))
        if seen != wanted
    ]


def _draw_whole(app: CellApp) -> EmulatedScreen:
    """A terminal that was sent everything, by Textual's own means."""
    visible_screen_stack.set(app._background_screens)
    whole = EmulatedScreen(*app.screen.size)
    whole.feed(b"\x1b[?7l")
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        # Not the strip itself, which keeps what it has been rendered to.
        drawn = Strip(list(strip), strip.cell_length).render(app.console)
        whole.feed(f"\x1b[{y + 1}H{drawn}".encode())
    return whole
