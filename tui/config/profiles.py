"""Reads the config file, and finds its mistakes with their lines; graphtop never writes it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.files import read_limited
from backend_adapters.sentences import end_sentence, join_sentences
from backend_adapters.trust import find_distrust
from tui.config.settings import (
    PROFILE_SETTINGS,
    SCREEN_SETTINGS,
    SECRET_KEYS,
    TOP_SETTINGS,
    InvalidValue,
    RawValue,
    Setting,
    suggest_nearest,
)

if TYPE_CHECKING:
    import tomllib

    from tui.config.finding_settings import FindingSetting

MAX_CONFIG_BYTES = 64 * 1024
"""The largest config file that is read, in bytes."""

TOP_KEYS = ("default_profile", "profiles", "screen", "findings", *(setting.name for setting in TOP_SETTINGS))


class ConfigProblem(Struct, frozen=True, kw_only=True):
    """A mistake in the file; its message never contains a value that could be a secret."""

    line: int
    message: str
    profile: str | None = None
    """The profile that has the mistake; None where it concerns all of them."""


class ConfigEntry(Struct, frozen=True):
    """A value, and its line."""

    value: RawValue
    line: int


class Profile(Struct, frozen=True):
    """A profile: its values by the names of settings."""

    name: str
    line: int
    entries: Mapping[str, ConfigEntry]

    def get_text(self, name: str) -> str:
        """The value of a string setting; empty where it has none."""
        entry = self.entries.get(name)
        return str(entry.value) if entry is not None else ""

    def is_true(self, name: str) -> bool:
        """Whether it sets a bool setting to true."""
        entry = self.entries.get(name)
        return entry is not None and entry.value is True


class Config(Struct, frozen=True, kw_only=True):
    """The content of the config file, and its mistakes."""

    path: Path
    profiles: Mapping[str, Profile] = {}
    screen: Mapping[str, ConfigEntry] = {}
    findings: Mapping[str, ConfigEntry] = {}
    """What the table [findings] sets."""
    top: Mapping[str, ConfigEntry] = {}
    """What stands in no table."""
    default: str | None = None
    problems: tuple[ConfigProblem, ...] = ()
    exists: bool = True
    untrusted: str = ""
    """Why others could have written the file, as a sentence: its secrets are not used then."""

    def list_problems(self, profile: str | None) -> list[ConfigProblem]:
        """The mistakes of a profile and of the whole file; for None only those of the whole file."""
        return [problem for problem in self.problems if problem.profile in (None, profile)]

    def summarize_problems(self, profile: str | None) -> str:
        """The first of `list_problems` as a sentence, and how many more there are; empty without any."""
        problems = self.list_problems(profile)
        if not problems:
            return ""
        count = len(problems) - 1
        more = f"Run `graphtop config check` for {count} more." if count else ""
        return join_sentences(self.describe_problem(problems[0]), more)

    def describe_problem(self, problem: ConfigProblem) -> str:
        """A problem as a line: `~/.config/graphtop/config.toml:12: …`."""
        return f"{shorten_path(self.path)}:{problem.line}: {problem.message}"


def shorten_path(path: Path) -> str:
    """A path with the home folder as `~`."""
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    text = str(path)
    return f"~{text[len(home) :]}" if home != "/" and text.startswith(home + os.sep) else text


def find_config(environ: Mapping[str, str]) -> Path:
    """The path of the config file, which may not exist."""
    named = environ.get("GRAPHTOP_CONFIG")
    if named:
        return Path(os.path.expanduser(named)).absolute()  # noqa: PTH111
    # Imported here: it is only needed without the variable.
    from platformdirs import user_config_path

    try:
        return user_config_path("graphtop", appauthor=False) / "config.toml"
    except RuntimeError:
        # A user without a home, as in containers, has / for it.
        return Path("/.config/graphtop/config.toml")


def load_config(environ: Mapping[str, str]) -> Config:
    """Read the config file; mistakes are in its problems. Never raises."""
    path = find_config(environ)
    try:
        data = read_limited(path, MAX_CONFIG_BYTES + 1)
    except FileNotFoundError:
        message = "GRAPHTOP_CONFIG names a file that does not exist."
        wanted = (ConfigProblem(line=1, message=message),) if environ.get("GRAPHTOP_CONFIG") else ()
        return Config(path=path, problems=wanted, exists=False)
    except OSError as error:
        return _report_unreadable(path, 1, f"Can't read the config file: {error.strerror}.")
    if len(data) > MAX_CONFIG_BYTES:
        return _report_unreadable(path, 1, "The config file is larger than 64 kB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _report_unreadable(
            path, data.count(b"\n", 0, error.start) + 1, "The config file is not UTF-8."
        )
    return replace(parse_config(text, path), untrusted=find_distrust(path, was_read=True))


def _report_unreadable(path: Path, line: int, message: str) -> Config:
    return Config(path=path, problems=(ConfigProblem(line=line, message=message),))


def parse_config(text: str, path: Path) -> Config:
    """Parse the text of a config file; mistakes are in its problems. Never raises."""
    # Imported here, as below: without a config file no start waits for it.
    import tomllib

    from tui.config.toml_depth import MAX_TOML_DEPTH, find_too_deep_line
    from tui.config.toml_lines import find_error_line

    if deep := find_too_deep_line(text):
        return _report_unreadable(
            path, deep, f"The config file is nested more than {MAX_TOML_DEPTH} levels deep."
        )
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _report_unreadable(path, find_error_line(error, text), _describe_toml_error(error))
    except ValueError:
        return _report_unreadable(path, 1, "A number has too many digits.")
    return _Reader(text, path).read_config(data)


def _describe_toml_error(error: tomllib.TOMLDecodeError) -> str:
    """Why a text is not TOML, as a sentence; an unquoted string is the most common mistake."""
    words = str(error).partition(" (")[0]
    if words == "Invalid value":
        return "Invalid TOML: expected a value (strings need quotes)."
    return f"Invalid TOML: {words[:1].lower()}{words[1:]}."


class _Reader:
    """Checks one text, and collects its mistakes."""

    def __init__(self, text: str, path: Path) -> None:
        from tui.config.toml_lines import find_lines

        self._path = path
        self._lines = find_lines(text)
        self._problems: list[ConfigProblem] = []

    def read_config(self, data: Mapping[str, object]) -> Config:
        """Check the whole file."""
        for key in data:
            if key not in TOP_KEYS:
                unknown = f'Unknown key "{_shorten_name(key)}"'
                self._add_problem((key,), join_sentences(unknown, self._suggest_top_key(key)))
        profiles = self._read_profiles(data.get("profiles", {}))
        screen = self._read_entries(data.get("screen", {}), ("screen",), SCREEN_SETTINGS, None)
        findings = self._read_findings(data["findings"]) if "findings" in data else {}
        known = {setting.name for setting in TOP_SETTINGS}
        top = {key: value for key, value in data.items() if key in known}
        default = self._read_default(data.get("default_profile"), tuple(profiles))
        return Config(
            path=self._path,
            profiles=profiles,
            screen=screen,
            findings=findings,
            top=self._read_entries(top, (), TOP_SETTINGS, None),
            default=default,
            problems=tuple(sorted(self._problems, key=lambda problem: problem.line)),
        )

    def _read_findings(self, data: object) -> dict[str, ConfigEntry]:
        # Imported here: most files do without this table.
        from tui.config.finding_settings import FINDING_SETTINGS

        return self._read_entries(data, ("findings",), FINDING_SETTINGS, None)

    def _suggest_top_key(self, key: str) -> str:
        """What to write instead of an unknown top-level key, as a sentence."""
        if any(key == setting.name for setting in PROFILE_SETTINGS):
            return "It belongs in a profile, below a line such as [profiles.prod]."
        return suggest_nearest(key, TOP_KEYS) or f"Use {', '.join(TOP_KEYS)}."

    def _read_default(self, value: object, names: tuple[str, ...]) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str):
            self._add_problem(
                ("default_profile",), "default_profile must be the name of a profile, in quotes."
            )
        elif value not in names:
            message = f'default_profile names "{_shorten_name(value)}", but there is no such profile'
            self._add_problem(("default_profile",), join_sentences(message, suggest_nearest(value, names)))
        else:
            return value
        return None

    def _read_profiles(self, data: object) -> dict[str, Profile]:
        if not isinstance(data, dict):
            self._add_problem(
                ("profiles",), "profiles must be tables, each below a line such as [profiles.prod]."
            )
            return {}
        profiles = {}
        for name, values in data.items():
            path = ("profiles", name)
            if not name or not name.isprintable() or name.startswith("-"):
                self._add_problem(
                    path, "A profile's name must be printable and must not begin with a hyphen."
                )
                continue
            entries = self._read_entries(values, path, PROFILE_SETTINGS, name)
            if "graph" in entries and "graphs" in entries:
                self._add_problem((*path, "graphs"), "graphs can't be used together with graph.", name)
            if isinstance(values, dict) and "url" not in values:
                self._add_problem(path, f"[profiles.{_shorten_name(name)}] has no url.", name)
            profiles[name] = Profile(name, self._find_line(path), entries)
        return profiles

    def _read_entries(
        self,
        data: object,
        path: tuple[str, ...],
        known: tuple[Setting, ...] | tuple[FindingSetting, ...],
        profile: str | None,
    ) -> dict[str, ConfigEntry]:
        """The values of one table that have no mistake."""
        table = f"[{_shorten_name('.'.join(path))}]"
        if not isinstance(data, dict):
            self._add_problem(path, f"{table} must be a table of settings.", profile)
            return {}
        settings: dict[str, Setting | FindingSetting] = {setting.name: setting for setting in known}
        entries: dict[str, ConfigEntry] = {}
        for key, value in data.items():
            where = (*path, key)
            setting = settings.get(key)
            if setting is None:
                unknown = f'Unknown key "{_shorten_name(key)}" in {table}'
                self._add_problem(where, join_sentences(unknown, _suggest_key(key, settings)), profile)
                continue
            try:
                entries[key] = ConfigEntry(setting.parse_toml(value), self._find_line(where))
            except InvalidValue as error:
                self._add_problem(where, end_sentence(f"{key} {error}"), profile)
        return entries

    def _find_line(self, path: tuple[str, ...]) -> int:
        from tui.config.toml_lines import find_key_line

        return find_key_line(self._lines, path)

    def _add_problem(self, path: tuple[str, ...], message: str, profile: str | None = None) -> None:
        self._problems.append(ConfigProblem(line=self._find_line(path), message=message, profile=profile))


def _suggest_key(key: str, known: Mapping[str, object]) -> str:
    """What to write instead of an unknown key, as a sentence."""
    if key.lower().replace("-", "_") in SECRET_KEYS and "user" in known:
        return "Keep secrets out of this file: use password_command, password_file, token_command or netrc."
    return suggest_nearest(key, tuple(known)) or f"Use {', '.join(known)}."


def _shorten_name(name: str) -> str:
    """A name from the file, cut for a sentence."""
    return name if len(name) <= 40 else f"{name[:39]}…"
