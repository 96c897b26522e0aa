"""`graphtop` and `python -m tui`."""

from __future__ import annotations

import os
import sys

from tui.crash_text import print_uncaught
from tui.gc_tuning import freeze_objects


def main() -> None:
    """Run the command line and exit with its code."""
    from tui.cli import run
    from tui.process_guard import guard_process

    sys.excepthook = print_uncaught
    guard_process(os.environ)
    code = run(sys.argv[1:])
    # Half of the time of a quit went into collecting what the process gives back anyway (measured).
    freeze_objects()
    sys.exit(code)


if __name__ == "__main__":
    main()
