"""What is printed when an error ends the program: no secrets, and nothing that drives a terminal.

Nothing is imported before there is such an error: this module is loaded at every start.
"""

from __future__ import annotations

import sys
from types import TracebackType


def format_traceback(error: BaseException) -> str:
    """Return what Python prints of an error, made harmless: its message can be a server's."""
    from traceback import format_exception

    from backend_adapters.redaction import mask_secrets
    from tui.text import sanitize_lines

    return "\n".join(sanitize_lines(mask_secrets("".join(format_exception(error))))) + "\n"


def print_uncaught(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    """Print an error that nothing has caught; takes the place of `sys.excepthook`."""
    if sys.stderr is not None:
        sys.stderr.write(format_traceback(error))
