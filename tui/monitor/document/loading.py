"""Makes a document of what a server sent. Secrets are hidden before anything else happens to the text."""

from __future__ import annotations

from io import BytesIO
from typing import Literal, TypeAlias

from backend_adapters.redaction import find_secrets
from tui.monitor.cooperative import Steps, run_at_once, run_in_turns
from tui.monitor.document import index
from tui.monitor.document.error import format_error
from tui.monitor.document.gremlin import find_script, format_gremlin
from tui.monitor.document.json import indent_json
from tui.monitor.document.json_blocks import ByteText, JsonBlocks
from tui.monitor.document.lines import Document, DocumentKind
from tui.text import format_size

DocumentPart: TypeAlias = Literal["input", "script", "result", "error", "raw"]
"""Which text of a task it is: the result of a failed task is an `error`, a `script` is of the input."""

FORMATTED_BYTES = 1 << 20
"""Bytes up to which the beginning of a text is tried as JSON or a failure."""
INDENTED_BYTES = 1 << 18
"""Bytes up to which JSON is kept as it is shown, indented."""

FormattedText: TypeAlias = tuple[DocumentKind, str, ByteText]
"""A text's kind, an error's headline, and the text in the order and shape it is read."""


def read_document(
    source: str | bytes | None, part: DocumentPart, *, truncated: bool = False, received: int = 0
) -> Document:
    """Make the document of a text in one go; see `load_document`."""
    return run_at_once(_make_document(source, part, truncated, received))


async def load_document(
    source: str | bytes | None, part: DocumentPart, *, truncated: bool = False, received: int = 0
) -> Document:
    """Make the document of a text, leaving the event loop free between slices.

    JSON is indented, a gremlin input reads as its script, a failure has its exception first. What is not
    valid JSON is shown as text; nothing is raised for what a server sent. `truncated` says that the source is
    only a beginning, `received` how many bytes came.
    """
    steps = _make_document(source, part, truncated, received)
    del source
    return await run_in_turns(steps)


def _make_document(
    source: str | bytes | None, part: DocumentPart, truncated: bool, received: int
) -> Steps[Document]:
    data = source if isinstance(source, bytes) else (yield from _encode(source or ""))
    # It is not needed any more, and as large.
    del source
    received = received or len(data)
    data, hidden = yield from _hide_secrets(data)
    # The beginning of a long text is no JSON, and to find that out takes as long as to format all of it.
    unformatted: FormattedText = ("text", "", data)
    too_long = truncated and len(data) > FORMATTED_BYTES
    kind, headline, content = unformatted if too_long else (yield from _format_text(data, part))
    yield
    note = _describe_changes(kind, part, data, truncated=truncated, received=received, hidden=hidden)
    document = Document(content, kind=kind, headline=headline, note=note, truncated=truncated, size=received)
    yield from document.build_index()
    return document


def _encode(text: str) -> Steps[bytes]:
    """A text as UTF-8."""
    if text.isascii():
        # A copy and no more: 5 ms for 25 MB, and pieces would take twice the memory.
        return text.encode()
    encoded = BytesIO()
    for start in range(0, len(text), index.SLICE_BYTES):
        encoded.write(text[start : start + index.SLICE_BYTES].encode("utf-8", "replace"))
        yield
    return encoded.getvalue()


def _hide_secrets(data: bytes) -> Steps[tuple[bytes, int]]:
    """A text with its secrets hidden, and how many there were."""
    safe, view = BytesIO(), memoryview(data)
    done = hidden = 0
    for start in range(0, len(data), index.SLICE_BYTES):
        end = min(start + index.SLICE_BYTES, len(data))
        # A secret may reach over many slices: what lies in it is hidden already.
        spans = find_secrets(data, start, end) if done < end else []
        for begins, ends, instead in spans:
            if begins >= done:
                safe.write(view[done:begins])
                safe.write(instead)
                done, hidden = ends, hidden + 1
        yield
    if not hidden:
        return data, 0
    safe.write(view[done:])
    return safe.getvalue(), hidden


def _describe_changes(
    kind: DocumentKind, part: DocumentPart, data: bytes, *, truncated: bool, received: int, hidden: int
) -> str:
    """What a reader must know of the text, in sentences."""
    notes: list[str] = []
    if truncated:
        whole = "input" if part in ("input", "script") else "result"
        notes.append(f"Cut after {format_size(received)}. ^S saves the full {whole}.")
    elif kind == "text" and data.lstrip()[:1] in (b"{", b"["):
        notes.append("Not valid JSON; shown as received.")
    if hidden:
        notes.append("1 secret is hidden." if hidden == 1 else f"{hidden} secrets are hidden.")
    return " ".join(notes)


def _format_text(data: bytes, part: DocumentPart) -> Steps[FormattedText]:
    """A text in the order and shape it is read."""
    if not data or data.isspace():
        return "empty", "", b""
    if part == "error" and (error := format_error(data)):
        return "error", *error
    if part == "input" and (script := format_gremlin(data)):
        return "gremlin", "", script
    if part == "script" and (script := find_script(data)):
        return "gremlin", "", script
    if len(data) > INDENTED_BYTES:
        blocks = JsonBlocks(data)
        if (yield from blocks.cut_blocks()):
            return "json", "", blocks
    indented = indent_json(data)
    return ("text", "", data) if indented is None else ("json", "", indented)
