"""The header: where am I, and is what I see alive."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from msgspec import Struct

from backend_adapters.model import Millis
from tui.text import fit_cells, format_count, format_duration, format_time_of_day, sanitize, sanitize_label
from tui.widgets.line_widget import OneLine, Run, measure

GAP = 2
"""Cells between parts, at least."""


class Link(Enum):
    """How what is shown relates to the server."""

    CONNECTING = "connecting"
    LIVE = "live"
    PAUSED = "paused"
    STALE = "stale"
    OFFLINE = "offline"
    STOPPED = "stopped"
    """The server answers, but asking again makes no sense until a person has done something."""


class WhereState(Struct, frozen=True, kw_only=True):
    """All that the header shows. Equal states draw the same line."""

    profile: str
    place: str
    """The graph, with its graphspace: `Source.place`."""
    product: str | None = None
    """`HugeGraph 1.7.0`; None until the server has answered."""
    production: bool = False
    insecure: bool = False
    """The server's certificate is not checked."""
    in_clear: bool = False
    """The login can be read on its way."""
    read_only: bool = False
    link: Link = Link.CONNECTING
    since: Millis | None = None
    """When it was paused, or last heard of."""
    interval: Millis | None = None
    unfocused: bool = False
    """The interval is longer than chosen because another window has the focus."""
    latency: Millis | None = None
    """How long the last answer took."""
    retry_in: Millis | None = None
    reading: int | None = None
    """How many tasks have come so far, while the first full scan runs."""
    ahead: Millis = 0
    """How far the server's clock is ahead of this machine's."""
    now: Millis = 0
    utc: bool = False


APART_TOLD: Millis = 60_000
"""From here on it is told that the server's clock differs: an age in seconds means little then."""
DROPS = ("latency", "product", "brand", "clock", "reading", "apart", "profile", "detail", "read-only")
"""What gives way first; the place, PRODUCTION, INSECURE, PLAIN HTTP and the word of the link stay."""

_SIGNS = {
    Link.CONNECTING: ("◌", "~"),
    Link.LIVE: ("●", "*"),
    Link.PAUSED: ("‖", "="),
    Link.STALE: ("!", "!"),
    Link.OFFLINE: ("✗", "x"),
    Link.STOPPED: ("✗", "x"),
}


class WhereBar(OneLine):
    """One line: profile, place and server on the left; liveness, latency and clock on the right."""

    DEFAULT_CSS = """
    WhereBar {
        color: $text;
        & > .where-bar--text { color: $text-muted; }
        & > .where-bar--dim { color: $text-disabled; }
        & > .where-bar--brand { color: $text-primary; text-style: bold; }
        & > .where-bar--place { color: $text; text-style: bold; }
        & > .where-bar--production { background: $error; color: $background; text-style: bold; }
        & > .where-bar--insecure { background: $warning; color: $background; text-style: bold; }
        & > .where-bar--read-only { color: $text-warning; }
        & > .where-bar--connecting { color: $text-muted; }
        & > .where-bar--live { color: $text-success; }
        & > .where-bar--paused { color: $text-warning; }
        & > .where-bar--stale { color: $text-warning; text-style: bold; }
        & > .where-bar--offline, & > .where-bar--stopped { color: $text-error; text-style: bold; }
        &:ansi {
            & > .where-bar--dim { text-style: dim; }
            & > .where-bar--production {
                background: ansi_default; color: ansi_red; text-style: bold reverse;
            }
            & > .where-bar--insecure {
                background: ansi_default; color: ansi_yellow; text-style: bold reverse;
            }
        }
        &:nocolor > .where-bar--production, &:nocolor > .where-bar--insecure { text-style: bold reverse; }
    }
    """

    PREFIX = "where-bar--"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"where-bar--{look}"
        for look in (
            "text",
            "dim",
            "brand",
            "place",
            "production",
            "insecure",
            "read-only",
            *(link.value for link in Link),
        )
    }

    _state = WhereState(profile="", place="")

    @property
    def state(self) -> WhereState:
        """What it shows."""
        return self._state

    def update(self, state: WhereState) -> None:
        """Show another state; only what reads differently is repainted."""
        if state != self._state:
            self._state = state
            self.redraw()

    def runs(self, width: int) -> list[Run]:
        """Return the line: what doesn't fit is left out, the least important first."""
        shown = {"brand", "place", "production", *DROPS}
        left, right = self._left(shown), self._right(shown)
        for drop in DROPS:
            if _needs(left, right) <= width:
                break
            shown.discard(drop)
            left, right = self._left(shown), self._right(shown)
        over = _needs(left, right) - width
        if over > 0:
            left = self._left(shown, over=over)
        space = max(0, width - measure(left) - measure(right) - 2)
        return [(" ", "text"), *left, (" " * space, "text"), *right, (" ", "text")]

    def _left(self, shown: set[str], over: int = 0) -> list[Run]:
        """The left half; `over` cells of the place are cut away."""
        state, dot = self._state, " - " if self.ascii else " · "
        place = sanitize_label(state.place)
        if over:
            place = fit_cells(place, max(4, len(place) - over), keep="tail", ascii=self.ascii)
        names: list[Run] = [(place, "place")]
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
        return _joined(parts)

    def _right(self, shown: set[str]) -> list[Run]:
        state = self._state
        parts: list[list[Run]] = []
        if state.reading is not None and "reading" in shown:
            parts.append([(f"reading history {format_count(state.reading)}", "text")])
        if abs(state.ahead) >= APART_TOLD and "apart" in shown:
            way = "ahead" if state.ahead > 0 else "behind"
            parts.append([(f"server clock {format_duration(abs(state.ahead))} {way}", "stale")])
        parts.append(self._link(detailed="detail" in shown))
        if state.latency is not None and state.link is Link.LIVE and "latency" in shown:
            parts.append([(f"{_latency(state.latency):>5}", "dim")])
        if "clock" in shown:
            parts.append(
                [(format_time_of_day(state.now, utc=state.utc) + ("Z" if state.utc else ""), "text")]
            )
        return _joined(parts)

    def _link(self, *, detailed: bool) -> list[Run]:
        state, link = self._state, self._state.link
        sign = _SIGNS[link][self.ascii]
        if link is Link.LIVE:
            every = f" {state.interval / 1000:g}s" if detailed and state.interval is not None else ""
            idle = " (unfocused)" if every and state.unfocused else ""
            return [(sign, "live"), (f" live{every}{idle}", "text")]
        word = link.value
        if link is Link.CONNECTING:
            word += "..." if self.ascii else "…"
        if detailed and link is Link.OFFLINE and state.retry_in is not None:
            soon = "retrying" if state.retry_in < 1000 else f"retry in {format_duration(state.retry_in)}"
            word += f"{' - ' if self.ascii else ' · '}{soon}"
        elif detailed and link in {Link.PAUSED, Link.STALE} and state.since is not None:
            word += f" since {format_time_of_day(state.since, utc=state.utc)}"
        return [(f"{sign} {word}", link.value)]


def _joined(parts: list[list[Run]]) -> list[Run]:
    """Parts one behind the other with a gap between them; empty ones leave none."""
    runs: list[Run] = []
    for part in parts:
        if part:
            runs += [(" " * GAP, "text"), *part] if runs else part
    return runs


def _needs(left: list[Run], right: list[Run]) -> int:
    return measure(left) + measure(right) + GAP + 2


def _latency(ms: Millis) -> str:
    """`31ms`, `1.2s`."""
    return f"{ms}ms" if ms < 1000 else f"{ms / 1000:.1f}s"
