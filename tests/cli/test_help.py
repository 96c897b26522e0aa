"""The help of every command, word for word: its flags, their values and defaults, and what they do."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import pytest
from syrupy.assertion import SnapshotAssertion

from tui.cli.registry import COMMANDS, parser_of


def flag_line(action: argparse.Action) -> str:
    """One flag or positional, in a form that no version of argparse changes."""
    names = ", ".join(action.option_strings) or str(action.metavar or action.dest)
    facts = {
        "value": action.metavar if action.option_strings else None,
        "nargs": action.nargs,
        "choices": None if action.choices is None else " ".join(map(str, action.choices)),
        "default": None if action.default in (None, argparse.SUPPRESS) else action.default,
        "required": action.required or None,
    }
    told = [f"{name} {value}" for name, value in facts.items() if value is not None]
    return " | ".join([f"  {names}", *told, action.help or ""])


def help_lines(parser: argparse.ArgumentParser) -> Iterator[str]:
    """All that a parser's help says, those of its subcommands too."""
    yield from (parser.usage or parser.prog, parser.description or "")
    for group in parser._action_groups:
        if group._group_actions:
            yield f"[{group.title}]"
            yield from map(flag_line, group._group_actions)
    yield parser.epilog or ""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for choice in action._choices_actions:
                yield f"= {choice.dest}: {choice.help}"
            for child in action.choices.values():
                yield from help_lines(child)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_help_says_what_it_did(command: str, snapshot: SnapshotAssertion) -> None:
    assert "\n".join(help_lines(parser_of(command))) == snapshot


@pytest.mark.parametrize("command", COMMANDS)
def test_no_example_has_a_word_that_bash_takes_for_its_history(command: str) -> None:
    assert not re.search(r"(?m)^  graphtop.*\s!\w", "\n".join(help_lines(parser_of(command))))


@pytest.mark.parametrize("command", ["completion", "config", "help", "journal"])
def test_a_command_without_a_server_names_none_of_a_servers_exit_codes(command: str) -> None:
    codes = re.findall(r"(?:exit codes:|;) (\d+) ", parser_of(command).epilog or "")
    assert codes == ["0", "1", "2", "130"]


def test_only_what_acts_on_tasks_names_the_code_of_what_is_not_confirmed() -> None:
    named = {command for command in COMMANDS if "; 6 " in (parser_of(command).epilog or "")}
    assert named == {"cancel", "delete", "purge", "submit", "wait"}
