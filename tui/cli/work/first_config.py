"""Writes the first config file of a person: never over one that exists, and without any secret."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from backend_adapters.sentences import join_sentences
from backend_adapters.transport.credentials import Credentials
from backend_adapters.trust import find_distrust
from tui.cli.errors import CommandError, UsageError
from tui.cli.exit_codes import FAILED, OK
from tui.cli.output.output_file import open_output
from tui.cli.output.standard_error import report_error
from tui.cli.output.standard_output import StandardOutput
from tui.cli.setting_flags import SettingFlags
from tui.config.example import format_profile, make_first_config, suggest_profile_name
from tui.config.named_files import SECRET_COMMANDS, SECRET_FILES
from tui.config.profiles import Config, find_config, parse_config, shorten_path
from tui.config.resolved import resolve_settings
from tui.config.settings import SETTINGS_BY_NAME, RawValue
from tui.connection.login import LOGIN_KINDS, LoginDetails
from tui.connection.resolve import plan_connection, require_server

FILE_MODE, FOLDER_MODE = 0o600, 0o700
"""Only the owner can read a new file, and look into a new folder."""


def write_first_config(flags: SettingFlags, name: str, out: StandardOutput) -> int:
    """Write the config file, and print its path; returns the exit code.

    With a server among the flags, the file has a profile for it. Raises CommandError, also where there is a
    file already: then the profile is printed, to be pasted.
    """
    path = find_config(os.environ)
    profile, name = _format_first_profile(flags, name, path)
    if os.path.lexists(path):
        _refuse(path, profile, out)
    try:
        _make_folder(path.parent)
        with open_output(path, over=False, mode=FILE_MODE) as file:
            file.write(make_first_config(profile, name).encode())
    except UsageError:
        # Somebody else has just written one.
        _refuse(path, profile, out)
    except OSError as error:
        words = f"Can't write {shorten_path(path)}: {error.strerror or error}"
        advice = "Correct that, or name another path with the variable GRAPHTOP_CONFIG"
        raise CommandError(join_sentences(words, advice), FAILED) from None
    out.write(f"{path}\n")
    _report_remarks(flags, path)
    return OK


def _refuse(path: Path, profile: str, out: StandardOutput) -> NoReturn:
    """Print the profile, if there is one, and raise CommandError: the file is there already."""
    out.write(profile)
    words = f"{shorten_path(path)} exists and was not changed"
    advice = (
        "To add this server, paste the lines above into it"
        if profile
        else "Edit it; `graphtop config check` shows what it sets"
    )
    raise CommandError(join_sentences(words, advice), FAILED)


def _make_folder(path: Path) -> None:
    """Make a folder and those above it, as far as they are missing. Raises OSError."""
    if not path.is_dir():
        _make_folder(path.parent)
        with suppress(FileExistsError):
            path.mkdir(FOLDER_MODE)


def _format_first_profile(flags: SettingFlags, name: str, path: Path) -> tuple[str, str]:
    """The profile of the server that the flags name, and its name; empty without a flag.

    Raises UsageError and ConfigError.
    """
    if not flags.values and not flags.stray_address:
        if name:
            raise UsageError("--name needs a server to save. Add --url with its address.")
        return "", ""
    values = {key: _complete_path(key, value) for key, value in flags.values.items()}
    config = Config(path=path)
    settings = resolve_settings(
        config, flags={key: value for key, value in values.items() if key not in LOGIN_KINDS}
    )
    require_server(settings, config, flags.stray_address)
    login = LoginDetails(Credentials(settings.user.value))
    target = plan_connection(settings, {}).make_connection(login).target
    kept = {key: values[key] for key in (*SECRET_FILES, "netrc", "insecure") if key in values}
    name = name or suggest_profile_name(target.profile)
    profile = format_profile(target, name=name, extra=kept)
    if problems := parse_config(profile, path).problems:
        raise UsageError(problems[0].message)
    return profile, name


def _complete_path(name: str, value: RawValue) -> RawValue:
    """The whole path where a setting is a file: in the config file it counts from that file's folder."""
    if not SETTINGS_BY_NAME[name].is_file:
        return value
    return str(Path(os.path.expanduser(str(value))).absolute())  # noqa: PTH111 - may lack a home


def _report_remarks(flags: SettingFlags, path: Path) -> None:
    """Say what was left out, and why the file would not be trusted, each on standard error."""
    # A person writes them into the file, if at all.
    for name in SECRET_COMMANDS:
        if name in flags.values:
            flag = SETTINGS_BY_NAME[name].flag
            report_error(f"{flag} was not written, as it may hold a secret. Add it to the file yourself.")
    report_error(find_distrust(path))
