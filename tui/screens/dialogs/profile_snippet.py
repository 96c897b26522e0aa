"""The dialog that shows a place as a profile to paste: no key of the screen writes a config file."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui.clipboard import CopyText
from tui.screens.dialogs.dialog import Dialog, DialogBand
from tui.text import join_key_hints, sanitize, sanitize_lines

if TYPE_CHECKING:
    from backend_adapters.transport.target import Target
    from tui.config.options import ScreenOptions
    from tui.connection.profile_switcher import ProfileSwitcher


class SnippetScreen(Dialog[None]):
    """Shows the TOML and the file that it belongs in; `c` copies it."""

    CSS_PATH = "../../styles/dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "close", show=False),
        Binding("c", "copy", show=False),
    ]

    def __init__(self, toml: str, path: str, *, init_command: str = "", ascii: bool = False) -> None:
        """`init_command` creates the file with this profile; empty where the file exists."""
        super().__init__(ascii=ascii)
        self._toml = toml
        self._path = sanitize(path)
        self._init_command = sanitize(init_command)

    def compose(self) -> ComposeResult:
        """The path and the text, and how to create the file where there is none."""
        with DialogBand(), Vertical(id="dialog"), Vertical(id="body"):
            yield Static(Content(f"To save this profile, paste it into {self._path}:"), id="path")
            yield Static(Content("\n".join(sanitize_lines(self._toml.rstrip("\n")))), id="toml")
            if self._init_command:
                yield Static("There is no such file yet. This creates it, with the profile:", id="create")
                yield Static(Content(self._init_command), id="command")
            yield Static("graphtop never changes a config file.", id="note", markup=False)

    def on_mount(self) -> None:
        """Name the dialog and its keys."""
        dialog = self.query_one("#dialog")
        dialog.border_title = "Save as profile"
        dialog.border_subtitle = join_key_hints("c copy", "esc close", ascii=self._ascii)

    def action_copy(self) -> None:
        """Send the text to the terminal's clipboard."""
        self.app.post_message(CopyText(self._toml, "the profile"))


def create_snippet_screen(
    source: ProfileSwitcher, target: Target, options: ScreenOptions, *, ascii: bool
) -> SnippetScreen:
    """The dialog for a server, and for the config file as it is now."""
    command = "" if source.file_exists else source.format_init_command(target)
    return SnippetScreen(
        source.format_profile(target, options), source.path, init_command=command, ascii=ascii
    )
