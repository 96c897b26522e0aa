"""Who logs in: from the environment, a file, a command or a prompt, and never from an argument."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import shlex
import subprocess
import sys

from msgspec import Struct

from backend_adapters.registry import found_credentials
from backend_adapters.transport.target import Credentials

COMMAND_PATIENCE = 60.0
"""Seconds that a command has to print a secret."""


class NoLogin(Exception):
    """A secret could not be had; the message says why."""


class Login(Struct, frozen=True):
    """The credentials, and the project that came with them where one did."""

    credentials: Credentials
    project: str | None = None


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say who logs in."""
    login = parser.add_argument_group("login")
    login.add_argument("--user", help="log in as this user")
    login.add_argument("--password-command", metavar="COMMAND", help="a command that prints the password")
    login.add_argument("--token-command", metavar="COMMAND", help="a command that prints a token")


def login_of(chosen: argparse.Namespace, dialect: str) -> Login:
    """The login that flags and environment name; raises NoLogin, and NotLoggedIn for a broken file."""
    found = found_credentials(dialect, os.environ)
    project = found.project if found is not None else None
    return Login(_given(chosen) or (found.credentials if found is not None else Credentials()), project)


def _given(chosen: argparse.Namespace) -> Credentials | None:
    """What a person gave for this very place; it goes before what is found."""
    if chosen.token_command:
        printed = Printed(chosen.token_command, "--token-command")
        return Credentials(token=printed, again=printed.again)
    token = os.environ.get("GRAPHTOP_TOKEN")
    if token:
        return Credentials(token=lambda: token)
    return _with_password(chosen.user, chosen.password_command) if chosen.user else None


def _with_password(user: str, command: str | None) -> Credentials:
    if command:
        printed = Printed(command, "--password-command")
        return Credentials(user, printed, again=printed.again)
    password = _password(user)
    return Credentials(user, lambda: password)


def _password(user: str) -> str:
    from_environment = os.environ.get("GRAPHTOP_PASSWORD")
    if from_environment is not None:
        return from_environment
    if not sys.stdin.isatty():
        raise NoLogin("no password: set GRAPHTOP_PASSWORD, or use --password-command.")
    try:
        return getpass.getpass(f"password of {user}: ")
    except EOFError:
        raise NoLogin("no password was typed.") from None


class Printed:
    """A secret that a command prints: fetched once at the start, and again when a server refused it."""

    def __init__(self, command: str, flag: str) -> None:
        """Run `command` now. Raises NoLogin, which holds no word that it printed."""
        self._command = command
        self._flag = flag
        what = "token" if flag == "--token-command" else "password"
        try:
            done = subprocess.run(
                shlex.split(command), stdout=subprocess.PIPE, text=True, timeout=COMMAND_PATIENCE, check=True
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise NoLogin(f"{flag} gave no {what} ({_failure(error)}).") from None
        self._secret = done.stdout.partition("\n")[0]
        if not self._secret:
            raise NoLogin(f"{flag} gave no {what} (it printed nothing).")

    def __call__(self) -> str:
        """The secret as it was last printed."""
        return self._secret

    async def again(self) -> None:
        """Run the command once more beside the screen; when it fails the old secret stays."""
        try:
            asked = await asyncio.create_subprocess_exec(
                *shlex.split(self._command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError:
            return
        try:
            printed, _ = await asyncio.wait_for(asked.communicate(), COMMAND_PATIENCE)
        except TimeoutError:
            return
        finally:
            if asked.returncode is None:
                asked.kill()
        line = printed.decode("utf-8", "replace").partition("\n")[0]
        if asked.returncode == 0 and line:
            self._secret = line


def _failure(error: Exception) -> str:
    """Why a command failed, without any word that it printed."""
    if isinstance(error, subprocess.CalledProcessError):
        return f"exit code {error.returncode}"
    if isinstance(error, subprocess.TimeoutExpired):
        return f"no answer in {COMMAND_PATIENCE:.0f} s"
    if isinstance(error, OSError):
        return f"it could not be run: {error.strerror}"
    return "it could not be run"
