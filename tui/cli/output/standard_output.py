"""Standard output, whose failures end a command."""

from __future__ import annotations

import errno
import io
import select
import shutil
import sys
from typing import TextIO

from tui.cli.errors import OutputError
from tui.cli.output.standard_error import clear_progress
from tui.cli.output.terminal import UNLIMITED, is_terminal


class StandardOutput:
    """Standard output; a closed pipe raises BrokenPipeError, any other failure OutputError."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        if isinstance(self._stream, io.TextIOWrapper):
            # It sends what has been written before.
            with _WriteErrors():
                self._stream.reconfigure(errors="backslashreplace")
        self.terminal = is_terminal(self._stream)
        self.ascii = not (getattr(self._stream, "encoding", None) or "").lower().startswith("utf")

    @property
    def width(self) -> int:
        """The width of a line in cells: the terminal's, or that of COLUMNS; unlimited without both."""
        return shutil.get_terminal_size((UNLIMITED if not self.terminal else 80, 24)).columns

    def write(self, words: str) -> None:
        """Write words."""
        if self.terminal:
            clear_progress()
        with _WriteErrors():
            if self._stream is not None:
                self._stream.write(words)

    def write_bytes(self, data: bytes) -> None:
        """Write bytes as they are."""
        with _WriteErrors():
            if self._stream is not None:
                self._stream.flush()
                self._stream.buffer.write(data)

    def flush(self) -> None:
        """Flush what has been written."""
        with _WriteErrors():
            if self._stream is not None:
                self._stream.flush()

    def is_abandoned(self) -> bool:
        """Return whether nobody reads from the pipe any more."""
        try:
            number = self._stream.fileno()
        except (AttributeError, OSError, ValueError):
            return False
        poll = select.poll()
        poll.register(number, 0)
        return any(events & select.POLLERR for _, events in poll.poll(0))


class _WriteErrors:
    """Turns a failed write into OutputError."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and error.errno != errno.EPIPE:
            raise OutputError(error) from None
