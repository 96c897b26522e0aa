"""Opens the screen on several places that are named together."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from backend_adapters.sentences import join_sentences
from tui.cli.errors import UsageError
from tui.cli.exit_codes import USAGE
from tui.cli.output.standard_error import report_error
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.connect import UnopenedPlace, connect_to_each, list_places
from tui.cli.work.launcher import find_screen_obstacle, open_screen
from tui.config.options import ScreenOptions, make_screen_options
from tui.config.profiles import Config
from tui.config.resolved import ResolvedSettings, resolve_settings
from tui.config.settings import SCREEN_SETTINGS, SHARED_SETTINGS, TOP_SETTINGS
from tui.connection.profile_source import Destination
from tui.connection.profile_switcher import ProfileSwitcher
from tui.connection.resolve import ResolvedConnection
from tui.monitor.saved_views import SavedView, ViewPlace


def list_word_places(words: Sequence[str], settings: SettingFlags, config: Config) -> list[ViewPlace]:
    """List the places that words or flags name. Raises UsageError where both do, and ConfigError."""
    if not words:
        return list_places(settings, config)
    profiles = [settings.profile] if settings.profile else settings.profiles
    given = "--all" if settings.all else "".join(f" -p {profile}" for profile in profiles).strip()
    if given:
        raise UsageError(f"{words[0]} and {given} name different places. Use only one way.")
    if problem := config.summarize_problems(None):
        report_error(f"{problem} The config file is ignored.")
    return [ViewPlace(profile=word) if word in config.profiles else ViewPlace(url=word) for word in words]


def open_together(
    places: Sequence[ViewPlace],
    settings: SettingFlags,
    config: Config,
    *,
    view: SavedView | None = None,
    mouse: bool = True,
    days: tuple[str | None, str | None] = (None, None),
) -> int:
    """Watch places together, asking for the login of each before; returns the exit code.

    A place that can't be opened, or whose password is not typed, is left out. Of GES only the jobs between
    two `days` are asked for. Raises UsageError where there can be no screen, before anything is asked.
    """
    if reason := find_screen_obstacle():
        raise UsageError(reason)
    look = make_screen_options(_resolve_look(settings, config, os.environ), mouse=mouse)
    opened, left_out = list[Destination](), list[str]()
    for one in connect_to_each(places, settings, config, os.environ):
        if isinstance(one, UnopenedPlace):
            later = "Press P on the screen to open it." if one.is_skipped else ""
            left_out.append(join_sentences(f"{one.name} is left out", one.reason, later))
            report_error(left_out[-1])
        else:
            opened.append(_make_destination(one, look, days))
    if not opened:
        report_error("None of the places can be opened.")
        return USAGE
    if len(opened) == 1 and not opened[0].graphs:
        (only,) = opened
        return open_screen(only.target, only.options, ProfileSwitcher(), view=view, notes=left_out)
    joint = tuple(opened)
    return open_screen(None, look, ProfileSwitcher(), view=view, destinations=joint, notes=left_out)


def _resolve_look(settings: SettingFlags, config: Config, environ: Mapping[str, str]) -> ResolvedSettings:
    """The settings that hold for all places and for the screen."""
    usable = (*SHARED_SETTINGS, *SCREEN_SETTINGS, *TOP_SETTINGS)
    names, variables = {one.name for one in usable}, {one.variable for one in usable}
    return resolve_settings(
        config,
        flags={name: value for name, value in settings.values.items() if name in names},
        environ={name: value for name, value in environ.items() if name in variables},
    )


def _make_destination(
    connection: ResolvedConnection, look: ScreenOptions, days: tuple[str | None, str | None]
) -> Destination:
    """A place with what guards it, and with the look of the screen."""
    options = make_screen_options(connection.settings, mouse=look.mouse)
    return Destination(
        replace(connection.target, since=days[0], until=days[1]),
        replace(
            options, utc=look.utc, ascii=look.ascii, theme=look.theme, title=look.title, notices=look.notices
        ),
        graphs=connection.settings.graphs.value,
    )
