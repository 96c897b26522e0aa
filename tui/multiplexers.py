"""What tmux and GNU screen pass on to the terminal that they are shown on, and commands of tmux."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from typing import NamedTuple

SCREEN_CHUNK = 250
"""Characters in one piece for GNU screen: older versions drop pieces longer than 256."""


class TmuxAnswer(NamedTuple):
    """How a command of tmux ended."""

    code: int
    output: str
    errors: str


async def run_tmux(*words: str, text: str = "", seconds: float) -> TmuxAnswer:
    """Run a command of tmux with a text as its input.

    Raises TimeoutError where it takes longer, and another OSError where tmux can't be started.
    """
    tmux = await asyncio.create_subprocess_exec("tmux", *words, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    try:
        output, errors = await asyncio.wait_for(tmux.communicate(text.encode(errors="replace")), seconds)
    except TimeoutError:
        tmux.kill()
        await tmux.wait()
        raise
    return TmuxAnswer(tmux.returncode or 0, output.decode(errors="replace"), errors.decode(errors="replace"))


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
