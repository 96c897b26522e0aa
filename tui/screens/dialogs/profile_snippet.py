"""The dialog that shows a place as a profile to paste: graphtop itself writes no configuration."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui.clipboard import CopyText, describe_copy
from tui.screens.dialogs.dialog import Dialog
from tui.text import join_key_hints, sanitize, sanitize_lines


class SnippetScreen(Dialog[None]):
    """Shows the TOML and the file that it belongs in; `c` copies it."""

    CSS_PATH = "../../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "close", show=False),
        Binding("c", "copy", show=False),
    ]

    def __init__(self, toml: str, path: str, *, ascii: bool = False) -> None:
        super().__init__(ascii=ascii)
        self._toml = toml
        self._path = path

    def compose(self) -> ComposeResult:
        """The path, the text, and that graphtop never writes the file."""
        with Vertical(id="dialog"), Vertical(id="body"):
            yield Static(Content(f"To save this profile, paste it into {sanitize(self._path)}:"), id="path")
            yield Static(Content("\n".join(sanitize_lines(self._toml.rstrip("\n")))), id="toml")
            yield Static("graphtop never writes to that file.", id="note")

    def on_mount(self) -> None:
        """Name the dialog and its keys."""
        dialog = self.query_one("#dialog")
        dialog.border_title = "Save as profile"
        dialog.border_subtitle = join_key_hints("c copy", "esc close", ascii=self._ascii)

    def action_copy(self) -> None:
        """Send the text to the terminal's clipboard."""

        def say_copied(is_certain: bool) -> None:
            self.notify(describe_copy("the profile", is_certain=is_certain))

        self.app.post_message(CopyText(self._toml, say_copied))
