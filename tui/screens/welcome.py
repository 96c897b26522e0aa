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
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from backend_adapters.errors import BackendError
from backend_adapters.transport.target import Target
from tui import text
from tui.connection.profile_source import CannotOpen, ProfileSummary
from tui.screens.address_form import PROJECT_MISSING, AddressForm
from tui.screens.dialogs.choice_list import ChoiceList
from tui.screens.dialogs.profile_snippet import create_snippet_screen
from tui.screens.welcome_lines import (
    INVITATION,
    StyledLine,
    describe_failed_try,
    describe_file,
    describe_found_server,
    draw_place,
    list_keys,
)

if TYPE_CHECKING:
    from backend_adapters.backend import Backend
    from tui.connection.profile_switcher import ProfileSwitcher

TRY_DELAY = 0.4
"""Seconds without a key after which an address is tried."""

MIN_ROOMY_HEIGHT = 20
"""With fewer lines, the screen has no blank ones."""

ROOMY_LINES, TIGHT_LINES = 19, 11
"""Lines that are taken beside the list of places."""

DEMO = ProfileSummary(name="demo", url="a simulated live server; no network needed")
"""The last of the places; it is told from a profile of this name by its position."""

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

    def __init__(self, welcome: WelcomeActions, *, failed: Target | None = None, ascii: bool = False) -> None:
        """`failed` is offered for correction: it was opened before and did not answer."""
        super().__init__()
        self._actions = welcome
        self._ascii = ascii
        self._timer: Timer | None = None
        self._profiles: tuple[ProfileSummary, ...] = ()
        self._target: Target | None = None
        self._file_note = ""
        self._shown_lines: tuple[StyledLine, ...] = ()
        self.set_class(ascii, "-ascii")
        # Attributes, not queries: a server may answer while the screen is being removed.
        self._form = AddressForm(failed, ascii=ascii)
        self._choices = ChoiceList(id="choices", compact=True, markup=False)

    # What it looks like.

    def compose(self) -> ComposeResult:
        """A title, the form, the outcome of a try, the places, and the keys."""
        with Vertical(id="page"):
            yield Static(Content.styled("graphtop", "bold $text-primary"), id="title")
            yield Static("The tasks of your graph database, live.", id="lead", classes="quiet")
            yield Static("Server", classes="head")
            yield self._form
            yield Static(id="finding", markup=False)
            yield Static(id="places", classes="head", markup=False)
            yield self._choices
            yield Static(id="file", classes="quiet", markup=False)
        yield Static(id="keys", classes="quiet", markup=False)

    def on_mount(self) -> None:
        """Invite to type an address."""
        self._show_lines(INVITATION)

    def on_screen_resume(self) -> None:
        """Read the file of profiles, at first and after each dialog; the cursor stays on its place."""
        at = self._choices.highlighted
        chosen = None if at is None else self._places[at]
        self._profiles = self._actions.profile_source.list_profiles()
        self._file_note = describe_file(self._actions.profile_source, self._profiles)
        self._list_places(None if chosen is None else self._find_place(chosen))

    def on_resize(self, event: events.Resize) -> None:
        """Drop the blank lines on a small terminal, and fit the places into the new width."""
        tight = event.size.height < MIN_ROOMY_HEIGHT
        self.set_class(tight, "-tight")
        self._choices.styles.max_height = max(3, event.size.height - (TIGHT_LINES if tight else ROOMY_LINES))
        self.call_after_refresh(lambda: self._list_places(self._choices.highlighted))
        self.call_after_refresh(self._draw_lines)

    @property
    def _has_parts(self) -> bool:
        """Whether its widgets are there: a server may answer while the screen is being removed."""
        return all(self.query(part) for part in ("#page", "#address", "#finding", "#choices"))

    @property
    def _places(self) -> tuple[ProfileSummary, ...]:
        """The profiles, then the demo."""
        return (*self._profiles, DEMO)

    @property
    def _first_place(self) -> int:
        """The place that enter opens where nothing is typed: the first one without a mistake."""
        return next(index for index, one in enumerate(self._places) if not one.problem)

    def _find_place(self, chosen: ProfileSummary) -> int:
        """Where a place stands in the list; the first one where it is gone."""
        names = [one.name for one in self._profiles]
        if chosen is DEMO:
            return len(names)
        return names.index(chosen.name) if chosen.name in names else self._first_place

    def _list_places(self, at: int | None) -> None:
        """List them with the cursor on the place `at`; without one, on what enter opens."""
        if not self._has_parts:
            return
        places = self._places
        width = max(4, min(24, max(text.cell_width(text.sanitize(one.name)) for one in places)))
        room = max(10, self.query_one("#page").content_size.width - width - 5)
        self._choices.set_options(Option(draw_place(one, width, room, ascii=self._ascii)) for one in places)
        if at is not None:
            self._choices.highlighted = at
        else:
            self._choose_what_enter_opens()
        self.query_one("#places", Static).update(
            "Profiles and demo" if self._profiles else "No server at hand?"
        )
        self.query_one("#file", Static).update(Content(self._file_note))
        self._show_keys()

    def _choose_what_enter_opens(self) -> None:
        """Mark the first place, or none while an address is typed: then enter opens that."""
        self._choices.highlighted = None if self._form.address else self._first_place

    @on(OptionList.OptionHighlighted, "#choices")
    def _show_keys(self) -> None:
        """Say what enter opens now, and the other keys."""
        if not self._has_parts:
            return
        index = self._choices.highlighted
        place = "" if index is None or index >= len(self._places) else self._places[index].name
        keys = self.query_one("#keys", Static)
        has_address = bool(self._form.address)
        room = keys.content_size.width
        keys.update(Content(list_keys(place, room, has_address=has_address, ascii=self._ascii)))

    def _show_lines(self, *lines: StyledLine) -> None:
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

    @on(AddressForm.Edited)
    def _form_edited(self, event: AddressForm.Edited) -> None:
        """Try the address once nothing more is typed."""
        event.stop()
        self._stop_trying()
        self._target = None
        if not self._has_parts:
            return
        # One place is marked again once the address is empty or an arrow is pressed.
        self._choose_what_enter_opens()
        self._show_keys()
        if self._form.address:
            self._show_lines(("..." if self._ascii else "…", "$text-muted"))
            self._timer = self.set_timer(TRY_DELAY, self._try_address)
        else:
            self._show_lines(INVITATION)

    def _stop_trying(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self.workers.cancel_group(self, "try")

    def _try_address(self) -> None:
        target = self._read_address() if self._has_parts else None
        if target is not None:
            dots = "..." if self._ascii else "…"
            self._show_lines((f"Connecting to {text.sanitize(target.url)}{dots}", "$text-muted"))
            self.run_worker(self._try_server(target), group="try", exclusive=True)

    def _read_address(self, *, mark: bool = False) -> Target | None:
        """What the form names; None, with the reason on the screen, where it is not valid or not complete.

        What is missing is marked where `mark` says that a person wants to go on.
        """
        try:
            target = self._form.complete(self._actions.profile_source.parse_target(self._form.address))
        except CannotOpen as error:
            self._show_lines((text.sanitize(str(error)), "$text-error"))
            return None
        if self._form.lacks_project(target):
            self._show_lines((PROJECT_MISSING, "$text-warning"))
            if mark:
                self._form.mark_project()
            return None
        return target

    async def _try_server(self, target: Target) -> None:
        backend = self._actions.create_backend(target)
        try:
            info = await backend.connect()
            scopes = await backend.scopes()
        except BackendError as error:
            self._show_failure(error)
        else:
            self._target = target
            self._show_lines(*describe_found_server(info, scopes, backend.source.dialect, ascii=self._ascii))
        finally:
            await backend.aclose()

    def _show_failure(self, error: BackendError) -> None:
        chosen = self._form.kind_is_chosen
        self._show_lines(*describe_failed_try(error, kind_is_chosen=chosen, ascii=self._ascii))

    # Going on.

    def action_move(self, action: str) -> None:
        """Move among the places with the keys of the form."""
        if self._choices.highlighted is None:
            self._choices.highlighted = self._first_place
        else:
            getattr(self._choices, f"action_{action}")()

    @on(AddressForm.Submitted)
    def _form_submitted(self, event: AddressForm.Submitted) -> None:
        """Open the address that is typed, else the place under the cursor."""
        event.stop()
        # The outcome of a try would replace the reason why the address can't be opened.
        self._stop_trying()
        if not self._has_parts:
            return
        typed = self._form.address
        if self._choices.highlighted is not None:
            self._place_chosen()
        elif typed in [one.name for one in self._profiles]:
            self._actions.open_profile(typed)
        elif typed:
            target = self._read_address(mark=True)
            if target is not None:
                self._actions.open_target(target)

    @on(OptionList.OptionSelected, "#choices")
    def _place_chosen(self) -> None:
        index = self._choices.highlighted or 0
        if index < len(self._profiles):
            self._actions.open_profile(self._profiles[index].name)
        else:
            self._actions.open_target(self._actions.profile_source.make_demo_target())

    def show_error(self, sentence: str) -> None:
        """Say why a place could not be opened."""
        self._show_lines((text.sanitize(sentence), "$text-error"))

    def action_clear(self) -> None:
        """Empty the form."""
        self._form.clear()

    def action_snippet(self) -> None:
        """Show the address that is typed as a profile to paste."""
        if not self._form.address:
            self._show_lines(("Type an address first, then ^S shows it as a profile.", "$text-warning"))
            return
        target = self._target or self._read_address()
        if target is None:
            # What is typed is no address: the screen says why.
            self._stop_trying()
            return
        from tui.config.options import ScreenOptions

        source = self._actions.profile_source
        self.app.push_screen(create_snippet_screen(source, target, ScreenOptions(), ascii=self._ascii))
