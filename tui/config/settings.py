"""The table of settings: the name, type and help of each, from which flags and variables follow."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias, get_args

from msgspec import Struct

from backend_adapters.errors import Unreachable
from backend_adapters.registry import DIALECTS
from backend_adapters.sentences import join_sentences
from backend_adapters.transport.target import PathStyle
from backend_adapters.transport.url import normalize_url

RawValue: TypeAlias = str | bool | float | tuple[str, ...]

_TRUE_WORDS, _FALSE_WORDS = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
"""What a variable may hold for a bool, in any case."""

SHORTEST_INTERVAL, LONGEST_INTERVAL = 0.2, 3600.0
"""Seconds between two polls."""
LARGEST_NUMBER = 1_000_000
"""Of days and megabytes."""


class InvalidValue(Exception):
    """A setting can't have this value; the message says what it must be, and never contains the value."""


class Setting(Struct, frozen=True, kw_only=True):
    """Something that a flag, a variable or the config file can set."""

    name: str
    about: str
    """What its flag does, for the help."""
    kind: type[str] | type[bool] | type[int] | type[float] | type[tuple[str, ...]] = str
    """A tuple holds texts; its flag and its variable take them with commas between them."""
    choices: Collection[str] = ()
    """All that a string can be; empty where it can be any."""
    check: Callable[[str], str] = lambda text: text
    """Returns a string as it is used; raises InvalidValue."""
    default: RawValue | None = None
    is_file: bool = False
    """It names a file, which may begin with `~`; in the config file it is relative to that file's folder."""
    is_negated: bool = False
    """Its flag and its variable turn it off: `--no-journal`."""
    extra_word: str = ""
    """A word that a bool can be besides true and false."""
    is_guard: bool = False
    """Once a profile sets it to true, neither a flag nor a variable can turn it off."""

    @property
    def flag(self) -> str:
        """`--read-only`."""
        return f"--{'no-' if self.is_negated else ''}{self.name.replace('_', '-')}"

    @property
    def variable(self) -> str:
        """`GRAPHTOP_READ_ONLY`."""
        return f"GRAPHTOP_{'NO_' if self.is_negated else ''}{self.name.upper()}"

    def parse_toml(self, value: object) -> RawValue:
        """The checked value from the config file; raises InvalidValue."""
        if self.kind is bool:
            if not isinstance(value, bool) and not (self.extra_word and value == self.extra_word):
                words = (
                    f'must be true, false or "{self.extra_word}"'
                    if self.extra_word
                    else "must be true or false"
                )
                raise InvalidValue(words)
            return value
        if self.kind is float:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise InvalidValue("must be a number of seconds")
            return check_interval(float(value))
        if self.kind is int:
            if isinstance(value, bool) or not isinstance(value, int):
                raise InvalidValue("must be a whole number")
            return _check_number(value)
        if self.kind is tuple:
            if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
                raise InvalidValue('must be a list of strings, such as ["a", "b"]')
            return self._check_strings(value)
        if not isinstance(value, str):
            raise InvalidValue("must be a string in quotes")
        return self._check_string(value)

    def parse_text(self, text: str) -> RawValue:
        """The checked value from a variable, or from a flag that takes one; raises InvalidValue."""
        if self.kind is bool:
            word = text.strip().lower()
            if self.extra_word and word == self.extra_word:
                return self.extra_word
            if word not in _TRUE_WORDS + _FALSE_WORDS:
                raise InvalidValue(
                    f"must be 1 or 0, true or false{f', or {self.extra_word}' if self.extra_word else ''}"
                )
            return (word in _TRUE_WORDS) is not self.is_negated
        if self.kind is tuple:
            return self._check_strings([one.strip() for one in text.split(",")])
        if self.kind is int:
            return _parse_number(text)
        return parse_interval(text) if self.kind is float else self._check_string(text)

    def _check_strings(self, texts: Sequence[str]) -> tuple[str, ...]:
        """The strings, each once, in their order."""
        if not texts:
            raise InvalidValue("must not be empty")
        return tuple(dict.fromkeys(map(self._check_string, texts)))

    def _check_string(self, text: str) -> str:
        if not text.strip():
            raise InvalidValue("must not be empty")
        if not text.isprintable():
            raise InvalidValue("must not contain line breaks or invisible characters")
        if self.choices and text not in self.choices:
            known = tuple(sorted(self.choices))
            raise InvalidValue(
                join_sentences(f"must be one of {', '.join(known)}", suggest_nearest(text, known))
            )
        return self.check(text)


def parse_interval(text: str) -> float:
    """Read an interval in seconds; raises InvalidValue."""
    try:
        number = float(text)
    except ValueError:
        raise InvalidValue("must be a number of seconds") from None
    return check_interval(number)


def check_interval(number: float) -> float:
    """The interval, if it is neither too short nor too long; raises InvalidValue."""
    if not SHORTEST_INTERVAL <= number <= LONGEST_INTERVAL:
        raise InvalidValue(f"must be between {SHORTEST_INTERVAL:g} and {LONGEST_INTERVAL:g} seconds")
    return number


def _parse_number(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise InvalidValue("must be a whole number") from None
    return _check_number(number)


def _check_number(number: int) -> int:
    if not 1 <= number <= LARGEST_NUMBER:
        raise InvalidValue(f"must be between 1 and {LARGEST_NUMBER}")
    return number


def _check_url(text: str) -> str:
    if "@" in text.rpartition("://")[2].partition("/")[0]:
        raise InvalidValue("must not contain a user or password; use --user, or `user` in the profile")
    try:
        normalize_url(text)
    except Unreachable:
        raise InvalidValue("is not a server address; write it as http://host:8080") from None
    return text


def _check_graph_pattern(text: str) -> str:
    if text.count("/") > 1 or text.startswith("/") or text.endswith("/"):
        raise InvalidValue("must be names of graphs, such as social, test* or DEFAULT/social")
    return text


def _check_command(text: str) -> str:
    try:
        shlex.split(text)
    except ValueError as error:
        raise InvalidValue(f"is not a command: {str(error).lower()}") from None
    return text


def suggest_nearest(word: str, known: tuple[str, ...], *, cutoff: float = 0.6) -> str:
    """`Did you mean x?`, or nothing where no known word is near: 1 is the same word."""
    # Imported here: only a mistake needs it.
    from difflib import get_close_matches

    found = get_close_matches(word[:100], known, 1, cutoff)
    return f"Did you mean {found[0]}?" if found else ""


PROFILE_SETTINGS = (
    Setting(name="url", about="the server's address, such as http://host:8080", check=_check_url),
    Setting(
        name="dialect",
        about="the server's API (default auto: judged by its address)",
        default="auto",
        choices=DIALECTS,
    ),
    Setting(name="graphspace", about="the graphspace, for HugeGraph 1.7 and newer (default DEFAULT)"),
    Setting(name="graph", about="the graph (default: the only one, or `hugegraph`)"),
    Setting(
        name="graphs",
        about="several graphs to watch together: names, and patterns with * and ?, such as * for all",
        kind=tuple,
        default=(),
        check=_check_graph_pattern,
    ),
    Setting(name="project", about="the project id, for GES"),
    Setting(
        name="paths",
        about="how URLs begin: /graphs/… (classic) or /graphspaces/… (graphspace);"
        " default auto: by the server's version",
        default="auto",
        choices=get_args(PathStyle),
    ),
    Setting(name="user", about="log in as this user"),
    Setting(name="password_command", about="a command that prints the password", check=_check_command),
    Setting(name="password_file", about="a file that holds the password", is_file=True),
    Setting(name="token_command", about="a command that prints a token", check=_check_command),
    Setting(name="token_file", about="a file that holds a token", is_file=True),
    Setting(
        name="netrc",
        about="log in with the host's entry in ~/.netrc, over https or to this machine",
        kind=bool,
        default=False,
        extra_word="plain",
    ),
    Setting(name="ca_file", about="CA certificates to trust instead of the system's", is_file=True),
    Setting(name="client_cert", about="a client certificate to present to the server", is_file=True),
    Setting(
        name="client_key", about="the client certificate's key, if it is in a separate file", is_file=True
    ),
    Setting(name="insecure", about="don't verify the server's certificate", kind=bool, default=False),
    Setting(name="allow_plain", about="log in over plain http without a warning", kind=bool, default=False),
    Setting(name="interval", about="seconds between polls (default 2)", kind=float, default=2.0),
    Setting(
        name="read_only", about="refuse to cancel, delete and create", kind=bool, default=False, is_guard=True
    ),
    Setting(
        name="production",
        about="mark the server as production; each action must be confirmed by typing",
        kind=bool,
        default=False,
        is_guard=True,
    ),
    Setting(
        name="journal", about="don't record actions in the journal", kind=bool, default=True, is_negated=True
    ),
    Setting(
        name="cache",
        about="don't read or write the cache: what is known of servers, and their last tasks",
        kind=bool,
        default=True,
        is_negated=True,
    ),
    Setting(
        name="history",
        about="don't record in the history what is seen of tasks",
        kind=bool,
        default=True,
        is_negated=True,
    ),
)
"""The settings of a profile, in the order in which `graphtop config check` lists them."""

NOTIFY_METHODS = ("auto", "bell", "osc9", "osc777", "osc99", "command", "off")
"""How a notice can be shown: by a sequence of the terminal, or by a command."""

SCREEN_SETTINGS = (
    Setting(
        name="theme",
        about="graphtop-dark, graphtop-light, or one of Textual's themes"
        " (default graphtop-dark; on a terminal with 16 colours ansi-dark)",
        default="",
    ),
    Setting(name="utc", about="show times in UTC", kind=bool, default=False),
    Setting(name="ascii", about="use only ASCII characters", kind=bool, default=False),
    Setting(
        name="title",
        about="leave the terminal's title, and the progress in its tab, alone",
        kind=bool,
        default=True,
        is_negated=True,
    ),
    Setting(
        name="notify",
        about="how to notify (default auto: notify_command if there is one, else what the terminal is"
        " known to show, else its bell)",
        default="auto",
        choices=NOTIFY_METHODS,
    ),
    Setting(
        name="notify_command",
        about="a command that shows a notice; it gets the text as its last argument",
        default="",
        check=_check_command,
    ),
)
"""The settings of the table `[screen]`."""

TOP_SETTINGS = (
    Setting(name="history_days", about="days for which the history is kept", kind=int, default=90),
    Setting(
        name="history_megabytes", about="size of the history in megabytes at most", kind=int, default=500
    ),
)
"""The settings that stand in no table: at the top of the config file."""

SETTINGS = (*PROFILE_SETTINGS, *SCREEN_SETTINGS, *TOP_SETTINGS)
SETTINGS_BY_NAME = {setting.name: setting for setting in SETTINGS}

SHARED_SETTINGS = tuple(
    SETTINGS_BY_NAME[name] for name in ("interval", "read_only", "production", "journal", "cache", "history")
)
"""What a flag or a variable can set for several servers at once: no address, no graph and no login."""

SECRET_KEYS = ("password", "token", "secret", "pass", "passwd", "ak", "sk", "access_key", "secret_key")
"""Keys under which a person might write a secret into the file; the error says what to use instead."""
