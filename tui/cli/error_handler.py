"""The one place where an error becomes a sentence on standard error and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

from backend_adapters.errors import BackendError
from backend_adapters.sentences import join_sentences
from tui.cli.errors import CommandError, OutputError
from tui.cli.exit_codes import INTERRUPTED, exit_code_of
from tui.cli.output.standard_error import report_error
from tui.cli.output.standard_output import StandardOutput
from tui.config.resolved import ConfigError

HANDLED_ERRORS = (CommandError, BackendError, ConfigError)
"""What ends a command with a sentence; anything else is a fault of graphtop's."""


def run_guarded(work: Callable[[], int]) -> int:
    """Run a command's work and flush its output; returns the exit code, also after an error."""
    try:
        code = work()
        StandardOutput().flush()
    except (KeyboardInterrupt, BrokenPipeError, *HANDLED_ERRORS) as error:
        return end_with_error(error)
    return code


def describe_backend_error(error: BackendError) -> str:
    """Return the message of an error with its hint."""
    return join_sentences(str(error), error.hint)


def end_with_error(
    error: BaseException, describe: Callable[[BackendError], str] = describe_backend_error
) -> int:
    """Print why the command ends (nothing for a closed pipe); returns the exit code. Raises other errors."""
    match error:
        case KeyboardInterrupt():
            report_error("Interrupted.")
            return INTERRUPTED
        case BrokenPipeError():
            _discard_output()
            return 128 + signal.SIGPIPE
        case CommandError():
            if isinstance(error, OutputError):
                _discard_output()
            report_error(str(error))
            return error.code
        case BackendError():
            report_error(describe(error))
            return exit_code_of(error)
        case ConfigError():
            # It can name what was typed in place of a profile: an address with its password.
            report_error(str(error))
            return exit_code_of(error)
    raise error


def _discard_output() -> None:
    """Send the rest of the output nowhere, so that Python's flush at the exit does not fail, too."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
