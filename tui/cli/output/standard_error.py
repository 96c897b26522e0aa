"""Standard error: sentences for a person, and the progress of the work."""

from __future__ import annotations

import errno
import shutil
import sys

from tui import text
from tui.cli.output.terminal import UNLIMITED, is_terminal


def report_error(sentence: str) -> None:
    """Print a sentence on standard error, with secrets masked; nothing if it is empty."""
    if sentence:
        print_stderr(f"graphtop: {sentence}")


def print_stderr(words: str) -> None:
    """Print a line on standard error without control characters and secrets, wrapped to the terminal."""
    clear_progress()
    width = shutil.get_terminal_size().columns if is_terminal(sys.stderr) else UNLIMITED
    _write_stderr("\n".join(text.wrap_words(text.sanitize_label(words), width, indent=2)) + "\n")


_is_progress_shown = False


def show_progress(sentence: str) -> None:
    """Show the progress on standard error if that is a terminal; the next call replaces the line."""
    global _is_progress_shown  # noqa: PLW0603
    if is_terminal(sys.stderr):
        width = shutil.get_terminal_size().columns - 1
        line = text.sanitize(sentence)
        _write_stderr(
            "\r\x1b[K" + (text.fit_cells(line, width).rstrip() if text.cell_width(line) > width else line)
        )
        _is_progress_shown = True


def clear_progress() -> None:
    """Remove the line of `show_progress` before something else is written."""
    global _is_progress_shown  # noqa: PLW0603
    if _is_progress_shown:
        _is_progress_shown = False
        _write_stderr("\r\x1b[K")


def _write_stderr(words: str) -> None:
    """Write on standard error; do nothing if it is closed."""
    stream = sys.stderr
    if stream is None or stream.closed:
        return
    try:
        stream.write(words)
        stream.flush()
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.EIO, errno.ENOSPC, errno.EBADF):
            raise
