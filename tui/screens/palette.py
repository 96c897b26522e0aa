"""The command palette: every key of the tasks screen as a command to search for."""

from __future__ import annotations

from collections.abc import Iterable

from textual.actions import parse
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from tui.screens.keys import Key, commands
from tui.styles.themes import DARK, LIGHT


class KeyCommands(Provider):
    """Offers what the screen's keys do, and the two themes."""

    async def discover(self) -> Hits:
        """All commands, before anything is typed."""
        for key in self._available():
            yield DiscoveryHit(self._label(key), lambda action=key.action: self._run(action), help=key.keys)
        for theme in (DARK, LIGHT):
            yield DiscoveryHit(f"theme: {theme}", lambda name=theme: self._theme(name))

    async def search(self, query: str) -> Hits:
        """The commands that match what was typed."""
        matcher = self.matcher(query)
        for key in self._available():
            score = matcher.match(key.text)
            if score > 0:
                run = lambda action=key.action: self._run(action)  # noqa: E731
                yield Hit(score, matcher.highlight(key.text), run, help=key.keys)
        for name in sorted(self.app.available_themes):
            score = matcher.match(f"theme: {name}")
            if score > 0:
                yield Hit(score, matcher.highlight(f"theme: {name}"), lambda name=name: self._theme(name))

    def _available(self) -> Iterable[Key]:
        """The commands but for those that this place has no use for."""
        return (key for key in commands() if self.screen.check_action(*_parts(key.action)) is not False)

    def _label(self, key: Key) -> Content:
        return Content(key.text)

    async def _run(self, action: str) -> None:
        await self.screen.run_action(action)

    def _theme(self, name: str) -> None:
        self.app.theme = name


def _parts(action: str) -> tuple[str, tuple[object, ...]]:
    """An action's name and its parameters."""
    _, name, parameters = parse(action)
    return name, parameters
