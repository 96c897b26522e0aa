"""How a command ends whose output can't be written, or that was interrupted while it printed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

from tui.cli.exit_codes import FAILED, INTERRUPTED
from tui.cli.output.standard_error import report_error
from tui.cli.output.standard_output import OutputError, StandardOutput, describe_write_error


def guard_output(work: Callable[[], int]) -> int:
    """Do what prints; returns its exit code, or that of an interrupt or a failed output."""
    try:
        code = work()
        StandardOutput().flush()
    except KeyboardInterrupt:
        report_error("interrupted")
        return INTERRUPTED
    except (BrokenPipeError, OutputError) as error:
        return end_failed(error)
    return code


def end_failed(error: OSError | OutputError) -> int:
    """Say why the output takes nothing more, but for a closed pipe; returns the exit code."""
    _silence()
    if isinstance(error, BrokenPipeError):
        return 128 + signal.SIGPIPE
    report_error(str(error) if isinstance(error, OutputError) else describe_write_error(error))
    return FAILED


def _silence() -> None:
    """Keep Python's own flush at the end from complaining once more."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
