"""`graphtop URL`, `graphtop NAME`, `graphtop`: opens the screen on the tasks of a server."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.errors import BackendError
from backend_adapters.sentences import join_sentences
from backend_adapters.transport.url import normalize_url
from tui.cli.argument_parser import Parser
from tui.cli.error_handler import describe_backend_error
from tui.cli.errors import UsageError
from tui.cli.registry import COMMANDS, list_commands, suggest_command
from tui.cli.setting_flags import SettingFlags, add_connection_flags
from tui.cli.work.connect import find_saved_view, list_place_values, log_in_with_warnings
from tui.cli.work.launcher import SCREEN_EXIT_CODES_HELP, add_screen_flags, open_screen
from tui.config.options import make_screen_options
from tui.config.profiles import Config, load_config
from tui.config.resolved import ConfigError, ResolvedSettings
from tui.config.settings import suggest_nearest
from tui.connection.profile_source import Destination
from tui.connection.profile_switcher import ProfileSwitcher
from tui.connection.resolve import choose_place, plan_connection, resolve_flags

if TYPE_CHECKING:
    from tui.monitor.saved_views import SavedView, ViewPlace

_ABOUT = f"""\
Watch and manage the asynchronous tasks of a graph database.

{list_commands()}
"""
_EXAMPLES = (
    ("graphtop", "the default profile, or a welcome screen"),
    ("graphtop prod", "a profile from the config file"),
    ("graphtop prod dev", "both in one table; --all: all profiles"),
    ("graphtop --view 'night shift'", "a view that was saved on the screen"),
    ("graphtop http://host:8080", "a HugeGraph server; finds its graph"),
    ("graphtop http://host:8080 --graph g", "one of its graphs (b switches later)"),
    ("graphtop https://ges.cn-north-4.myhuaweicloud.com --project ID", ""),
    ("graphtop ls --help", "the options and exit codes of a command"),
)

_NOTES = """\
The password comes from --password-command, --password-file, GRAPHTOP_PASSWORD, --netrc or a prompt;
a token from --token-command, --token-file or GRAPHTOP_TOKEN; the keys for GES from
HUAWEICLOUD_SDK_AK and _SK (or HW_ACCESS_KEY and HW_SECRET_KEY, or ~/.huaweicloud/credentials).
Secrets are never taken from arguments. Each setting can also come from a variable (GRAPHTOP_URL,
GRAPHTOP_GRAPH, …; `graphtop config check` lists them) or from a profile, which GRAPHTOP_PROFILE can
name, too. A flag comes before a variable, a variable before the profile; but read_only and
production of a profile can't be turned off. Press ? on the screen for the keys."""


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop` was given where it was no command."""

    servers: tuple[str, ...] = ()
    """The addresses of servers, or the names of profiles."""
    view: str | None = None
    """The name of a saved view."""
    name: str = ""
    since: str | None = None
    until: str | None = None
    """Days, such as 2026-11-23."""
    no_mouse: bool = False
    unknown: tuple[str, ...] = ()
    """The words that no flag takes."""
    settings: SettingFlags = SettingFlags()


def build_parser() -> Parser:
    """The flags of `graphtop URL`."""
    parser = Parser(
        prog="graphtop",
        description=_ABOUT,
        examples=_EXAMPLES,
        notes=_NOTES,
        epilog=SCREEN_EXIT_CODES_HELP,
    )
    parser.add_argument(
        "servers",
        nargs="*",
        metavar="URL|PROFILE|COMMAND",
        help="a server's address, a profile's name, or a command; several are watched together",
    )
    parser.add_argument("-V", "--version", action="store_true", help="print the version and exit")
    add_connection_flags(parser, several=True, view="the places and the look")
    parser.add_argument(
        "--name", default="", help="a name to show for this server (default: its host and port)"
    )
    parser.add_argument(
        "--since", type=parse_day, metavar="DAY", help="only jobs from this day on, such as 2026-11-23 (GES)"
    )
    parser.add_argument(
        "--until", type=parse_day, metavar="DAY", help="only jobs up to and including this day (GES)"
    )
    add_screen_flags(parser)
    return parser


def run(options: Options) -> int:
    """Watch one or several servers, or begin with the welcome; returns the exit code."""
    config = load_config(os.environ)
    view = find_view(options) if options.view else None
    # A word that is no server is told before the flags that came with it, which are another command's.
    words = _list_words(options)
    check_words(words, options.settings, config)
    if any(word not in words for word in options.unknown):
        raise UsageError(build_parser().explain_unknown(options.unknown), shows_usage=True)
    if is_joint(words, options.settings, view):
        # Imported here: one place needs nothing of it.
        from tui.cli.work.joint_places import list_word_places, open_together

        if options.name:
            raise UsageError("--name is about one place, and several are named.")
        return open_together(
            list_word_places(words, options.settings, config) if view is None else view.places,
            options.settings,
            config,
            view=view,
            mouse=not options.no_mouse,
            days=(options.since, options.until),
        )
    return _open_one(words[0] if words else None, options, config, view)


def _list_words(options: Options) -> tuple[str, ...]:
    """List the words that name servers, each once; those after a flag are among what no flag takes."""
    has_unknown_flag = any(word.startswith("-") for word in options.unknown)
    return tuple(dict.fromkeys((*options.servers, *(() if has_unknown_flag else options.unknown))))


def is_joint(words: Sequence[str], settings: SettingFlags, view: SavedView | None) -> bool:
    """Whether several places are named, or several graphs by a view."""
    if view is not None:
        return len(view.places) > 1 or bool(view.places[0].graphs)
    return len(words) > 1 or settings.all or bool(settings.profiles)


def _open_one(word: str | None, options: Options, config: Config, view: SavedView | None) -> int:
    """Watch a server, or several of its graphs, or begin with the welcome; returns the exit code."""
    flags = options.settings if word is None else _name_server(word, options.settings, config)
    if view is None:
        settings = resolve_flags(flags.values, flags.profile, os.environ, config)
    else:
        settings = _resolve_view_place(view.places[0], flags, config)
    chosen = make_screen_options(settings, mouse=not options.no_mouse)
    if not settings.url.value:
        return open_screen(None, chosen, ProfileSwitcher(), view=view)
    connection = log_in_with_warnings(plan_connection(settings, os.environ), config)
    name = options.name or connection.target.profile
    target = replace(connection.target, profile=name, since=options.since, until=options.until)
    if not connection.settings.graphs.value:
        return open_screen(target, chosen, ProfileSwitcher(), view=view)
    graphs = Destination(target, chosen, graphs=connection.settings.graphs.value)
    return open_screen(None, chosen, ProfileSwitcher(), view=view, destinations=(graphs,))


def find_view(options: Options) -> SavedView:
    """Return the view that is named. Raises UsageError where there is none, or a server is named, too."""
    settings = options.settings
    named = {"url", "dialect", "graph", "graphspace", "project"} & settings.values.keys()
    if options.servers or settings.profile or settings.profiles or settings.all or named:
        raise UsageError("A view has its own places: use --view, or name a server, not both.")
    return find_saved_view(options.view or "")


def _resolve_view_place(place: ViewPlace, flags: SettingFlags, config: Config) -> ResolvedSettings:
    """Return the settings of the only place of a view. Raises ConfigError."""
    server = {"url": place.url, "project": place.project}
    settings = resolve_flags({**flags.values, **server}, place.profile or None, os.environ, config)
    return choose_place(settings, list_place_values(place))


def check_words(words: Sequence[str], settings: SettingFlags, config: Config) -> None:
    """Raise UsageError for a word that is neither profile nor address, ConfigError for an unread file."""
    for number, word in enumerate(words):
        if word in config.profiles:
            continue
        if "@" in word.rpartition("://")[2].partition("/")[0]:
            raise UsageError("Leave the user and the password out of the address. Use --user for the user.")
        if word in COMMANDS:
            raise UsageError(_describe_misplaced_command(word, words[:number], settings, config))
        if is_bare_word(word):
            raise UsageError(describe_unknown_word(word, config))
        try:
            normalize_url(word)
        except BackendError as error:
            raise UsageError(describe_backend_error(error)) from None


def _name_server(word: str, settings: SettingFlags, config: Config) -> SettingFlags:
    """Return the settings with the server that a word names: the profile of that name, otherwise an address.

    Raises UsageError.
    """
    if word in config.profiles:
        if settings.profile and settings.profile != word:
            raise UsageError(
                f'"{word}" and --profile {settings.profile} name two profiles. Use only one, or'
                f" `graphtop {word} {settings.profile}` for both."
            )
        return replace(settings, profile=word)
    url = settings.values.get("url")
    if url and url != word:
        raise UsageError(f"{word} and --url {url} name two servers. Use only one.")
    return replace(settings, values={**settings.values, "url": word})


def is_bare_word(word: str) -> bool:
    """Return whether a word can't be an address: it has no dot, port or scheme, and is not `localhost`."""
    host = word.partition("/")[0]
    return host.lower() != "localhost" and not any(sign in host for sign in ".:")


def describe_unknown_word(word: str, config: Config) -> str:
    """Return a sentence on a word that names nothing: what may be meant, and how to write a host."""
    if problem := config.summarize_problems(None):
        raise ConfigError(
            join_sentences(
                f'No command "{word}"', suggest_command(word), f"Profiles can't be read: {problem}"
            )
        )
    name, host = word.partition("/")[0], f"For a host, write http://{word}"
    if near := suggest_nearest(name, tuple(config.profiles)):
        return f'No profile "{word}". {near} {host}'
    if near := suggest_command(name):
        return f'No command "{word}". {near} {host}'
    known = f" The profiles are {', '.join(config.profiles)}." if config.profiles else ""
    return f'No command or profile "{word}".{known} Run `graphtop help` for the commands. {host}'


def _describe_misplaced_command(
    command: str, before: Sequence[str], settings: SettingFlags, config: Config
) -> str:
    """Return a sentence on a command that was written after servers: how to write it."""
    profiles = [word for word in before if word in config.profiles]
    profiles += settings.profiles or ([settings.profile] if settings.profile else [])
    addresses = [word for word in before if word not in config.profiles]
    url = addresses[0] if addresses else settings.values.get("url")
    server = f" --url {url}" if url else "".join(f" -p {profile}" for profile in profiles)
    return f'"{command}" is a command and must come first: graphtop {command}{server} …'


def parse_day(text: str) -> str:
    """Read a day such as 2026-11-23; raises ArgumentTypeError."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is not a day; write it as 2026-11-23') from None
