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
from tui.cli.output.standard_error import report_error, report_unmasked
from tui.cli.output.standard_output import StandardOutput
from tui.config.resolved import ConfigError

HANDLED_ERRORS = (CommandError, BackendError, ConfigError)
"""What ends a command with a sentence; anything else is a fault of graphtop's."""


def run_guarded(work: Callable[[], int]) -> int:
    """Do what a command does, and send what it has printed; returns the exit code, however it ends."""
    try:
        code = work()
        StandardOutput().flush()
    except (KeyboardInterrupt, BrokenPipeError, *HANDLED_ERRORS) as error:
        return end_with_error(error)
    return code


def describe_error(error: BackendError) -> str:
    """The sentence of an error, and what a person can do."""
    return join_sentences(str(error), error.hint)


def end_with_error(error: BaseException, describe: Callable[[BackendError], str] = describe_error) -> int:
    """Say why the command ends, nothing for a closed pipe; returns the exit code. Raises any other error."""
    match error:
        case KeyboardInterrupt():
            report_error("interrupted")
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
            # The sentence is graphtop's own, and may name where a secret is.
            report_unmasked(str(error))
            return exit_code_of(error)
    raise error


def _discard_output() -> None:
    """Keep Python's own flush at the end from failing once more."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
