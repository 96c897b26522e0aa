"""The styled parts of a line: of JSON, a script or a failure, and the matches of a search."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from rich.segment import Segment

StyledSpan: TypeAlias = tuple[int, int, str]
"""A part of a line, [start, end) in characters, and the name of its style."""

TEXT_STYLES = (
    *("key", "literal", "quoted", "keyword", "step", "comment"),
    *("headline", "cause", "trace", "hit", "here", "empty"),
)
"""The names of all styles of a text."""

TEXT_VIEW_CSS = """
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
_TRACE = re.compile(r"\s*(?:at\s+\S+\(|\.\.\. \d+ )")
_CAUSE = re.compile(r"\s*(?:root cause|Caused by):?\s")


def highlight_line(kind: str, number: int, line: str) -> Iterator[StyledSpan]:
    """Return the styled parts of a line in order; the text between them is plain."""
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


def find_matches(line: str, needle: str) -> Iterator[tuple[int, int]]:
    """Return the [start, end) of each match of `needle`, ignoring case."""
    for found in re.finditer(re.escape(needle), line, re.IGNORECASE):
        yield found.span()


def overlay_matches(parts: Iterator[StyledSpan], hits: list[tuple[int, int]]) -> Iterator[StyledSpan]:
    """Return `parts` with the matches `hits` laid over them, in order and without overlaps."""
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


def crop_segments(parts: Iterable[Segment], start: int, end: int) -> Iterator[Segment]:
    """Return the part [start, end), in characters, of a line's segments."""
    at = 0
    for part in parts:
        text = part.text[max(0, start - at) : max(0, end - at)]
        if text:
            yield Segment(text, part.style)
        at += len(part.text)
