"""Places that list the same tasks, as those of a graph and its computer jobs: a command tells each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.cli.work.session import Session
from tui.cli.work.session_set import SessionSet
from tui.monitor.double_lists import DoubleLists, TaskTest, drop_doubles
from tui.monitor.store import Change

if TYPE_CHECKING:
    from tui.monitor.history.recorder import PlaceRecorder


def leave_out_doubles(sessions: Sequence[Session]) -> dict[Session, list[Change]]:
    """Drop the tasks that another of these places, all of which were read, has as well.

    Returns what that changed in which places.
    """
    lists, changed = _list_doubles(sessions), dict[Session, list[Change]]()
    for session in sessions:
        is_double = lists.find_test(session.backend.source.url, session.place)
        if is_double is not None:
            changed[session] = drop_doubles(session.store, is_double)
    return changed


def _list_doubles(sessions: Sequence[Session]) -> DoubleLists:
    lists = DoubleLists()
    lists.note_lists((session.backend.source.url, session.place) for session in sessions)
    return lists


class DoublesWatch:
    """Knows while places are watched which of their tasks another one of them tells of as well."""

    def __init__(self, places: SessionSet) -> None:
        self._places = places
        self._lists = DoubleLists()
        self._noted: list[Session] = []
        self._has_several_dialects = len({session.place.dialect for session in places.sessions}) > 1

    async def connect_unknown(self) -> None:
        """Have the graphs told that no profile names, where another place may be a list of the same one."""
        if self._has_several_dialects:
            sessions = self._places.sessions
            number = Counter(one.backend.source.url for one in sessions)
            unknown = [one for one in sessions if not one.place.graph and number[one.backend.source.url] > 1]
            await self._places.try_to_connect(unknown)

    def note_lists(self) -> None:
        """Note what is watched by now, and what it is called."""
        self._noted = list(self._places.sessions)
        if self._has_several_dialects:
            self._lists = _list_doubles(self._noted)

    def find_test(self, session: Session, recorder: PlaceRecorder | None) -> TaskTest | None:
        """Which tasks of a place another one tells of; None where there is no such place.

        What the recorder does not hear of, it must not take as gone.
        """
        if len(self._noted) != len(self._places.sessions):
            # A place ended by an error: what it told of has no other list any more.
            self.note_lists()
        test = self._lists.find_test(session.backend.source.url, session.place)
        if test is not None and recorder is not None:
            recorder.lists_all = False
        return test
