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
from tui.config.profiles import Config, Entry, Problem, Profile, short
from tui.config.settings import BY_NAME, SCREEN, SETTINGS, NotPossible, Setting, Value, nearest

PLACE = ("url", "dialect", "graph", "graphspace", "project", "paths")
"""What says where a server is; the rest says how to go there, or how to behave there."""


class ConfigError(Exception):
    """What was said can't be used; the message is a sentence that says where and why, without any secret."""


class Rank(IntEnum):
    """What goes before what."""

    FLAG = 0
    VARIABLE = 1
    PROFILE = 2
    DEFAULT = 3


class Said(Struct, frozen=True):
    """One value, and who said it."""

    value: Value | None
    rank: Rank
    origin: str
    """`--url`, `GRAPHTOP_URL`, `~/.config/graphtop/config.toml:4`, `default`."""
    profile: str = ""
    """The profile that said it; empty where it was said elsewhere."""
    overruled: str = ""
    """Who said no in vain, where a profile's yes can't be lowered."""


class Settled(Struct, frozen=True, kw_only=True):
    """All settings as they hold for one place."""

    said: Mapping[str, Said]
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
        if self.rank("url") is Rank.PROFILE:
            return True
        return bool(self.home) and is_same_origin(self.home, self.text("url") or self.home)

    @property
    def allows_plain_login(self) -> bool:
        """Whether a login may go over plain http; a profile says that of its own server only."""
        here = self.rank("allow_plain") is not Rank.PROFILE or self.goes_home
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

    def rank(self, name: str) -> Rank:
        """How much the one who said it counts."""
        return self.said[name].rank


def settle(
    config: Config,
    *,
    profile: str | None = None,
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    profile_origin: str = "",
    strict: bool = True,
) -> Settled:
    """Every setting: flag, else variable, else profile, else default. Raises ConfigError.

    A guard that a profile sets holds whatever goes before the profile: `_guarding` says which profiles count.
    What is wrong with the profile, or with the whole file, is in the way only where a profile is used,
    and not at all unless `strict`: then what is wrong is as if it were not there.
    """
    chosen = config.profiles.get(profile or "")
    if profile and (strict or chosen is None):
        chosen = find(config, profile, profile_origin)
    said = {
        setting.name: _said(setting, config, chosen, flags or {}, environ or {})
        for setting in (*SETTINGS, *SCREEN)
    }
    for setting in SETTINGS:
        if setting.guard:
            said[setting.name] = _tightened(setting, config, said, chosen)
    home = chosen.text("url") if chosen is not None else ""
    return Settled(
        said=said,
        profile=profile or "",
        profile_origin=profile_origin,
        home=home,
        untrusted=config.untrusted,
    )


def _tightened(setting: Setting, config: Config, said: Mapping[str, Said], chosen: Profile | None) -> Said:
    """A guard as it holds: what was said, unless that is no and a profile says yes."""
    before = said[setting.name]
    if before.value is True:
        return before
    for profile in _guarding(config, said, chosen):
        if profile.says(setting.name):
            overruled = before.origin if before.rank < Rank.PROFILE else ""
            held = _from_profile(setting, config, profile, profile.entries[setting.name])
            return replace(held, overruled=overruled)
    return before


def _guarding(config: Config, said: Mapping[str, Said], chosen: Profile | None) -> Iterator[Profile]:
    """The profiles whose guards hold: the one that is used, and those of a server named by its URL."""
    if chosen is not None:
        yield chosen
    url, project = said["url"], said["project"].value
    if url.rank >= Rank.PROFILE or (chosen is not None and _is_of(chosen, str(url.value), project)):
        return
    yield from (profile for profile in config.profiles.values() if _is_of(profile, str(url.value), project))


def _is_of(profile: Profile, url: str, project: Value | None) -> bool:
    """Whether a profile is of this server; on one that many share, its project must not be another one."""
    own, theirs = profile.text("url"), profile.text("project")
    return bool(own) and is_same_server(own, url) and (not theirs or project in (None, theirs))


def find(config: Config, name: str, origin: str = "") -> Profile:
    """The profile of this name, if nothing is wrong with it; raises ConfigError."""
    problems = config.problems_of(name)
    if problems:
        raise ConfigError(told(config, problems))
    if name not in config.profiles:
        named = f"{origin} names the profile" if origin else "There is no profile"
        near = nearest(name, tuple(config.profiles)) or _known(config)
        tail = ", and there is none of that name" if origin else ""
        raise ConfigError(f"{named} '{name}'{tail}{near}")
    return config.profiles[name]


def _known(config: Config) -> str:
    """The names there are, as the end of a sentence."""
    if config.profiles:
        return f"; there are {', '.join(config.profiles)}."
    return f"; {short(config.path)} has none." if config.exists else f"; there is no {short(config.path)}."


def told(config: Config, problems: list[Problem]) -> str:
    """The first problem as a sentence, and how many there are besides."""
    more = len(problems) - 1
    rest = f" (and {more} more: graphtop config check)" if more else ""
    return f"{config.told(problems[0])}{rest}"


def _said(
    setting: Setting,
    config: Config,
    profile: Profile | None,
    flags: Mapping[str, object],
    environ: Mapping[str, str],
) -> Said:
    flag = flags.get(setting.name)
    if flag is not None and flag is not False and flag != "":
        return Said(_of_flag(setting, flag), Rank.FLAG, setting.flag)
    variable = environ.get(setting.variable)
    if variable:
        return Said(_of_variable(setting, variable), Rank.VARIABLE, setting.variable)
    entry = _entry(setting, config, profile)
    if entry is not None:
        return _from_profile(setting, config, profile, entry)
    return Said(setting.default, Rank.DEFAULT, "default")


def _from_profile(setting: Setting, config: Config, profile: Profile | None, entry: Entry) -> Said:
    """What the file says; the screen's settings are of no profile."""
    value = _beside(str(entry.value), config.path) if setting.file else entry.value
    name = "" if profile is None or setting in SCREEN else profile.name
    return Said(value, Rank.PROFILE, f"{short(config.path)}:{entry.line}", name)


def _entry(setting: Setting, config: Config, profile: Profile | None) -> Entry | None:
    if setting in SCREEN:
        return config.screen.get(setting.name)
    return profile.entries.get(setting.name) if profile is not None else None


def _of_flag(setting: Setting, value: object) -> Value:
    if isinstance(value, bool):
        return value is not setting.negated
    if isinstance(value, (float, int)):
        return value
    return _checked(setting, str(value), setting.flag)


def _of_variable(setting: Setting, text: str) -> Value:
    return _checked(setting, text, setting.variable)


def _checked(setting: Setting, text: str, origin: str) -> Value:
    """A text from outside as a value; `~` is the home folder, as no shell may have seen it."""
    try:
        value = setting.of_text(text)
    except NotPossible as error:
        raise ConfigError(end_sentence(f"{origin} {error}")) from None
    return os.path.expanduser(str(value)) if setting.file else value  # noqa: PTH111 - may lack a home


def _beside(text: str, config: Path) -> str:
    """A file named in a profile: relative to the folder that the file of profiles is in."""
    return str(config.parent / os.path.expanduser(text))  # noqa: PTH111 - may lack a home


def unreadable(settled: Settled) -> list[tuple[str, str]]:
    """The settings that name a file which can't be read, with why."""
    wrong = []
    for name, said in settled.said.items():
        if BY_NAME[name].file and isinstance(said.value, str):
            reason = _why_unreadable(said.value)
            if reason:
                wrong.append((name, f"{said.origin}: {name} names a file that can't be read: {reason}."))
    return wrong


def untrusted_files(settled: Settled) -> list[str]:
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
