"""The header: which graph is shown, and whether the data is current."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from msgspec import Struct

from backend_adapters.model import Millis
from tui.text import (
    fit_cells,
    format_count,
    format_duration,
    format_minute,
    format_time_of_day,
    sanitize,
    sanitize_label,
)
from tui.widgets.line_widget import LineWidget, TextRun, runs_width

MAX_NOTICES_CELLS = 30
PART_GAP = 2
"""Cells between two parts, at least."""


class ConnectionState(Enum):
    """How current the data on the screen is."""

    CONNECTING = "connecting"
    LIVE = "live"
    PAUSED = "paused"
    STALE = "stale"
    OFFLINE = "offline"
    STOPPED = "stopped"
    """The server answers, but polling makes no sense until a person has done something."""


class HeaderState(Struct, frozen=True, kw_only=True):
    """Everything that the header shows; equal states draw equal lines."""

    profile: str
    place: str
    """The graph, with its graphspace, or how many places are watched together."""
    silent_places: int = 0
    """How many of several places are not live for a reason that is known."""
    troubles: tuple[str, ...] = ()
    """The reasons: `1 does not answer`, `2 need a login`."""
    product: str | None = None
    """`HugeGraph 1.7.0`; None until the server has answered."""
    production: bool = False
    insecure: bool = False
    """The server's certificate is not checked."""
    in_clear: bool = False
    """The login is sent over plain HTTP."""
    read_only: bool = False
    connection: ConnectionState = ConnectionState.CONNECTING
    since: Millis | None = None
    """When it was paused, or when the server last answered."""
    as_of: Millis | None = None
    """When the rows were seen, where they are those of an earlier session."""
    interval: Millis | None = None
    unfocused: bool = False
    """The interval is longer than the one set because another window has the focus."""
    latency: Millis | None = None
    """How long the last answer took."""
    retry_in: Millis | None = None
    reading: int | None = None
    """Tasks read so far while the first full scan runs."""
    notices: str = ""
    """What a person is told of: `2 tasks, status=failed`."""
    clock_skew: Millis = 0
    """How far the server's clock is ahead of this machine's."""
    history_fails: bool = False
    """What is seen of tasks can't be kept."""
    now: Millis = 0
    utc: bool = False


CLOCK_SKEW_SHOWN: Millis = 60_000
"""From this difference on the server's clock is mentioned: ages in seconds mean little then."""
PART_DROP_ORDER = (
    "latency",
    "product",
    "brand",
    "clock",
    "reading",
    "apart",
    "history",
    "notices",
    "profile",
    "detail",
    "read-only",
    "troubles",
)
"""What is left out first; the graph, PRODUCTION, INSECURE, PLAIN HTTP and the state always stay."""

CONNECTION_SIGNS = {
    ConnectionState.CONNECTING: ("◌", "~"),
    ConnectionState.LIVE: ("●", "*"),
    ConnectionState.PAUSED: ("‖", "="),
    ConnectionState.STALE: ("!", "!"),
    ConnectionState.OFFLINE: ("✗", "x"),
    ConnectionState.STOPPED: ("✗", "x"),
}
"""The sign before each state, and the one in ASCII."""


class HeaderBar(LineWidget):
    """One line: profile, graph and server on the left; state, latency and clock on the right."""

    DEFAULT_CSS = """
    HeaderBar {
        color: $text;
        & > .header-bar--text { color: $text-muted; }
        & > .header-bar--dim { color: $text-disabled; }
        & > .header-bar--brand { color: $text-primary; text-style: bold; }
        & > .header-bar--place { color: $text; text-style: bold; }
        & > .header-bar--production { background: $error; color: $background; text-style: bold; }
        & > .header-bar--insecure { background: $warning; color: $background; text-style: bold; }
        & > .header-bar--read-only { color: $text-warning; }
        & > .header-bar--connecting { color: $text-muted; }
        & > .header-bar--live { color: $text-success; }
        & > .header-bar--paused { color: $text-warning; }
        & > .header-bar--stale { color: $text-warning; text-style: bold; }
        & > .header-bar--offline, & > .header-bar--stopped { color: $text-error; text-style: bold; }
        &:ansi {
            & > .header-bar--dim { text-style: dim; }
            & > .header-bar--production {
                background: ansi_default; color: ansi_red; text-style: bold reverse;
            }
            & > .header-bar--insecure {
                background: ansi_default; color: ansi_yellow; text-style: bold reverse;
            }
        }
        &:nocolor > .header-bar--production, &:nocolor > .header-bar--insecure { text-style: bold reverse; }
    }
    """

    PREFIX = "header-bar--"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"header-bar--{look}"
        for look in (
            "text",
            "dim",
            "brand",
            "place",
            "production",
            "insecure",
            "read-only",
            *(link.value for link in ConnectionState),
        )
    }

    state = HeaderState(profile="", place="")
    """What the header shows; `show_state` sets it."""

    def show_state(self, state: HeaderState) -> None:
        """Show another state; only cells that change are repainted."""
        if state != self.state:
            self.state = state
            self.redraw_changes()

    def line_runs(self, width: int) -> list[TextRun]:
        """Return the line; what doesn't fit is left out, the least important part first."""
        shown = {"brand", "place", "production", *PART_DROP_ORDER}
        left, right = self._left_runs(shown), self._right_runs(shown)
        for drop in PART_DROP_ORDER:
            if _width_needed(left, right) <= width:
                break
            shown.discard(drop)
            left, right = self._left_runs(shown), self._right_runs(shown)
        over = _width_needed(left, right) - width
        if over > 0:
            left = self._left_runs(shown, over=over)
        space = max(0, width - runs_width(left) - runs_width(right) - 2)
        return [(" ", "text"), *left, (" " * space, "text"), *right, (" ", "text")]

    def _left_runs(self, shown: set[str], over: int = 0) -> list[TextRun]:
        """The left half, with `over` cells cut from the graph's name."""
        state, dot = self.state, " - " if self.ascii else " · "
        place = sanitize_label(state.place)
        if over:
            place = fit_cells(place, max(4, len(place) - over), keep="tail", ascii=self.ascii)
        names: list[TextRun] = [(place, "place")]
        several = len(state.troubles) > 1 and "troubles" not in shown
        troubles = (f"{state.silent_places} not live",) if several else state.troubles
        names += [run for words in troubles for run in ((dot, "dim"), (words, "offline"))]
        if "profile" in shown and state.profile:
            names = [(sanitize(state.profile), "text"), (dot, "dim"), *names]
        if "product" in shown and state.product:
            names += [(dot, "dim"), (sanitize_label(state.product), "text")]
        parts = [
            [("graphtop", "brand")] if "brand" in shown else [],
            [(" PRODUCTION ", "production")] if state.production else [],
            [(" PLAIN HTTP ", "insecure")] if state.in_clear else [],
            [(" INSECURE ", "insecure")] if state.insecure and not state.in_clear else [],
            names,
            [("read-only", "read-only")] if state.read_only and "read-only" in shown else [],
        ]
        return _join_parts(parts)

    def _right_runs(self, shown: set[str]) -> list[TextRun]:
        state = self.state
        parts: list[list[TextRun]] = []
        if state.reading is not None and "reading" in shown:
            parts.append([(f"reading history {format_count(state.reading)}", "text")])
        if state.history_fails and "history" in shown:
            parts.append([("history not kept", "stale")])
        if abs(state.clock_skew) >= CLOCK_SKEW_SHOWN and "apart" in shown:
            way = "ahead" if state.clock_skew > 0 else "behind"
            parts.append([(f"server clock {format_duration(abs(state.clock_skew))} {way}", "stale")])
        if state.notices and "notices" in shown:
            parts.append([("tells " if self.ascii else "♪ ", "live"), (self._fit_notices(), "text")])
        parts.append(self._connection_runs(detailed="detail" in shown))
        if state.latency is not None and state.connection is ConnectionState.LIVE and "latency" in shown:
            parts.append([(f"{format_latency(state.latency):>5}", "dim")])
        if "clock" in shown:
            parts.append(
                [(format_time_of_day(state.now, utc=state.utc) + ("Z" if state.utc else ""), "text")]
            )
        return _join_parts(parts)

    def _fit_notices(self) -> str:
        return fit_cells(self.state.notices, MAX_NOTICES_CELLS, ascii=self.ascii).rstrip()

    def _connection_runs(self, *, detailed: bool) -> list[TextRun]:
        state, link = self.state, self.state.connection
        sign = CONNECTION_SIGNS[link][self.ascii]
        if link is ConnectionState.LIVE:
            every = f" {state.interval / 1000:g}s" if detailed and state.interval is not None else ""
            idle = " (unfocused)" if every and state.unfocused else ""
            return [(sign, "live"), (f" live{every}{idle}", "text")]
        word = link.value
        if link is ConnectionState.CONNECTING:
            word += "..." if self.ascii else "…"
        if detailed and link is ConnectionState.OFFLINE and state.retry_in is not None:
            soon = "retrying" if state.retry_in < 1000 else f"retry in {format_duration(state.retry_in)}"
            word += f"{' - ' if self.ascii else ' · '}{soon}"
        elif detailed and link in {ConnectionState.PAUSED, ConnectionState.STALE} and state.since is not None:
            dot = " - " if self.ascii else " · "
            word += f"{dot}data from {format_time_of_day(state.since, utc=state.utc)}"
        if state.as_of is not None:
            word = f"as of {format_minute(state.as_of, state.now, utc=state.utc)}, {word}"
        is_old = state.as_of is not None and link is ConnectionState.CONNECTING
        return [(f"{sign} {word}", "stale" if is_old else link.value)]


def _join_parts(parts: list[list[TextRun]]) -> list[TextRun]:
    """Join the parts that are not empty, with a gap between them."""
    runs: list[TextRun] = []
    for part in parts:
        if part:
            runs += [(" " * PART_GAP, "text"), *part] if runs else part
    return runs


def _width_needed(left: list[TextRun], right: list[TextRun]) -> int:
    return runs_width(left) + runs_width(right) + PART_GAP + 2


def format_latency(ms: Millis) -> str:
    """How long an answer took: `31ms`, `1.2s`."""
    return f"{ms}ms" if ms < 1000 else f"{ms / 1000:.1f}s"
