"""A home with a config file, the password that its profiles want, and how a session there is left."""

from __future__ import annotations

from pathlib import Path

from tests.terminal.terminal_emulator import Terminal, assert_clean

SECRET = "c4nary-Sesame"
LEAVE = "\x11"


def configure(home: Path, text: str) -> Path:
    """Write the config file where graphtop looks for it."""
    path = home / ".config" / "graphtop" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def leave(terminal: Terminal) -> None:
    """Quit, and see that the terminal is as it was."""
    terminal.send(LEAVE)
    assert terminal.exit_code() == 0
    assert_clean(terminal)
