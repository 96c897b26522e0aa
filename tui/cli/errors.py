"""The errors that end a command. `error_handler` prints each as a sentence and turns it into an exit code.

CommandError       a sentence for the person, and the exit code
├── UsageError     what was asked for makes no sense (2)
└── OutputError    standard output takes nothing more (1)
"""

from __future__ import annotations

from tui.cli.exit_codes import FAILED, USAGE


class CommandError(Exception):
    """Ends a command; the message is a sentence for the person, or empty if everything has been printed."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code


class UsageError(CommandError):
    """What was asked for makes no sense, and nothing was sent."""

    def __init__(self, sentence: str, *, shows_usage: bool = False) -> None:
        super().__init__(sentence, USAGE)
        self.shows_usage = shows_usage
        """Whether the command's usage is shown with it, as for what the parser itself finds."""


class OutputError(CommandError):
    """Standard output can't be written, for another reason than a closed pipe."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"Can't write the output: {error.strerror}.", FAILED)
