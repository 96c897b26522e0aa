"""The command palette: all that can be done here, what changes a server last and in red."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from msgspec.structs import replace

from tui.screens.dialogs.choice_list import Choice
from tui.screens.dialogs.picker import PickerScreen
from tui.screens.dialogs.word_starts import find_word_starts, rank_match

THEMES_GROUP = "Theme"
"""What is in this group comes behind all commands that were found, however well it matches."""


class PaletteScreen(PickerScreen[str]):
    """Gives the action of the chosen command, or None."""

    PLACEHOLDER = "type a command"
    NO_MATCH = "No command matches. Press backspace to see more."
    starts_on_best: ClassVar[bool] = True

    def __init__(
        self,
        commands: Iterable[Choice[str]],
        *,
        more: Iterable[Choice[str]] = (),
        current: str | None = None,
        ascii: bool = False,
    ) -> None:
        """Offer `commands`; `more` are found only by typing, and `current` has the star."""
        if ascii:
            commands = [replace(one, label=one.label.replace("…", "...")) for one in commands]
        super().__init__("Commands", commands, current=current, ascii=ascii)
        self._more = tuple(more)

    def find_choices(self, choices: Sequence[Choice[str]], typed: str) -> Sequence[Choice[str]]:
        """All commands, or those with words that begin as the typed ones did, the best first.

        What changes a server comes behind everything else, and is found by the words of its name only.
        """
        if not typed.strip():
            return choices
        found = [one for one in (*choices, *self._more) if find_word_starts(one.label, typed) is not None]
        return sorted(
            found, key=lambda one: (one.changes, one.group == THEMES_GROUP, rank_match(one.label, typed))
        )
