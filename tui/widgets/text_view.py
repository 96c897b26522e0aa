"""A view of a long text that draws only the lines on the screen: JSON, a script, a failure, a plain text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import ClassVar, Protocol, TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.text import cell_width, size

Span: TypeAlias = tuple[int, int, str]
"""A part of a line, [start, end) in characters, and the name of its style."""

SIDEWAYS = 8
"""Columns that one press of an arrow moves."""


class Readable(Protocol):
    """What can be shown: harmless lines that are found and searched cheaply."""

    @property
    def kind(self) -> str:
        """How it is coloured: `json`, `gremlin`, `error`, or plain."""

    @property
    def note(self) -> str:
        """What a reader must know of it, as sentences: cut, not valid, secrets hidden."""

    def __len__(self) -> int:
        """How many lines there are."""

    def line(self, number: int) -> str:
        """One line, harmless, of bounded length."""

    def find(self, needle: str, start_line: int, *, backwards: bool = False) -> int | None:
        """The nearest line that holds `needle`, from `start_line` on or back from it."""

    async def hits(self, needle: str) -> tuple[Sequence[int], bool]:
        """The lines that hold `needle`, and whether these are all."""


# --- colours -----------------------------------------------------------------------------------------

_JSON = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*+"?)(?P<key>\s*:)?'
    r"|(?P<literal>-?\b\d[\d.eE+-]*\b|\b(?:true|false|null)\b)"
)
_GREMLIN = re.compile(
    r"(?P<comment>//.*)"
    r"|(?P<quoted>\"(?:[^\"\\]|\\.)*+\"?|'(?:[^'\\]|\\.)*+'?)"
    r"|(?P<literal>\b\d+(?:\.\d+)?\w*|\b(?:true|false|null)\b)"
    r"|(?P<keyword>\b(?:def|for|if|else|while|return|in|new|try|catch|finally|throw|import|as|instanceof)\b)"
    r"|(?P<step>(?<=\.)[A-Za-z_]\w*(?=\s*\())"
)
_TRACE = re.compile(r"\s*(?:at\s|\.\.\. \d+ )")
_CAUSE = re.compile(r"\s*(?:root cause|Caused by):?\s")


def spans(kind: str, number: int, line: str) -> Iterator[Span]:
    """Return the coloured parts of a line in order; what lies between them is plain."""
    if kind == "json":
        for found in _JSON.finditer(line):
            if found["key"]:
                yield (*found.span("string"), "key")
            elif found["literal"]:
                yield (*found.span(), "literal")
    elif kind == "gremlin":
        for found in _GREMLIN.finditer(line):
            yield (*found.span(), found.lastgroup or "")
    elif kind == "error":
        style = "headline" if number == 0 else "cause" if _CAUSE.match(line) else ""
        style = "trace" if _TRACE.match(line) else style
        if style:
            yield (0, len(line), style)


def found_in(line: str, needle: str) -> Iterator[tuple[int, int]]:
    """Where `needle` stands in a line, Latin letters in either case."""
    for found in re.finditer(re.escape(needle), line, re.IGNORECASE):
        yield found.span()


def overlaid(parts: Iterator[Span], hits: list[tuple[int, int]]) -> Iterator[Span]:
    """Return `parts` with the hits on top of them, in order and without overlaps."""
    done, next_hit = 0, 0
    for start, end, style in parts:
        at = max(start, done)
        while next_hit < len(hits) and hits[next_hit][0] < end:
            hit = hits[next_hit]
            if at < hit[0]:
                yield (at, hit[0], style)
            yield (*hit, "hit")
            at = done = max(start, hit[1])
            next_hit += 1
        if at < end:
            yield (at, end, style)
    yield from ((*hit, "hit") for hit in hits[next_hit:])


class TextView(ScrollView, can_focus=True):
    """A read-only text that costs what is on the screen, not what it is long. It never takes the focus."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"text-view--{name}"
        for name in (
            *("key", "literal", "quoted", "keyword", "step", "comment"),
            *("headline", "cause", "trace", "hit", "here", "empty"),
        )
    }

    DEFAULT_CSS = """
    TextView {
        color: $foreground;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 1;
    }
    TextView > .text-view--key, TextView > .text-view--step { color: $text-accent; }
    TextView > .text-view--literal, TextView > .text-view--quoted { color: $text-secondary; }
    TextView > .text-view--keyword { text-style: bold; }
    TextView > .text-view--comment, TextView > .text-view--trace, TextView > .text-view--empty {
        color: $text-muted;
    }
    TextView > .text-view--headline { color: $text-error; text-style: bold; }
    TextView > .text-view--cause { color: $text-error; }
    TextView > .text-view--hit { text-style: bold underline; }
    TextView > .text-view--here { text-style: bold reverse; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("home,g", "edge(False)", "Top", show=False),
        Binding("end,G", "edge(True)", "Bottom", show=False),
        Binding("right", "sideways(1)", "Right", show=False),
        Binding("left", "sideways(-1)", "Left", show=False),
        Binding("n", "next_hit", "Next match"),
        Binding("N", "previous_hit", "Previous match", show=False),
    ]

    class SearchResult(Message):
        """Where a search has come to; `total` follows in a second message once all has been read."""

        def __init__(
            self, view: TextView, needle: str, line: int | None, index: int | None, total: int | None
        ) -> None:
            super().__init__()
            self.view = view
            self.needle = needle
            self.line = line
            """The line gone to, from 0; None: no match, or nothing was gone to yet in a new document."""
            self.index = index
            """Which of the lines with a match it is, from 1; None while it isn't known."""
            self.total = total
            """How many lines have a match; None while it isn't known, or when there are too many to count."""

        @property
        def control(self) -> TextView:
            """The view that was searched."""
            return self.view

    def __init__(
        self, *, empty: str = "nothing here", id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._document: Readable | None = None
        self._message = empty
        self._needle = ""
        self._here: int | None = None
        self._hits: tuple[Sequence[int], bool] | None = None
        self._lines: LRUCache[int, str] = LRUCache(512)
        self._strips: LRUCache[int, Strip] = LRUCache(512)

    # What is shown

    @property
    def document(self) -> Readable | None:
        """The document on show, if there is one."""
        return self._document

    def show(self, document: Readable | None, *, empty: str = "nothing here", keep: bool = False) -> None:
        """Show a document from its top, or from where the reader is when `keep`.

        Where there is none, or it has no lines, `empty` says so.
        """
        self._document = document if document is not None and len(document) else None
        self._message = empty
        self._here, self._hits = None, None
        self._forget()
        self._lines.clear()
        lines = len(self._document) if self._document else 0
        self.virtual_size = Size(self.virtual_size.width if keep else 0, lines)
        if not keep:
            self.scroll_to(0, 0, animate=False)
        self._widen()
        if self._needle and self._document:
            self._count()

    def loading_bytes(self, received: int) -> None:
        """Say that a document is on its way and how much of it has come."""
        message = f"loading, {size(received)}" if received else "loading"
        if self._document is None and message == self._message:
            return
        self.show(None, empty=message)

    # Searching

    def search(self, needle: str) -> None:
        """Mark all matches and go to the first from the top of the screen on; an empty needle ends it."""
        self._needle, self._here, self._hits = needle, None, None
        self._forget()
        self.refresh_bindings()
        if needle and self._document:
            self._go(self.scroll_offset.y, backwards=False)
            self._count()

    def next_hit(self) -> None:
        """Go to the next line with a match, from the end on to the first."""
        self._go((self.scroll_offset.y - 1 if self._here is None else self._here) + 1, backwards=False)

    def previous_hit(self) -> None:
        """Go to the line with a match before this one, from the first back to the last."""
        self._go((self.scroll_offset.y if self._here is None else self._here) - 1, backwards=True)

    def _go(self, line: int, *, backwards: bool) -> None:
        """Go to the nearest match from `line` on, around the end if need be, and tell."""
        document = self._document
        if document is None or not self._needle:
            return
        last = len(document) - 1
        found = document.find(self._needle, line, backwards=backwards) if 0 <= line <= last else None
        if found is None:
            found = document.find(self._needle, last if backwards else 0, backwards=backwards)
        self._here = found
        self._forget()
        if found is not None:
            self._reveal(found)
        self._tell()

    def _reveal(self, line: int) -> None:
        """Bring a line's first match onto the screen, in the middle if it wasn't there."""
        text = self._text(line)
        place = next(found_in(text, self._needle), (0, 0))
        left, right = cell_width(text[: place[0]]), cell_width(text[: place[1]])
        width, height = self.scrollable_content_region.size
        x, y = self.scroll_offset
        if not y <= line < y + height:
            y = max(0, line - height // 2)
        if not (x <= left and right <= x + width):
            x = 0 if right <= width else max(0, left - width // 3)
        self.virtual_size = Size(max(self.virtual_size.width, cell_width(text)), self.virtual_size.height)
        self.scroll_to(x, y, animate=False, force=True)

    def _count(self) -> None:
        self.run_worker(self._counted(), group="text-view", exclusive=True, exit_on_error=False)

    async def _counted(self) -> None:
        """Find all lines with a match, the loop left free, and tell how many."""
        document, needle = self._document, self._needle
        if document is None:
            return
        hits = await document.hits(needle)
        if document is self._document and needle == self._needle:
            self._hits = hits
            self._tell()

    def _tell(self) -> None:
        """Post where the search is."""
        index = total = None
        if self._hits is not None:
            lines, all_ = self._hits
            total = len(lines) if all_ else None
            if self._here is not None and lines and self._here <= lines[-1]:
                index = bisect_left(lines, self._here) + 1
        self.post_message(self.SearchResult(self, self._needle, self._here, index, total))

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        x, top = self.scroll_offset
        width = self.size.width
        if self._document is None:
            message = self._message if y == 0 else ""
            style = self.get_component_rich_style("text-view--empty")
            return Strip([Segment(message, style)]).crop_extend(0, width, self.rich_style)
        if top + y >= len(self._document):
            return Strip.blank(width, self.rich_style)
        return self._strip(top + y).crop_extend(x, x + width, self.rich_style)

    def _strip(self, number: int) -> Strip:
        """A whole line in its colours."""
        strip = self._strips.get(number)
        if strip is None:
            strip = self._strips[number] = Strip(list(self._segments(number)))
        return strip

    def _segments(self, number: int) -> Iterator[Segment]:
        line, plain = self._text(number), self.rich_style
        kind = self._document.kind if self._document else ""
        hits = list(found_in(line, self._needle)) if self._needle else []
        at = 0
        for start, end, name in overlaid(spans(kind, number, line), hits):
            if at < start:
                yield Segment(line[at:start], plain)
            yield Segment(line[start:end], self._style(name, number))
            at = end
        if at < len(line):
            yield Segment(line[at:], plain)

    def _style(self, name: str, number: int) -> Style:
        """The style of a part of line `number`."""
        if name == "hit" and number == self._here:
            name = "here"
        return self.get_component_rich_style(f"text-view--{name}")

    def _text(self, number: int) -> str:
        """The text of a line, remembered."""
        line = self._lines.get(number)
        if line is None and self._document:
            line = self._lines[number] = self._document.line(number)
        return line or ""

    def _forget(self) -> None:
        """Draw again from nothing."""
        self._strips.clear()
        self.refresh()

    def _widen(self) -> None:
        """Let the view reach as far to the right as the lines on the screen."""
        if self._document is None:
            return
        top, lines = self.scroll_offset.y, self.virtual_size.height
        shown = range(top, min(top + self.size.height, lines))
        widest = max((cell_width(self._text(number)) for number in shown), default=0)
        if widest > self.virtual_size.width:
            self.virtual_size = Size(widest, lines)

    def notify_style_update(self) -> None:
        """Forget what was drawn in the old colours."""
        super().notify_style_update()
        self._strips.clear()

    def on_resize(self) -> None:
        """More lines may be on the screen now."""
        self._widen()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other lines are on the screen now."""
        super().watch_scroll_y(old_value, new_value)
        self._widen()

    # Keys

    def action_move(self, lines: int) -> None:
        """Move by lines."""
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Move by pages; one line stays in sight."""
        page = max(1, self.scrollable_content_region.height - 1)
        self.scroll_to(y=self.scroll_offset.y + pages * page, animate=False)

    def action_edge(self, bottom: bool) -> None:
        """Go to the top or to the bottom, at the left edge."""
        self.scroll_to(0, self.max_scroll_y if bottom else 0, animate=False)

    def action_sideways(self, steps: int) -> None:
        """Move to the side."""
        self.scroll_to(x=self.scroll_offset.x + steps * SIDEWAYS, animate=False)

    def action_next_hit(self) -> None:
        """Go to the next match."""
        self.next_hit()

    def action_previous_hit(self) -> None:
        """Go to the match before."""
        self.previous_hit()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key for matches is shown only while something is searched for."""
        del parameters
        return bool(self._needle) if action in ("next_hit", "previous_hit") else True
