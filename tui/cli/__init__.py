"""The command line: finds the command, which lies in a file of its own and is imported when it is called."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib import import_module

VERSION = "0.1.0"

COMMANDS = {
    "cancel": "tui.cli.cancel",
    "completion": "tui.cli.completion",
    "config": "tui.cli.config",
    "delete": "tui.cli.delete",
    "demo": "tui.cli.demo",
    "doctor": "tui.cli.doctor",
    "get": "tui.cli.get",
    "graphs": "tui.cli.graphs",
    "input": "tui.cli.input_",
    "journal": "tui.cli.journal",
    "ls": "tui.cli.ls",
    "purge": "tui.cli.purge",
    "result": "tui.cli.result",
    "simulate": "tui.cli.simulate",
    "submit": "tui.cli.submit",
    "wait": "tui.cli.wait",
    "watch": "tui.cli.watch_tasks",
}
"""Command -> module with `run(arguments) -> exit code`. Anything else is a server to watch."""

SCREEN = "tui.cli.watch"
HIDDEN = {"__complete": "tui.cli.complete"}
"""What the shells' completions call."""

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
    module = {**COMMANDS, **HIDDEN}.get(name, SCREEN)
    rest = arguments if module == SCREEN else arguments[1:]
    try:
        code: int = import_module(module).run(list(rest))
    except KeyboardInterrupt:
        print("graphtop: interrupted", file=sys.stderr)
        return INTERRUPTED
    finally:
        gc.enable()
    return code
