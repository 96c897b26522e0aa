"""The application's signs for a person who looks elsewhere: notices, the title, progress in the tab."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from tui.config.options import NoticeOptions
from tui.multiplexers import is_in_tmux
from tui.toast_app import ToastApp
from tui.toasts import UNTIL_READ_SECONDS

if TYPE_CHECKING:
    from tui.notices.route import TerminalRoute
    from tui.notices.sender import NoticeSender


class NoticeApp(ToastApp):
    """An application that can tell of something where nobody looks at it."""

    _route: TerminalRoute | None = None
    """How the terminal was reached when progress was shown last."""
    _notice_problem = ""
    """What was said last on why no notice can be sent."""

    @property
    def notice_options(self) -> NoticeOptions:
        """How notices are sent."""
        return NoticeOptions()

    @property
    def uses_title(self) -> bool:
        """Whether the terminal's title and its tab may be changed."""
        return False

    @cached_property
    def _sender(self) -> NoticeSender:
        # Imported here, as below: no start waits for it.
        from tui.notices.sender import NoticeSender

        return NoticeSender(self.notice_options, self.write_to_terminal)

    def prepare_notices(self) -> str:
        """Find out whether the terminal tells of its focus; returns why no notice can be sent, or nothing."""
        if self._sender.is_off:
            return "Notices are off (notify): it is said here only."
        if not (is_in_tmux() or os.environ.get("STY")):
            # A multiplexer knows the mode, and may report nothing all the same.
            self.ask_for_focus_reports()
        return self._sender.problem

    def send_notice(self, text: str) -> None:
        """Tell a person of something, unless the terminal has the focus."""
        if self.is_out_of_sight and not self._sender.is_off:
            self.run_worker(self._send_notice(text), group="notices", exit_on_error=False)

    async def _send_notice(self, text: str) -> None:
        problem = await self._sender.send(text)
        if problem and problem != self._notice_problem:
            self.notify(problem, severity="warning", timeout=UNTIL_READ_SECONDS)
        self._notice_problem = problem

    def show_title(self, text: str) -> None:
        """Show a text as the terminal's title."""
        marks = self.window_marks
        if marks is None or not self.uses_title:
            return
        from tui.notices.sequences import RESTORE_TITLE, SAVE_TITLE, format_title
        from tui.notices.terminals import has_title

        if has_title(os.environ):
            marks.show_title(format_title(text), before=SAVE_TITLE, after=RESTORE_TITLE)

    async def find_terminal(self) -> None:
        """Find out whether the terminal shows progress in its tab."""
        self._route = await self._sender.find_route()

    def show_progress(self, percent: int | None, *, has_failed: bool) -> None:
        """Show progress in the terminal's tab, without a number only that something goes on."""
        marks, route = self.window_marks, self._route
        if marks is not None and route is not None and self.uses_title:
            sequence = route.carry_progress(percent, has_failed=has_failed)
            marks.show_progress(sequence, after=route.carry_no_progress())

    def hide_progress(self) -> None:
        """Show no progress any more."""
        if (marks := self.window_marks) is not None:
            marks.show_progress("", after="")
