"""The argument parser of all commands; it wraps its help and its errors to the width of the terminal."""

from __future__ import annotations

import argparse
import shutil
from itertools import groupby
from typing import Any, NoReturn

from tui.cli.exit_codes import USAGE
from tui.cli.output.standard_error import print_stderr
from tui.cli.output.standard_output import StandardOutput
from tui.text import wrap_words

HELP_WIDEST = 100
"""Columns of a help at the most: longer lines are hard to read."""


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Wraps prose, and leaves indented lines as they are: they are examples."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=min(HELP_WIDEST, shutil.get_terminal_size().columns - 2))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines: list[str] = []
        for as_it_is, group in groupby(text.splitlines(), lambda line: not line or line.startswith(" ")):
            part = list(group)
            lines += part if as_it_is else wrap_words(" ".join(part), width)
        return "\n".join(indent + line for line in lines)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap_words(" ".join(text.split()), width)


class Parser(argparse.ArgumentParser):
    """A parser that accepts no abbreviated flags."""

    def __init__(
        self,
        *,
        prog: str,
        usage: str | None = None,
        description: str | None = None,
        epilog: str | None = None,
    ) -> None:
        super().__init__(prog, usage, description, epilog, formatter_class=HelpFormatter, allow_abbrev=False)

    def print_help(self, file: Any = None) -> None:
        """Print the help. Raises OutputError, and BrokenPipeError."""
        out = StandardOutput(file)
        out.write(self.format_help())
        out.flush()

    def error(self, message: str) -> NoReturn:
        """Print the usage and the message on standard error, and exit with the code for wrong usage."""
        for line in self.format_usage().splitlines():
            print_stderr(line)
        print_stderr(f"{self.prog}: error: {message}")
        raise SystemExit(USAGE)
