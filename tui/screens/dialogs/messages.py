"""The messages: everything that was said since the start, and every action, with its time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from tui.clipboard import MAX_COPY_CHARACTERS, CopyText
from tui.message_log import Message, MessageLog
from tui.screens.dialogs.dialog import Dialog
from tui.text import clean_for_clipboard, format_count, format_timestamp, join_key_hints
from tui.widgets.message_list import KIND_WIDTH, KIND_WORDS, MessageList, format_message_text

if TYPE_CHECKING:
    from tui.screens.tasks.notice_controller import NoticeController

FOLLOW_SECONDS = 0.2
"""Seconds between two looks whether something new was said."""


class MessagesScreen(Dialog[None]):
    """Shows a log while it grows, and copies it as text for a ticket."""

    CSS_PATH = "../../styles/dialogs.tcss"
    AUTO_FOCUS = "MessageList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,M", "close", show=False),
        Binding("y", "copy_all", show=False),
        Binding("m", "end_notice", show=False),
    ]

    def __init__(
        self,
        log: MessageLog,
        about: Sequence[str],
        *,
        utc: bool,
        ascii: bool = False,
        place: str = "",
        notices: NoticeController | None = None,
    ) -> None:
        """`about` says in lines at the top of what is copied where this was, which is `place` in short.

        What a person is told of by `notices` is named at the top, and can be ended.
        """
        super().__init__(ascii=ascii)
        self._log = log
        self._about = about
        self._place = place
        self._notices = notices
        self._named_notices: str | None = None
        """What the frame names of it."""
        self._utc = utc
        self._dialog = Vertical(id="dialog")
        self._list = MessageList(log, utc=utc, ascii=ascii)

    def compose(self) -> ComposeResult:
        """One list that fills the screen."""
        with self._dialog:
            yield self._list

    def on_mount(self) -> None:
        """Name the dialog, and follow the log."""
        self._name_dialog()
        self.set_interval(FOLLOW_SECONDS, self._follow)

    def _follow(self) -> None:
        self._name_dialog()
        self._list.follow_log()

    def _name_dialog(self) -> None:
        """Say at the top what a person is told of, and at the bottom the keys."""
        asked = "" if self._notices is None else self._notices.summary
        if asked == self._named_notices:
            # Each title repaints the whole dialog, even where nothing changes.
            return
        self._named_notices = asked
        told = f" {'- tells' if self._ascii else '· ♪'} {asked}" if asked else ""
        self._dialog.border_title = Content(f"Messages{told}")
        keys = ("j k scroll", "y copy all", *(("m end a notice",) if asked else ()), "esc close")
        self._dialog.border_subtitle = Content(join_key_hints(*keys, ascii=self._ascii))

    @property
    def shows_newest(self) -> bool:
        """Whether what is said now appears on the screen."""
        return self._list.is_at_end

    def action_end_notice(self) -> None:
        """Choose what a person is no longer told of."""
        notices = self._notices
        asked = [] if notices is None else notices.list_notices()
        if notices is None or not asked:
            self.notify("Nothing is asked for. Press m on a task to be told when it ends.")
            return
        # Imported here: few need it.
        from tui.screens.dialogs.choice_list import Choice
        from tui.screens.dialogs.picker import PickerScreen

        def end(number: int | None) -> None:
            if number is not None:
                notices.end_notice(asked[number][1])

        choices = [Choice(number, name) for number, (name, _) in enumerate(asked)]
        self.app.push_screen(PickerScreen("No longer tell me", choices, ascii=self._ascii), end)

    def action_copy_all(self) -> None:
        """Copy all of it as text."""
        messages = self._log.list_all()
        text = format_messages(messages, self._about, utc=self._utc, ascii=self._ascii, place=self._place)
        number = format_count(len(messages))
        what = f"{number} message{'' if len(messages) == 1 else 's'} ({format_count(len(text))} characters)"
        self.app.post_message(CopyText(text, what))


def format_messages(
    messages: Iterable[Message], about: Sequence[str], *, utc: bool, ascii: bool, place: str = ""
) -> str:
    """The messages as text for a ticket; where they are too long, the newest ones.

    Those of `place`, which `about` describes, are not said to be there.
    """
    lines: list[str] = []
    room = MAX_COPY_CHARACTERS - sum(map(len, about))
    for message in reversed(list(messages)):
        # Of several places each message names its own.
        is_here = message.place == place
        entry = _format_message(message, "" if is_here else message.place, utc=utc, ascii=ascii)
        room -= len(entry) + 1
        if room < 0:
            lines.append("(older ones left out)")
            break
        lines.append(entry)
    return "\n".join((*map(clean_for_clipboard, about), "", *reversed(lines), ""))


def _format_message(message: Message, place: str, *, utc: bool, ascii: bool) -> str:
    """One message with date, time, kind, and the place unless it is empty; further lines are indented."""
    moment = format_timestamp(message.moment, utc=utc) + ("Z" if utc else "")
    where = f"[{place}] " if place else ""
    first, *more = format_message_text(message, utc=utc, ascii=ascii).split("\n")
    kind = KIND_WORDS[message.kind].ljust(KIND_WIDTH)
    lines = (f"{moment} {kind} {where}{first}", *(f"    {line}" for line in more))
    return "\n".join(map(clean_for_clipboard, lines))
