"""What is printed of a fault that ends the program: no secrets, and nothing that drives a terminal."""

from __future__ import annotations

from traceback import format_exception

from backend_adapters.redaction import mask
from tui.text import sanitize_lines


def traceback_text(error: BaseException) -> str:
    """Return what Python prints of a fault, without secrets: an exception's words can be a server's."""
    return "\n".join(sanitize_lines(mask("".join(format_exception(error))))) + "\n"
