"""Connects to the servers that flags, variables, profiles and ids name."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

from msgspec import Struct

from backend_adapters.model import Scope
from backend_adapters.sentences import join_sentences
from tui.cli.errors import UsageError
from tui.cli.output.standard_error import report_error
from tui.cli.setting_flags import SettingFlags
from tui.config.profiles import Config, load_config
from tui.config.resolved import ConfigError, OriginKind, describe_profiles, find_profile
from tui.config.settings import PROFILE_SETTINGS, SETTINGS_BY_NAME, SHARED_SETTINGS
from tui.connection.resolve import (
    ConnectionPlan,
    ResolvedConnection,
    choose_graph,
    plan_connection,
    plan_profile,
    require_server,
    resolve_flags,
)

LOGIN_VARIABLES = ("GRAPHTOP_TOKEN", "GRAPHTOP_PASSWORD")
NO_TERMINAL = (
    "It asks for a password, and there is no terminal to ask on. Use password_command, or another login,"
    " in the profile."
)


class UnopenedPlace(Struct, frozen=True):
    """A profile that can't be opened, and why, as a sentence."""

    profile: str
    reason: str


def connect_by_flags(flags: SettingFlags, environ: Mapping[str, str] | None = None) -> ResolvedConnection:
    """Connect to the server that is named, and print warnings on standard error. Raises ConfigError."""
    environ = os.environ if environ is None else environ
    config = load_config(environ)
    settings = resolve_flags(flags.values, flags.profile, environ, config)
    require_server(settings, config, flags.stray_address)
    return log_in_with_warnings(plan_connection(settings, environ), config)


def connect_to_graph(flags: SettingFlags) -> ResolvedConnection:
    """Connect to the one place that is named. Raises ConfigError, and UsageError for several graphs."""
    connection = connect_by_flags(flags)
    graphs = connection.settings.graphs
    if graphs.value:
        raise UsageError(
            f"This command works on one place, and {graphs.origin.attribution} names several graphs."
            " Use --graph, or an id with its place. Nothing was sent."
        )
    return connection


def log_in_with_warnings(plan: ConnectionPlan, config: Config) -> ResolvedConnection:
    """Log in as planned, and print warnings on standard error. Raises ConfigError."""
    for warning in plan.list_warnings(config):
        report_error(warning)
    return plan.log_in()


def connect_to_profiles(
    flags: SettingFlags, environ: Mapping[str, str] | None = None
) -> Iterator[ResolvedConnection | UnopenedPlace]:
    """Connect to each of the profiles that are named, one after the other, as each may ask for a password.

    Raises UsageError and ConfigError before the first one.
    """
    environ = os.environ if environ is None else environ
    config = load_config(environ)
    names = _list_profiles(flags, config)
    _check_only_profiles(flags)
    _tell_unused_variables(environ)
    return (_connect_to_profile(config, name, flags, environ) for name in names)


def _list_profiles(flags: SettingFlags, config: Config) -> tuple[str, ...]:
    if flags.all and (flags.profile or flags.profiles):
        raise UsageError("--all is every profile: leave out -p, or use it in place of --all.")
    if problem := config.summarize_problems(None):
        raise ConfigError(problem)
    if flags.all and not config.profiles:
        raise ConfigError(join_sentences("--all names no place", describe_profiles(config)))
    for name in flags.profiles:
        if name not in config.profiles:
            find_profile(config, name)
    return tuple(config.profiles) if flags.all else flags.profiles


def _check_only_profiles(flags: SettingFlags) -> None:
    """Raise UsageError for flags that are about one place: a graph, an address, a login."""
    if names := list_place_flags(flags):
        raise UsageError(f"{names[0]} is about one place, and several are named. Set it in their profiles.")


def list_place_flags(flags: SettingFlags) -> list[str]:
    """List the flags that were given and are about one place, such as `--graph`."""
    shared = {setting.name for setting in SHARED_SETTINGS}
    return [SETTINGS_BY_NAME[name].flag for name in flags.values if name not in shared]


def _tell_unused_variables(environ: Mapping[str, str]) -> None:
    """Tell of variables that hold where one place is named: they may be meant for any of several."""
    of_one = [setting.variable for setting in PROFILE_SETTINGS if setting not in SHARED_SETTINGS]
    given = [name for name in (*of_one, *LOGIN_VARIABLES) if environ.get(name)]
    if given:
        are = "is" if len(given) == 1 else "are"
        report_error(f"{', '.join(given)} {are} not used: several places are named.")


def _connect_to_profile(
    config: Config, name: str, flags: SettingFlags, environ: Mapping[str, str]
) -> ResolvedConnection | UnopenedPlace:
    try:
        plan = plan_profile(config, name, flags=flags.values, environ=environ)
        return log_in_to_place(plan, config)
    except ConfigError as error:
        return UnopenedPlace(name, str(error))


def log_in_to_place(plan: ConnectionPlan, config: Config) -> ResolvedConnection:
    """Log in to one of several places, and print its warnings. Raises ConfigError."""
    for warning in plan.list_warnings(config):
        report_error(f"{plan.settings.profile}: {warning}")
    if plan.login.asks_password and not sys.stdin.isatty():
        raise ConfigError(NO_TERMINAL)
    return plan.log_in()


def plan_place_of_id(
    config: Config,
    name: str,
    scope: Scope,
    flags: SettingFlags,
    environ: Mapping[str, str],
    *,
    are_for_it: bool,
) -> ConnectionPlan:
    """How to reach the place that an id names. Raises ConfigError.

    With `are_for_it` flags and variables count where they name the same profile, as they do for a plain id.
    """
    if are_for_it and name == find_flags_profile(config, flags, environ):
        settings = resolve_flags(flags.values, flags.profile, environ, config)
        return plan_connection(choose_graph(settings, scope), environ)
    return plan_profile(config, name, flags=flags.values, environ=environ, scope=scope)


def find_flags_profile(config: Config, flags: SettingFlags, environ: Mapping[str, str]) -> str:
    """The profile of the place that flags and variables name; empty where an address names another server."""
    try:
        settings = resolve_flags(flags.values, flags.profile, environ, config)
    except ConfigError:
        return ""
    return settings.profile if settings.url.origin.kind is OriginKind.PROFILE else ""
