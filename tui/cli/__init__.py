"""The command line: finds the command, which lies in a file of its own and is imported when it is called."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from importlib import import_module

VERSION = "0.1.0"
"""The only place of the version: the build reads it here, and `--version` looks nothing up."""

SHOW = "what there is"
FOLLOW = "what becomes of it"
CHANGE = "what a person can do about it"
EXPLAIN = "what is wrong, what is set, what was done"
DEMO = "without a server"
GROUPS = (SHOW, FOLLOW, CHANGE, EXPLAIN, DEMO)
"""What commands are for, in the order of the help."""


class Command:
    """A command: the module with its `run(arguments) -> exit code`, what it does, and what it is for."""

    def __init__(self, module: str, help: str, group: str) -> None:
        """Plain, as `graphtop --version` would wait for dataclasses."""
        self.module = module
        self.help = help
        self.group = group


COMMANDS = {
    "cancel": Command(
        "tui.cli.commands.cancel", "cancel tasks, and follow each until it has stopped", CHANGE
    ),
    "completion": Command(
        "tui.cli.commands.completion", "print the script that completes words in a shell", EXPLAIN
    ),
    "config": Command("tui.cli.commands.config", "show and check the profiles, or print an example", EXPLAIN),
    "delete": Command("tui.cli.commands.delete", "delete tasks, and follow each until it is gone", CHANGE),
    "demo": Command("tui.cli.commands.demo", "open the screen on a built-in server", DEMO),
    "doctor": Command("tui.cli.commands.doctor", "check the way to a server, and say what to do", EXPLAIN),
    "get": Command("tui.cli.commands.get", "show tasks with all their fields", SHOW),
    "graphs": Command("tui.cli.commands.graphs", "list the graphs of a server", SHOW),
    "help": Command("tui.cli.commands.help", "show the help of graphtop, or of a command", EXPLAIN),
    "input": Command("tui.cli.commands.input", "print the whole input of a task", SHOW),
    "journal": Command("tui.cli.commands.journal", "show the actions sent from this machine", EXPLAIN),
    "ls": Command("tui.cli.commands.ls", "list the tasks that pass a filter, newest first", SHOW),
    "purge": Command("tui.cli.commands.purge", "delete tasks that ended long ago", CHANGE),
    "result": Command("tui.cli.commands.result", "print the whole result of a task, or its error", SHOW),
    "simulate": Command(
        "tui.cli.commands.simulate", "serve the built-in server to any client, over HTTP", DEMO
    ),
    "submit": Command("tui.cli.commands.submit", "start a gremlin job, and print its id", CHANGE),
    "wait": Command("tui.cli.commands.wait", "wait until tasks have ended", FOLLOW),
    "watch": Command("tui.cli.commands.watch", "print a line whenever a task changes", FOLLOW),
}
"""The only list of commands: completions and help are made from it. Anything else is a server to watch."""

SCREEN = "tui.cli.commands.launch"
HIDDEN = {"__complete": "tui.cli.completion.complete"}
"""What the shells' completions call."""

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code. Raises SystemExit after a help or a wrong usage."""
    if list(arguments[:1]) in (["--version"], ["-V"]):
        return _print_version()
    name = arguments[0] if arguments else ""
    if name != "simulate":
        # What a start makes stays to the end; looking through it for garbage was a tenth of the start
        # (measured). The screen turns it on again.
        gc.disable()
    module = COMMANDS[name].module if name in COMMANDS else HIDDEN.get(name, SCREEN)
    rest = arguments if module == SCREEN else arguments[1:]
    try:
        code: int = import_module(module).run(list(rest))
    except KeyboardInterrupt:
        from tui.cli.output.printer import complain

        complain("interrupted")
        return INTERRUPTED
    finally:
        gc.enable()
    return code


def _print_version() -> int:
    try:
        print(f"graphtop {VERSION}", flush=True)
    except OSError as error:
        # Imported here: they take longer than all the rest of this.
        from tui.cli.output.errors import end_failed

        return end_failed(error)
    return OK
