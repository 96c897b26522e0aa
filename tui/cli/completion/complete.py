"""`graphtop __complete SHELL WORDS…`: prints what can replace the last word, one candidate a line.

The first line is `words` or `files`; each one after it a word, a tab, and what it is. The shells' scripts
call this (see `commands/completion`); it asks nobody, and prints nothing about what goes wrong. Flags come
from the commands' parsers, the commands from the registry. It is our own code and not argcomplete, whose
script for bash expands what a server names (`*` becomes file names), and which needs one parser of all.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct, field

from tui import text
from tui.cli.completion.candidates import (
    Candidate,
    list_graph_candidates,
    list_graphspace_candidates,
    list_history_ids,
    list_profile_candidates,
    list_task_ids,
    list_view_candidates,
)
from tui.cli.exit_codes import OK
from tui.cli.registry import COMMANDS, parser_of


class FilesWanted(Exception):
    """A file name is wanted, which the shell completes by itself."""


class WordParser(Struct):
    """Reads the words before the last one, as far as a command's parser knows them."""

    parser: argparse.ArgumentParser
    command: str
    values: dict[str, str] = field(default_factory=dict)
    profiles: list[str] = field(default_factory=list)
    """The profiles that were named: a command can take several."""
    positionals: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    """The names of what was given already."""
    pending: argparse.Action | None = None
    """The flag whose value comes next."""
    only_words: bool = False
    """`--` was there."""

    def take_word(self, word: str) -> None:
        """Read one word."""
        if self.pending is not None:
            self._take_value(self.pending, word)
            self.pending = None
        elif self.only_words or word == "-" or not word.startswith("-"):
            self._take_positional(word)
        elif word == "--":
            self.only_words = True
        else:
            self._take_flag(word)

    def _take_positional(self, word: str) -> None:
        for action in self.parser._actions:
            if isinstance(action, argparse._SubParsersAction) and word in action.choices:
                self.parser = action.choices[word]
                return
        self.positionals.append(word)

    def _take_flag(self, word: str) -> None:
        name, equals, value = word.partition("=")
        known = self.parser._option_string_actions
        if name not in known and not word.startswith("--") and word[:2] in known:
            name, equals, value = word[:2], "=", word[2:]
        action = known.get(name)
        if action is None:
            return
        self.used.add(action.dest)
        if action.nargs == 0:
            self.values[action.dest] = "yes"
        elif equals:
            self._take_value(action, value)
        else:
            self.pending = action

    def _take_value(self, action: argparse.Action, value: str) -> None:
        self.values[action.dest] = value
        if action.dest == "profile":
            self.profiles.append(value)


def list_candidates(words: Sequence[str], environ: Mapping[str, str]) -> list[Candidate]:
    """Return what can replace the last of these words, which follow `graphtop`. Raises FilesWanted."""
    *before, current = words or [""]
    if not before and not current.startswith("-"):
        candidates = [
            Candidate(name, command.help) for name, command in COMMANDS.items()
        ] + list_profile_candidates(environ)
    else:
        command = before[0] if before and before[0] in COMMANDS else ""
        walk = WordParser(parser_of(command), command)
        for word in before[1:] if command else before:
            walk.take_word(word)
        candidates = list(_list_for_place(walk, current, environ))
    return [candidate for candidate in candidates if candidate.value.startswith(current)]


def _list_for_place(walk: WordParser, current: str, environ: Mapping[str, str]) -> Iterator[Candidate]:
    name, equals, value = current.partition("=")
    if walk.pending is not None:
        yield from _list_values(walk, walk.pending, current, environ)
    elif current.startswith("--") and equals and not walk.only_words:
        action = walk.parser._option_string_actions.get(name)
        if action is not None and action.nargs != 0:
            for candidate in _list_values(walk, action, value, environ):
                yield Candidate(f"{name}={candidate.value}", candidate.about)
    elif current.startswith("-") and not walk.only_words:
        yield from _list_flags(walk)
    else:
        action = _next_positional(walk)
        if action is not None:
            yield from _list_values(walk, action, current, environ)


def _list_flags(walk: WordParser) -> Iterator[Candidate]:
    """List the flags that were not given yet, by their long names."""
    for action in walk.parser._actions:
        if action.option_strings and (
            action.dest not in walk.used or isinstance(action, argparse._AppendAction)
        ):
            yield Candidate(action.option_strings[-1], (action.help or "").replace("%%", "%"))


def _next_positional(walk: WordParser) -> argparse.Action | None:
    """Return the positional argument that comes next; the last one if it takes any number of words."""
    actions = [action for action in walk.parser._actions if not action.option_strings]
    at = len(walk.positionals)
    if at < len(actions):
        return actions[at]
    return actions[-1] if actions and actions[-1].nargs in ("*", "+") else None


def _list_values(
    walk: WordParser, action: argparse.Action, part: str, environ: Mapping[str, str]
) -> Iterator[Candidate]:
    """List the values of a flag or a positional argument. Raises FilesWanted."""
    if isinstance(action, argparse._SubParsersAction):
        helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
        yield from (Candidate(name, helps.get(name, "")) for name in action.choices)
    elif action.choices is not None:
        yield from (Candidate(str(choice)) for choice in action.choices)
    elif action.metavar == "FILE":
        raise FilesWanted
    elif action.dest == "filter" and walk.command == "stats" and walk.positionals == ["by"]:
        from tui.cli.commands.stats import GROUPINGS

        yield from map(Candidate, GROUPINGS)
    elif action.dest in ("status", "filter"):
        if walk.command == "stats" and not walk.positionals:
            yield Candidate("by", "by type, by name or by place")
        yield from (
            _list_statuses(part, ended=True) if action.dest == "status" else _list_filter_terms(part, environ)
        )
    elif action.dest == "command":
        yield from (Candidate(name, command.help) for name, command in COMMANDS.items())
    elif action.dest == "profile":
        yield from _list_other_profiles(walk.profiles, environ)
    elif action.dest == "servers":
        yield from _list_other_profiles(walk.positionals, environ)
    elif action.dest in ("view", "removed_views"):
        yield from list_view_candidates()
    else:
        yield from _list_from_server(walk, action.dest, environ)


def _list_other_profiles(named: Collection[str], environ: Mapping[str, str]) -> list[Candidate]:
    """List the profiles that may be named beside these; none where one of these is no profile."""
    found = list_profile_candidates(environ)
    if not {candidate.value for candidate in found}.issuperset(named):
        return []
    return [candidate for candidate in found if candidate.value not in named]


def _list_from_server(walk: WordParser, dest: str, environ: Mapping[str, str]) -> list[Candidate]:
    """List the graphs, graphspaces or ids of the server that the words so far name."""
    values = dict(walk.values)
    if not walk.command and walk.positionals:
        known = {candidate.value for candidate in list_profile_candidates(environ)}
        values["profile" if walk.positionals[0] in known else "url"] = walk.positionals[0]
    if dest == "graph":
        return list_graph_candidates(values, environ)
    if dest == "graphspace":
        return list_graphspace_candidates(values, environ)
    if dest == "id" and walk.command == "history":
        return list_history_ids(walk.profiles, environ)
    if dest in ("id", "ids") and walk.command != "journal":
        return [
            candidate
            for candidate in list_task_ids(walk.command, values, environ)
            if candidate.value not in walk.positionals
        ]
    return []


def _list_statuses(part: str, *, ended: bool = False) -> list[Candidate]:
    """List statuses after those that are there already, separated by commas; only final ones if `ended`."""
    from backend_adapters.model import FINISHED, TaskStatus

    *before, _ = part.split(",")
    left = [s for s in TaskStatus if s.value not in before and (not ended or s in FINISHED)]
    return [Candidate(",".join((*before, status.value))) for status in left]


def _list_filter_terms(part: str, environ: Mapping[str, str]) -> list[Candidate]:
    """List the beginnings of a filter's terms, or the values of one where these are known."""
    from tui.monitor.filters import NUMBER_KEYS, TEXT_KEYS

    key, equals, value = part.partition("=")
    if equals and key == "status":
        return [Candidate(f"status={candidate.value}") for candidate in _list_statuses(value)]
    if equals and key in ("place", "profile", "dialect"):
        from backend_adapters.registry import DIALECTS

        names = DIALECTS if key == "dialect" else [one.value for one in list_profile_candidates(environ)]
        *before, _ = value.split(",")
        return [Candidate(f"{key}={','.join((*before, name))}") for name in names if name not in before]
    return [Candidate(f"{key}=") for key in TEXT_KEYS] + [Candidate(f"{key}>") for key in NUMBER_KEYS]


def rejoin_words(words: Sequence[str]) -> tuple[list[str], int]:
    """Join words that bash has split (`--graph`, `=`, `x`), and return how much of the last one it keeps.

    bash puts what is offered in the place of its own last word only.
    """
    joined: list[str] = []
    glue = False
    for word in words:
        breaks = bool(word) and not word.strip("=:")
        if joined and (breaks or glue):
            joined[-1] += word
        else:
            joined.append(word)
        glue = breaks
    last = words[-1] if words else ""
    skipped = len(joined[-1]) - (0 if glue else len(last)) if joined else 0
    return joined, skipped


def run(arguments: list[str]) -> int:
    """Print what can stand there, and end at once, whatever a name server is still being asked."""
    shell, *words = arguments or [""]
    skipped = 0
    if shell == "bash":
        words, skipped = rejoin_words(words)
    try:
        lines = [
            "words",
            *(
                f"{text.sanitize_label(candidate.value)[skipped:]}\t{text.sanitize_label(candidate.about)}"
                for candidate in list_candidates(words, os.environ)
            ),
        ]
    except FilesWanted:
        lines = ["files"]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    os._exit(OK)
