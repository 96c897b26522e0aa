"""The first screen where no server is named: an address to try, the profiles, and the demo."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from backend_adapters.errors import BackendError, NotLoggedIn
from backend_adapters.model import Scope, ServerInfo
from backend_adapters.transport.target import Target
from tui import text
from tui.connection.profile_source import CannotOpen, ProfileSummary
from tui.screens.dialogs.picker import ChoiceList
from tui.screens.dialogs.profile_snippet import SnippetScreen
from tui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from backend_adapters.backend import Backend
    from tui.connection.profile_switcher import ProfileSwitcher

TRY_DELAY = 0.4
"""Seconds without a key after which an address is tried."""

DEMO_NAME = ""
"""Stands for the demo among the names of profiles; no profile can have this name."""

GRAPHS_SHOWN = 6

MIN_ROOMY_HEIGHT = 20
"""With fewer lines, the screen has no blank ones."""

INVITATION = ("Type the address of a server's REST API; it is checked as you type.", "$text-muted")

CreateBackend = Callable[[Target], "Backend"]
"""Makes a backend to try an address with."""


class WelcomeActions(Struct, frozen=True, kw_only=True):
    """The ways on from the welcome screen."""

    profile_source: ProfileSwitcher
    create_backend: CreateBackend
    open_target: Callable[[Target], None]
    open_profile: Callable[[str], None]


class WelcomeScreen(Screen[None]):
    """Asks where to go. It sends no login anywhere, and saves nothing."""

    CSS_PATH = "../styles/welcome.tcss"
    AUTO_FOCUS = "#address"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move('cursor_up')", show=False),
        Binding("down,ctrl+n", "move('cursor_down')", show=False),
        Binding("ctrl+s", "snippet", show=False),
        Binding("escape", "clear", show=False),
    ]

    def __init__(self, welcome: WelcomeActions, *, address: str = "", ascii: bool = False) -> None:
        """`address` is offered for correction: it was opened before and did not answer."""
        super().__init__()
        self._actions = welcome
        self._address = address
        self._ascii = ascii
        self._timer: Timer | None = None
        self._profiles: tuple[ProfileSummary, ...] = ()
        self._target: Target | None = None
        self._file_note = ""
        self._shown_lines: tuple[tuple[str, str], ...] = ()
        self.set_class(ascii, "-ascii")

    # What it looks like.

    def compose(self) -> ComposeResult:
        """A title, the input, the outcome of a try, the places, and the keys."""
        with Vertical(id="page"):
            yield Static(Content.styled("graphtop", "bold $text-primary"), id="title")
            yield Static("The tasks of your graph database, live.", id="lead", classes="quiet")
            yield Static("Server", classes="head")
            yield LineInput(id="address", placeholder="http://host:8080", longest=2000)
            yield Static(id="finding", markup=False)
            yield Static(id="places", classes="head", markup=False)
            yield ChoiceList(id="choices", compact=True, markup=False)
            yield Static(id="file", classes="quiet", markup=False)
        yield Static(id="keys", classes="quiet", markup=False)

    def on_mount(self) -> None:
        """List the places."""
        dot = " - " if self._ascii else " · "
        arrows = "up/down" if self._ascii else "↑↓"
        keys = ("enter open", f"{arrows} choose", "^S save as profile", "esc clear", "^Q quit")
        self.query_one("#keys", Static).update(dot.join(keys))
        self._show_lines(INVITATION)
        # The address is tried as if it had been typed, which shows its error.
        self.query_one("#address", Input).value = self._address

    def on_screen_resume(self) -> None:
        """Read the file of profiles, at first and after each dialog."""
        self._read_file()

    def on_resize(self, event: events.Resize) -> None:
        """Drop the blank lines on a small terminal, and fit the places into the new width."""
        tight = event.size.height < MIN_ROOMY_HEIGHT
        self.set_class(tight, "-tight")
        self.query_one(ChoiceList).styles.max_height = max(3, event.size.height - (10 if tight else 17))
        self.call_after_refresh(self._list_places)
        self.call_after_refresh(self._draw_lines)

    def _read_file(self) -> None:
        """Read the profiles, once."""
        self._profiles = self._actions.profile_source.list_profiles()
        self._file_note = self._about_file()
        self._list_places()

    @property
    def _has_parts(self) -> bool:
        """Whether its widgets are there: a server may answer while the screen is being removed."""
        return all(self.query(part) for part in ("#page", "#address", "#finding", "#choices"))

    def _list_places(self) -> None:
        if not self._has_parts:
            return
        choices = self.query_one(ChoiceList)
        at = choices.highlighted
        width = min(24, max((text.cell_width(text.sanitize(one.name)) for one in self._profiles), default=4))
        lines = [self._draw_place(one, max(4, width)) for one in self._profiles]
        demo = ProfileSummary(name="demo", url="a simulated live server; no network needed")
        choices.set_options(Option(line) for line in [*lines, self._draw_place(demo, max(4, width))])
        choices.highlighted = (None if self._typed_address else 0) if at is None else min(at, len(lines))
        self.query_one("#places", Static).update("Profiles and demo" if lines else "No server at hand?")
        self.query_one("#file", Static).update(Content(self._file_note))

    def _draw_place(self, one: ProfileSummary, width: int) -> Content:
        """A name, its marks, and where it leads."""
        room = max(10, self.query_one("#page").content_size.width - width - 5)
        marks = one.marks
        colour = "bold $text-error" if one.production or one.insecure else "$text-warning"
        wrong = text.sanitize(one.problem)
        if wrong:
            marks, colour = "", "$text-error"
        left = room - (text.cell_width(marks) + 2 if marks else 0)
        url = text.fit_cells(wrong or text.sanitize(one.url), max(8, left), ascii=self._ascii)
        name = text.fit_cells(text.sanitize(one.name), width, ascii=self._ascii)
        return Content.assemble(
            name, "  ", (url, colour if wrong else "$text-muted"), ("  " + marks if marks else "", colour)
        )

    def _about_file(self) -> str:
        """Where the profiles are, or would be."""
        source = self._actions.profile_source
        wrong, path = text.sanitize(source.file_problem), text.sanitize(source.path)
        if wrong:
            return f"{wrong}\nRun graphtop config check for details."
        if self._profiles:
            return f"From {path}"
        return f"Profiles are read from {path}\nRun graphtop config example to see how to write one."

    def _show_lines(self, *lines: tuple[str, str]) -> None:
        """Show the outcome of a try as lines, each with its colour."""
        self._shown_lines = lines
        self._draw_lines()

    def _draw_lines(self) -> None:
        if not self._has_parts:
            return
        width = max(20, self.query_one("#page").content_size.width)
        parts = [
            Content.styled(part, colour)
            for line, colour in self._shown_lines
            for part in textwrap.wrap(line, width, subsequent_indent="  ") or [""]
        ]
        self.query_one("#finding", Static).update(Content("\n").join(parts))

    # Trying an address.

    @on(Input.Changed, "#address")
    def _address_changed(self, event: Input.Changed) -> None:
        """Try the address once nothing more is typed."""
        event.stop()
        self._stop_trying()
        self._target = None
        if not self._has_parts:
            return
        # Enter opens the marked place; one is marked again once the input is empty or an arrow is pressed.
        self.query_one(ChoiceList).highlighted = None if event.value.strip() else 0
        if event.value.strip():
            self._show_lines(("…" if not self._ascii else "...", "$text-muted"))
            self._timer = self.set_timer(TRY_DELAY, self._try_address)
        else:
            self._show_lines(INVITATION)

    def _stop_trying(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self.workers.cancel_group(self, "try")

    @property
    def _typed_address(self) -> str:
        return self.query_one("#address", Input).value.strip()

    def _try_address(self) -> None:
        target = self._read_address() if self._has_parts else None
        if target is not None:
            dots = "..." if self._ascii else "…"
            self._show_lines((f"Connecting to {text.sanitize(target.url)}{dots}", "$text-muted"))
            self.run_worker(self._try_server(target), group="try", exclusive=True)

    def _read_address(self) -> Target | None:
        """The target of the typed address; None, with an error on the screen, where it is not valid."""
        try:
            return self._actions.profile_source.parse_target(self._typed_address)
        except CannotOpen as error:
            self._show_lines((text.sanitize(str(error)), "$text-error"))
            return None

    async def _try_server(self, target: Target) -> None:
        backend = self._actions.create_backend(target)
        try:
            info = await backend.connect()
            scopes = await backend.scopes()
        except BackendError as error:
            self._show_failure(error)
        else:
            self._target = target
            self._show_server(info, scopes, backend.source.dialect)
        finally:
            await backend.aclose()

    def _show_server(self, info: ServerInfo, scopes: tuple[Scope, ...], dialect: str) -> None:
        sign = "*" if self._ascii else "✓"
        product = text.sanitize_label(f"{info.product} {info.version or ''}".strip())
        places = [text.sanitize_label(scope.qualified_graph) or "all graphs" for scope in scopes]
        word = "graph" if len(places) == 1 else "graphs"
        lines = [
            (f"{sign} {product}, dialect {text.sanitize(dialect)}", "$text-success"),
            (f"  {len(places)} {word}: {text.join_some(places, GRAPHS_SHOWN)}", "$text"),
        ]
        if info.note:
            lines.append((f"  {text.sanitize_label(info.note)}", "$text-muted"))
        self._show_lines(*lines)

    def _show_failure(self, error: BackendError) -> None:
        if isinstance(error, NotLoggedIn):
            needs = {"token": "a token", "keys": "an access key", "password": "a login"}
            self._show_lines(
                (f"Connected. This server needs {needs[error.wants]}.", "$text-warning"),
                ("  Press enter to open it and sign in.", "$text-muted"),
            )
            return
        sign = "x" if self._ascii else "✗"
        hint = [(f"  {text.sanitize(error.hint)}", "$text-muted")] if error.hint else []
        self._show_lines((f"{sign} {text.sanitize(str(error))}", "$text-error"), *hint)

    # Going on.

    def action_move(self, action: str) -> None:
        """Move among the places with the keys of the input."""
        choices = self.query_one(ChoiceList)
        if choices.highlighted is None:
            choices.highlighted = 0
        else:
            getattr(choices, f"action_{action}")()

    @on(Input.Submitted, "#address")
    def _address_submitted(self, event: Input.Submitted) -> None:
        """Open the address that is typed, else the place under the cursor."""
        event.stop()
        # The outcome of a try would replace the reason why the address can't be opened.
        self._stop_trying()
        if not self._has_parts:
            return
        names = [one.name for one in self._profiles]
        if self.query_one(ChoiceList).highlighted is not None:
            self._place_chosen()
        elif self._typed_address in names:
            self._open_profile(self._typed_address)
        elif self._typed_address:
            target = self._read_address()
            if target is not None:
                self._actions.open_target(target)

    @on(OptionList.OptionSelected, "#choices")
    def _place_chosen(self) -> None:
        index = self.query_one(ChoiceList).highlighted or 0
        self._open_profile(self._profiles[index].name if index < len(self._profiles) else DEMO_NAME)

    def _open_profile(self, name: str) -> None:
        if name == DEMO_NAME:
            self._actions.open_target(self._actions.profile_source.make_demo_target())
        else:
            self._actions.open_profile(name)

    def show_error(self, sentence: str) -> None:
        """Say why a place could not be opened."""
        self._show_lines((text.sanitize(sentence), "$text-error"))

    def action_clear(self) -> None:
        """Empty the field."""
        self.query_one("#address", Input).value = ""

    def action_snippet(self) -> None:
        """Show the address that is typed as a profile to paste."""
        if not self._typed_address:
            self._show_lines(("Type an address first, then ^S shows it as a profile.", "$text-warning"))
            return
        target = self._target or self._read_address()
        if target is None:
            # What is typed is no address: the screen says why.
            self._stop_trying()
            return
        source = self._actions.profile_source
        from tui.config.options import ScreenOptions

        self.app.push_screen(
            SnippetScreen(source.format_profile(target, ScreenOptions()), source.path, ascii=self._ascii)
        )
