"""The places at a glance: the state, the server and the counts of each, live."""

from __future__ import annotations

from typing import ClassVar, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from backend_adapters.errors import NotLoggedIn
from backend_adapters.model import Place
from tui.monitor.health import Health
from tui.monitor.monitor import Monitor
from tui.monitor.place_labels import count_places
from tui.monitor.place_troubles import count_troubles
from tui.monitor.watched_place import WatchedPlace
from tui.screens.dialogs.dialog import Dialog
from tui.screens.dialogs.place_lines import PlaceLineMaker
from tui.text import join_key_hints, sanitize_label
from tui.widgets.place_list import PlaceLine, PlaceList

REDRAW_SECONDS = 1.0
"""Seconds between two looks at the places."""
NO_PLACES = "No place is known yet: the servers are being asked for their graphs."


class PlacesHost(Protocol):
    """What the list of places needs of the application."""

    def has_place_login(self, place: Place) -> bool:
        """Whether a place is sent a login."""
        ...

    def ask_place_login(self, place: Place, error: NotLoggedIn) -> None:
        """Ask for the login of one of the places."""
        ...


class PlacesScreen(Dialog[Place | None]):
    """Lists the places of a monitor; gives the one to watch alone, or None."""

    CSS_PATH = "../../styles/dialogs.tcss"
    AUTO_FOCUS = "PlaceList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,A", "close", show=False),
        Binding("enter", "open_place", show=False),
        Binding("space", "toggle_place", show=False),
        Binding("r", "try_place", show=False),
    ]

    def __init__(
        self,
        monitor: Monitor,
        host: PlacesHost,
        *,
        current: Place | None = None,
        utc: bool,
        ascii: bool = False,
    ) -> None:
        """The cursor begins on `current`, or on the first place."""
        super().__init__(ascii=ascii)
        self._monitor = monitor
        self._host = host
        self._lines = PlaceLineMaker(monitor.clock, host.has_place_login, utc=utc, ascii=ascii)
        self._known: dict[int, tuple[Place, WatchedPlace]] = {}
        """The places by their numbers, as drawn last."""
        self._asked: dict[int, Health] = {}
        """The places that a person has asked to be tried, with their states at that time."""
        self._said = ("", "")
        self._dialog = Vertical(id="dialog")
        self._list = PlaceList(
            self._make_line, cursor=None if current is None else current.number, ascii=ascii
        )
        self._about = Static(id="about", markup=False)

    def compose(self) -> ComposeResult:
        """The list, and below it what is to be known of the place under the cursor."""
        with self._dialog:
            yield self._list
            yield self._about

    def on_mount(self) -> None:
        """Draw, and go on once a second."""
        self.draw_places()
        self.set_interval(REDRAW_SECONDS, self.draw_places)

    # What is shown.

    def draw_places(self) -> None:
        """Draw what has changed."""
        places = [(one.place, one) for one in self._monitor.places if one.place is not None]
        self._known = {place.number: (place, one) for place, one in places}
        names = {place.number: sanitize_label(place.label) for place, _ in places}
        self._list.show_places(names, has_signs=self._monitor.has_production)
        self._draw_texts()

    def _make_line(self, number: int) -> PlaceLine:
        return self._lines.make_line(*self._known[number])

    @on(PlaceList.CursorMoved)
    def _draw_texts(self) -> None:
        """Draw the borders, and the sentences on the place under the cursor."""
        self._dialog.border_title = Content(join_key_hints(*self._list_titles(), ascii=self._ascii))
        self._dialog.border_subtitle = join_key_hints(*self._list_keys(), ascii=self._ascii)
        said = self._describe_cursor()
        if said != self._said:
            self._said = said
            self._about.update(Content.assemble((said[0], "bold"), "\n", (said[1], "$text-muted")))

    def _list_titles(self) -> list[str]:
        places = self._monitor.places
        hidden = sum(one.is_hidden for one in places)
        errors = [error for one in places if (error := one.health.error) is not None]
        titles = [count_places(len(places)), *count_troubles(errors)]
        return [*titles, f"{hidden} hidden"] if hidden else titles

    def _list_keys(self) -> list[str]:
        found = self._under_cursor
        if found is None:
            return ["esc close"]
        watched = found[1]
        opens = "enter sign in" if isinstance(watched.health.error, NotLoggedIn) else "enter open alone"
        return [opens, f"space {'show' if watched.is_hidden else 'hide'}", "r try now", "esc close"]

    def _describe_cursor(self) -> tuple[str, str]:
        found = self._under_cursor
        if found is None:
            return "", NO_PLACES
        place, watched = found
        name, sentences = self._lines.describe_place(place, watched)
        if self._asked.get(place.number) is watched.health:
            sentences = "Asking the server now."
        return name, sentences

    @property
    def _under_cursor(self) -> tuple[Place, WatchedPlace] | None:
        """The place under the cursor; None where there is no place, or it is watched no longer."""
        number = self._list.cursor_place
        return None if number is None else self._known.get(number)

    # What can be done.

    def _find_place(self) -> tuple[Place, WatchedPlace] | None:
        """The place under the cursor that a key is for; None where it has just gone."""
        found = self._under_cursor
        return found if found is not None and found[1] in self._monitor.places else None

    @on(PlaceList.Opened)
    def action_open_place(self) -> None:
        """Watch the place under the cursor alone; where it wants a login, ask for that."""
        found = self._find_place()
        if found is None:
            return
        place, watched = found
        if isinstance(watched.health.error, NotLoggedIn):
            self._host.ask_place_login(place, watched.health.error)
        else:
            self.dismiss(place)

    def action_toggle_place(self) -> None:
        """Show or hide the rows of the place under the cursor."""
        found = self._find_place()
        if found is not None:
            _, watched = found
            (self._monitor.show_place if watched.is_hidden else self._monitor.hide_place)(watched)
            self.draw_places()

    def action_try_place(self) -> None:
        """Ask the server of the place under the cursor now."""
        found = self._find_place()
        if found is not None:
            place, watched = found
            self._asked[place.number] = watched.health
            watched.poller.refresh_all()
            self.draw_places()
