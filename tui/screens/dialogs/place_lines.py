"""What the list of places says of each: its line, and the sentences on the one under the cursor."""

from __future__ import annotations

from collections.abc import Callable

from backend_adapters.errors import BackendError, NotLoggedIn
from backend_adapters.model import Place
from backend_adapters.sentences import join_sentences
from tui.monitor.clock import Clock
from tui.monitor.health import Health
from tui.monitor.place_troubles import judge_error
from tui.monitor.watched_place import WatchedPlace
from tui.screens.tasks.header_state import read_connection, read_retry_delay
from tui.text import NO_VALUE, format_count, format_duration, format_time_of_day, sanitize, sanitize_label
from tui.widgets.header_bar import CONNECTION_SIGNS, ConnectionState, format_latency
from tui.widgets.line_widget import TextRun
from tui.widgets.place_list import PlaceLine
from tui.widgets.place_style import place_look, place_sign

NOT_ANSWERED: TextRun = (NO_VALUE, "dim")


class PlaceLineMaker:
    """Makes the lines and the sentences."""

    def __init__(self, clock: Clock, has_login: Callable[[Place], bool], *, utc: bool, ascii: bool) -> None:
        """`has_login` tells whether a place is sent a login."""
        self._clock = clock
        self._has_login = has_login
        self._utc = utc
        self._ascii = ascii

    # The line.

    def make_line(self, place: Place, watched: WatchedPlace) -> PlaceLine:
        """The line of a place."""
        state, detail = self._describe_state(place, watched)
        cells = {
            "name": (sanitize_label(place.label), place_look(place.profile)),
            "state": state,
            **self._count_tasks(watched),
            **_describe_server(watched.health),
            "requests": _make_number(watched.request_rate.count_per_minute(), "muted"),
        }
        if watched.is_hidden:
            cells = {key: (text, "dim") for key, (text, _) in cells.items()}
        return PlaceLine(cells=cells, detail=detail, sign=place_sign(place, ascii=self._ascii))

    def _describe_state(self, place: Place, watched: WatchedPlace) -> tuple[TextRun, str]:
        """The state behind its sign, and what else is known of it."""
        health = watched.health
        connection, since = read_connection(health, watched.poller.poll_pause, self._clock.now())
        word = self._name_error(place, health.error) or connection.value
        if connection is ConnectionState.CONNECTING:
            word += "..." if self._ascii else "…"
        dot = " - " if self._ascii else " · "
        if watched.is_hidden:
            word += f"{dot}hidden"
        detail = ""
        if connection is ConnectionState.OFFLINE:
            detail = self._describe_retry(health)
        elif connection is ConnectionState.PAUSED and health.error is not None:
            detail = "did not answer"
        elif connection in {ConnectionState.PAUSED, ConnectionState.STALE} and since is not None:
            detail = f"data from {format_time_of_day(since, utc=self._utc)}"
        elif health.scanning and not health.scanned:
            detail = "reading history"
        sign = CONNECTION_SIGNS[connection][self._ascii]
        return (f"{sign} {word}", connection.value), f"{dot}{detail}" if detail else ""

    def _name_error(self, place: Place, error: BackendError | None) -> str:
        """What keeps a place from answering until a person does something; empty for anything else."""
        trouble = "no answer" if error is None else judge_error(error)
        if trouble == "no login":
            return "login refused" if self._has_login(place) else "login needed"
        return "" if trouble == "no answer" else trouble

    def _describe_retry(self, health: Health) -> str:
        delay = read_retry_delay(health, self._clock)
        if delay is None:
            return ""
        return "retrying" if delay < 1000 else f"retry in {format_duration(delay)}"

    def _count_tasks(self, watched: WatchedPlace) -> dict[str, TextRun]:
        """The counts: dim where they are those of an earlier moment, with `+` where there may be more."""
        health = watched.health
        if not health.begun and not len(watched.store):
            return dict.fromkeys(("running", "waiting", "failed", "oldest"), NOT_ANSWERED)
        counts = watched.counter.count_tasks()
        more = "" if health.is_complete else "+"
        cells = {
            "running": _make_number(counts.running, "running"),
            "waiting": _make_number(counts.waiting, "muted"),
            "failed": _make_number(counts.failed, "failed", more),
            "oldest": (format_duration(counts.longest_run), "text" if counts.running else "dim"),
        }
        is_old = health.error is not None
        return {key: (text, "dim" if is_old else look) for key, (text, look) in cells.items()}

    # The sentences.

    def describe_place(self, place: Place, watched: WatchedPlace) -> tuple[str, str]:
        """The whole name of a place with its address, and in sentences what is to be known of it."""
        info = watched.health.info
        product = f"{info.product} {info.version or ''}".strip() if info is not None else ""
        marks = "PRODUCTION" if place.production else ""
        about = [place.name, marks, product, watched.backend.source.url]
        dot = " - " if self._ascii else " · "
        name = dot.join(sanitize_label(part) for part in about if part)
        hidden = "Its rows are hidden. Press space to show them." if watched.is_hidden else ""
        return name, sanitize_label(join_sentences(hidden, self._explain_state(watched)))

    def _explain_state(self, watched: WatchedPlace) -> str:
        health, number = watched.health, len(watched.store)
        if health.error is not None:
            return self._explain_error(watched, health.error)
        if health.partial or health.note:
            return join_sentences(health.partial, health.note)
        if health.last_ok is None:
            return "Waiting for its first answer."
        noun = "tasks" if health.info is None else health.info.capabilities.noun
        if not health.scanned:
            return f"Reading its history: {format_count(number)} {noun} so far."
        if number <= 1:
            return f"It has {'one' if number else 'no'} {noun.removesuffix('s') if number else noun}."
        return f"All {format_count(number)} {noun} are read."

    def _explain_error(self, watched: WatchedPlace, error: BackendError) -> str:
        health, delay = watched.health, read_retry_delay(watched.health, self._clock)
        if isinstance(error, NotLoggedIn):
            return sanitize(join_sentences(str(error), "Press enter to sign in."))
        again = "Press r to try again."
        if delay is not None:
            soon = "now" if delay < 1000 else f"in {format_duration(delay)}"
            again = f"The next try is {soon}; press r to try at once."
        kept = ""
        if health.last_ok is not None and len(watched.store):
            kept = f"Its rows are as of {format_time_of_day(health.last_ok, utc=self._utc)}."
        return sanitize(join_sentences(str(error), error.hint, kept, again))


def _describe_server(health: Health) -> dict[str, TextRun]:
    """What answers at a place, and how fast."""
    info, latency = health.info, None if health.error is not None else health.latency
    product = "" if info is None else sanitize_label(f"{info.product} {info.version or ''}".strip())
    return {
        "latency": NOT_ANSWERED if latency is None else (format_latency(round(latency * 1000)), "muted"),
        "version": (product, "muted") if product else NOT_ANSWERED,
    }


def _make_number(number: int, look: str, more: str = "") -> TextRun:
    return f"{format_count(number)}{more}", look if number else "dim"
