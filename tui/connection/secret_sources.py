"""Where a secret can be had: a command, a file, netrc. No message, repr or log holds a word of it."""

from __future__ import annotations

import asyncio
import netrc
import os
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from backend_adapters.files import PIPE_WITHIN, is_regular, read_limited, regular_path
from backend_adapters.trust import find_distrust
from tui.config.resolved import ConfigError
from tui.connection.secret_command import CommandFailed, filter_environment, run_aside, run_on_terminal

COMMAND_TIMEOUT = 60.0
"""Seconds that a command has to print a secret."""

MAX_SECRET_BYTES = 64 * 1024
"""Bytes of a secret's file that are read."""


class LoginError(ConfigError):
    """A secret can't be obtained; the message is a sentence that says why."""


class SecretSource(Protocol):
    """Holds a secret, once it has been fetched, and can fetch it anew."""

    def __call__(self) -> str:
        """The secret as it was last fetched."""
        ...

    def fetch(self) -> None:
        """Get it now. Raises LoginError."""
        ...

    async def fetch_aside(self) -> None:
        """Get it beside the screen. Raises LoginError, and keeps the old one then."""
        ...

    async def refresh(self) -> None:
        """Get it anew after a refusal; when that fails the old one stays."""
        ...


class _Held:
    """What the two kinds share."""

    def __init__(self, name: str, what: str) -> None:
        self._name = name
        self._what = what
        self._secret = ""

    def __call__(self) -> str:
        """The secret as it was last fetched."""
        return self._secret

    def _keep(self, text: str, why: str) -> None:
        """Keep the first line; raises LoginError where there is none."""
        line = text.partition("\n")[0].rstrip("\r")
        if not line:
            raise self._none(why)
        self._secret = line

    def _none(self, why: str) -> LoginError:
        return LoginError(f"{self._name} gave no {self._what} ({why}).")


class CommandSecret(_Held):
    """A secret that a command prints as its first line."""

    def __init__(self, command: str, name: str, what: str, *, keys: bool = False) -> None:
        """`name` is who said so, for messages: `--password-command`; `what` a password or a token.

        With `keys` the command sees keys for GES that the environment holds.
        """
        super().__init__(name, what)
        self._command = command
        self._sees_keys = keys

    def fetch(self) -> None:
        """Run the command on the terminal, where it may ask a person. Raises LoginError."""
        try:
            printed = run_on_terminal(self._words(), self._environ(), COMMAND_TIMEOUT)
        except CommandFailed as failure:
            raise self._none(str(failure)) from None
        self._keep_printed(printed)

    async def fetch_aside(self) -> None:
        """Run the command beside the screen: it gets no terminal. Raises LoginError."""
        try:
            printed = await run_aside(self._words(), self._environ(), COMMAND_TIMEOUT)
        except CommandFailed as failure:
            raise self._none(str(failure)) from None
        self._keep_printed(printed)

    async def refresh(self) -> None:
        """Run it once more beside the screen; when it fails the old secret stays."""
        try:
            await self.fetch_aside()
        except LoginError:
            return

    def _words(self) -> list[str]:
        try:
            return shlex.split(self._command)
        except ValueError:
            raise self._none("it could not be run") from None

    def _environ(self) -> dict[str, str]:
        return filter_environment(os.environ, keys=self._sees_keys)

    def _keep_printed(self, printed: bytes) -> None:
        self._keep(printed.decode("utf-8", "replace"), "it printed nothing")


class FileSecret(_Held):
    """A secret in a file of its own: its first line."""

    def __init__(self, path: str, name: str, what: str) -> None:
        super().__init__(name, what)
        self._path = Path(path)

    def fetch(self) -> None:
        """Read the file; a pipe has as long as a command to give all of it. Raises LoginError."""
        self._read(COMMAND_TIMEOUT)

    def _read(self, patience: float) -> None:
        if why := find_distrust(self._path):
            raise LoginError(f"{self._name} is not used. {why}")
        try:
            data = read_limited(self._path, MAX_SECRET_BYTES, patience)
        except OSError as error:
            raise self._none(str(error.strerror)) from None
        try:
            self._keep(data.decode("utf-8"), "its first line is empty")
        except UnicodeDecodeError:
            raise self._none("it is not UTF-8") from None

    async def fetch_aside(self) -> None:
        """Read the file; in a thread and for a short time where it is a pipe. Raises LoginError."""
        if is_regular(self._path):
            self.fetch()
        else:
            await asyncio.to_thread(self._read, PIPE_WITHIN)

    async def refresh(self) -> None:
        """Read it once more: a rotated secret is in the same file."""
        # What a shell's `<(command)` made can be read only once, and would wait for ever.
        if is_regular(self._path):
            try:
                self.fetch()
            except LoginError:
                return


def warn_of_readers(path: Path) -> str:
    """A warning where others than its owner can read a file; empty where they can't."""
    try:
        status = path.stat()
    except OSError:
        return ""
    if not stat.S_ISREG(status.st_mode) or not status.st_mode & 0o077:
        return ""
    return f"others can read {path}, which holds a secret: chmod 600 {shlex.quote(str(path))}"


def find_netrc(environ: Mapping[str, str]) -> Path:
    """Where netrc is: NETRC, else the home folder."""
    return Path(environ.get("NETRC") or os.path.expanduser("~/.netrc"))  # noqa: PTH111 - may lack a home


def read_netrc(path: Path, host: str, user: str | None) -> tuple[str, str]:
    """User and password of a host; a `default` entry is not used, as it fits any host. Raises LoginError."""
    if why := find_distrust(path):
        raise LoginError(f"netrc is not used. {why}")
    try:
        # Named, and so without its rule on who may read the file: that is a warning here.
        with regular_path(path) as name:
            entry = netrc.netrc(name).hosts.get(host)
    except netrc.NetrcParseError as error:
        # Its message can hold the very word that was not understood.
        raise LoginError(f"{path} is not written as netrc is, near line {error.lineno}.") from None
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
