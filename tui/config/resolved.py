"""What flags, environment, profile and defaults come to, each value with where it came from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from enum import IntEnum
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.files import open_at_once
from backend_adapters.sentences import end_sentence
from backend_adapters.transport.origin import is_same_origin, is_same_server
from backend_adapters.trust import distrust
from tui.config.profiles import Config, ConfigEntry, ConfigProblem, Profile, shorten_path
from tui.config.settings import (
    PROFILE_SETTINGS,
    SCREEN_SETTINGS,
    SETTINGS_BY_NAME,
    InvalidValue,
    RawValue,
    Setting,
    suggest_nearest,
)

PLACE = ("url", "dialect", "graph", "graphspace", "project", "paths")
"""What says where a server is; the rest says how to go there, or how to behave there."""


class ConfigError(Exception):
    """What was said can't be used; the message is a sentence that says where and why, without any secret."""


class OriginKind(IntEnum):
    """What goes before what."""

    FLAG = 0
    VARIABLE = 1
    PROFILE = 2
    DEFAULT = 3


class ResolvedValue(Struct, frozen=True):
    """One value, and who said it."""

    value: RawValue | None
    rank: OriginKind
    origin: str
    """`--url`, `GRAPHTOP_URL`, `~/.config/graphtop/config.toml:4`, `default`."""
    profile: str = ""
    """The profile that said it; empty where it was said elsewhere."""
    overruled: str = ""
    """Who said no in vain, where a profile's yes can't be lowered."""


class ResolvedSettings(Struct, frozen=True, kw_only=True):
    """All settings as they hold for one place."""

    said: Mapping[str, ResolvedValue]
    profile: str = ""
    """The profile's name; empty where none is used."""
    profile_origin: str = ""
    untrusted: str = ""
    """Why others could have written the file of profiles, as a sentence; empty where they could not."""
    home: str = ""
    """The profile's own server, which can be another one than is named; empty where no profile is used."""

    @property
    def goes_home(self) -> bool:
        """Whether the server that is named is the profile's own, which its secrets are meant for."""
        if self.rank("url") is OriginKind.PROFILE:
            return True
        return bool(self.home) and is_same_origin(self.home, self.text("url") or self.home)

    @property
    def allows_plain_login(self) -> bool:
        """Whether a login may go over plain http; a profile says that of its own server only."""
        here = self.rank("allow_plain") is not OriginKind.PROFILE or self.goes_home
        return here and self.truth("allow_plain")

    def text(self, name: str) -> str | None:
        """A setting that is a text; None where nobody said it."""
        value = self.said[name].value
        return None if value is None else str(value)

    def truth(self, name: str) -> bool:
        """A setting that is yes or no."""
        return self.said[name].value is True

    def number(self, name: str) -> float:
        """A setting that is a number."""
        value = self.said[name].value
        assert isinstance(value, (int, float)), name
        return float(value)

    def origin(self, name: str) -> str:
        """Who said it."""
        return self.said[name].origin

    def said_by(self, name: str) -> str:
        """Who said it, for a sentence: a flag, a variable, or the profile with its line."""
        said = self.said[name]
        return f"the profile {said.profile} ({said.origin})" if said.profile else said.origin

    def rank(self, name: str) -> OriginKind:
        """How much the one who said it counts."""
        return self.said[name].rank


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

    A guard that a profile sets holds whatever goes before the profile: `_guarding` says which profiles count.
    What is wrong with the profile, or with the whole file, is in the way only where a profile is used,
    and not at all unless `strict`: then what is wrong is as if it were not there.
    """
    chosen = config.profiles.get(profile or "")
    if profile and (strict or chosen is None):
        chosen = find_profile(config, profile, profile_origin)
    said = {
        setting.name: _said(setting, config, chosen, flags or {}, environ or {})
        for setting in (*PROFILE_SETTINGS, *SCREEN_SETTINGS)
    }
    for setting in PROFILE_SETTINGS:
        if setting.is_guard:
            said[setting.name] = _tightened(setting, config, said, chosen)
    home = chosen.get_text("url") if chosen is not None else ""
    return ResolvedSettings(
        said=said,
        profile=profile or "",
        profile_origin=profile_origin,
        home=home,
        untrusted=config.untrusted,
    )


def _tightened(
    setting: Setting, config: Config, said: Mapping[str, ResolvedValue], chosen: Profile | None
) -> ResolvedValue:
    """A guard as it holds: what was said, unless that is no and a profile says yes."""
    before = said[setting.name]
    if before.value is True:
        return before
    for profile in _guarding(config, said, chosen):
        if profile.is_true(setting.name):
            overruled = before.origin if before.rank < OriginKind.PROFILE else ""
            held = _from_profile(setting, config, profile, profile.entries[setting.name])
            return replace(held, overruled=overruled)
    return before


def _guarding(config: Config, said: Mapping[str, ResolvedValue], chosen: Profile | None) -> Iterator[Profile]:
    """The profiles whose guards hold: the one that is used, and those of a server named by its URL."""
    if chosen is not None:
        yield chosen
    url, project = said["url"], said["project"].value
    if url.rank >= OriginKind.PROFILE or (chosen is not None and _is_of(chosen, str(url.value), project)):
        return
    yield from (profile for profile in config.profiles.values() if _is_of(profile, str(url.value), project))


def _is_of(profile: Profile, url: str, project: RawValue | None) -> bool:
    """Whether a profile is of this server; on one that many share, its project must not be another one."""
    own, theirs = profile.get_text("url"), profile.get_text("project")
    return bool(own) and is_same_server(own, url) and (not theirs or project in (None, theirs))


def find_profile(config: Config, name: str, origin: str = "") -> Profile:
    """The profile of this name, if nothing is wrong with it; raises ConfigError."""
    problems = config.list_problems(name)
    if problems:
        raise ConfigError(told(config, problems))
    if name not in config.profiles:
        named = f"{origin} names the profile" if origin else "There is no profile"
        near = suggest_nearest(name, tuple(config.profiles)) or _known(config)
        tail = ", and there is none of that name" if origin else ""
        raise ConfigError(f"{named} '{name}'{tail}{near}")
    return config.profiles[name]


def _known(config: Config) -> str:
    """The names there are, as the end of a sentence."""
    if config.profiles:
        return f"; there are {', '.join(config.profiles)}."
    return (
        f"; {shorten_path(config.path)} has none."
        if config.exists
        else f"; there is no {shorten_path(config.path)}."
    )


def told(config: Config, problems: list[ConfigProblem]) -> str:
    """The first problem as a sentence, and how many there are besides."""
    more = len(problems) - 1
    rest = f" (and {more} more: graphtop config check)" if more else ""
    return f"{config.describe_problem(problems[0])}{rest}"


def _said(
    setting: Setting,
    config: Config,
    profile: Profile | None,
    flags: Mapping[str, object],
    environ: Mapping[str, str],
) -> ResolvedValue:
    flag = flags.get(setting.name)
    if flag is not None and flag is not False and flag != "":
        return ResolvedValue(_of_flag(setting, flag), OriginKind.FLAG, setting.flag)
    variable = environ.get(setting.variable)
    if variable:
        return ResolvedValue(_of_variable(setting, variable), OriginKind.VARIABLE, setting.variable)
    entry = _entry(setting, config, profile)
    if entry is not None:
        return _from_profile(setting, config, profile, entry)
    return ResolvedValue(setting.default, OriginKind.DEFAULT, "default")


def _from_profile(
    setting: Setting, config: Config, profile: Profile | None, entry: ConfigEntry
) -> ResolvedValue:
    """What the file says; the screen's settings are of no profile."""
    value = _beside(str(entry.value), config.path) if setting.is_file else entry.value
    name = "" if profile is None or setting in SCREEN_SETTINGS else profile.name
    return ResolvedValue(value, OriginKind.PROFILE, f"{shorten_path(config.path)}:{entry.line}", name)


def _entry(setting: Setting, config: Config, profile: Profile | None) -> ConfigEntry | None:
    if setting in SCREEN_SETTINGS:
        return config.screen.get(setting.name)
    return profile.entries.get(setting.name) if profile is not None else None


def _of_flag(setting: Setting, value: object) -> RawValue:
    if isinstance(value, bool):
        return value is not setting.is_negated
    if isinstance(value, (float, int)):
        return value
    return _checked(setting, str(value), setting.flag)


def _of_variable(setting: Setting, text: str) -> RawValue:
    return _checked(setting, text, setting.variable)


def _checked(setting: Setting, text: str, origin: str) -> RawValue:
    """A text from outside as a value; `~` is the home folder, as no shell may have seen it."""
    try:
        value = setting.parse_text(text)
    except InvalidValue as error:
        raise ConfigError(end_sentence(f"{origin} {error}")) from None
    return os.path.expanduser(str(value)) if setting.is_file else value  # noqa: PTH111 - may lack a home


def _beside(text: str, config: Path) -> str:
    """A file named in a profile: relative to the folder that the file of profiles is in."""
    return str(config.parent / os.path.expanduser(text))  # noqa: PTH111 - may lack a home


def find_unreadable_files(settled: ResolvedSettings) -> list[tuple[str, str]]:
    """The settings that name a file which can't be read, with why."""
    wrong = []
    for name, said in settled.said.items():
        if SETTINGS_BY_NAME[name].is_file and isinstance(said.value, str):
            reason = _why_unreadable(said.value)
            if reason:
                wrong.append((name, f"{said.origin}: {name} names a file that can't be read: {reason}."))
    return wrong


def find_untrusted_files(settled: ResolvedSettings) -> list[str]:
    """The files of secrets that are not used, as others could have written them: sentences that say so."""
    return [
        f"{settled.origin(name)}: {name} is not used. {why}"
        for name in ("password_file", "token_file")
        if (path := settled.text(name)) and (why := distrust(Path(path)))
    ]


def _why_unreadable(path: str) -> str:
    try:
        if Path(path).is_dir():
            return "it is a folder"
        if Path(path).is_fifo():
            return ""
        os.close(open_at_once(path))
    except OSError as error:
        return str(error.strerror).lower()
    return ""
