"""The flags that give settings: the server, the graph and the login, and how the screen looks."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from tui.cli.argument_parser import CONNECTION_TITLE
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
    """Return the settings among a command's arguments."""
    values = {name: getattr(arguments, name, None) for name in SETTINGS_BY_NAME}
    return SettingFlags(
        values={name: value for name, value in values.items() if value not in (None, False)},
        profile=getattr(arguments, "profile", None),
        stray_address=next(_list_addresses(arguments), ""),
    )


def _list_addresses(arguments: argparse.Namespace) -> Iterator[str]:
    """List the words that are written as an address, for whatever argument they were given."""
    for value in vars(arguments).values():
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str) and re.match("https?://", word):
                yield word


def add_connection_flags(parser: argparse.ArgumentParser, *, with_profile: bool = True) -> None:
    """Add the flags that name a server, a graph and a login, under one head."""
    group = parser.add_argument_group(CONNECTION_TITLE)
    if with_profile:
        group.add_argument("-p", "--profile", metavar="NAME", help="use this profile from the config file")
    add_setting_flags(group, "url")
    add_setting_flags(group, "dialect", metavar="NAME")
    add_setting_flags(group, "graph", "graphspace", metavar="NAME")
    add_setting_flags(group, "project", metavar="ID")
    add_setting_flags(group, "paths")
    add_setting_flags(group, "user", metavar="NAME")
    add_setting_flags(group, "password_command", "token_command", metavar="COMMAND")
    add_setting_flags(group, "password_file", "token_file", metavar="FILE")
    add_setting_flags(group, "netrc")
    add_setting_flags(group, "ca_file", "client_cert", "client_key", metavar="FILE")
    add_setting_flags(group, "insecure")


def add_setting_flags(group: argparse._ArgumentGroup, *names: str, metavar: str | None = None) -> None:
    """Add the flags of settings; one that is yes or no takes no value."""
    for setting in (SETTINGS_BY_NAME[name] for name in names):
        if setting.kind is bool:
            group.add_argument(setting.flag, dest=setting.name, action="store_true", help=setting.about)
        else:
            choices = sorted(setting.choices)
            # Where a word stands for the choices, the help lists them.
            listed = f"; one of {', '.join(choices)}" if choices and metavar else ""
            group.add_argument(
                setting.flag, choices=choices or None, metavar=metavar, help=setting.about + listed
            )
