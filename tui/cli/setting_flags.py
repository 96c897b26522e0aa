"""The flags that give settings: the server, the graph and the login, and how the screen looks."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from tui.cli.argument_parser import CONNECTION_TITLE
from tui.config.settings import SETTINGS_BY_NAME, RawValue


class SettingFlags(Struct, frozen=True):
    """The settings that flags give; what no flag gives comes from variables, a profile or the defaults."""

    values: Mapping[str, RawValue] = {}
    """By the names of the settings: `{"url": "http://host:8080"}`."""
    profile: str | None = None
    """The profile that `--profile` names, if it is one."""
    stray_address: str = ""
    """An address among the other words of the command: it may have been meant for `--url`."""
    profiles: tuple[str, ...] = ()
    """The profiles that `--profile` names, if they are several."""
    all: bool = False
    """`--all`: every profile of the config file."""
    view: str = ""
    """`--view`: the places of this saved view."""

    @property
    def names_several(self) -> bool:
        """Whether they can name several places, whose tasks are told with their places."""
        return self.all or bool(self.profiles or self.view)

    @property
    def names_one(self) -> bool:
        """Whether they name one place: then a plain id may have a colon."""
        return bool(self.profile or self.values.get("url"))


def read_setting_flags(arguments: argparse.Namespace) -> SettingFlags:
    """Return the settings among a command's arguments."""
    values = {name: getattr(arguments, name, None) for name in SETTINGS_BY_NAME}
    given = getattr(arguments, "profile", None)
    profiles = tuple(dict.fromkeys(given if isinstance(given, list) else [given]))
    return SettingFlags(
        values={name: value for name, value in values.items() if value not in (None, False)},
        profile=profiles[0] if len(profiles) == 1 else None,
        profiles=profiles if len(profiles) > 1 else (),
        all=getattr(arguments, "all", False),
        view=getattr(arguments, "view", None) or "",
        stray_address=next(_list_addresses(arguments), ""),
    )


def _list_addresses(arguments: argparse.Namespace) -> Iterator[str]:
    """List the words that are written as an address, for whatever argument they were given."""
    for value in vars(arguments).values():
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str) and re.match("https?://", word):
                yield word


class OneProfile(argparse.Action):
    """Takes the profile of a command that works on one place: another one would change which that is."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        """Keep the name. Exits where another one was given before."""
        if getattr(namespace, self.dest) not in (None, values):
            parser.error("This command works on one place: use -p once")
        setattr(namespace, self.dest, values)


def add_connection_flags(
    parser: argparse.ArgumentParser, *, with_profile: bool = True, several: bool = False, view: str = ""
) -> None:
    """Add the flags that name a server, a graph and a login, under one head.

    With `several` the command can work on several profiles at once; `view` says what it takes of a view.
    """
    group = parser.add_argument_group(CONNECTION_TITLE)
    about = "use this profile from the config file"
    if several:
        group.add_argument(
            "-p",
            "--profile",
            action="append",
            metavar="NAME",
            help=f"{about}; repeat it for several places together",
        )
        group.add_argument("--all", action="store_true", help="use every profile from the config file")
        group.add_argument("--view", metavar="NAME", help=f"use {view or 'the places'} of this saved view")
    elif with_profile:
        group.add_argument("-p", "--profile", action=OneProfile, metavar="NAME", help=about)
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
