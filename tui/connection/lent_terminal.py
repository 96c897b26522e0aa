"""Gives the terminal to a command's process group while the command needs it, and takes it back."""

from __future__ import annotations

import os
import signal
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any

ASKING_SIGNALS = (signal.SIGTTIN, signal.SIGTTOU)
"""What stops a background group that reads from the terminal, or turns its echo off."""


class LentTerminal:
    """The terminal for a command that may ask a person: it gets what is typed, ctrl+c and ctrl+z included."""

    def __enter__(self) -> LentTerminal:
        """Remember the settings of the terminal."""
        self.is_lent = False
        """Whether the command has the terminal."""
        self._terminal = _open_terminal()
        self._before = self._read_settings()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take it back with its old settings: a command that is killed while it asks leaves the echo off."""
        if self._terminal is not None:
            self._take_back()
            os.close(self._terminal)

    def resume_group(self, group: int, stopped_by: int) -> float:
        """Resume a group that a signal has stopped; returns the seconds for which both were stopped.

        A group that asks for the terminal gets it, if graphtop has it. Otherwise graphtop stops too, as after
        ctrl+z, until `fg` or `bg` resumes both.
        """
        began, settings = time.monotonic(), None
        if stopped_by not in ASKING_SIGNALS or self.is_lent or not self._is_foreground():
            settings = self._read_settings() if self.is_lent else None
            self._take_back()
            os.killpg(os.getpgrp(), signal.SIGTSTP)
        if self._is_foreground():
            self._set_foreground(group)
            self.is_lent = True
            self._restore_settings(settings)
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGCONT)
        return time.monotonic() - began

    def _is_foreground(self) -> bool:
        with suppress(OSError):
            return self._terminal is not None and os.tcgetpgrp(self._terminal) == os.getpgrp()
        return False

    def _take_back(self) -> None:
        if self.is_lent:
            self._set_foreground(os.getpgrp())
            self._restore_settings(self._before)
            self.is_lent = False
            # A pager that reads graphtop's output has been stopped if it used the terminal meanwhile.
            os.killpg(os.getpgrp(), signal.SIGCONT)

    def _read_settings(self) -> list[Any] | None:
        """The settings of the terminal, such as its echo; None where there is no terminal."""
        with suppress(termios.error):
            return None if self._terminal is None else termios.tcgetattr(self._terminal)
        return None

    def _restore_settings(self, settings: list[Any] | None) -> None:
        if self._terminal is not None and settings is not None:
            with suppress(termios.error), _block_background_stops():
                termios.tcsetattr(self._terminal, termios.TCSADRAIN, settings)

    def _set_foreground(self, group: int) -> None:
        """Make a group the foreground group."""
        assert self._terminal is not None
        with suppress(OSError), _block_background_stops():
            os.tcsetpgrp(self._terminal, group)


@contextmanager
def _block_background_stops() -> Iterator[None]:
    """Block the signal that stops a background process which changes the terminal."""
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
