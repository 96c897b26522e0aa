"""The line of the filter, which is made when a person opens it: the first rows do not wait for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.screens.tasks.interfaces import ScreenParts

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui.widgets.filter_bar import FilterBar


class FilterLine:
    """The line below the tabs, whether it is there yet or not."""

    def __init__(self, screen: Screen[None], parts: ScreenParts, *, ascii: bool) -> None:
        self.bar: FilterBar | None = None
        """None until it is opened."""
        self._screen = screen
        self._parts = parts
        self._ascii = ascii
        self._making = asyncio.Lock()
        self._count: tuple[int, int | None] = (0, 0)
        self._more, self._note = False, ""

    @property
    def text(self) -> str:
        """What is typed."""
        return "" if self.bar is None else self.bar.text

    async def open(self) -> None:
        """Let a person type."""
        await self._make_bar()
        if self.bar is not None:
            self.bar.start_editing()

    async def show_text(self, text: str) -> None:
        """Show a filter that was set elsewhere, in a line that may not be there yet."""
        if text:
            await self._make_bar()
        self.set_text(text)

    async def _make_bar(self) -> None:
        # Imported here, as it is mounted here: it brings Textual's input.
        from tui.widgets.filter_bar import FilterBar

        async with self._making:
            if self.bar is None and self._screen.is_attached:
                bar = FilterBar(ascii=self._ascii)
                await self._screen.mount(bar, after=self._parts.tabs)
                self.bar = bar
                self._draw_count()

    def set_text(self, text: str) -> None:
        """Show a filter that was set elsewhere, once there is a line."""
        if self.bar is not None:
            self.bar.set_text(text)

    def show_count(self, shown: int, total: int | None, *, more: bool = False, note: str = "") -> None:
        """Show how many tasks match, once there is a line; see `FilterBar.show_count`."""
        self._count, self._more, self._note = (shown, total), more, note
        self._draw_count()

    def _draw_count(self) -> None:
        if self.bar is not None:
            self.bar.show_count(*self._count, more=self._more, note=self._note)

    def show_error(self, message: str, position: int, length: int = 1) -> None:
        """Show what is wrong with the text."""
        if self.bar is not None:
            self.bar.show_error(message, position, length)

    def clear_error(self) -> None:
        """Show no mistake."""
        if self.bar is not None:
            self.bar.clear_error()
