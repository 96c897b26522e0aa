"""The argument parser of all commands: how its help is laid out, and how its errors are worded."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NoReturn, TypeAlias

from tui.cli.exit_codes import USAGE
from tui.cli.output.standard_error import print_stderr
from tui.text import cell_width, wrap_words

HELP_WIDEST = 100
"""Columns of a help at the most: longer lines are hard to read."""
FLAGS_WIDEST = 30
"""Columns of a help that the flags take at the most."""
CONNECTION_TITLE = "connection"
"""The group of flags that name a server and a login: the same for all commands, so it is printed last."""

_POSITIONALS = "positional arguments"
"""What argparse calls the words that are no flags."""

Examples: TypeAlias = Sequence[tuple[str, str]]
"""Command lines, each with what it does; empty where that is plain."""


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Wraps prose, and leaves indented lines as they are: they are examples."""

    def __init__(self, prog: str) -> None:
        width = min(HELP_WIDEST, shutil.get_terminal_size().columns - 2)
        super().__init__(prog, max_help_position=FLAGS_WIDEST, width=width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines: list[str] = []
        for as_it_is, group in groupby(text.splitlines(), lambda line: not line or line.startswith(" ")):
            part = list(group)
            lines += part if as_it_is else wrap_words(" ".join(part), width)
        return "\n".join(indent + line for line in lines)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap_words(" ".join(text.split()), width)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        """`-p, --profile NAME`: the value once, for all names of a flag."""
        if not action.option_strings:
            return super()._format_action_invocation(action)
        choices = f"{{{','.join(map(str, action.choices))}}}" if action.choices else action.dest.upper()
        value = "" if action.nargs == 0 else f" {action.metavar or choices}"
        return ", ".join(action.option_strings) + value


class Parser(argparse.ArgumentParser):
    """A parser that accepts no abbreviated flags.

    Its help has the command's own flags and examples first, and what all commands share last.
    """

    def __init__(
        self,
        *,
        prog: str,
        description: str,
        examples: Examples,
        notes: str = "",
        epilog: str | None = None,
    ) -> None:
        """`description` is a sentence on what the command does; `notes` say the rest below the examples."""
        super().__init__(
            prog, description=description, epilog=epilog, formatter_class=HelpFormatter, allow_abbrev=False
        )
        self.examples = examples
        self.notes = notes
        for action in self._actions:
            action.help = "show this help"

    def format_usage(self) -> str:
        """How the command is written, with no more flags than it needs."""
        return f"usage: {self.describe_usage()}\n"

    def describe_usage(self) -> str:
        """`graphtop purge [options] --older-than TIME [FILTER…]`."""
        flags = [action for action in self._actions if action.option_strings and action.required]
        words = [f"{action.option_strings[-1]} {action.metavar}" for action in flags]
        words += [_describe_positional(action) for action in self._actions if not action.option_strings]
        return " ".join([self.prog, "[options]", *words])

    def format_help(self) -> str:
        """The usage, a sentence, the command's own flags, examples, notes, the shared flags, exit codes."""
        formatter = self.formatter_class(prog=self.prog)
        formatter.add_text(self.format_usage())
        formatter.add_text(self.description)
        shared = [group for group in self._action_groups if group.title == CONNECTION_TITLE]
        self._add_groups(formatter, [group for group in self._action_groups if group not in shared])
        formatter.add_text("\n".join(["examples:", *self._list_example_lines()]))
        formatter.add_text(self.notes)
        self._add_groups(formatter, shared)
        formatter.add_text(self.epilog)
        return formatter.format_help()

    def _add_groups(
        self, formatter: argparse.HelpFormatter, groups: Sequence[argparse._ArgumentGroup]
    ) -> None:
        for group in groups:
            formatter.start_section("arguments" if group.title == _POSITIONALS else group.title)
            formatter.add_text(group.description)
            formatter.add_arguments(group._group_actions)
            formatter.end_section()

    def _list_example_lines(self) -> Iterator[str]:
        """The examples, and beside each what it does, in a column where there is room for it."""
        explained = [command for command, about in self.examples if about]
        width = max(map(cell_width, explained), default=0)
        for command, about in self.examples:
            yield f"  {command}{' ' * (width - cell_width(command) + 3)}{about}".rstrip()

    def print_help(self, file: Any = None) -> None:
        """Print the help. Raises OutputError, and BrokenPipeError."""
        # Imported here, as what explains mistakes: most command lines need neither.
        from tui.cli.output.standard_output import StandardOutput

        out = StandardOutput(file)
        out.write(self.format_help())
        out.flush()

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and how the command is written, and exit with the code for wrong usage."""
        from tui.cli.usage_errors import explain_usage_error

        print_stderr(f"{self.prog}: {explain_usage_error(message)}")
        for line in self.format_usage().splitlines():
            print_stderr(line)
        print_stderr(f"Run `{self.prog} --help` for its options and examples.")
        raise SystemExit(USAGE)

    def explain_unknown(self, words: Sequence[str]) -> str:
        """What is wrong with words that it does not take, as a sentence."""
        from tui.cli.usage_errors import explain_unknown_words

        several = [word for word in words if word.partition("=")[0] in ("--all", "--view")]
        if several and "--profile" in self._option_string_actions:
            return f"This command works on one place: name it with -p, in place of {several[0]}."
        takes_filter = any(action.metavar == "FILTER" for action in self._actions)
        terms = ("status", "type", "name", "reason") if takes_filter else ()
        return explain_unknown_words(words, tuple(self._option_string_actions), terms)

    def add_late_words(self, arguments: argparse.Namespace, unknown: list[str]) -> list[str]:
        """Give words behind a flag to the argument that takes several words; returns those nothing takes.

        argparse ends such an argument at the first flag behind it: `ls status=failed -p prod 'age<1h'`.
        """
        several = (one for one in self._actions if not one.option_strings and one.nargs in ("*", "+"))
        action = next(several, None)
        if action is None or any(word.startswith("-") and word != "-" for word in unknown):
            return unknown
        setattr(arguments, action.dest, [*getattr(arguments, action.dest), *unknown])
        return []

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """Take `--` as the value in `--profile=--`, which argparse before 3.13 would drop."""
        if action.option_strings and action.nargs is None and arg_strings == ["--"]:
            value = self._get_value(action, "--")
            self._check_value(action, value)
            return value
        return super()._get_values(action, arg_strings)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Say in words of our own that a value is none of the choices."""
        if action.choices is None or value in action.choices:
            return
        from tui.cli.usage_errors import explain_wrong_choice

        words = explain_wrong_choice(value, [str(choice) for choice in action.choices])
        if not action.option_strings:
            self.error(words)
        raise argparse.ArgumentError(action, words)


def _describe_positional(action: argparse.Action) -> str:
    """`ID…`, `[FILTER…]`, `bash|zsh|fish`."""
    choices = "|".join(map(str, action.choices or ()))
    name = str(action.metavar or choices or action.dest)
    more = "…" if action.nargs in ("*", "+", argparse.PARSER) else ""
    return f"[{name}{more}]" if action.nargs in ("*", "?") else f"{name}{more}"
