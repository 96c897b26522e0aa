"""Every command in one list, from which the help, the completions and the man page are made.

A command is a file in `tui/cli/commands` that is named like it, with `Options`, `build_parser` and `run`, and
one line in this list.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from tui.cli.argument_parser import Parser

SHOW_GROUP = "show tasks and graphs"
FOLLOW_GROUP = "follow tasks"
CHANGE_GROUP = "start, cancel and delete tasks"
EXPLAIN_GROUP = "check, configure, look up"
BUILT_IN = "try it without a server"
GROUPS = (SHOW_GROUP, FOLLOW_GROUP, CHANGE_GROUP, EXPLAIN_GROUP, BUILT_IN)
"""What the commands are for, in the order of the help."""


class Command:
    """A command: its name, what it does in one line, and which group of the help lists it."""

    def __init__(self, name: str, help: str, group: str) -> None:
        """Keep the arguments: a dataclass would slow down every start."""
        self.name = name
        self.help = help
        self.group = group

    @property
    def module(self) -> str:
        """The module that holds it, which is imported when the command is called."""
        return f"tui.cli.commands.{self.name}"


_ALL = (
    Command("cancel", "cancel tasks, and follow each until it has stopped", CHANGE_GROUP),
    Command("completion", "print the completion script of a shell", EXPLAIN_GROUP),
    Command("config", "write, check and explain the config file", EXPLAIN_GROUP),
    Command("delete", "delete tasks, and follow each until it is gone", CHANGE_GROUP),
    Command("demo", "open the screen on a simulated live server", BUILT_IN),
    Command("doctor", "check the connection to a server step by step", EXPLAIN_GROUP),
    Command("get", "show tasks in detail", SHOW_GROUP),
    Command("graphs", "list the graphs of a server", SHOW_GROUP),
    Command("help", "show the help of graphtop or of a command", EXPLAIN_GROUP),
    Command("history", "list what was seen of tasks, also of those that are gone", SHOW_GROUP),
    Command("input", "print the full input of a task", SHOW_GROUP),
    Command("journal", "show the actions sent from this machine", EXPLAIN_GROUP),
    Command("ls", "list the tasks that pass a filter, newest first", SHOW_GROUP),
    Command("problems", "tell what needs a person, with its evidence", SHOW_GROUP),
    Command("purge", "delete tasks that finished long ago", CHANGE_GROUP),
    Command("result", "print the full result of a task, or its error", SHOW_GROUP),
    Command("simulate", "serve the simulated server over HTTP, to any client", BUILT_IN),
    Command("stats", "show how often tasks succeed, and how long they take", SHOW_GROUP),
    Command("submit", "start a gremlin job, and print its id", CHANGE_GROUP),
    Command("views", "list the saved views, or remove some", EXPLAIN_GROUP),
    Command("wait", "wait until tasks have finished", FOLLOW_GROUP),
    Command("watch", "print a line whenever a task changes", FOLLOW_GROUP),
)

COMMANDS = {command.name: command for command in _ALL}
"""The commands by their names. Any other first word names a server to watch."""

SIMILAR_COMMANDS = {
    "abort": "cancel",
    "clean": "purge",
    "describe": "get",
    "kill": "cancel",
    "list": "ls",
    "log": "journal",
    "ps": "ls",
    "remove": "delete",
    "rm": "delete",
    "run": "submit",
    "show": "get",
    "start": "submit",
    "statistics": "stats",
    "status": "ls",
    "stop": "cancel",
    "tail": "watch",
    "tasks": "ls",
    "top": "graphtop without a command",
}
"""Commands of other programs, and the one that does the same here."""

LAUNCH = Command("launch", "watch the tasks of a server", SHOW_GROUP)
"""What runs where no command is named: it opens the screen."""

COMPLETION_CALL = "__complete"
"""What the shells' completions call, which no help lists."""


def load_command(name: str) -> ModuleType:
    """Import the module of a command; that of the screen for any other name."""
    return import_module(COMMANDS.get(name, LAUNCH).module)


def parser_of(name: str) -> Parser:
    """Build the parser of a command; that of the screen for an empty name."""
    parser: Parser = load_command(name).build_parser()
    return parser


def suggest_command(word: str) -> str:
    """`Did you mean ls?`: the command that an unknown word may stand for; empty for none."""
    # Imported here: only a mistake needs it.
    from tui.config.settings import suggest_nearest

    near = SIMILAR_COMMANDS.get(word)
    return f"Did you mean {near}?" if near else suggest_nearest(word, tuple(COMMANDS))


def list_commands() -> str:
    """Return the list of commands for the help: one line for each, under the names of the groups."""
    width = max(map(len, COMMANDS))
    lines = {
        group: [f"{one.name:<{width}}  {one.help}" for one in COMMANDS.values() if one.group == group]
        for group in GROUPS
    }
    return "\n\n".join("\n  ".join([f"{group}:", *listed]) for group, listed in lines.items())
