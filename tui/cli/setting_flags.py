"""The settings that flags give: the server, the graph and the login, and how the screen looks."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from tui.config.settings import SETTINGS_BY_NAME, RawValue


class SettingFlags(Struct, frozen=True):
    """The settings that flags give; what no flag gives comes from variables, a profile or the defaults."""

    values: Mapping[str, RawValue] = {}
    """By the names of the settings: `{"url": "http://host:8080"}`."""
    profile: str | None = None
    """The profile that `--profile` names."""
    stray_address: str = ""
    """An address among the other words of the command: it may have been meant for `--url`."""


def read_setting_flags(arguments: argparse.Namespace) -> SettingFlags:
    """The settings among a command's arguments."""
    values = {name: getattr(arguments, name, None) for name in SETTINGS_BY_NAME}
    return SettingFlags(
        values={name: value for name, value in values.items() if value not in (None, False)},
        profile=getattr(arguments, "profile", None),
        stray_address=next(_list_addresses(arguments), ""),
    )


def _list_addresses(arguments: argparse.Namespace) -> Iterator[str]:
    """What is written as an address, whatever flag or place it was given for."""
    for value in vars(arguments).values():
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str) and re.match("https?://", word):
                yield word


def namespace_of(settings: SettingFlags) -> argparse.Namespace:
    """The settings as `tui.connection.resolve` takes them."""
    words = [settings.stray_address]
    return argparse.Namespace(**settings.values, profile=settings.profile, words=words)
