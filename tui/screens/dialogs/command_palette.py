"""The command palette: every key of the tasks screen as a command to search for."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.command import CommandList, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList

from tui.screens.dialogs.dialog import OneAnswer
from tui.screens.tasks.key_bindings import KeyCommand, list_palette_commands
from tui.styles.themes import DARK, LIGHT
from tui.textual_ext.palette import MovablePalette
from tui.widgets.line_input import INPUT_LIMIT
from tui.widgets.option_moves import move_cursor

WORD_MATCH_SCORE = 1_000.0
"""The score of whole words, which is above that of any fuzzy match."""


class ActionPalette(OneAnswer, MovablePalette):
    """Textual's palette, dismissed only once; paging also works before its list is drawn."""

    def on_mount(self) -> None:
        """Limit the length of the input, as of all inputs."""
        self.query_one(Input).max_length = INPUT_LIMIT

    @on(Input.Changed)
    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _drop_late(self, message: Message) -> None:
        """Ignore messages that come after a command was chosen or the palette was closed."""
        if self.is_answered or not self.is_attached:
            message.stop()
            message.prevent_default()

    def move_in_list(self, action: str) -> None:
        """Move in the list."""
        for listed in self.query(CommandList):
            move_cursor(listed, action)


class KeyCommands(Provider):
    """Offers what the screen's keys do, and the two themes."""

    async def discover(self) -> Hits:
        """All commands, before anything is typed."""
        for key in self._list_available():
            run = lambda action=key.action_text: self.screen.run_action(action)  # noqa: E731
            yield DiscoveryHit(Content(key.text), run, help=key.keys)
        for theme in (DARK, LIGHT):
            yield DiscoveryHit(f"Theme: {theme}", lambda name=theme: self._set_theme(name))

    async def search(self, query: str) -> Hits:
        """The commands that match; those that change something must match by beginnings of words."""
        matcher = self.matcher(query)
        for key in self._list_available():
            score = matcher.match(key.text)
            if score > 0 and (not key.changes or begins_words(query, key.text)):
                run = lambda action=key.action_text: self.screen.run_action(action)  # noqa: E731
                yield Hit(rank_match(score, query, key.text), matcher.highlight(key.text), run, help=key.keys)
        for name in sorted(self.app.available_themes):
            score = matcher.match(f"Theme: {name}")
            if score > 0:
                yield Hit(score, matcher.highlight(f"Theme: {name}"), lambda name=name: self._set_theme(name))

    def _list_available(self) -> Iterable[KeyCommand]:
        """The commands that make sense here."""
        can_run = self.screen.check_action
        return (key for key in list_palette_commands() if can_run(key.action, key.parameters) is not False)

    def _set_theme(self, name: str) -> None:
        self.app.theme = name


def rank_match(score: float, query: str, text: str) -> float:
    """A score that puts texts beginning with the query first, then those whose words begin with it."""
    if text.casefold().startswith(query.casefold().strip()):
        return score + 2 * WORD_MATCH_SCORE
    return score + WORD_MATCH_SCORE * begins_words(query, text)


def begins_words(query: str, text: str) -> bool:
    """Whether each word that was typed begins a word of the text."""
    words = text.casefold().split()
    return all(any(word.startswith(typed) for word in words) for typed in query.casefold().split())
