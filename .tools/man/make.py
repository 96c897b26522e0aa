"""Write the man page: the prose of graphtop.1.in, and the commands and options from their parsers."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tui import VERSION  # noqa: E402
from tui.cli.argument_parser import Parser  # noqa: E402
from tui.cli.registry import COMMANDS, GROUPS, parser_of  # noqa: E402
from tui.config.settings import PROFILE_SETTINGS, SCREEN_SETTINGS, Setting  # noqa: E402

PAGE = HERE / "graphtop.1"
PROSE = HERE / "graphtop.1.in"
CHANGES = HERE.parents[1] / "CHANGELOG.md"

SHARED = {"connection": "get", "screen": "demo", "confirmation": "cancel"}
"""Groups of options that are described once, and a command that has the whole group."""

_ROFF = str.maketrans({"\\": r"\e", "-": r"\-", "'": r"\(aq", "^": r"\(ha", "~": r"\(ti", "…": "..."})
_CODE = re.compile(r"`([^`]+)`|(?<![\w-])(--?[a-z][\w-]*)")


def plain(text: str) -> str:
    """A text that roff prints as it is. Raises UnicodeEncodeError for what not every roff can print."""
    lines = text.translate(_ROFF).encode("ascii").decode().split("\n")
    return "\n".join(f"\\&{line}" if line.startswith(".") else line for line in lines)


def prose(text: str) -> str:
    """A sentence, with its flags and what stands in backquotes in bold."""
    pieces = _CODE.split(text)
    shown = [plain(pieces[0])]
    for quoted, flag, after in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        shown += [bold(quoted or flag), plain(after)]
    return "".join(shown)


def bold(text: str) -> str:
    """What a person types."""
    return rf"\fB{plain(text)}\fR"


def italic(text: str) -> str:
    """What a person puts something else for."""
    return rf"\fI{plain(text)}\fR"


def paragraphs(text: str) -> list[str]:
    """The text of a parser: what is indented is an example, anything else flows."""
    lines: list[str] = []
    for block in text.split("\n\n") if text else ():
        if block.startswith("  "):
            example = "\n".join(line[2:] for line in block.split("\n"))
            lines += [".RS 4n", ".PP", ".EX", plain(example), ".EE", ".RE"]
        else:
            lines += [".PP", prose(" ".join(block.split()))]
    return lines


def value_of(action: argparse.Action) -> str:
    """The place of an option's or a positional's value."""
    if action.metavar is None and action.choices is not None:
        return "|".join(bold(str(choice)) for choice in action.choices)
    name = action.metavar or (action.dest.upper() if action.option_strings else action.dest)
    return italic(str(name))


def entry(action: argparse.Action) -> str:
    """One option, or one positional, and what it does."""
    value = "" if action.nargs == 0 else value_of(action)
    names = ", ".join(bold(name) for name in action.option_strings)
    head = f"{names} {value}".strip()
    return f".TP\n{head}\n{prose((action.help or '').replace('%%', '%'))}"


def synopsis(name: str, parser: Parser) -> str:
    """How a command is written."""
    words = [bold(f"graphtop {name}"), rf"[{italic('options')}]"]
    for action in parser._actions:
        if action.option_strings:
            words += [f"{bold(action.option_strings[-1])} {value_of(action)}"] if action.required else []
        else:
            more = "..." if action.nargs in ("*", "+") else ""
            optional = action.nargs in ("*", "?")
            words.append(f"[{value_of(action)}{more}]" if optional else f"{value_of(action)}{more}")
    return " ".join(words)


def shared_entries() -> dict[str, list[str]]:
    """The options of each shared group."""
    return {title: group_entries(parser_of(command), title) for title, command in SHARED.items()}


def group_entries(parser: Parser, title: str) -> list[str]:
    """The options of one group of a parser."""
    groups = [group for group in parser._action_groups if group.title == title]
    return [entry(action) for group in groups for action in group._group_actions]


def options(parser: Parser, shared: dict[str, list[str]]) -> list[str]:
    """A command's own options, and a sentence that names the groups it shares with others."""
    own: list[str] = []
    names: list[str] = []
    for group in parser._action_groups:
        every = [entry(action) for action in group._group_actions if _is_described(action)]
        common = shared.get(group.title or "", [])
        own += [one for one in every if one not in common]
        if not set(common).isdisjoint(every):
            names.append(bold(title_of(group.title or "")))
    if names:
        own += [".PP", f"Also the options under {join(names)} in {bold('OPTIONS')}."]
    return own


def examples(parser: Parser) -> list[str]:
    """Command lines to copy, each with what it does as a comment."""
    width = max((len(command) for command, about in parser.examples if about), default=0)
    lines = [f"{command:<{width}}   # {about}" if about else command for command, about in parser.examples]
    return [".RS 4n", ".PP", ".EX", *map(plain, lines), ".EE", ".RE"]


def _is_described(action: argparse.Action) -> bool:
    return "--help" not in action.option_strings and not isinstance(action, argparse._SubParsersAction)


def title_of(group: str) -> str:
    """A group's name as a heading."""
    return group.capitalize() if group.islower() else group


def join(names: list[str]) -> str:
    """Names as a person lists them."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def nested(name: str, parser: Parser, shared: dict[str, list[str]]) -> list[str]:
    """The commands of a command."""
    lines: list[str] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for choice in action._choices_actions:
                lines += [".TP", bold(f"graphtop {name} {choice.dest}"), prose(choice.help or "")]
                child = action.choices[choice.dest]
                below = [*options(child, shared), *paragraphs(child.notes)]
                lines += [".RS", *below, ".RE"] if below else []
    return lines


def commands(shared: dict[str, list[str]]) -> Iterable[str]:
    """Every command: first in a line each, then whole."""
    for number, group in enumerate(GROUPS):
        if number:
            yield ".PP"
        yield f"{plain(group.capitalize())}:\n.PD 0"
        for name, command in COMMANDS.items():
            if command.group == group:
                yield f".TP 14n\n{bold(name)}\n{prose(command.help)}"
        yield ".PD"
    for name in COMMANDS:
        parser = parser_of(name)
        yield f".SS {name}"
        yield synopsis(name, parser)
        yield from paragraphs(parser.description or "")
        yield from nested(name, parser, shared)
        yield from options(parser, shared)
        yield from examples(parser)
        yield from paragraphs(parser.notes)


def option_groups(shared: dict[str, list[str]]) -> Iterable[str]:
    """The screen's own options, and those that commands share."""
    yield from options(parser_of(""), shared)
    for title, entries in shared.items():
        yield f".SS {title_of(title)}"
        yield from entries


def variables() -> Iterable[str]:
    """The variable of each setting."""
    for setting in (*PROFILE_SETTINGS, *SCREEN_SETTINGS):
        yield f".TP\n{bold(setting.variable)}\n{prose(meaning(setting))}"


def meaning(setting: Setting) -> str:
    """What a setting's variable says."""
    return f"1: {setting.about}" if setting.kind is bool else setting.about


def page() -> str:
    """The whole man page."""
    shared = shared_entries()
    released = re.search(rf"^## \[{re.escape(VERSION)}\] - (\S+)$", CHANGES.read_text(), re.MULTILINE)
    if released is None:
        sys.exit(f"CHANGELOG.md has no day for version {VERSION}: give it a line '## [{VERSION}] - DAY'")
    parts = {
        "version": VERSION,
        "date": released[1],
        "commands": "\n".join(commands(shared)),
        "options": "\n".join(option_groups(shared)),
        "variables": "\n".join(variables()),
    }
    text = PROSE.read_text(encoding="ascii")
    for name, part in parts.items():
        text = text.replace(f"@{name}@", part)
    return re.sub(r"\n{2,}", "\n", text)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="ascii")
