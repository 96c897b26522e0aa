"""`graphtop config init|check|path|example|schema`: writes the first config file, and tells what it sets."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator

from msgspec import Struct

from backend_adapters.redaction import mask_secrets
from tui import text
from tui.cli.argument_parser import Parser
from tui.cli.exit_codes import FAILED, LOCAL_MEANINGS, OK, USAGE, describe_exit_codes
from tui.cli.output.standard_error import report_error
from tui.cli.output.standard_output import StandardOutput
from tui.cli.setting_flags import SettingFlags, add_connection_flags
from tui.cli.work.first_config import write_first_config
from tui.cli.work.launcher import add_screen_flags
from tui.config.example import EXAMPLE_CONFIG
from tui.config.named_files import SECRET_COMMANDS, find_unreadable_files, find_untrusted_files
from tui.config.profiles import Config, find_config, load_config, shorten_path
from tui.config.resolved import ConfigError, OriginKind, ResolvedSettings, resolve_settings
from tui.config.schema import format_schema
from tui.config.settings import SETTINGS, suggest_nearest
from tui.connection.resolve import ConnectionPlan, plan_connection, resolve_flags

SECRETS_UNUSED = "Secrets in the config file are not used, and its commands are not run."

_ABOUT = "Write a first config file, check it, or print its path, an example, or its JSON Schema."
_EXAMPLES = (
    ("graphtop config init --url http://host:8080", "writes a first file"),
    ("graphtop config check", "shows what it sets"),
    ("graphtop config check --help", "the options of one"),
)

_ABOUT_INIT = "Write a new config file, with its folder, and print its path."
_EXAMPLES_INIT = (
    ("graphtop config init", "an example, all of it commented out"),
    ("graphtop config init --url http://host:8080 --graph g --name prod", ""),
)
_NOTES_INIT = """\
With --url, the file has a profile for that server. A file that exists is never changed. The new one
can be read by its owner only; secrets and commands are not written into it. The variable
GRAPHTOP_CONFIG names another path. Sends nothing."""

_ABOUT_CHECK = "Check the config file, and show where the value of each setting comes from."
_EXAMPLES_CHECK = (
    ("graphtop config check", "as it is now"),
    ("graphtop config check -p prod", "as it is for a profile"),
)
_NOTES_CHECK = """\
A value comes from a flag, a variable, a line of the file, or the default. Sends nothing; exits with
2 if something is wrong.

Variables: GRAPHTOP_CONFIG is the path of the config file, GRAPHTOP_PROFILE the profile. Every
setting has its own variable (GRAPHTOP_URL, GRAPHTOP_READ_ONLY=1, …); this command lists them all.
GRAPHTOP_PASSWORD and GRAPHTOP_TOKEN hold a secret, NETRC the path of another netrc file."""


_ABOUT_SCHEMA = "Print the JSON Schema of the config file."
_EXAMPLES_SCHEMA = (
    ("graphtop config schema", ""),
    ("graphtop config schema > ~/.config/graphtop/config.schema.json", ""),
)
_NOTES_SCHEMA = """\
Editors that support the #:schema line at the top of the config file use it to complete and check
the file."""

_EXAMPLES_PATH = (("graphtop config path", ""), ('vi "$(graphtop config path)"', "edits the file"))
_EXAMPLES_EXAMPLE = (("graphtop config example", ""), ("graphtop config example | less", ""))


_CODES = LOCAL_MEANINGS | {
    FAILED: "`config init` found a file or can't write it, the output can't be written, or internal error",
    USAGE: "wrong usage, or `config check` found a mistake in the config file",
}


class Options(Struct, frozen=True, kw_only=True):
    """What `graphtop config` was given."""

    what: str
    """`init`, `check`, `path`, `example` or `schema`."""
    name: str = ""
    """The name of the profile in a new file."""
    settings: SettingFlags = SettingFlags()


def build_parser() -> Parser:
    """The flags of `graphtop config`."""
    parser = Parser(
        prog="graphtop config", description=_ABOUT, examples=_EXAMPLES, epilog=describe_exit_codes(_CODES)
    )
    what = parser.add_subparsers(dest="what", required=True, metavar="init|check|path|example|schema")
    init = what.add_parser(
        "init",
        help="write a new config file, with its folder",
        description=_ABOUT_INIT,
        examples=_EXAMPLES_INIT,
        notes=_NOTES_INIT,
    )
    init.add_argument(
        "--name", default="", metavar="NAME", help="the profile's name (default: made from the host)"
    )
    add_connection_flags(init, with_profile=False)
    check = what.add_parser(
        "check",
        help="check the config file, and show where each value comes from",
        description=_ABOUT_CHECK,
        examples=_EXAMPLES_CHECK,
        notes=_NOTES_CHECK,
    )
    add_connection_flags(check)
    add_screen_flags(check)
    what.add_parser(
        "path",
        help="print the path of the config file",
        description="Print the path of the config file.",
        examples=_EXAMPLES_PATH,
    )
    what.add_parser(
        "example",
        help="print an example config file",
        description="Print an example config file.",
        examples=_EXAMPLES_EXAMPLE,
    )
    what.add_parser(
        "schema",
        help="print the JSON Schema of the config file, for editors",
        description=_ABOUT_SCHEMA,
        examples=_EXAMPLES_SCHEMA,
        notes=_NOTES_SCHEMA,
    )
    return parser


def run(options: Options) -> int:
    """Write or print what was asked for; returns the exit code, 2 where something in the file is wrong."""
    out = StandardOutput()
    if options.what == "init":
        return write_first_config(options.settings, options.name, out)
    if options.what == "check":
        return _check_config(options.settings, out)
    texts = {
        "path": lambda: f"{find_config(os.environ)}\n",
        "example": lambda: EXAMPLE_CONFIG,
        "schema": format_schema,
    }
    out.write(texts[options.what]())
    return OK


def _check_config(flags: SettingFlags, out: StandardOutput) -> int:
    config = load_config(os.environ)
    wrong = [config.describe_problem(problem) for problem in config.problems]
    wrong += [config.untrusted] if config.untrusted else []
    _add_new_sentences(wrong, _check_files(config))
    _write_line(out, f"file      {shorten_path(config.path)}{'' if config.exists else ' (does not exist)'}")
    _write_line(out, f"profiles  {', '.join(config.profiles) or 'none'}")
    try:
        settings = resolve_flags(flags.values, flags.profile, os.environ, config, strict=False)
        used = f"{settings.profile}  {settings.profile_origin or '--profile'}"
        _write_line(out, f"profile   {used if settings.profile else 'none'}")
        for line in _list_values(settings):
            _write_line(out, line)
        _add_new_sentences(wrong, _check_theme(settings))
        if settings.url.value:
            plan = plan_connection(settings, os.environ)
            _write_line(out, f"{'login':<17} {plan.login.source_text or 'none'}")
            _add_new_sentences(wrong, _check_login(plan))
            for words in plan.list_remarks():
                report_error(words)
    except ConfigError as error:
        _add_new_sentences(wrong, [mask_secrets(str(error))])
    for line in _list_findings(config):
        _write_line(out, line)
    for words in wrong:
        report_error(f"{SECRETS_UNUSED} {words}" if words == config.untrusted else words)
    return USAGE if wrong else OK


def _add_new_sentences(known: list[str], sentences: Iterable[str]) -> None:
    """Add the sentences that do not contain one that is already known."""
    for words in sentences:
        if not any(one in words for one in known):
            known.append(words)


def _write_line(out: StandardOutput, line: str) -> None:
    out.write(f"{text.sanitize(line)}\n")


def _list_values(settings: ResolvedSettings) -> Iterator[str]:
    """List each value with where it comes from, in columns; for a default, the variable that sets it."""
    shown = [(setting, _show_value(setting.name, settings)) for setting in SETTINGS]
    width = min(48, max(len(value) for _, value in shown))
    for setting, value in shown:
        origin = settings.get_value(setting.name).origin
        variable = f"  ({setting.variable})" if origin.kind is OriginKind.DEFAULT else ""
        yield f"{setting.name:<17} {value:<{width}}  {origin.text}{variable}"


def _list_findings(config: Config) -> Iterator[str]:
    """List what the table [findings] sets; all else there is as in `graphtop config example`."""
    for name, entry in config.findings.items():
        value = str(entry.value).lower() if isinstance(entry.value, bool) else str(entry.value)
        yield f"{f'findings.{name}':<28} {value:<8} {shorten_path(config.path)}:{entry.line}"


def _show_value(name: str, settings: ResolvedSettings) -> str:
    """Return a value for a person; of a command only the name of the program."""
    value = settings.get_value(name).value
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(value) or "-"
    if isinstance(value, float):
        return f"{value:g}"
    if name in SECRET_COMMANDS:
        words = shlex.split(str(value))
        return f"{words[0]} …" if words[1:] else "(a command)"
    return str(value)


def _check_files(config: Config) -> Iterator[str]:
    """List the problems of files that profiles name: those that can't be read or can't be trusted."""
    for name in config.profiles:
        if not config.list_problems(name):
            settings = resolve_settings(config, profile=name)
            yield from find_unreadable_files(settings).values()
            yield from find_untrusted_files(settings)


def _check_theme(settings: ResolvedSettings) -> list[str]:
    """Return a sentence if there is no theme with the name that is set."""
    # Imported here: it takes Textual to know its themes.
    from textual.theme import BUILTIN_THEMES

    from tui.styles.themes import THEMES

    name = settings.theme.value
    known = (*(theme.name for theme in THEMES), *BUILTIN_THEMES)
    if not name or name in known:
        return []
    advice = suggest_nearest(name, known) or f"Use one of {', '.join(known)}."
    return [f'{settings.theme.origin.text}: Unknown theme "{name}". {advice}']


def _check_login(plan: ConnectionPlan) -> list[str]:
    """List what would prevent the login, as far as that can be found without running a command."""
    files = find_unreadable_files(plan.settings).values()
    warnings = [plan.login.warning] if plan.login.warning else []
    return [*files, *find_untrusted_files(plan.settings), *warnings]
