"""Lends the terminal to a command's process group when that asks for it, and takes it back."""

from __future__ import annotations

import os
import signal
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any

ASKS = (signal.SIGTTIN, signal.SIGTTOU)
"""What stops a group in the background that reads from the terminal, or turns its echo off."""


class LentTerminal:
    """The terminal for a command that may ask: what is typed goes to it then, ctrl+c and ctrl+z too."""

    def __enter__(self) -> LentTerminal:
        """Note how the terminal is."""
        self.lent = False
        """Whether the command has the terminal."""
        self._terminal = _open_terminal()
        self._before = self._settings()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take it back as it was: a command that was ended while it asked leaves it without an echo."""
        if self._terminal is not None:
            self._take_back()
            os.close(self._terminal)

    def go_on(self, group: int, stopped_by: int) -> float:
        """Let a group go on that a signal has stopped; returns the seconds that both were stopped.

        Where it asks for the terminal it gets it, if graphtop has it. Else graphtop stops with it, as after
        ctrl+z, until `fg` or `bg` lets both go on.
        """
        began, settings = time.monotonic(), None
        if stopped_by not in ASKS or self.lent or not self._is_foreground():
            settings = self._settings() if self.lent else None
            self._take_back()
            os.killpg(os.getpgrp(), signal.SIGTSTP)
        if self._is_foreground():
            self._give(group)
            self.lent = True
            self._set(settings)
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGCONT)
        return time.monotonic() - began

    def _is_foreground(self) -> bool:
        with suppress(OSError):
            return self._terminal is not None and os.tcgetpgrp(self._terminal) == os.getpgrp()
        return False

    def _take_back(self) -> None:
        if self.lent:
            self._give(os.getpgrp())
            self._set(self._before)
            self.lent = False
            # A pager behind graphtop's pipe has been stopped if it wanted the terminal meanwhile.
            os.killpg(os.getpgrp(), signal.SIGCONT)

    def _settings(self) -> list[Any] | None:
        """The settings of the terminal, such as its echo; None where there is no terminal."""
        with suppress(termios.error):
            return None if self._terminal is None else termios.tcgetattr(self._terminal)
        return None

    def _set(self, settings: list[Any] | None) -> None:
        if self._terminal is not None and settings is not None:
            with suppress(termios.error), _never_stopped():
                termios.tcsetattr(self._terminal, termios.TCSADRAIN, settings)

    def _give(self, group: int) -> None:
        """Make a group the one in the foreground."""
        assert self._terminal is not None
        with suppress(OSError), _never_stopped():
            os.tcsetpgrp(self._terminal, group)


@contextmanager
def _never_stopped() -> Iterator[None]:
    """Do something with the terminal from the background, which would stop who does it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _open_terminal() -> int | None:
    try:
        return os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return None
