"""The command line: finds the command, which lies in a file of its own and is imported when it is called."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib import import_module

VERSION = "0.1.0"

COMMANDS = {
    "demo": "tui.cli.demo",
    "simulate": "tui.cli.simulate",
}
"""Command -> module with `run(arguments) -> exit code`. Anything else is a server to watch."""

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    if list(arguments[:1]) in (["--version"], ["-V"]):
        print(f"graphtop {VERSION}")
        return OK
    name = arguments[0] if arguments else ""
    if name != "simulate":
        # What a start makes stays to the end; looking through it for garbage was a tenth of the start
        # (measured). The screen turns it on again.
        gc.disable()
    module = COMMANDS.get(name, "tui.cli.watch")
    rest = arguments[1:] if name in COMMANDS else arguments
    try:
        code: int = import_module(module).run(list(rest))
    except KeyboardInterrupt:
        print("graphtop: interrupted", file=sys.stderr)
        return INTERRUPTED
    finally:
        gc.enable()
    return code
