"""Sends notices as the settings say: by the terminal, by a command, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import cast

from tui.config.options import NoticeOptions
from tui.notices.route import TerminalRoute, find_route
from tui.notices.terminals import NoticeMethod

COMMANDS_MOST = 4
"""Commands that run at the same time; a notice beyond that is left out."""


class NoticeSender:
    """Sends notices to a terminal, or gives them to a command."""

    def __init__(
        self,
        options: NoticeOptions,
        write: Callable[[str], object],
        env: Mapping[str, str] = os.environ,
    ) -> None:
        """`write` is called with the bytes for the terminal."""
        self._options = options
        self._write = write
        self._env = env
        self._running = 0

    @property
    def is_off(self) -> bool:
        """Whether a person wants none."""
        return self._options.method == "off"

    @property
    def problem(self) -> str:
        """Why no notice can be sent, as a sentence; empty where one can."""
        if not self._uses_command:
            return ""
        if self._options.refused:
            return self._options.refused
        return "" if self._options.command else 'notify is "command", but notify_command is not set.'

    @property
    def needs_terminal(self) -> bool:
        """Whether notices are shown by the terminal."""
        return not self.is_off and not self._uses_command

    @property
    def _uses_command(self) -> bool:
        method = self._options.method
        has_one = bool(self._options.command or self._options.refused)
        return method == "command" or (method == "auto" and has_one)

    async def find_route(self) -> TerminalRoute:
        """How the terminal is reached now."""
        return await find_route(self._env)

    async def send(self, text: str) -> str:
        """Send a notice; returns why that failed as a sentence, or an empty text."""
        if self.is_off or self.problem:
            return self.problem
        if self._uses_command:
            return await self._run_command(text)
        method = self._options.method
        if method == "bell":
            self._write(TerminalRoute().carry_notice("bell", text))
            return ""
        route = await self.find_route()
        chosen = route.method if method == "auto" else cast(NoticeMethod, method)
        self._write(route.carry_notice(chosen, text))
        return ""

    async def _run_command(self, text: str) -> str:
        from tui.notices.command import run_notice_command

        if self._running >= COMMANDS_MOST:
            return ""
        self._running += 1
        try:
            trouble = await run_notice_command(self._options.command, text, self._env)
        finally:
            self._running -= 1
        return f"notify_command failed: {trouble}" if trouble else ""
