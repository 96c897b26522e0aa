"""How a command ends whose output can't be written, or that was interrupted while it printed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

from tui.cli.codes import FAILED, INTERRUPTED
from tui.cli.output import CantWrite, Out, complain


def guard_output(work: Callable[[], int]) -> int:
    """Do what prints; returns its exit code, or that of an interrupt or a failed output."""
    try:
        code = work()
        Out().flush()
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        _silence()
        return 128 + signal.SIGPIPE
    except CantWrite as error:
        _silence()
        complain(str(error))
        return FAILED
    return code


def _silence() -> None:
    """Keep Python's own flush at the end from complaining once more."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
