"""What is printed when a fault of graphtop's own has ended it; imported only then."""

from __future__ import annotations

import sys

from rich.console import Console, RenderableType
from rich.segment import Segment, Segments
from rich.traceback import Trace, Traceback

from backend_adapters.redaction import mask
from tui.text import sanitize


def told(error: Exception | None, console: Console) -> Segments:
    """Return the traceback of what is being handled, or of `error` where it was raised elsewhere: in a task.

    Without the local variables, which Textual's own prints, and with them what servers sent: inputs, tokens.
    """
    raised = sys.exc_info()[1] or error
    if raised is None:
        return Segments([])
    trace = Traceback.extract(type(raised), raised, raised.__traceback__, show_locals=False)
    _hide_secrets(trace)
    return Segments(console.render(Traceback(trace, width=None), console.options))


def _hide_secrets(trace: Trace) -> None:
    """Hide them before Rich colours the words in parts: in one part alone none is recognized."""
    for stack in trace.stacks:
        stack.exc_value = mask(stack.exc_value)
        stack.notes = list(map(mask, stack.notes))
        for inner in stack.exceptions:
            _hide_secrets(inner)


def harmless(rendered: RenderableType) -> RenderableType:
    """Return what is printed at the end without what could drive the terminal.

    An exception's words can be a server's, and Rich hands their control characters on.
    """
    if not isinstance(rendered, Segments):
        return rendered
    return Segments(
        [Segment("\n".join(map(sanitize, part.text.split("\n"))), part.style) for part in rendered.segments]
    )
