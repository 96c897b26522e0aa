"""The thread that writes the history of all places of a process: at most once a second, a bit at a time.

The event loop only notes what it sees (`recorder.PlaceRecorder`). Whatever happens to the file, graphtop goes
on: `HistoryWriter.problem` says why nothing is kept, and it is tried again later.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from backend_adapters.model import Millis, Source
from tui.monitor.history.recorder import PlaceRecorder

if TYPE_CHECKING:
    # SQLite is loaded in the thread, as the first rows don't wait for it.
    from tui.monitor.history.places_writer import PlacesWriter
    from tui.monitor.history.pruner import HistoryPruner
    from tui.monitor.history.storage import HistoryStorage

FIRST_PAUSE = 2.0
"""Seconds from the first note to the first write: a start has other work."""
WRITE_PAUSE = 1.0
"""Seconds between two transactions at the least."""
IDLE_PAUSE = 10.0
"""Seconds after which it is looked for something to write, though nobody noted a change."""
RETRY_PAUSE = 30.0
"""Seconds after which a file that could not be used is tried again."""
BUSY_SECONDS = 30.0
"""Another program may lock the file for so long before anybody is told."""
PRUNE_DELAY = 30.0
"""Seconds after the file was opened before anything is pruned."""
END_SECONDS = 1.0
"""Seconds that closing takes at the most."""
ASIDE_AT_ONCE = 3
"""So many files are put aside as damaged before the history is given up."""


class KeepLimits(Struct, frozen=True, kw_only=True):
    """How much is kept."""

    days: int = 90
    megabytes: int = 500


class HistoryWriter:
    """Keeps the history of all places of a process. Nothing here raises."""

    def __init__(self, path: Path, now: Callable[[], Millis], limits: KeepLimits | None = None) -> None:
        """`now` is the own clock; without `limits` nothing is pruned."""
        self.path = path
        self.problem = ""
        """Why nothing is kept now, as sentences; empty while all is well."""
        self.notice = ""
        """What happened to the file since the start, as a sentence: it was damaged, and put aside."""
        self.is_off = False
        """It was given up for good."""
        self._now = now
        self._limits = limits
        self._recorders: list[PlaceRecorder] = []
        self._places: PlacesWriter | None = None
        """What writes into the file that is open; None while none is."""
        self._found: tuple[int, int] | None = None
        """The file that was opened last, as `identify_history` names it."""
        self._was_replaced = False
        """The file that is opened next is another one than before."""
        self._thread: threading.Thread | None = None
        self._woken = threading.Event()
        self._closing = threading.Event()
        self._retry_at = 0.0
        self._busy_since: float | None = None
        self._put_aside = 0
        self._pruner: HistoryPruner | None = None
        self._prune_at = 0.0
        self._ends_at = 0.0

    # On the event loop.

    def add_recorder(self, get_source: Callable[[], Source], *, lists_all: bool = True) -> PlaceRecorder:
        """A recorder for one more place; see there."""
        recorder = PlaceRecorder(get_source, self._now, self._wake, lists_all=lists_all)
        if self.is_off:
            recorder.drop_all()
        else:
            self._recorders.append(recorder)
        return recorder

    def _wake(self) -> None:
        if self._thread is None and not self.is_off:
            self._thread = threading.Thread(target=self._run, name="history", daemon=True)
            self._thread.start()
        self._woken.set()

    def close(self) -> None:
        """Write what waits, as far as that takes no longer than a second, and close the file."""
        self._ends_at = time.monotonic() + 0.7 * END_SECONDS
        self._closing.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(END_SECONDS)

    @property
    def has_ended(self) -> bool:
        """Whether nothing is being written any more."""
        return self._thread is None or not self._thread.is_alive()

    # In the thread.

    def _run(self) -> None:
        try:
            self._work_until_closed()
        except ImportError as error:
            # Some builds of Python leave SQLite out.
            self.problem = f"The history can't be kept: this Python lacks a module ({error.name})."
            self._give_up()
        except Exception as error:
            self.problem = f"The history is no longer kept, because of an error in graphtop: {error!r}."
            self._give_up()
        finally:
            self._close_file()

    def _work_until_closed(self) -> None:
        self._closing.wait(FIRST_PAUSE)
        while not self._closing.is_set() and not self.is_off:
            began = time.monotonic()
            if self._work_once():
                self._woken.set()
            self._closing.wait(max(0.0, began + WRITE_PAUSE - time.monotonic()))
            self._woken.wait(IDLE_PAUSE)
            self._woken.clear()
        self._retry_at = 0.0
        while not self.is_off and self._work_once() and time.monotonic() < self._ends_at:
            pass

    def _work_once(self) -> bool:
        """Write some of what waits; returns whether more does."""
        if time.monotonic() < self._retry_at:
            return False
        import sqlite3

        from tui.monitor.history.database import HISTORY_ERRORS, HistoryError

        try:
            places = self._open_file()
            has_more = not self._closing.is_set() and self._prune(places.storage)
            has_more |= places.write_some(list(self._recorders), is_last=self._closing.is_set())
        except (HistoryError, sqlite3.Error, *HISTORY_ERRORS) as error:
            self._note_problem(error)
            return False
        self.problem, self._busy_since = "", None
        for recorder in places.forget_closed(list(self._recorders)):
            self._recorders.remove(recorder)
        return has_more

    def _open_file(self) -> PlacesWriter:
        from tui.monitor.history.database import identify_history
        from tui.monitor.history.places_writer import PlacesWriter
        from tui.monitor.history.storage import HistoryStorage

        if self._places is not None and self._places.storage.was_replaced:
            self._was_replaced = True
            self._close_file()
        if self._places is None:
            self._found = identify_history(self.path)
            storage = HistoryStorage(self.path)
            self._found = storage.identity
            self._places = PlacesWriter(storage, self._now)
            if self._was_replaced:
                self._was_replaced = False
                for recorder in list(self._recorders):
                    recorder.list_again()
        self._places.storage.check_size()
        return self._places

    def _close_file(self) -> None:
        places, self._places, self._pruner = self._places, None, None
        if places is not None:
            with suppress(Exception):
                places.storage.close()

    def _prune(self, storage: HistoryStorage) -> bool:
        """Remove a bit of what is old or too much; returns whether there is more of it."""
        from tui.monitor.history.pruner import HistoryPruner

        if self._limits is None:
            return False
        if self._pruner is None:
            self._pruner = HistoryPruner(storage, self._limits, self._find_sure_time)
            self._prune_at = time.monotonic() + PRUNE_DELAY
        if time.monotonic() < self._prune_at:
            return False
        return self._pruner.take_step()

    def _find_sure_time(self) -> Millis:
        """The own time, but no later than that of the servers: a clock set wrong must not make all old."""
        told = [one.tell_server_time() for one in list(self._recorders)]
        return min(self._now(), max((one for one in told if one is not None), default=0))

    # What goes wrong.

    def _note_problem(self, error: Exception) -> None:
        import sqlite3

        from tui.monitor.history.database import DamagedHistory, NewerHistory, explain_history_error

        now = time.monotonic()
        code = getattr(error.__cause__ or error, "sqlite_errorcode", 0) & 0xFF
        is_busy = code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        if not is_busy and code != sqlite3.SQLITE_FULL:
            self._close_file()
        if is_busy:
            self._busy_since = now if self._busy_since is None else self._busy_since
            if now - self._busy_since < BUSY_SECONDS:
                return
        explained = explain_history_error(self.path, error)
        if isinstance(explained, DamagedHistory) and self._replace_damaged():
            return
        self.problem = f"{explained} Nothing is recorded meanwhile."
        self._retry_at = now + RETRY_PAUSE
        if isinstance(explained, NewerHistory):
            self.problem = str(explained)
            self._give_up()

    def _replace_damaged(self) -> bool:
        """Put the damaged file aside; returns whether a new one can be begun."""
        from tui.monitor.history.database import HistoryError, put_history_aside

        self._put_aside += 1
        if self._put_aside > ASIDE_AT_ONCE:
            return False
        try:
            aside = put_history_aside(self.path, self._found)
        except HistoryError:
            return False
        self._was_replaced = True
        if aside is not None:
            self.notice = f"The history was damaged. It was put aside as {aside}, and a new one was begun."
        self._woken.set()
        return True

    def _give_up(self) -> None:
        self.is_off = True
        for recorder in self._recorders:
            recorder.drop_all()
        self._recorders.clear()
