"""What a person is told on standard error: sentences, and how far the work is."""

from __future__ import annotations

import errno
import shutil
import sys

from tui import text
from tui.cli.output.terminal import UNLIMITED, is_terminal


def report_error(sentence: str) -> None:
    """Say what is wrong, or what a person should know, on standard error; nothing for nothing."""
    if sentence:
        print_stderr(f"graphtop: {sentence}")


def report_unmasked(sentence: str) -> None:
    """Say on standard error what graphtop itself found: it may name where a secret is, and holds none."""
    _print_wrapped(f"graphtop: {text.sanitize(sentence)}")


def print_stderr(words: str) -> None:
    """Write a line on standard error, made harmless; a terminal that is too narrow breaks it at a word."""
    _print_wrapped(text.sanitize_label(words))


def _print_wrapped(line: str) -> None:
    clear_progress()
    width = shutil.get_terminal_size().columns if is_terminal(sys.stderr) else UNLIMITED
    _write_stderr("\n".join(text.wrap_words(line, width, indent=2)) + "\n")


_is_progress_shown = False


def show_progress(sentence: str) -> None:
    """Show how far the work is, on standard error where that is a terminal; the next one replaces it."""
    global _is_progress_shown  # noqa: PLW0603
    if is_terminal(sys.stderr):
        width = shutil.get_terminal_size().columns - 1
        line = text.sanitize(sentence)
        _write_stderr(
            "\r\x1b[K" + (text.fit_cells(line, width).rstrip() if text.cell_width(line) > width else line)
        )
        _is_progress_shown = True


def clear_progress() -> None:
    """Take the line of `show_progress` away, before something else is written."""
    global _is_progress_shown  # noqa: PLW0603
    if _is_progress_shown:
        _is_progress_shown = False
        _write_stderr("\r\x1b[K")


def _write_stderr(words: str) -> None:
    """Write on standard error; where it is closed there is nobody to tell."""
    stream = sys.stderr
    if stream is None or stream.closed:
        return
    try:
        stream.write(words)
        stream.flush()
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.EIO, errno.ENOSPC, errno.EBADF):
            raise
