"""The fields of the welcome: a server's address, its kind, and the project where that kind has projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from msgspec.structs import replace
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from backend_adapters.registry import DEFAULT_DIALECT, DIALECTS
from backend_adapters.transport.origin import is_same_origin
from backend_adapters.transport.target import Target
from tui.widgets.line_input import LineInput

FIRST_KINDS = (DEFAULT_DIALECT, "hugegraph", "ges")
"""The kinds of servers that are offered before the others."""

PROJECT_MISSING = "Which project? Its id is required for this kind of server."


class KindSelector(Static, can_focus=True):
    """One line that names the kind of server; arrows and clicks change it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", show=False),
        Binding("right,space", "turn(1)", show=False),
        Binding("enter", "submit", show=False),
    ]

    @dataclass
    class Changed(Message):
        """Another kind is chosen."""

        kind: str

    class Submitted(Message):
        """Enter was pressed on it."""

    def __init__(self, *, ascii: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ascii = ascii
        self._kinds = (*FIRST_KINDS, *sorted(set(DIALECTS) - set(FIRST_KINDS)))
        self.kind = DEFAULT_DIALECT

    def on_mount(self) -> None:
        """Show the kind."""
        self._draw()

    def choose(self, kind: str) -> None:
        """Choose a kind, without a message."""
        self.kind = kind
        self._draw()

    def _draw(self) -> None:
        before, after = ("<", ">") if self._ascii else ("‹", "›")
        self.update(Content(f"{before} {DIALECTS[self.kind].label} {after}"))

    def action_turn(self, step: int) -> None:
        """Choose the next kind, or the one before."""
        self.choose(self._kinds[(self._kinds.index(self.kind) + step) % len(self._kinds)])
        self.post_message(self.Changed(self.kind))

    def action_submit(self) -> None:
        """Hand enter on."""
        self.post_message(self.Submitted())

    def on_click(self, event: events.Click) -> None:
        """Choose the next kind."""
        event.stop()
        self.action_turn(1)


class AddressForm(Vertical):
    """The address, the kind, and the project. What is typed is sent nowhere from here."""

    class Edited(Message):
        """One of the fields has changed."""

    class Submitted(Message):
        """Enter was pressed in one of the fields."""

    def __init__(self, target: Target | None = None, *, ascii: bool = False) -> None:
        """Begin with what names this server, to be corrected."""
        super().__init__()
        self._begun_with = target
        # Attributes, not queries: a message may come while the screen is being removed.
        self._address = LineInput(
            id="address", placeholder="http://host:8080", longest=2000, select_on_focus=False
        )
        self._kind = KindSelector(ascii=ascii, id="kind")
        self._project = LineInput(id="project", longest=200)
        self._project_row = Horizontal(Static("Project", classes="label"), self._project, classes="row")

    def compose(self) -> ComposeResult:
        """Three rows."""
        yield self._address
        with Horizontal(classes="row"):
            yield Static("Kind", classes="label")
            yield self._kind
        yield self._project_row

    def on_mount(self) -> None:
        """Fill in the server to begin with, which tries it as if it had been typed."""
        if self._begun_with is not None:
            self._kind.choose(self._begun_with.dialect)
            self._project.value = self._begun_with.project or ""
            self._address.value = self._begun_with.url
        self._show_project_row()

    @property
    def address(self) -> str:
        """What is typed as an address."""
        return self._address.value.strip()

    @property
    def kind_is_chosen(self) -> bool:
        """Whether a person said what kind of server it is."""
        return self._kind.kind != DEFAULT_DIALECT

    def complete(self, target: Target) -> Target:
        """The target of the address, with the kind and the project of the form."""
        kind = self._kind.kind if self.kind_is_chosen else target.dialect
        project = self._project.value.strip() or target.project
        begun = self._begun_with
        if begun is not None and not target.graph and is_same_origin(target.url, begun.url):
            target = replace(target, graph=begun.graph, graphspace=begun.graphspace)
        return replace(target, dialect=kind, project=project)

    def lacks_project(self, target: Target) -> bool:
        """Whether the project is still missing, which is asked for then."""
        lacks = DIALECTS[target.dialect].needs_project and not target.project
        self._show_project_row(is_needed=lacks)
        return lacks

    def mark_project(self) -> None:
        """Mark the project as what is missing, and go there."""
        self._project.mark_missing()

    def clear(self) -> None:
        """Empty all fields, and begin with the address again."""
        self._kind.choose(DEFAULT_DIALECT)
        self._project.value = ""
        self._address.value = ""
        self._show_project_row()
        self._address.focus()

    def _show_project_row(self, *, is_needed: bool = False) -> None:
        needed = is_needed or DIALECTS[self._kind.kind].needs_project or bool(self._project.value)
        self._project_row.display = needed

    @on(Input.Changed)
    @on(KindSelector.Changed)
    def _report_edit(self, event: Message) -> None:
        event.stop()
        self._show_project_row()
        self.post_message(self.Edited())

    @on(Input.Submitted)
    @on(KindSelector.Submitted)
    def _report_enter(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Submitted())
