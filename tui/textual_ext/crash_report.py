"""What is printed after an error of graphtop's own has ended it; imported only then."""

from __future__ import annotations

import sys

from rich.console import Console, RenderableType
from rich.segment import Segment, Segments
from rich.traceback import Trace, Traceback

from backend_adapters.redaction import mask_secrets
from tui.text import sanitize


def render_traceback(error: Exception | None, console: Console) -> Segments:
    """Return the traceback of what is being handled, or of `error` where that was raised in another task.

    Textual's own prints the local variables, and with them what servers sent: inputs, tokens.
    """
    raised = sys.exc_info()[1] or error
    if raised is None:
        return Segments([])
    trace = Traceback.extract(type(raised), raised, raised.__traceback__, show_locals=False)
    _mask_secrets(trace)
    return Segments(console.render(Traceback(trace, width=None), console.options))


def _mask_secrets(trace: Trace) -> None:
    """Mask them before Rich splits the words into coloured parts, in none of which they can be recognized."""
    for stack in trace.stacks:
        stack.exc_value = mask_secrets(stack.exc_value)
        stack.notes = list(map(mask_secrets, stack.notes))
        for inner in stack.exceptions:
            _mask_secrets(inner)


def sanitize_rendered(rendered: RenderableType) -> RenderableType:
    """Return what is printed at the end without control characters.

    An exception's words can be a server's, and Rich hands their control characters on.
    """
    if not isinstance(rendered, Segments):
        return rendered
    return Segments(
        [Segment("\n".join(map(sanitize, part.text.split("\n"))), part.style) for part in rendered.segments]
    )
