"""What tmux and GNU screen pass on to the terminal that they are shown on."""

from __future__ import annotations

import os
from collections.abc import Mapping

SCREEN_CHUNK = 250
"""Characters in one piece for GNU screen: older versions drop pieces longer than 256."""


def is_in_tmux(env: Mapping[str, str] = os.environ) -> bool:
    """Whether the terminal is a pane of tmux, which ignores the escape sequence for the clipboard."""
    return bool(env.get("TMUX"))


def wrap_for_screen(sequence: str) -> str:
    """Return a sequence that GNU screen passes on to its terminal: it does so with what is in a DCS."""
    pieces = (sequence[at : at + SCREEN_CHUNK] for at in range(0, len(sequence), SCREEN_CHUNK))
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


def wrap_for_tmux(sequence: str) -> str:
    """Return a sequence that tmux passes on to its terminal, where `allow-passthrough` is on."""
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"
