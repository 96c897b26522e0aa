"""Runs a command that prints a secret, with the terminal, on which it may ask a person, or without it.

Either way it is a process group of its own, which can be killed as a whole.
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

_MAX_OUTPUT_BYTES = 64 * 1024
"""Bytes of a command's output that are read."""
_POLL_SECONDS = 0.02
"""Seconds between two checks of a running command."""

_OWN_VARIABLES = ("GRAPHTOP_PASSWORD", "GRAPHTOP_TOKEN")
"""The beginnings of the variables with graphtop's own secrets."""
_KEY_VARIABLES = ("HUAWEICLOUD_", "HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN")
"""The beginnings of the variables with keys for GES."""

_INTERRUPTED = (-signal.SIGINT, 128 + signal.SIGINT)

monotonic = time.monotonic


class CommandFailed(Exception):
    """A command printed no secret; the message says why, without any of its output."""


def filter_environment(environ: Mapping[str, str], *, keys: bool) -> dict[str, str]:
    """The environment for a command: without graphtop's own secrets, and with keys for GES only if `keys`."""
    hidden = _OWN_VARIABLES if keys else _OWN_VARIABLES + _KEY_VARIABLES
    return {name: value for name, value in environ.items() if not name.startswith(hidden)}


def run_on_terminal(words: Sequence[str], environ: Mapping[str, str], limit: float) -> bytes:
    """The output of a command that may use the terminal; raises CommandFailed after `limit` seconds."""
    running = _RunningCommand(
        _start_command(words, stdout=subprocess.PIPE, env=environ, process_group=0), limit
    )
    with LentTerminal() as terminal:
        try:
            while not running.is_done():
                if running.stopped_by:
                    running.began += terminal.resume_group(running.process.pid, running.stopped_by)
                time.sleep(_POLL_SECONDS)
        finally:
            running.kill()
        if terminal.is_lent and running.process.returncode in _INTERRUPTED:
            # Ctrl+c ends graphtop, too.
            raise KeyboardInterrupt
    return running.get_output()


async def run_aside(words: Sequence[str], environ: Mapping[str, str], limit: float) -> bytes:
    """The output of a command without a terminal; raises CommandFailed after `limit` seconds."""
    null = subprocess.DEVNULL
    process = _start_command(
        words, stdin=null, stdout=subprocess.PIPE, stderr=null, env=environ, start_new_session=True
    )
    running = _RunningCommand(process, limit)
    try:
        while not running.is_done():  # noqa: ASYNC110 - a process that stops or ends sets no event
            await asyncio.sleep(_POLL_SECONDS)
    finally:
        running.kill()
    return running.get_output()


def _start_command(words: Sequence[str], **how: object) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(words, **how)  # type: ignore[call-overload, no-any-return]
    except OSError as error:
        raise CommandFailed(f"it could not be run: {error.strerror}") from None
    except (ValueError, IndexError, subprocess.SubprocessError):
        raise CommandFailed("it could not be run") from None


class _RunningCommand:
    """A running command, and its output so far."""

    def __init__(self, process: subprocess.Popen[bytes], limit: float) -> None:
        assert process.stdout is not None
        self.process = process
        self.stopped_by = 0
        """The signal that has just stopped it: by ctrl+z, or as it asks from the background; or 0."""
        self.began = monotonic()
        self._limit = limit
        self._pipe = process.stdout
        self._data = bytearray()
        os.set_blocking(self._pipe.fileno(), False)

    def is_done(self) -> bool:
        """Whether it has ended, or printed as much as is read. Raises CommandFailed after the time limit.

        It has ended when its first process has: processes left behind can keep the pipe open for ever.
        """
        self._poll_status()
        self._read_output()
        if self.process.returncode is not None or len(self._data) >= _MAX_OUTPUT_BYTES:
            return True
        if monotonic() - self.began > self._limit:
            raise CommandFailed(f"no answer in {self._limit:.0f} s")
        return False

    def _poll_status(self) -> None:
        """Notice an end or a stop; `Popen.poll` does not report a stop."""
        self.stopped_by = 0
        try:
            pid, status = os.waitpid(self.process.pid, os.WNOHANG | os.WUNTRACED)
        except ChildProcessError:
            # It has ended; where SIGCHLD is ignored there is no exit code.
            pid, status = self.process.pid, 0
        if pid and os.WIFSTOPPED(status):
            self.stopped_by = os.WSTOPSIG(status)
        elif pid:
            self.process.returncode = os.waitstatus_to_exitcode(status)

    def _read_output(self) -> None:
        """Read what is there, up to the limit."""
        with suppress(BlockingIOError):
            while room := _MAX_OUTPUT_BYTES - len(self._data):
                piece = os.read(self._pipe.fileno(), room)
                if not piece:
                    return
                self._data += piece

    def get_output(self) -> bytes:
        """Its output; raises CommandFailed where it failed, or where its first line is too long."""
        if len(self._data) >= _MAX_OUTPUT_BYTES:
            if b"\n" not in self._data:
                raise CommandFailed(f"its first line is longer than {_MAX_OUTPUT_BYTES:,} bytes")
        elif self.process.returncode:
            raise CommandFailed(f"exit code {self.process.returncode}")
        return bytes(self._data)

    def kill(self) -> None:
        """Kill its whole group, unless it has ended: what a command leaves behind may be an agent."""
        self._pipe.close()
        if self.process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()
            self.process.wait()
