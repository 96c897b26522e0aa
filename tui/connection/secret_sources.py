"""Reads secrets from a command, a file or netrc. No message, repr or log contains any of them."""

from __future__ import annotations

import asyncio
import netrc
import os
import shlex
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from backend_adapters.files import PIPE_WITHIN, is_regular, read_limited, regular_path
from backend_adapters.trust import find_distrust
from tui.config.resolved import ConfigError

COMMAND_TIMEOUT = 60.0
"""Seconds within which a command must print a secret."""

MAX_SECRET_BYTES = 64 * 1024
"""Bytes of a file with a secret that are read."""


class LoginError(ConfigError):
    """A secret can't be obtained; the message is a sentence that says why."""


class _StoredSecret:
    """A secret as it was last fetched."""

    def __init__(self, name: str, what: str) -> None:
        self._name = name
        self._what = what
        self._secret = ""

    def __call__(self) -> str:
        """The secret as it was last fetched."""
        return self._secret

    def _store(self, text: str, why: str) -> None:
        """Store the first line; raises LoginError where it is empty."""
        line = text.partition("\n")[0].rstrip("\r")
        if not line:
            raise self._make_error(why)
        self._secret = line

    def _make_error(self, why: str) -> LoginError:
        return LoginError(f"{self._name} gave no {self._what} ({why}).")


class CommandSecret(_StoredSecret):
    """A secret in the first line that a command prints."""

    def __init__(self, command: str, name: str, what: str, *, keys: bool = False) -> None:
        """Prepare the command; `name` is for messages (`--password-command`), `what` a password or a token.

        With `keys` the command sees the keys for GES in the environment.
        """
        super().__init__(name, what)
        self._command = command
        self._sees_keys = keys

    def fetch(self) -> None:
        """Run the command with the terminal, on which it may ask a person. Raises LoginError."""
        # Imported here: most logins need no command, and no start waits for what runs one.
        from tui.connection.secret_command import CommandFailed, run_on_terminal

        try:
            printed = run_on_terminal(self._split_command(), self._make_environment(), COMMAND_TIMEOUT)
        except CommandFailed as failure:
            raise self._make_error(str(failure)) from None
        self._store_output(printed)

    async def fetch_aside(self) -> None:
        """Run the command without a terminal, as the screen has it. Raises LoginError."""
        from tui.connection.secret_command import CommandFailed, run_aside

        try:
            printed = await run_aside(self._split_command(), self._make_environment(), COMMAND_TIMEOUT)
        except CommandFailed as failure:
            raise self._make_error(str(failure)) from None
        self._store_output(printed)

    async def refresh(self) -> None:
        """Run the command again without a terminal; a failure leaves the old secret."""
        with suppress(LoginError):
            await self.fetch_aside()

    def _split_command(self) -> list[str]:
        try:
            return shlex.split(self._command)
        except ValueError:
            raise self._make_error("it could not be run") from None

    def _make_environment(self) -> dict[str, str]:
        from tui.connection.secret_command import filter_environment

        return filter_environment(os.environ, keys=self._sees_keys)

    def _store_output(self, printed: bytes) -> None:
        self._store(printed.decode("utf-8", "replace"), "it printed nothing")


class FileSecret(_StoredSecret):
    """A secret in the first line of a file."""

    def __init__(self, path: str, name: str, what: str) -> None:
        super().__init__(name, what)
        self._path = Path(path)

    def fetch(self) -> None:
        """Read the file, a pipe within the time that a command has. Raises LoginError."""
        self._read_file(COMMAND_TIMEOUT)

    def _read_file(self, timeout: float) -> None:
        if why := find_distrust(self._path):
            raise LoginError(f"{self._name} is not used. {why}")
        try:
            data = read_limited(self._path, MAX_SECRET_BYTES, timeout)
        except OSError as error:
            raise self._make_error(str(error.strerror)) from None
        try:
            self._store(data.decode("utf-8"), "its first line is empty")
        except UnicodeDecodeError:
            raise self._make_error("it is not UTF-8") from None

    async def fetch_aside(self) -> None:
        """Read the file; in a thread and for a short time where it is a pipe. Raises LoginError."""
        if is_regular(self._path):
            self.fetch()
        else:
            await asyncio.to_thread(self._read_file, PIPE_WITHIN)

    async def refresh(self) -> None:
        """Read the file again: a rotated secret is in the same one."""
        # The pipe of a shell's `<(command)` can be read once only, and would block for ever.
        if is_regular(self._path):
            with suppress(LoginError):
                self.fetch()


SecretSource: TypeAlias = CommandSecret | FileSecret
"""A secret that can be fetched before the screen opens or aside of it, and again after a refusal."""


def warn_of_readers(path: Path) -> str:
    """A warning where others than the owner can read a file; empty where they can't."""
    try:
        status = path.stat()
    except OSError:
        return ""
    if not stat.S_ISREG(status.st_mode) or not status.st_mode & 0o077:
        return ""
    return f"Others can read {path}, which holds a secret. Run: chmod 600 {shlex.quote(str(path))}"


def find_netrc(environ: Mapping[str, str]) -> Path:
    """The path of netrc: the variable NETRC, or the home folder."""
    return Path(environ.get("NETRC") or os.path.expanduser("~/.netrc"))  # noqa: PTH111 - may lack a home


def read_netrc(path: Path, host: str, user: str | None) -> tuple[str, str]:
    """User and password of a host; a `default` entry is not used, as it fits any host. Raises LoginError."""
    if why := find_distrust(path):
        raise LoginError(f"netrc is not used. {why}")
    try:
        # The module checks permissions only where no path is given; here they cause a warning.
        with regular_path(path) as name:
            entry = netrc.netrc(name).hosts.get(host)
    except netrc.NetrcParseError as error:
        # The message of netrc can contain a word of the file.
        raise LoginError(f"{path} has a syntax error near line {error.lineno}.") from None
    except OSError as error:
        raise LoginError(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise LoginError(f"{path} is not UTF-8.") from None
    if entry is None:
        raise LoginError(f"{path} has no entry for {host}.")
    login, _, password = entry
    if not login:
        raise LoginError(f"{path} has an entry for {host}, but it names no login.")
    if user and login != user:
        raise LoginError(f"{path} has an entry for {host}, but not for the user {user}.")
    return login, password or ""
