"""Connects to the servers that flags, variables, profiles and ids name."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from backend_adapters.model import Scope
from backend_adapters.sentences import join_sentences
from tui.cli.errors import UsageError
from tui.cli.output.standard_error import report_error
from tui.cli.setting_flags import SettingFlags
from tui.config.profiles import Config, load_config
from tui.config.resolved import ConfigError, OriginKind, describe_profiles, find_profile
from tui.config.settings import PROFILE_SETTINGS, SCREEN_SETTINGS, SETTINGS_BY_NAME, SHARED_SETTINGS
from tui.connection.login import LoginSkipped
from tui.connection.resolve import (
    ConnectionPlan,
    ResolvedConnection,
    choose_graph,
    list_graph_values,
    plan_connection,
    plan_profile,
    require_server,
    resolve_flags,
)

if TYPE_CHECKING:
    from tui.monitor.saved_views import SavedView, ViewPlace

LOGIN_VARIABLES = ("GRAPHTOP_TOKEN", "GRAPHTOP_PASSWORD")
NO_TERMINAL = (
    "It asks for a password, and there is no terminal to ask on. Use password_command, or another login,"
    " in the profile."
)


class UnopenedPlace(Struct, frozen=True):
    """A place that can't be opened, and why, as a sentence."""

    name: str
    """Its profile, with the graph where that is named."""
    reason: str
    is_skipped: bool = False
    """Whether a person typed no password for it."""


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


def connect_to_places(
    flags: SettingFlags, environ: Mapping[str, str] | None = None
) -> Iterator[ResolvedConnection | UnopenedPlace]:
    """Connect to each of the places that are named, one after the other, as each may ask for a password.

    Raises UsageError and ConfigError before the first one.
    """
    environ = os.environ if environ is None else environ
    config = load_config(environ)
    return connect_to_each(list_places(flags, config), flags, config, environ)


def connect_to_each(
    places: Sequence[ViewPlace], flags: SettingFlags, config: Config, environ: Mapping[str, str]
) -> Iterator[ResolvedConnection | UnopenedPlace]:
    """Connect to each of several places, one after the other, as each may ask for a password.

    Raises UsageError before the first one for flags that are about one place.
    """
    _check_only_profiles(flags)
    _tell_unused_variables(environ)
    return (_connect_to_place(config, place, flags, environ) for place in places)


def list_places(flags: SettingFlags, config: Config) -> list[ViewPlace]:
    """List the places that flags name: profiles, all, or those of a view. Raises UsageError, ConfigError."""
    given = {"-p": flags.profile or flags.profiles, "--all": flags.all, "--view": flags.view}
    named = [flag for flag, value in given.items() if value]
    if len(named) > 1:
        raise UsageError(f"{named[0]} and {named[1]} name different places. Use only one.")
    return list(find_saved_view(flags.view).places) if flags.view else _list_profiles(flags, config)


def _list_profiles(flags: SettingFlags, config: Config) -> list[ViewPlace]:
    from tui.monitor.saved_views import ViewPlace

    if problem := config.summarize_problems(None):
        raise ConfigError(problem)
    if flags.all and not config.profiles:
        raise ConfigError(join_sentences("--all names no place", describe_profiles(config)))
    for name in flags.profiles:
        if name not in config.profiles:
            find_profile(config, name)
    return [ViewPlace(profile=name) for name in (config.profiles if flags.all else flags.profiles)]


def find_saved_view(name: str) -> SavedView:
    """Return the saved view of a name. Raises UsageError where there is none."""
    # Imported here, as below: most commands need no view.
    from tui.monitor.saved_views import ViewError, ViewsFile

    try:
        return ViewsFile(tell=report_error).find_view(name)
    except ViewError as error:
        raise UsageError(str(error)) from None


def _check_only_profiles(flags: SettingFlags) -> None:
    """Raise UsageError for flags that are about one place: a graph, an address, a login."""
    if names := list_place_flags(flags):
        raise UsageError(f"{names[0]} is about one place, and several are named. Set it in their profiles.")


def list_place_flags(flags: SettingFlags) -> list[str]:
    """List the flags that were given and are about one place, such as `--graph`."""
    shared = {setting.name for setting in (*SHARED_SETTINGS, *SCREEN_SETTINGS)}
    return [SETTINGS_BY_NAME[name].flag for name in flags.values if name not in shared]


def _tell_unused_variables(environ: Mapping[str, str]) -> None:
    """Tell of variables that hold where one place is named: they may be meant for any of several."""
    of_one = [setting.variable for setting in PROFILE_SETTINGS if setting not in SHARED_SETTINGS]
    given = [name for name in (*of_one, *LOGIN_VARIABLES) if environ.get(name)]
    if given:
        are = "is" if len(given) == 1 else "are"
        report_error(f"{', '.join(given)} {are} not used: several places are named.")


def _connect_to_place(
    config: Config, place: ViewPlace, flags: SettingFlags, environ: Mapping[str, str]
) -> ResolvedConnection | UnopenedPlace:
    try:
        plan = plan_profile(
            config,
            place.profile or None,
            url=place.url,
            flags=flags.values,
            environ=environ,
            place=list_place_values(place),
        )
        return log_in_to_place(plan, config)
    except ConfigError as error:
        return UnopenedPlace(place.label, str(error), isinstance(error, LoginSkipped))


def list_place_values(place: ViewPlace) -> dict[str, object]:
    """What a place of a view says, by the names of settings; the profile says the rest."""
    values: dict[str, object] = {}
    if place.graphs:
        values = {"graph": None, "graphs": place.graphs}
        values |= {"graphspace": place.graphspace} if place.graphspace else {}
    elif place.graph is not None:
        values = {"graph": place.graph, "graphs": (), "graphspace": place.graphspace}
    values |= {"dialect": place.dialect} if place.dialect != "auto" else {}
    return values | ({"project": place.project} if place.project else {})


def log_in_to_place(plan: ConnectionPlan, config: Config) -> ResolvedConnection:
    """Log in to one of several places, and print its warnings. Raises ConfigError."""
    for warning in plan.list_warnings(config):
        named = f"{plan.settings.profile}: " if plan.settings.profile else ""
        report_error(f"{named}{warning}")
    if plan.login.asks_password and not sys.stdin.isatty():
        raise ConfigError(NO_TERMINAL)
    return plan.log_in_beside_others()


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

    With `are_for_it` flags and variables, which name the same profile, count as they do for a plain id.
    """
    if are_for_it:
        settings = resolve_flags(flags.values, flags.profile, environ, config)
        return plan_connection(choose_graph(settings, scope), environ)
    place = list_graph_values(scope)
    return plan_profile(config, name, flags=flags.values, environ=environ, place=place)


def find_flags_profile(config: Config, flags: SettingFlags, environ: Mapping[str, str]) -> str:
    """The profile of the place that flags and variables name; empty where an address names another server."""
    try:
        settings = resolve_flags(flags.values, flags.profile, environ, config)
    except ConfigError:
        return ""
    return settings.profile if settings.url.origin.kind is OriginKind.PROFILE else ""
