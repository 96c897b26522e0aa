"""One dialog over an empty background."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.styles.themes import THEMES, VARIABLE_DEFAULTS

UNANSWERED = object()
"""The answer of a dialog that is still open."""


class House(App[None]):
    """A background with one dialog over it, which keeps the answer."""

    def __init__(self, dialog: ModalScreen) -> None:
        super().__init__()
        self.dialog = dialog
        self.answer: object = UNANSWERED

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLE_DEFAULTS

    def compose(self) -> ComposeResult:
        yield Static("the table", markup=False)

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self.push_screen(self.dialog, self.keep)

    def keep(self, answer: object) -> None:
        assert self.answer is UNANSWERED, "answered twice"
        self.answer = answer


def screen_text(app: App) -> str:
    """The whole terminal as text, line by line."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)
