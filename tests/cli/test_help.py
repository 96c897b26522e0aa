"""The help of every command, word for word: its flags, their values and defaults, and what they do."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator

import pytest
from syrupy.assertion import SnapshotAssertion

from tui.cli.argument_parser import CONNECTION_TITLE, Parser
from tui.cli.registry import COMMANDS, parser_of

CONFIG_COMMANDS = ("init", "check", "path", "example", "schema")


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


def help_lines(parser: Parser) -> Iterator[str]:
    """All that a parser's help says, those of its subcommands too."""
    yield from (parser.describe_usage(), parser.description or "")
    for group in parser._action_groups:
        if group._group_actions:
            yield f"[{group.title}]"
            yield from map(flag_line, group._group_actions)
    yield from (f"  {command}  {about}".rstrip() for command, about in parser.examples)
    yield from (parser.notes, parser.epilog or "")
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


def parser_named(words: str) -> Parser:
    """The parser of a command, or of one of its commands: `config init`."""
    name, _, below = words.partition(" ")
    parser = parser_of(name)
    return next(a for a in parser._actions if a.dest == "what").choices[below] if below else parser


EVERY_HELP = ["", *COMMANDS, *(f"config {name}" for name in CONFIG_COMMANDS)]


@pytest.mark.parametrize("command", EVERY_HELP)
def test_a_help_has_its_own_flags_and_examples_before_the_connection(command: str, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    parser = parser_named(command)
    shown = parser.format_help()
    usage, sentence, *_ = shown.split("\n\n")
    assert usage.startswith(f"usage: {parser.prog} [options]")
    assert len(sentence.splitlines()) <= 2
    assert sentence.endswith(".")
    heads = re.findall(r"(?m)^([a-zA-Z]+):$", shown)
    assert {"options", "examples"} <= set(heads)
    assert len(parser.examples) >= 2
    own = [head for head in heads if head != CONNECTION_TITLE]
    assert heads == own + heads[len(own) :], "the connection comes last"
    assert own.index("options") < own.index("examples")


@pytest.mark.parametrize("command", EVERY_HELP)
def test_each_example_of_a_help_can_be_run_as_it_stands(command: str) -> None:
    for line, _ in parser_named(command).examples:
        calls = re.findall(r"graphtop(?: (?![|>])(?:'[^']*'|[^|>()'\"\s])+)*", line)
        assert calls, line
        for call in calls:
            _, *words = shlex.split(call)
            name = words[0] if words and words[0] in COMMANDS else ""
            if words[-1:] == ["--help"]:
                continue
            _, unknown = parser_of(name).parse_known_args(words[1:] if name else words)
            assert unknown == [], call


@pytest.mark.parametrize("command", ["completion", "config", "help", "journal", "stats"])
def test_a_command_without_a_server_names_none_of_a_servers_exit_codes(command: str) -> None:
    codes = re.findall(r"(?:exit codes:|;) (\d+) ", parser_of(command).epilog or "")
    assert codes == ["0", "1", "2", "130"]


def test_only_what_acts_on_tasks_names_the_code_of_what_is_not_confirmed() -> None:
    named = {command for command in COMMANDS if "; 6 " in (parser_of(command).epilog or "")}
    assert named == {"cancel", "delete", "purge", "submit", "wait"}
