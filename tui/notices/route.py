"""How the terminal is reached: directly, or through tmux or GNU screen, which pass on what is wrapped."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from tui.multiplexers import is_in_tmux, run_tmux, wrap_for_screen, wrap_for_tmux
from tui.notices.sequences import BELL, format_no_progress, format_notice, format_progress
from tui.notices.terminals import NoticeMethod, TerminalKind, identify_terminal, identify_tmux_client

TMUX_SECONDS = 2.0
"""Seconds that tmux has to say what it is shown on."""
_TMUX_ASKS = "#{allow-passthrough} #{window_active} #{session_attached} #{client_termname} #{client_termtype}"


class TerminalRoute(Struct, frozen=True):
    """A terminal, and what lies between it and the program."""

    terminal: TerminalKind = TerminalKind()
    through: str = ""
    """`tmux`, `screen`, or nothing."""
    is_open: bool = True
    """Whether a multiplexer passes on what is wrapped for the terminal."""

    def carry_notice(self, method: NoticeMethod, text: str) -> str:
        """The bytes of a notice; the bell needs no wrapping: multiplexers have one of their own."""
        return BELL if method == "bell" else self._wrap(format_notice(method, text, end=self._end))

    def carry_progress(self, percent: int | None, *, has_failed: bool) -> str:
        """The bytes that show progress; none where the terminal is not known to do so."""
        if not self.shows_progress:
            return ""
        return self._wrap(format_progress(percent, has_failed=has_failed, end=self._end))

    def carry_no_progress(self) -> str:
        """The bytes that take the progress away."""
        return self._wrap(format_no_progress(end=self._end)) if self.shows_progress else ""

    @property
    def shows_progress(self) -> bool:
        """Whether progress reaches a terminal that is known to show it."""
        return self.is_open and self.terminal.shows_progress

    @property
    def method(self) -> NoticeMethod:
        """How a notice is best shown there."""
        return self.terminal.method if self.is_open else "bell"

    @property
    def _end(self) -> str:
        # Within a DCS of GNU screen the other end of a string would end the DCS.
        return BELL if self.through == "screen" else "\x1b\\"

    def _wrap(self, sequence: str) -> str:
        if self.through == "tmux":
            return wrap_for_tmux(sequence)
        return wrap_for_screen(sequence) if self.through == "screen" else sequence


async def find_route(env: Mapping[str, str]) -> TerminalRoute:
    """Find out how the terminal is reached; tmux is asked each time, as it may be shown on another one."""
    if is_in_tmux(env):
        return read_tmux_answer(await _ask_tmux(env.get("TMUX_PANE", "")))
    return TerminalRoute(identify_terminal(env), "screen" if env.get("STY") else "")


def read_tmux_answer(said: str) -> TerminalRoute:
    """The route that tmux describes; without an answer only its bell is left."""
    words = said.strip().split(" ", 4)
    passes, is_active, attached, term, told = (*words, *[""] * (5 - len(words)))
    # Of a window that is not shown `on` passes nothing, and the bell marks it.
    # Up to 3.3 it is a number.
    is_open = passes == "all" or (passes in ("on", "1") and is_active == "1" and attached not in ("", "0"))
    return TerminalRoute(identify_tmux_client(term, told), "tmux", is_open)


async def _ask_tmux(pane: str) -> str:
    """What tmux says of its client and of the pane; empty where it does not answer."""
    where = ("-t", pane) if pane else ()
    try:
        answer = await run_tmux("display-message", "-p", *where, _TMUX_ASKS, seconds=TMUX_SECONDS)
    except OSError:
        # Also where it takes too long.
        return ""
    return answer.output
