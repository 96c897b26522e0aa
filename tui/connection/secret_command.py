"""Runs a command that prints a secret: on the terminal, where it may ask a person, or without any.

Either way it is a process group of its own, which can be ended as a whole.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from tui.connection.lent_terminal import LentTerminal

_PRINTED_MOST = 64 * 1024
"""Bytes that are read of what a command prints."""
_LOOK_EVERY = 0.02
"""Seconds between two looks at a command that runs."""

_OWN_VARIABLES = ("GRAPHTOP_PASSWORD", "GRAPHTOP_TOKEN")
"""How the variables begin that hold graphtop's own secrets."""
_KEY_VARIABLES = ("HUAWEICLOUD_", "HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN")
"""How the variables begin that hold keys for GES."""

_INTERRUPTED = (-signal.SIGINT, 128 + signal.SIGINT)

monotonic = time.monotonic


class CommandFailed(Exception):
    """A command gave nothing to use; the message says why, without a word that it printed."""


def filter_environment(environ: Mapping[str, str], *, keys: bool) -> dict[str, str]:
    """What a command sees of the environment: no secret of graphtop's own, and keys for GES if `keys`."""
    hidden = _OWN_VARIABLES if keys else _OWN_VARIABLES + _KEY_VARIABLES
    return {name: value for name, value in environ.items() if not name.startswith(hidden)}


def run_on_terminal(words: Sequence[str], environ: Mapping[str, str], limit: float) -> bytes:
    """What a command prints, which has the terminal meanwhile; raises CommandFailed after `limit` seconds."""
    running = _Running(_start(words, stdout=subprocess.PIPE, env=environ, process_group=0), limit)
    with LentTerminal() as terminal:
        try:
            while not running.is_done():
                if running.stopped_by:
                    running.began += terminal.go_on(running.process.pid, running.stopped_by)
                time.sleep(_LOOK_EVERY)
        finally:
            running.end()
        if terminal.lent and running.process.returncode in _INTERRUPTED:
            # The ctrl+c was for both.
            raise KeyboardInterrupt
    return running.printed()


async def run_aside(words: Sequence[str], environ: Mapping[str, str], limit: float) -> bytes:
    """What a command prints that can reach no terminal; raises CommandFailed after `limit` seconds."""
    null = subprocess.DEVNULL
    process = _start(
        words, stdin=null, stdout=subprocess.PIPE, stderr=null, env=environ, start_new_session=True
    )
    running = _Running(process, limit)
    try:
        while not running.is_done():  # noqa: ASYNC110 - a process that stops or ends sets no event
            await asyncio.sleep(_LOOK_EVERY)
    finally:
        running.end()
    return running.printed()


def _start(words: Sequence[str], **how: object) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(words, **how)  # type: ignore[call-overload, no-any-return]
    except OSError as error:
        raise CommandFailed(f"it could not be run: {error.strerror}") from None
    except (ValueError, IndexError, subprocess.SubprocessError):
        raise CommandFailed("it could not be run") from None


class _Running:
    """A command on its way, and what it has printed so far."""

    def __init__(self, process: subprocess.Popen[bytes], limit: float) -> None:
        assert process.stdout is not None
        self.process = process
        self.stopped_by = 0
        """The signal that has just stopped it: ctrl+z, or that it asks from the background; 0 for none."""
        self.began = monotonic()
        self._limit = limit
        self._pipe = process.stdout
        self._data = bytearray()
        os.set_blocking(self._pipe.fileno(), False)

    def is_done(self) -> bool:
        """Look once: whether it has ended, or printed enough. Raises CommandFailed where it is late.

        It has ended when its first process has: what that left behind can keep the pipe open for ever.
        """
        self._look()
        self._read()
        if self.process.returncode is not None or len(self._data) >= _PRINTED_MOST:
            return True
        if monotonic() - self.began > self._limit:
            raise CommandFailed(f"no answer in {self._limit:.0f} s")
        return False

    def _look(self) -> None:
        """Take note of an end or a stop; `poll` would not tell of a stop."""
        self.stopped_by = 0
        try:
            pid, status = os.waitpid(self.process.pid, os.WNOHANG | os.WUNTRACED)
        except ChildProcessError:
            # It has ended, and no exit code is kept where SIGCHLD is ignored.
            pid, status = self.process.pid, 0
        if pid and os.WIFSTOPPED(status):
            self.stopped_by = os.WSTOPSIG(status)
        elif pid:
            self.process.returncode = os.waitstatus_to_exitcode(status)

    def _read(self) -> None:
        """Take what there is, up to the most."""
        with suppress(BlockingIOError):
            while room := _PRINTED_MOST - len(self._data):
                piece = os.read(self._pipe.fileno(), room)
                if not piece:
                    return
                self._data += piece

    def printed(self) -> bytes:
        """What it printed; raises CommandFailed where it failed, or printed no line that has an end."""
        if len(self._data) >= _PRINTED_MOST:
            if b"\n" not in self._data:
                raise CommandFailed(f"its first line is longer than {_PRINTED_MOST:,} bytes")
        elif self.process.returncode:
            raise CommandFailed(f"exit code {self.process.returncode}")
        return bytes(self._data)

    def end(self) -> None:
        """End all of its group, unless it has ended by itself; what it left behind then may be an agent."""
        self._pipe.close()
        if self.process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()
            self.process.wait()
