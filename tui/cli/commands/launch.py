"""`graphtop URL`, `graphtop NAME`, `graphtop`: opens the screen on the tasks of a server."""

from __future__ import annotations

import argparse
import os
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
from tui.cli.output.standard_error import report_error
from tui.cli.registry import COMMANDS, list_commands, suggest_command
from tui.cli.setting_flags import SettingFlags, add_connection_flags
from tui.cli.work.connect import log_in_with_warnings
from tui.cli.work.launcher import SCREEN_EXIT_CODES_HELP, add_screen_flags, open_screen
from tui.config.options import make_screen_options
from tui.config.profiles import Config, load_config
from tui.config.resolved import ConfigError
from tui.config.settings import suggest_nearest
from tui.connection.profile_switcher import ProfileSwitcher
from tui.connection.resolve import plan_connection, resolve_flags

if TYPE_CHECKING:
    from tui.monitor.saved_views import SavedView

_ABOUT = f"""\
Watch and manage the asynchronous tasks of a graph database.

{list_commands()}
"""
_EXAMPLES = (
    ("graphtop", "the default profile, or a welcome screen"),
    ("graphtop prod", "a profile from the config file"),
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

    server: str | None = None
    """A server's address, or the name of a profile."""
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
        "server",
        nargs="?",
        metavar="URL|PROFILE|COMMAND",
        help="a server's address, a profile's name, or a command",
    )
    parser.add_argument("-V", "--version", action="store_true", help="print the version and exit")
    add_connection_flags(parser)
    parser.add_argument("--view", metavar="NAME", help="open this saved view, in place of a server")
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
    """Watch a server, or begin with the welcome; returns the exit code."""
    config = load_config(os.environ)
    view = find_view(options) if options.view else None
    # A word that is no server is told before the flags that came with it, which are another command's.
    flags = _name_server(options, config)
    if commands := [word for word in options.unknown if word in COMMANDS]:
        raise UsageError(_describe_misplaced_command(commands[0], flags))
    if options.unknown:
        raise UsageError(build_parser().explain_unknown(options.unknown), shows_usage=True)
    if view is not None:
        flags = add_view_place(flags, view)
    settings = resolve_flags(flags.values, flags.profile, os.environ, config)
    target = None
    if settings.url.value:
        connection = log_in_with_warnings(plan_connection(settings, os.environ), config)
        name = options.name or connection.target.profile
        target = replace(connection.target, profile=name, since=options.since, until=options.until)
    chosen = make_screen_options(settings, mouse=not options.no_mouse)
    return open_screen(target, chosen, ProfileSwitcher(), view=view)


def find_view(options: Options) -> SavedView:
    """Return the view that is named. Raises UsageError where there is none, or a server is named, too."""
    # Imported here: only a view needs it.
    from tui.monitor.saved_views import ViewError, ViewsFile

    named = {"url", "dialect", "graph", "graphspace", "project"} & options.settings.values.keys()
    if options.server or options.settings.profile or named:
        raise UsageError("A view has its own places: use --view, or name a server, not both.")
    try:
        return ViewsFile(tell=report_error).find_view(options.view or "")
    except ViewError as error:
        raise UsageError(str(error)) from None


def add_view_place(flags: SettingFlags, view: SavedView) -> SettingFlags:
    """Return the settings with the first place of a view."""
    place = view.places[0]
    named = {
        "url": place.url,
        "dialect": place.dialect,
        "graph": place.graph,
        "graphspace": place.graphspace,
        "project": place.project,
    }
    values = {name: value for name, value in named.items() if value}
    return replace(flags, values={**flags.values, **values}, profile=place.profile or None)


def _name_server(options: Options, config: Config) -> SettingFlags:
    """Return the settings with the server that a word names: the profile of that name, otherwise an address.

    Raises UsageError, and ConfigError where no profile can be read.
    """
    word, settings = options.server, options.settings
    if word is None:
        return settings
    if word in config.profiles:
        if settings.profile and settings.profile != word:
            raise UsageError(f'"{word}" and --profile {settings.profile} name two profiles. Use only one.')
        return replace(settings, profile=word)
    if "@" in word.rpartition("://")[2].partition("/")[0]:
        raise UsageError("Leave the user and the password out of the address. Use --user for the user.")
    if word in COMMANDS:
        raise UsageError(_describe_misplaced_command(word, settings))
    if is_bare_word(word):
        raise UsageError(describe_unknown_word(word, config))
    try:
        normalize_url(word)
    except BackendError as error:
        raise UsageError(describe_backend_error(error)) from None
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
    return f'No command or profile "{word}". Run `graphtop help` for the commands. {host}'


def _describe_misplaced_command(command: str, settings: SettingFlags) -> str:
    """Return a sentence on a command that was written after the server: how to write it."""
    url, profile = settings.values.get("url"), settings.profile
    server = f" --url {url}" if url else f" -p {profile}" if profile else ""
    return f'"{command}" is a command and must come first: graphtop {command}{server} …'


def parse_day(text: str) -> str:
    """Read a day such as 2026-11-23; raises ArgumentTypeError."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f'"{text}" is not a day; write it as 2026-11-23') from None
