"""All messages and actions with their times, in a list that follows its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.message_log import Message, MessageLog
from tui.text import format_time_of_day, format_timestamp, wrap_cells

ListLine: TypeAlias = tuple[tuple[str, str], ...]
"""One drawn line as pieces of text with the names of their looks."""

KIND_WORDS = {"information": "info", "warning": "warning", "error": "error", "action": "action"}
KIND_WIDTH = 7
TIME_WIDTH = 8
GAP = "  "
MAX_TEXT_WIDTH = 100
"""Cells of a line of text: a longer one is hard to read."""
MIN_TEXT_WIDTH = 24
"""With less room than this beside time and kind, the text stands below these."""
EMPTY = "No messages yet. What graphtop says, and each action that is sent, is kept here."
DROPPED = "Older ones are no longer kept here. `graphtop journal` lists every action."


def format_message_text(message: Message, *, utc: bool, ascii: bool) -> str:
    """What was said, and how many times where that is more than once."""
    if message.count == 1:
        return message.text
    since = format_time_of_day(message.first, utc=utc)
    return f"{message.text} ({'x' if ascii else '×'}{message.count} since {since})"


class MessageList(ScrollView, can_focus=True):
    """Shows a log as it grows; only the visible lines are drawn."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "messages--time",
        "messages--text",
        "messages--head",
        "messages--failed",
        *(f"messages--{kind}" for kind in KIND_WORDS),
    }
    DEFAULT_CSS = """
    MessageList {
        & > .messages--time { color: $text-muted; }
        & > .messages--text { color: $foreground; }
        & > .messages--head { color: $text-muted; text-style: bold; }
        & > .messages--information { color: $text-muted; }
        & > .messages--warning { color: $text-warning; }
        & > .messages--error, & > .messages--failed { color: $text-error; }
        & > .messages--action { color: $text-primary; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_down", show=False),
        Binding("up,k", "scroll_up", show=False),
        Binding("pagedown,space", "page_down", show=False),
        Binding("pageup,b", "page_up", show=False),
        Binding("home,g", "scroll_home", show=False),
        Binding("end,G", "scroll_end", show=False),
    ]

    def __init__(self, log: MessageLog, *, utc: bool, ascii: bool) -> None:
        super().__init__()
        self._log = log
        self._utc = utc
        self._ascii = ascii
        self._lines: list[ListLine] = []
        self._wrapped: dict[int, tuple[str, list[str]]] = {}
        self._drawn = (-1, 0)
        self._goes_to_end = True
        self._visible_lines = 0
        """The lines that were visible before the size changed."""

    @property
    def is_at_end(self) -> bool:
        """Whether the newest message is on the screen, or will be with the next drawing."""
        return self._goes_to_end or self.scroll_offset.y >= self.max_scroll_y

    def follow_log(self) -> None:
        """Show what is new, if anything is; a list at its end stays there."""
        width = self.scrollable_content_region.width
        state = (self._log.version, width)
        if width <= 0 or state == self._drawn:
            return
        was_at_end, was_width = self.is_at_end, self._drawn[1]
        self._drawn = state
        if width != was_width or len(self._wrapped) > 2 * len(self._log):
            self._wrapped.clear()
        self._lines = list(self._list_lines(width))
        self.virtual_size = Size(0, len(self._lines))
        if was_at_end:
            self._goes_to_end = True
            self.call_after_refresh(self._go_to_end)
        self.refresh()

    def action_scroll_end(self) -> None:
        """Go to the newest message, also to one that was said since the list was drawn, and stay there."""
        self.follow_log()
        self._go_to_end()

    def _go_to_end(self) -> None:
        self.scroll_to(y=self.max_scroll_y, animate=False)
        self._goes_to_end = False

    def on_resize(self) -> None:
        """Wrap for the new width; a list at its end stays there in another height as well."""
        if self.scroll_offset.y + self._visible_lines >= len(self._lines):
            self._goes_to_end = True
            self.call_after_refresh(self._go_to_end)
        self._visible_lines = self.scrollable_content_region.height
        self.call_after_refresh(self.follow_log)

    def _list_lines(self, width: int) -> Iterator[ListLine]:
        messages, head = self._log.list_all(), ""
        if not messages:
            yield from (((line, "time"),) for line in wrap_cells(EMPTY, width))
        if self._log.dropped:
            yield from (((line, "time"),) for line in wrap_cells(DROPPED, width))
        for message in messages:
            day = format_timestamp(message.moment, utc=self._utc)[:10]
            now_head = f"{day}  {message.place}".rstrip()
            if now_head != head:
                if head or self._log.dropped:
                    yield ()
                head = now_head
                yield from (((line, "head"),) for line in wrap_cells(head, width))
            yield from self._draw_message(message, width)

    def _draw_message(self, message: Message, width: int) -> Iterator[ListLine]:
        """A message: time, kind, and its text with all lines below each other."""
        right_edge = 1
        moment = format_time_of_day(message.moment, utc=self._utc)
        kind = KIND_WORDS[message.kind].ljust(KIND_WIDTH)
        look = "failed" if message.has_failed else message.kind
        margin = " " * (TIME_WIDTH + KIND_WIDTH + 2 * len(GAP))
        if width - len(margin) - right_edge < MIN_TEXT_WIDTH:
            yield ((moment, "time"), (GAP + kind, look))
            room = max(1, width - len(GAP) - right_edge)
            yield from (((GAP + line, "text"),) for line in self._wrap(message, room))
            return
        room = min(MAX_TEXT_WIDTH, width - len(margin) - right_edge)
        for number, line in enumerate(self._wrap(message, room)):
            if number:
                yield ((margin + line, "text"),)
            else:
                yield ((moment, "time"), (GAP + kind + GAP, look), (line, "text"))

    def _wrap(self, message: Message, room: int) -> list[str]:
        text = format_message_text(message, utc=self._utc, ascii=self._ascii)
        known = self._wrapped.get(id(message))
        if known is None or known[0] != text:
            lines = [part for line in text.split("\n") for part in wrap_cells(line, room)]
            known = self._wrapped[id(message)] = (text, lines)
        return known[1]

    def render_line(self, y: int) -> Strip:
        """Draw one visible line."""
        index, width = self.scroll_offset.y + y, self.scrollable_content_region.width
        line = self._lines[index] if index < len(self._lines) else ()
        strip = Strip([Segment(text, self._look(look)) for text, look in line])
        return strip.adjust_cell_length(width, self.rich_style)

    def _look(self, name: str) -> Style:
        return self.get_component_rich_style(f"messages--{name}")
