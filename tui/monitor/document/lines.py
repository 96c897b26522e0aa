"""What a server sent in one text, input, result, failure or whole answer, as lines to be read.

A document is bytes and a sparse index: 25 MB of JSON becomes no Python objects, and only the lines that are
looked at become strings. Secrets are hidden before anything else happens to the text.
"""

from __future__ import annotations

import asyncio
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Generator, Sequence
from typing import Literal, TypeAlias, TypeVar

import msgspec

from backend_adapters.redaction import masked, secrets
from tui.text import format_size, sanitize

Kind: TypeAlias = Literal["empty", "json", "gremlin", "text", "error"]
Part: TypeAlias = Literal["input", "result", "error", "raw"]
"""Which text of a task it is; the result of a failed task is an `error`."""

SLICE = 1 << 17
"""Bytes worked on before the event loop has its turn: 1-2 ms, or 20 where all are secrets (measured)."""
BLOCK = 1 << 12
"""Bytes per entry of the index."""
FOLD = 1000
"""Bytes after which a line is folded that is longer than a block, or two."""
CROP = 10_000
"""Characters of one line that are shown at the most."""
HITS = 10_000
"""Lines with a match that are counted at the most."""
LOOK = 1 << 20
"""Bytes in which a script's name, or a failure's causes, are looked for."""
HEADLINE = 500
"""Characters of a headline at the most."""
BEFORE_PACKAGES = 4 * HEADLINE
"""Characters of a line in which the names of packages are left out for the headline."""

_WRAPPED = re.compile(r"^(?:[\w.$]+(?:Exception|Error): )+(?=[\w.$]+(?:Exception|Error)\b)")
"""The exceptions around the one that tells what failed, on the first line."""
_CAUSED_BY = re.compile(r"^[^\S\n]*Caused by: (.+)$", re.MULTILINE)
_PACKAGE = re.compile(r"\b(?:[a-z_][\w$]*\.)+([A-Z][\w$]*(?:Exception|Error|Throwable))\b")

_T = TypeVar("_T")
_Steps: TypeAlias = Generator[None, None, _T]
"""Work in slices: it yields where the event loop may have its turn."""


class Document:
    """Lines to be read, already harmless and without secrets.

    `content` is what they are made of, as UTF-8; `headline` is an error's class and message; `note` says, in
    sentences, what a reader must know of the text (cut, not valid, secrets hidden); `size` is bytes received.
    """

    def __init__(
        self,
        content: bytes,
        *,
        kind: Kind,
        headline: str,
        note: str,
        truncated: bool,
        size: int,
    ) -> None:
        self.content = content
        self.kind = kind
        self.headline = headline
        self.note = note
        self.truncated = truncated
        self.size = size
        self._folds = array("Q")
        self._before = array("Q", [0])
        self._cache: dict[int, list[int]] = {}

    def index(self) -> _Steps[None]:
        """Find where lines begin, in slices: for each block, how many breaks lie before it."""
        content, blocks = self.content, range(0, len(self.content), BLOCK)
        newlines = array("I")
        for start in blocks:
            newlines.append(content.count(b"\n", start, start + BLOCK))
            if start % SLICE == 0:
                yield
        folded = 0
        for number, start in enumerate(blocks):
            if not newlines[number] and start >= folded:
                folded = yield from self._fold(start)
        total = 0
        for number, start in enumerate(blocks):
            total += newlines[number]
            self._before.append(total + bisect_right(self._folds, start + BLOCK))
        self._before[-1] -= content.endswith(b"\n")

    def _fold(self, inside: int) -> _Steps[int]:
        """Fold the long line around a block without an end of line, and return where that line ends."""
        content = self.content
        at = content.rfind(b"\n", 0, inside) + 1
        end = content.find(b"\n", inside)
        end = len(content) if end < 0 else end
        if end - at <= BLOCK:
            return end
        while at + FOLD < end:
            at = self._fold_after(at)
            self._folds.append(at)
            if len(self._folds) % 512 == 0:
                yield
        return end

    def _fold_after(self, start: int) -> int:
        """Where to fold the line that begins at `start`: after a comma or a space, never in a character."""
        content, at = self.content, start + FOLD
        comfortable = max(content.rfind(b",", at - 100, at), content.rfind(b" ", at - 100, at)) + 1
        if comfortable:
            return comfortable
        while content[at] & 0xC0 == 0x80 and at > start + FOLD - 4:
            at -= 1
        return at

    def __len__(self) -> int:
        """How many lines there are."""
        return self._before[-1] + 1 if self.content else 0

    def line(self, number: int) -> str:
        """Return line `number`, counted from 0, harmless and cropped. Raises IndexError beyond the end."""
        if not 0 <= number < len(self):
            raise IndexError(number)
        end = self._start(number + 1) if number + 1 < len(self) else len(self.content)
        raw = self.content[self._start(number) : end].rstrip(b"\r\n")
        return sanitize(raw.decode("utf-8", "replace").expandtabs(4))[:CROP]

    async def find(self, needle: str, start_line: int, *, backwards: bool = False) -> int | None:
        """Return the nearest line from `start_line` on (or back from it) that holds `needle`, or None.

        Latin letters match in either case. The loop is left free.
        """
        wanted = needle.encode("utf-8", "replace").lower()
        if not wanted or not len(self):
            return None
        line = min(max(0, start_line), len(self) - 1)
        steps = self._last(wanted, line) if backwards else self._first(wanted, self._start(line))
        at = await _gently(steps)
        return None if at < 0 else self._line_at(at)

    async def hits(self, needle: str, *, most: int = HITS) -> tuple[Sequence[int], bool]:
        """Return the lines that hold `needle`, in order, and whether these are all; the loop is left free."""
        wanted = needle.encode("utf-8", "replace").lower()
        return await _gently(self._hits(wanted, most)) if wanted else ((), True)

    def _hits(self, wanted: bytes, most: int) -> _Steps[tuple[Sequence[int], bool]]:
        lines = array("Q")
        for start in range(0, len(self.content), SLICE):
            low = self.content[start : start + SLICE + len(wanted) - 1].lower()
            at = low.find(wanted)
            while at >= 0:
                line = self._line_at(start + at)
                if not lines or lines[-1] != line:
                    if len(lines) == most:
                        return lines, False
                    lines.append(line)
                    if len(lines) % 1024 == 0:
                        yield
                following = self._start(line + 1) if line + 1 < len(self) else len(self.content)
                at = low.find(wanted, following - start)
            yield
        return lines, True

    def _first(self, wanted: bytes, at: int) -> _Steps[int]:
        """The offset of the first match from `at` on, or -1."""
        for start in range(at, len(self.content), SLICE):
            found = self.content[start : start + SLICE + len(wanted) - 1].lower().find(wanted)
            if found >= 0:
                return start + found
            yield
        return -1

    def _last(self, wanted: bytes, line: int) -> _Steps[int]:
        """The offset of the last match that begins in `line` or before it, or -1."""
        end = self._start(line + 1) if line + 1 < len(self) else len(self.content)
        while end > 0:
            start = max(0, end - SLICE)
            found = self.content[start : end + len(wanted) - 1].lower().rfind(wanted)
            if found >= 0:
                return start + found
            end = start
            yield
        return -1

    def _start(self, line: int) -> int:
        """The offset at which a line begins."""
        if line == 0:
            return 0
        block = bisect_left(self._before, line) - 1
        return self._breaks(block)[line - 1 - self._before[block]]

    def _line_at(self, offset: int) -> int:
        """The line that holds a byte."""
        block = offset // BLOCK
        return min(self._before[block] + bisect_right(self._breaks(block), offset), len(self) - 1)

    def _breaks(self, block: int) -> list[int]:
        """The offsets after each end of line, and of each fold, that belong to a block."""
        breaks = self._cache.get(block)
        if breaks is None:
            first, last = block * BLOCK, (block + 1) * BLOCK
            breaks = [first + found.end() for found in re.finditer(b"\n", self.content[first:last])]
            folds = self._folds[bisect_right(self._folds, first) : bisect_right(self._folds, last)]
            breaks = sorted([*breaks, *folds]) if folds else breaks
            if len(self._cache) > 64:
                self._cache.clear()
            self._cache[block] = breaks
        return breaks


def read(source: str | bytes | None, part: Part, *, truncated: bool = False, received: int = 0) -> Document:
    """Make the document of a text in one go; see `load`."""
    return _at_once(_read(source, part, truncated, received))


async def load(
    source: str | bytes | None, part: Part, *, truncated: bool = False, received: int = 0
) -> Document:
    """Make the document of a text, leaving the event loop free between slices.

    JSON is indented (one call of msgspec, 1.6 ms per MB), a gremlin input reads as its script, a failure has
    its exception first. What is not valid JSON is shown as text; nothing is raised for what a server sent.
    `truncated` says that the source is only a beginning, `received` how many bytes came.
    """
    steps = _read(source, part, truncated, received)
    del source
    return await _gently(steps)


def _at_once(steps: _Steps[_T]) -> _T:
    """Do work in slices without a pause."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: _T = end.value
            return result


async def _gently(steps: _Steps[_T]) -> _T:
    """Do work in slices, the event loop's turns between them."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: _T = end.value
            return result
        await asyncio.sleep(0)


def _read(source: str | bytes | None, part: Part, truncated: bool, received: int) -> _Steps[Document]:
    """The whole way from what was sent to a document with its index."""
    data = source if isinstance(source, bytes) else (yield from _encoded(source or ""))
    # It is not needed any more, and as large.
    del source
    received = received or len(data)
    data, hidden = yield from _without_secrets(data)
    # The beginning of a long text is no JSON, and to find that out takes as long as to arrange all of it.
    known: tuple[Kind, str, bytes] = ("text", "", data)
    kind, headline, content = known if truncated and len(data) > LOOK else _arranged(data, part)
    yield
    note = _note(kind, part, data, truncated=truncated, received=received, hidden=hidden)
    document = Document(content, kind=kind, headline=headline, note=note, truncated=truncated, size=received)
    yield from document.index()
    return document


def _encoded(text: str) -> _Steps[bytes]:
    """A text as UTF-8."""
    if text.isascii():
        # A copy and no more: 5 ms for 25 MB, and pieces would take twice the memory.
        return text.encode()
    pieces: list[bytes] = []
    for start in range(0, len(text), SLICE):
        pieces.append(text[start : start + SLICE].encode("utf-8", "replace"))
        yield
    return b"".join(pieces)


def _without_secrets(data: bytes) -> _Steps[tuple[bytes, int]]:
    """A text with its secrets hidden, and how many there were."""
    pieces: list[bytes] = []
    done = hidden = 0
    for start in range(0, len(data), SLICE):
        end = min(start + SLICE, len(data))
        # A secret may reach over many slices: what lies in it is hidden already.
        spans = [span for span in secrets(data, start, end) if span[0] >= done] if done < end else []
        if spans:
            upto = spans[-1][1]
            pieces.append(masked(data[done:upto], [(at - done, to - done, text) for at, to, text in spans]))
            done, hidden = upto, hidden + len(spans)
        yield
    return (b"".join((*pieces, data[done:])) if hidden else data), hidden


def _note(kind: Kind, part: Part, data: bytes, *, truncated: bool, received: int, hidden: int) -> str:
    """What a reader must know of the text, in sentences."""
    notes: list[str] = []
    if truncated:
        whole = "input" if part == "input" else "result"
        notes.append(f"Cut after {format_size(received)}: ^S saves the whole {whole}.")
    elif kind == "text" and data.lstrip()[:1] in (b"{", b"["):
        notes.append("It is not valid JSON, so it is shown as it came.")
    if hidden:
        notes.append("A secret in it is hidden." if hidden == 1 else f"{hidden} secrets in it are hidden.")
    return " ".join(notes)


def _arranged(data: bytes, part: Part) -> tuple[Kind, str, bytes]:
    """A text's kind, an error's headline, and the text in the order and shape it is read."""
    if not data or data.isspace():
        return "empty", "", b""
    if part == "error" and (failure := _failure(data)):
        return failure
    if part == "input" and (script := _gremlin(data)):
        return "gremlin", "", script
    indented = _indented(data)
    return ("text", "", data) if indented is None else ("json", "", indented)


def _indented(data: bytes) -> bytes | None:
    """JSON with two spaces per level, numbers and order as sent; None for what is not valid."""
    try:
        return msgspec.json.format(data, indent=2)
    except (msgspec.DecodeError, RecursionError):
        return None


# --- gremlin -----------------------------------------------------------------------------------------


def _gremlin(data: bytes) -> bytes | None:
    """A gremlin job's input as code: the script, then what else is set; None for another input."""
    if b'"gremlin"' not in data[:LOOK]:
        return None
    try:
        fields = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        script = msgspec.json.decode(fields.pop("gremlin"), type=str)
    except (msgspec.DecodeError, RecursionError, KeyError):
        return None
    parts = [script.strip("\r\n").encode("utf-8", "replace")]
    for name, value in fields.items():
        shown = bytes(value)
        if shown not in (b"{}", b"[]", b'""', b"null"):
            indented = _indented(shown) or shown
            parts.append(f"\n// {name}\n".encode("utf-8", "replace") + indented)
    return b"\n".join(parts)


# --- errors ------------------------------------------------------------------------------------------


class _Failure(msgspec.Struct):
    """HugeGraph's body of an error (`exception`, `message`, `cause`, and `trace` where it is told to)."""

    exception: str
    message: str = ""
    cause: str | None = None
    trace: list[str] | None = None


def _failure(data: bytes) -> tuple[Kind, str, bytes] | None:
    """A failure's text: what failed, the root cause, then the rest; None for other JSON and for blanks."""
    text = data.decode("utf-8", "replace").strip()
    if not text:
        return None
    if text[0] in "{[":
        try:
            text = _told(msgspec.json.decode(data, type=_Failure))
        except (msgspec.DecodeError, RecursionError):
            if _indented(data) is not None:
                return None
    first, _, rest = text.partition("\n")
    roots = _CAUSED_BY.findall(rest[:LOOK])
    inner = _WRAPPED.sub("", first.rstrip())
    reason = rest.strip().partition("\n")[0].strip()
    if inner.endswith(":") and not reason.startswith(("at ", "Caused by")):
        # "startup failed:" says nothing yet.
        inner = f"{inner} {reason}".rstrip()
    top = f"{inner}\nroot cause: {roots[-1].strip()}" if roots else inner
    if inner != first.rstrip():
        rest = text
    content = f"{top}\n\n{rest}" if rest else top
    return (
        "error",
        sanitize(_PACKAGE.sub(r"\1", inner[:BEFORE_PACKAGES]))[:HEADLINE],
        content.encode("utf-8", "replace"),
    )


def _told(failure: _Failure) -> str:
    """An error's body as a stack trace is written."""
    kind = failure.exception.removeprefix("class ")
    lines = [f"{kind}: {failure.message}" if failure.message else kind]
    if failure.cause:
        lines.append(f"Caused by: {failure.cause}")
    return "\n".join([*lines, *(f"    at {frame.strip()}" for frame in failure.trace or ())])
