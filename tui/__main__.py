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


def print_traceback(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    """Print a fault that nothing has caught."""
    from tui.crash_text import traceback_text

    if sys.stderr is not None:
        sys.stderr.write(traceback_text(error))


if __name__ == "__main__":
    main()
