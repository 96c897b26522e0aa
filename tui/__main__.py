"""`graphtop` and `python -m tui`."""

from __future__ import annotations

import gc
import os
import sys
from types import TracebackType


def main() -> None:
    """Run the command line and leave with its exit code."""
    from tui.cli import run
    from tui.process_guard import guard_process

    sys.excepthook = print_traceback
    guard_process(os.environ)
    code = run(sys.argv[1:])
    # Looking for garbage among all that the process gives back anyway took half of a quit (measured).
    gc.freeze()
    sys.exit(code)


def print_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print what Python prints of a fault, without secrets: an exception's words can be a server's."""
    from traceback import format_exception

    from backend_adapters.redaction import mask
    from tui.text import safe_lines

    lines = safe_lines(mask("".join(format_exception(kind, error, trace))))
    if sys.stderr is not None:
        sys.stderr.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
