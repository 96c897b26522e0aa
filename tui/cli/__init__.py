"""The command line: runs the command that the first word names, and imports only that one."""

from __future__ import annotations

from collections.abc import Sequence

from tui import VERSION
from tui.gc_tuning import pause_collection, resume_collection


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code. Raises SystemExit after a help or a wrong usage."""
    if list(arguments[:1]) in (["--version"], ["-V"]):
        return _print_version()
    name = arguments[0] if arguments else ""
    if name != "simulate":
        # What a start makes stays to the end; looking through it for garbage was a tenth of the start
        # (measured). The screen turns it on again.
        pause_collection()
    try:
        return _run_command(name, list(arguments))
    except KeyboardInterrupt as interrupt:
        from tui.cli.error_handler import end_with_error

        return end_with_error(interrupt)
    finally:
        resume_collection()


def _run_command(name: str, words: list[str]) -> int:
    """Run the command that the first word names; the screen takes any other word as a server."""
    from tui.cli.registry import COMMANDS, COMPLETION_CALL

    if name == COMPLETION_CALL:
        from tui.cli.completion.complete import run as complete

        return complete(words[1:])
    from tui.cli.run_command import run_command

    return run_command(name, words[1:] if name in COMMANDS else words)


def _print_version() -> int:
    try:
        print(f"graphtop {VERSION}", flush=True)
    except OSError as error:
        # Imported here: they take longer than all the rest of this.
        from tui.cli.error_handler import end_with_error
        from tui.cli.errors import OutputError

        return end_with_error(error if isinstance(error, BrokenPipeError) else OutputError(error))
    return 0
