"""The terminal's clipboard: reached directly, through GNU screen, or through tmux."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass

from textual.message import Message

from backend_adapters.sentences import end_sentence
from tui.multiplexers import run_tmux, wrap_for_screen
from tui.text import sanitize

MAX_COPY_CHARACTERS = 50_000
"""Characters that are copied at most: terminals drop longer OSC 52 sequences."""
TMUX_TIMEOUT = 5.0
"""Seconds that tmux has to take the text."""


@dataclass
class CopyText(Message):
    """Asks for a text to be sent to the terminal's clipboard, and for a word once it was."""

    text: str
    what: str = ""
    """What was copied, as `the profile`; nothing is said where this is empty."""


def describe_copy(what: str, *, is_certain: bool) -> str:
    """Say that something was copied; no terminal confirms the escape sequence."""
    if is_certain:
        return end_sentence(f"Copied {what}")
    return f"Sent {what} to the terminal's clipboard; terminals don't confirm it."


def clipboard_sequence(text: str, env: Mapping[str, str] = os.environ) -> str:
    """Return the escape sequence that puts a text on the terminal's clipboard (OSC 52)."""
    sequence = f"\x1b]52;c;{base64.b64encode(text.encode(errors='replace')).decode()}\a"
    return wrap_for_screen(sequence) if env.get("STY") else sequence


async def load_into_tmux(text: str) -> str:
    """Give a text to tmux, which passes it on to the terminal; return why that failed, or an empty text."""
    try:
        answer = await run_tmux("load-buffer", "-w", "-", text=text, seconds=TMUX_TIMEOUT)
    except TimeoutError:
        return "tmux doesn't respond."
    except OSError as error:
        return f"Can't start tmux: {error.strerror}."
    if not answer.code:
        return ""
    return f"tmux failed: {sanitize(answer.errors.strip()) or f'exit code {answer.code}'}."
