"""Checks the files that settings name: whether they can be read, and whether others could write to them."""

from __future__ import annotations

import os
from pathlib import Path

from backend_adapters.files import open_at_once
from backend_adapters.trust import find_distrust
from tui.config.resolved import ResolvedSettings
from tui.config.settings import SETTINGS

SECRET_FILES = ("password_file", "token_file")
"""The settings that name a file with a secret."""
SECRET_COMMANDS = ("password_command", "token_command")
"""The settings that name a command which prints a secret: the command may hold one itself."""


def find_unreadable_files(settings: ResolvedSettings) -> dict[str, str]:
    """The settings that name a file which can't be read, each with a sentence that says why."""
    files = ((setting.name, settings.get_value(setting.name)) for setting in SETTINGS if setting.is_file)
    return {
        name: f"{file.origin.text}: {name} names a file that can't be read: {reason}."
        for name, file in files
        if file.value is not None and (reason := _check_readable(file.value))
    }


def find_untrusted_files(settings: ResolvedSettings) -> list[str]:
    """The files of secrets that are not used, as others could have written them: a sentence for each."""
    return [
        f"{file.origin.text}: {name} is not used. {why}"
        for name, file in ((name, settings.get_value(name)) for name in SECRET_FILES)
        if file.value and (why := find_distrust(Path(file.value)))
    ]


def _check_readable(path: str) -> str:
    """Why a file can't be read; empty where it can, and for a pipe, which is not opened here."""
    try:
        if Path(path).is_dir():
            return "it is a folder"
        if not Path(path).is_fifo():
            os.close(open_at_once(path))
    except OSError as error:
        return str(error.strerror).lower()
    return ""
