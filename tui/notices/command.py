"""Runs the command that shows a notice: without a shell, beside everything else, and not for ever."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping
from contextlib import suppress

from tui.connection.secret_command import filter_environment
from tui.notices.sequences import clean_notice

COMMAND_SECONDS = 10.0
"""Seconds after which the command is ended."""


async def run_notice_command(
    command: str, text: str, environ: Mapping[str, str], limit: float = COMMAND_SECONDS
) -> str:
    """Run a command with the text as its last argument; returns why that failed, or an empty text.

    It gets neither a terminal nor graphtop's secrets.
    """
    notice = clean_notice(text)
    # A name that a server chose must not be a flag of the command.
    said = f" {notice}" if notice.startswith("-") else notice
    words, env = (*shlex.split(command), said), filter_environment(environ, keys=False)
    try:
        process = await asyncio.create_subprocess_exec(
            *words, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, env=env, start_new_session=True
        )
    except (OSError, ValueError) as error:
        return f"it can't be run: {getattr(error, 'strerror', None) or 'its words are not allowed'}."
    try:
        code = await asyncio.wait_for(process.wait(), limit)
    except TimeoutError:
        return f"it was ended after {limit:g} s."
    finally:
        await _end_group(process)
    return f"exit code {code}." if code else ""


async def _end_group(process: Process) -> None:
    """End a command that goes on with all that it has started; it leads a group of its own."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
