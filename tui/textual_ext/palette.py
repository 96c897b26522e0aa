"""Textual's command palette with a public method for what moves its cursor."""

from __future__ import annotations

from textual.command import CommandPalette


class MovablePalette(CommandPalette):
    """A command palette whose subclass moves the cursor itself."""

    def move_in_list(self, action: str) -> None:
        """Move the cursor of the list; `action` is a list's action, such as `page_down`."""
        super()._action_command_list(action)

    def _action_command_list(self, action: str) -> None:
        self.move_in_list(action)
