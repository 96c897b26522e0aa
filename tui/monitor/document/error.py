"""The text of a failure: what failed and why first, then the rest."""

from __future__ import annotations

import re

import msgspec

from tui.monitor.document.json import indent_json
from tui.text import sanitize

CAUSES_WITHIN = 1 << 20
"""Characters in which the causes of a failure are looked for."""
HEADLINE_LENGTH = 500
"""Characters of a headline at the most."""
UNSHORTENED_LENGTH = 4 * HEADLINE_LENGTH
"""Characters of a line in which the names of packages are left out for the headline."""

_WRAPPED = re.compile(r"^(?:[\w.$]+(?:Exception|Error): )+(?=[\w.$]+(?:Exception|Error)\b)")
"""The exceptions around the one that tells what failed, on the first line."""
_CAUSED_BY = re.compile(r"^[^\S\n]*Caused by: (.+)$", re.MULTILINE)
_PACKAGE = re.compile(r"\b(?:[a-z_][\w$]*\.)+([A-Z][\w$]*(?:Exception|Error|Throwable))\b")


class _ErrorBody(msgspec.Struct):
    """HugeGraph's body of an error; it has a `trace` where the server is configured to send one."""

    exception: str
    message: str = ""
    cause: str | None = None
    trace: list[str] | None = None


def format_error(data: bytes) -> tuple[str, bytes] | None:
    """A failure's headline and its text: what failed, the root cause, then the rest.

    None for other JSON and for blanks.
    """
    text = data.decode("utf-8", "replace").strip()
    if not text:
        return None
    if text[0] in "{[":
        try:
            text = _format_stack_trace(msgspec.json.decode(data, type=_ErrorBody))
        except (msgspec.DecodeError, RecursionError):
            if indent_json(data) is not None:
                return None
    first, _, rest = text.partition("\n")
    roots = _CAUSED_BY.findall(rest[:CAUSES_WITHIN])
    inner = _WRAPPED.sub("", first.rstrip())
    reason = rest.strip().partition("\n")[0].strip()
    if inner.endswith(":") and not reason.startswith(("at ", "Caused by")):
        # "startup failed:" alone says nothing.
        inner = f"{inner} {reason}".rstrip()
    top = f"{inner}\nroot cause: {roots[-1].strip()}" if roots else inner
    if inner != first.rstrip():
        rest = text
    content = f"{top}\n\n{rest}" if rest else top
    headline = sanitize(_PACKAGE.sub(r"\1", inner[:UNSHORTENED_LENGTH]))[:HEADLINE_LENGTH]
    return headline, content.encode("utf-8", "replace")


def _format_stack_trace(body: _ErrorBody) -> str:
    """An error's body as Java writes a stack trace."""
    kind = body.exception.removeprefix("class ")
    lines = [f"{kind}: {body.message}" if body.message else kind]
    if body.cause:
        lines.append(f"Caused by: {body.cause}")
    return "\n".join([*lines, *(f"    at {frame.strip()}" for frame in body.trace or ())])
