"""Resolves each setting from flags, variables, the profile and defaults, with the origin of its value."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Any, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.sentences import end_sentence, join_sentences
from backend_adapters.transport.origin import is_same_origin, is_same_server
from backend_adapters.transport.target import PathStyle
from tui.config.profiles import Config, ConfigEntry, Profile, shorten_path
from tui.config.settings import (
    PROFILE_SETTINGS,
    SCREEN_SETTINGS,
    SETTINGS,
    TOP_SETTINGS,
    InvalidValue,
    RawValue,
    Setting,
    suggest_nearest,
)

ValueT = TypeVar("ValueT")


class ConfigError(Exception):
    """A setting can't be used; the message is a sentence that says where and why, without any secret."""


class OriginKind(IntEnum):
    """Who set a value; the lowest wins."""

    FLAG = 0
    VARIABLE = 1
    PROFILE = 2
    """A profile, the table [screen], or the top of the file."""
    DEFAULT = 3


class ValueOrigin(Struct, frozen=True):
    """Where a value comes from."""

    kind: OriginKind
    text: str
    """`--url`, `GRAPHTOP_URL`, `~/.config/graphtop/config.toml:4` or `default`."""
    profile: str = ""
    """The profile that sets it; empty where something else does."""

    @property
    def is_explicit(self) -> bool:
        """Whether a flag or a variable set it, and so for every server."""
        return self.kind < OriginKind.PROFILE

    @property
    def attribution(self) -> str:
        """Who set it, for a sentence: a flag, a variable, or the profile with its line."""
        return f"the profile {self.profile} ({self.text})" if self.profile else self.text


def describe_read_only(origin: ValueOrigin) -> str:
    """Say that nothing may be changed, and what set that: a profile guards its address unnamed, too."""
    return f"Read-only mode, set by {origin.attribution}."


NOT_SET = ValueOrigin(OriginKind.DEFAULT, "default")


class ResolvedValue(Struct, Generic[ValueT], frozen=True):
    """The value of a setting, and where it comes from."""

    value: ValueT
    origin: ValueOrigin = NOT_SET
    overruled: str = ""
    """The flag or variable that a guard of a profile overrules; empty where none is."""


class ResolvedSettings(Struct, frozen=True, kw_only=True):
    """Every setting as it holds for one server: a field for each row of `SETTINGS`, and the profile."""

    url: ResolvedValue[str | None]
    dialect: ResolvedValue[str]
    graphspace: ResolvedValue[str | None]
    graph: ResolvedValue[str | None]
    graphs: ResolvedValue[tuple[str, ...]]
    """Names and patterns of the graphs to watch together; empty where `graph` says which one it is."""
    project: ResolvedValue[str | None]
    paths: ResolvedValue[PathStyle]
    user: ResolvedValue[str | None]
    password_command: ResolvedValue[str | None]
    password_file: ResolvedValue[str | None]
    token_command: ResolvedValue[str | None]
    token_file: ResolvedValue[str | None]
    netrc: ResolvedValue[bool | str]
    ca_file: ResolvedValue[str | None]
    client_cert: ResolvedValue[str | None]
    client_key: ResolvedValue[str | None]
    insecure: ResolvedValue[bool]
    allow_plain: ResolvedValue[bool]
    interval: ResolvedValue[float]
    read_only: ResolvedValue[bool]
    production: ResolvedValue[bool]
    journal: ResolvedValue[bool]
    cache: ResolvedValue[bool]
    history: ResolvedValue[bool]
    theme: ResolvedValue[str]
    utc: ResolvedValue[bool]
    ascii: ResolvedValue[bool]
    title: ResolvedValue[bool]
    notify: ResolvedValue[str]
    notify_command: ResolvedValue[str]
    history_days: ResolvedValue[int]
    history_megabytes: ResolvedValue[int]

    profile: str
    """The profile's name; empty where none is used."""
    profile_origin: str
    """What names the profile, if not a flag: `GRAPHTOP_PROFILE`, `default_profile`."""
    profile_url: str
    """The profile's own server, which can be another one than `url`; empty where no profile is used."""
    untrusted: str
    """Why others could have written the config file, as a sentence; empty where they could not."""
    findings: Mapping[str, RawValue] = {}
    """What the table [findings] sets; `finding_settings.make_finding_limits` takes it."""

    def get_value(self, name: str) -> ResolvedValue[Any]:
        """A setting by its name."""
        value: ResolvedValue[Any] = getattr(self, name)
        return value

    @property
    def is_profile_server(self) -> bool:
        """Whether `url` is the server of the profile, which the profile's secrets are meant for."""
        if self.url.origin.kind is OriginKind.PROFILE:
            return True
        return bool(self.profile_url) and is_same_origin(self.profile_url, self.url.value or self.profile_url)

    @property
    def allows_plain_login(self) -> bool:
        """Whether a login may go over plain http; a profile says that of its own server only."""
        allowed = self.allow_plain
        return allowed.value and (allowed.origin.kind is not OriginKind.PROFILE or self.is_profile_server)


def resolve_settings(
    config: Config,
    *,
    profile: str | None = None,
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    profile_origin: str = "",
    strict: bool = True,
) -> ResolvedSettings:
    """Every setting: flag, else variable, else profile, else default. Raises ConfigError.

    A guard of a profile can't be turned off: `_find_guards` says which profiles count. A mistake in the
    profile, or in the whole file, raises only where a profile is used; unless `strict` it is left out.
    """
    used = config.profiles.get(profile or "")
    if profile and (strict or used is None):
        used = find_profile(config, profile, profile_origin)
    values = {
        setting.name: _resolve_setting(setting, config, used, flags or {}, environ or {})
        for setting in SETTINGS
    }
    guards = (setting for setting in PROFILE_SETTINGS if setting.is_guard)
    values |= {setting.name: _apply_guards(setting, config, values, used) for setting in guards}
    values |= _choose_graphs(values["graph"], values["graphs"])
    return ResolvedSettings(
        **values,
        profile=profile or "",
        profile_origin=profile_origin,
        profile_url=used.get_text("url") if used is not None else "",
        untrusted=config.untrusted,
        findings={name: entry.value for name, entry in config.findings.items()},
    )


def _choose_graphs(
    graph: ResolvedValue[str | None], graphs: ResolvedValue[tuple[str, ...]]
) -> dict[str, ResolvedValue[Any]]:
    """One graph or several, whichever goes before the other. Raises ConfigError where neither does."""
    if not graph.value or not graphs.value:
        return {}
    if graph.origin.kind == graphs.origin.kind:
        raise ConfigError(f"{graphs.origin.text} can't be used together with {graph.origin.text}.")
    if graph.origin.kind < graphs.origin.kind:
        return {"graphs": ResolvedValue[tuple[str, ...]](())}
    return {"graph": ResolvedValue[str | None](None)}


def _apply_guards(
    setting: Setting, config: Config, values: Mapping[str, ResolvedValue[Any]], used: Profile | None
) -> ResolvedValue[Any]:
    """A guard as it holds: its value, unless that is false and a profile sets it."""
    before = values[setting.name]
    if before.value is True:
        return before
    for profile in _find_guards(config, values, used):
        if profile.is_true(setting.name):
            guarded = _take_from_file(setting, config, profile, profile.entries[setting.name])
            return replace(guarded, overruled=before.origin.text if before.origin.is_explicit else "")
    return before


def _find_guards(
    config: Config, values: Mapping[str, ResolvedValue[Any]], used: Profile | None
) -> Iterator[Profile]:
    """The profiles whose guards hold: the one that is used, and those of a server named by its URL."""
    if used is not None:
        yield used
    url, project = values["url"], values["project"].value
    if not url.origin.is_explicit or (used is not None and _is_profile_of(used, str(url.value), project)):
        return
    yield from (
        profile for profile in config.profiles.values() if _is_profile_of(profile, str(url.value), project)
    )


def _is_profile_of(profile: Profile, url: str, project: str | None) -> bool:
    """Whether a profile is of this server; where many share a server, another project is another one."""
    own, theirs = profile.get_text("url"), profile.get_text("project")
    return bool(own) and is_same_server(own, url) and (not theirs or project in (None, theirs))


def find_profile(config: Config, name: str, origin: str = "") -> Profile:
    """The profile of this name, if it has no mistake; raises ConfigError."""
    if problem := config.summarize_problems(name):
        raise ConfigError(problem)
    if name not in config.profiles:
        named = f'{origin} names the profile "{name}", which does not exist' if origin else ""
        near = suggest_nearest(name, tuple(config.profiles)) or describe_profiles(config)
        raise ConfigError(join_sentences(named or f'No profile "{name}"', near))
    return config.profiles[name]


def describe_profiles(config: Config) -> str:
    """The names there are, as a sentence."""
    if config.profiles:
        return f"Use one of {', '.join(config.profiles)}."
    path = shorten_path(config.path)
    return f"{path} has no profiles." if config.exists else f"The config file {path} does not exist."


def _resolve_setting(
    setting: Setting,
    config: Config,
    profile: Profile | None,
    flags: Mapping[str, object],
    environ: Mapping[str, str],
) -> ResolvedValue[Any]:
    flag = flags.get(setting.name)
    if flag is not None and flag is not False and flag != "":
        return ResolvedValue(_check_flag(setting, flag), ValueOrigin(OriginKind.FLAG, setting.flag))
    if variable := environ.get(setting.variable):
        origin = ValueOrigin(OriginKind.VARIABLE, setting.variable)
        return ResolvedValue(_check_text(setting, variable, setting.variable), origin)
    entry = _find_entry(setting, config, profile)
    if entry is not None:
        return _take_from_file(setting, config, profile, entry)
    return ResolvedValue(setting.default)


def _take_from_file(
    setting: Setting, config: Config, profile: Profile | None, entry: ConfigEntry
) -> ResolvedValue[Any]:
    """A value of the config file; a file that it names is relative to the config file's folder."""
    value = entry.value
    if setting.is_file:
        value = str(config.path.parent / _expand_home(str(value)))
    name = profile.name if profile is not None and setting in PROFILE_SETTINGS else ""
    line = f"{shorten_path(config.path)}:{entry.line}"
    return ResolvedValue(value, ValueOrigin(OriginKind.PROFILE, line, name))


def _find_entry(setting: Setting, config: Config, profile: Profile | None) -> ConfigEntry | None:
    if setting in SCREEN_SETTINGS:
        return config.screen.get(setting.name)
    if setting in TOP_SETTINGS:
        return config.top.get(setting.name)
    return profile.entries.get(setting.name) if profile is not None else None


def _check_flag(setting: Setting, value: object) -> RawValue:
    if isinstance(value, bool):
        return value is not setting.is_negated
    if isinstance(value, (float, int)):
        return value
    return _check_text(setting, str(value), setting.flag)


def _check_text(setting: Setting, text: str, origin: str) -> RawValue:
    """The value that a flag or a variable holds; `~` is the home folder, as no shell may have seen it."""
    try:
        value = setting.parse_text(text)
    except InvalidValue as error:
        raise ConfigError(end_sentence(f"{origin} {error}")) from None
    return _expand_home(str(value)) if setting.is_file else value


def _expand_home(path: str) -> str:
    # Not pathlib, which raises where there is no home.
    return os.path.expanduser(path)  # noqa: PTH111
