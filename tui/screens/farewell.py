"""What is printed when a fault of graphtop's own has ended it; imported only then."""

from __future__ import annotations

import sys

from rich.console import Console, RenderableType
from rich.segment import Segment, Segments
from rich.traceback import Traceback

from tui.text import safe


def told(error: Exception | None, console: Console) -> Segments:
    """Return the traceback of what is being handled, or of `error` where it was raised elsewhere: in a task.

    Without the local variables, which Textual's own prints, and with them what servers sent: inputs, tokens.
    """
    raised = sys.exc_info()[1] or error
    if raised is None:
        return Segments([])
    trace = Traceback.from_exception(
        type(raised), raised, raised.__traceback__, show_locals=False, width=None
    )
    return Segments(console.render(trace, console.options))


def harmless(rendered: RenderableType) -> RenderableType:
    """Return what is printed at the end without what could drive the terminal.

    An exception's words can be a server's, and Rich hands their control characters on.
    """
    if not isinstance(rendered, Segments):
        return rendered
    return Segments(
        [Segment("\n".join(map(safe, part.text.split("\n"))), part.style) for part in rendered.segments]
    )
