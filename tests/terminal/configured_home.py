"""A home with a config file, the password that its profiles want, and how graphtop is run and left there."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.support.patience import PATIENCE
from tests.terminal.terminal_emulator import GRAPHTOP, ROOT, Terminal, assert_clean, environment

SECRET = "c4nary-Sesame"
LEAVE = "\x11"


def configure(home: Path, text: str) -> Path:
    """Write the config file where graphtop looks for it."""
    path = home / ".config" / "graphtop" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def run_configured(
    home: Path, *arguments: str, env: Mapping[str, str | None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run graphtop without a terminal in a home; gives exit code, stdout and stderr."""
    return subprocess.run(
        [*GRAPHTOP, *arguments],
        env=environment(home, env),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def leave(terminal: Terminal) -> None:
    """Quit, and see that the terminal is as it was."""
    terminal.send(LEAVE)
    assert terminal.exit_code() == 0
    assert_clean(terminal)
