"""What the terminal shows of the program outside of its cells: the title, and progress in its tab."""

from __future__ import annotations

from collections.abc import Callable


class WindowMarks:
    """Sets the title and the progress, each only where it changes, and takes both back at the end."""

    def __init__(self, write: Callable[[str], object]) -> None:
        """`write` takes control sequences."""
        self._write = write
        self._title = self._progress = ""
        """The sequences that were written last; empty while nothing is shown."""
        self._title_end = self._progress_end = ""
        self._is_stopped = False

    def show_title(self, sequence: str, *, before: str, after: str) -> None:
        """Write a sequence that sets the title: behind `before` the first time, and `after` at the end."""
        if sequence != self._title and not self._is_stopped:
            self._write(sequence if self._title else before + sequence)
            self._title, self._title_end = sequence, after

    def show_progress(self, sequence: str, *, after: str) -> None:
        """Write a sequence that shows progress; an empty one takes it away by what came as `after`."""
        if sequence != self._progress and not self._is_stopped:
            self._write(sequence or self._progress_end)
            self._progress, self._progress_end = sequence, after if sequence else ""

    @property
    def ending(self) -> str:
        """What takes back all that is shown; empty where nothing is."""
        return self._progress_end + self._title_end

    def stop(self) -> None:
        """Show nothing any more: the terminal is given back, or will be at once."""
        self._is_stopped = True

    def forget(self) -> None:
        """Note that all was taken back."""
        self._title = self._progress = self._title_end = self._progress_end = ""

    def start(self) -> None:
        """Show what comes from now on."""
        self.forget()
        self._is_stopped = False
